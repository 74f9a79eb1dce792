"""The mix, its references and what came out, in the same figures; and what no move of ours can bring."""

from collections.abc import Mapping, Sequence

import numpy as np

from tonmeister.analysis.bands import ERB_CENTRES_HZ
from tonmeister.analysis.portrait import Portrait, band_names
from tonmeister.document.direction import Dimension, Direction, DirectionFigure
from tonmeister.document.mix import Brief
from tonmeister.knowledge import number
from tonmeister.knowledge.tone import regions
from tonmeister.tasks.direction.aims import Aims, mood_regions_db, moods_of, regions_over_db
from tonmeister.tasks.pacing.reference import contrast_of

_LOW_HZ = 120.0
_NO_SPACE = "a stereo file does not tell its room from its instruments; said by a mood or a brief, it is set"
_NO_VOICE = "a stereo file does not tell its voice from what plays beside it; a mix of yours does"
Key = tuple[Dimension, str]


def figures_of(brief: Brief, sound: Portrait, aims: Aims, lead_lu: float | None) -> tuple[DirectionFigure, ...]:
    """Return the mix against its direction, figure by figure; what came out is filled in later."""
    mine, wanted = _told(sound, brief, sound.tone_db), _aims(brief, sound)
    figures = [
        DirectionFigure(dimension=dimension, what=what, mix=value, aim=wanted.get((dimension, what)), **_about(dimension, what))
        for (dimension, what), value in mine.items()
    ]  # fmt: skip
    figures = [_with_place(one, sound, aims) for one in figures]
    return (*figures, *_voice(brief, lead_lu), *_unreachable(brief, aims))


def with_after(direction: Direction, sound: Portrait, brief: Brief) -> tuple[DirectionFigure, ...]:
    """Return the figures with those of the finished sound."""
    figures, after = direction.figures, _told(sound, brief, direction.tone_db)
    return tuple(one.model_copy(update={"after": after.get((one.dimension, one.what))}) for one in figures)


def _told(sound: Portrait, brief: Brief, base_db: Sequence[float]) -> dict[Key, float]:
    """Return every figure that a portrait holds; its tone over the references', or without any over the mix before."""
    found: dict[Key, float | None] = {
        ("tone", regions()[name].words): value for name, value in regions_over_db(sound.tone_db, brief, base_db).items()
    }
    power = 10 ** (np.array(sound.tone_db) / 10)
    if power.size and power.sum() > 0:
        low = float(power[ERB_CENTRES_HZ < _LOW_HZ].sum())
        found["low end", "kick and bass: power below 120 Hz"] = 10 * float(np.log10(max(low / power.sum(), 1e-9)))
    for (low_hz, high_hz), width in zip(band_names(), sound.width_by_band, strict=False):
        found["width", f"side power, {low_hz:.0f}-{high_hz:.0f} Hz"] = width
    found["dynamics", "how far hits stand out (crest of half seconds)"] = sound.crest_db
    found["dynamics", "true peak over loudness (PLR)"] = sound.plr_db
    found["dynamics", "loudness range"] = sound.range_lu
    found["arc", "louder half of the sections over the softer one"] = contrast_of(sound) if sound.sections else None
    found["loudness", "integrated loudness, followed only where asked for"] = sound.integrated_lufs
    return {key: round(value, 3 if key[0] == "width" else 2) for key, value in found.items() if value is not None}


def _about(dimension: Dimension, what: str) -> dict[str, object]:
    """Return unit and range of a figure."""
    if dimension == "tone":
        region = next(one for one in regions().values() if one.words == what)
        return {"unit": "dB", "low_hz": region.low_hz, "high_hz": region.high_hz}
    if dimension == "width":
        low, high = next(band for band in band_names() if what == f"side power, {band[0]:.0f}-{band[1]:.0f} Hz")
        return {"unit": "share", "low_hz": low, "high_hz": high}
    if dimension == "loudness":
        return {"unit": "LUFS"}
    return {"unit": "LU" if dimension == "arc" or what == "loudness range" else "dB"}


def _aims(brief: Brief, sound: Portrait) -> Mapping[Key, float]:
    """Return what each figure is to be: the references' by weight, and what moods add to them, or to the mix."""
    told = [(_told(one.portrait, brief, sound.tone_db), one.weight) for one in brief.references]
    own, asked = _told(sound, brief, sound.tone_db), moods_of(brief)
    aims = {}
    for key in {key for figures, _ in told for key in figures} if told else set(own) if asked else set():
        known = [(figures[key], weight) for figures, weight in told if key in figures]
        total = sum(weight for _, weight in known)
        aims[key] = sum(value * weight for value, weight in known) / total if known else own[key]
    if aims:
        aims |= {("tone", regions()[name].words): value for name, value in mood_regions_db(asked).items()}
    _add(
        aims,
        ("dynamics", "how far hits stand out (crest of half seconds)"),
        sum(mood.crest_db for mood in asked.values()),
    )
    ratio = 10 ** (sum(mood.side_db for mood in asked.values()) / 10)
    for key in [key for key in aims if key[0] == "width"]:
        side = aims[key] * ratio
        aims[key] = side / max(side + 1 - aims[key], 1e-9)
    if not brief.references:
        moved = {
            "tone": any(m.tone for m in asked.values()),
            "width": ratio != 1.0,
            "dynamics": any(m.crest_db for m in asked.values()),
        }
        aims = {key: value for key, value in aims.items() if moved.get(key[0])}
        aims = {key: value for key, value in aims.items() if key[0] != "dynamics" or "crest" in key[1]}
    return {key: round(value, 3 if key[0] == "width" else 2) for key, value in aims.items()}


def _add(aims: dict[Key, float], key: Key, change: float) -> None:
    if key in aims:
        aims[key] += change


def _with_place(figure: DirectionFigure, sound: Portrait, aims: Aims) -> DirectionFigure:
    """Name the section of the mix that strays furthest from the references where the whole does not."""
    if aims.comparison is None or figure.dimension != "tone" or figure.low_hz is None or figure.high_hz is None:
        return figure
    inside = (figure.low_hz <= ERB_CENTRES_HZ) & (figure.high_hz >= ERB_CENTRES_HZ)
    whole = _mean(aims.comparison.tone_db[inside])
    strays = [(abs(_mean(tone[inside]) - whole), place) for place, tone in aims.comparison.by_section]
    furthest, place = max(strays, default=(0.0, 0))
    if furthest < number("direction.stray_db").value:
        return figure
    part = sound.sections[place]
    return figure.model_copy(update={"start_s": part.start_s, "end_s": part.end_s})


def _mean(values: np.ndarray) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else 0.0


def _voice(brief: Brief, lead_lu: float | None) -> tuple[DirectionFigure, ...]:
    """Return the lead vocal against the mix, which only a document of ours knows of a reference."""
    if not brief.references or lead_lu is None:
        return ()
    known = [(one.lead_lu, one.weight) for one in brief.references if one.lead_lu is not None]
    total = sum(weight for _, weight in known)
    aim = round(sum(value * weight for value, weight in known) / total, 2) if known else None
    why = "" if known else _NO_VOICE
    return (
        DirectionFigure(
            dimension="vocal",
            what="lead vocal against the mix",
            unit="LU",
            mix=round(lead_lu, 2),
            aim=aim,
            out_of_reach=why,
        ),
    )


def _unreachable(brief: Brief, aims: Aims) -> list[DirectionFigure]:
    """Return what the arrangement, or a stereo file, puts out of reach."""
    if aims.comparison is None:
        return []
    told = [
        DirectionFigure(
            dimension=one.dimension, what=f"{one.what}: the references have more by", unit=one.unit, aim=one.value, low_hz=one.low_hz,
            high_hz=one.high_hz, out_of_reach=one.out_of_reach,
        )
        for one in aims.comparison.differences if one.out_of_reach
    ]  # fmt: skip
    del brief
    return [
        *told,
        DirectionFigure(dimension="space", what="size and amount of space", unit="s", out_of_reach=_NO_SPACE),
    ]

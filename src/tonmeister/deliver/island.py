"""The numbers behind the pictures, as the plain values that the page's script paints."""

import json
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from tonmeister.analysis.bands import THIRD_OCTAVE_CENTRES_HZ
from tonmeister.deliver.excerpt import Players
from tonmeister.deliver.figures import Curve, ReportFigures
from tonmeister.deliver.strength import measure_strength_db
from tonmeister.document.far_steps import far_steps
from tonmeister.document.fold import applied_moves
from tonmeister.document.lane import Lane
from tonmeister.document.mix import Mix
from tonmeister.document.move import Move, SendChange, Where
from tonmeister.document.strip import MASTER
from tonmeister.knowledge import number

MOST_STEPS = 1500
"""More values of a curve than a wide screen has points are joined."""
MOST_MASKING_TRACKS = 40
"""Cells of more tracks would be too small to read."""
_POWER_TO_DENSITY_DB = 10 * math.log10(2)  # per octave: a third octave is twice as wide an octave higher


def collect_data(mix: Mix, figures: ReportFigures, players: Players | None) -> dict[str, Any]:
    """Return everything the page's script needs, of JSON types only; a picture without figures is None."""
    return {
        "song": _song(mix),
        "excerpt": _excerpt(players),
        "loudness": _loudness(mix, figures),
        "waveform": _steps(figures.waveform_peaks, figures.waveform_step_s, digits=3),
        "limiter": _steps(figures.limiter_reduction_db, figures.limiter_step_s, digits=2),
        "lanes": _lanes(mix),
        "spectrum": _spectrum(figures),
        "masking": _masking(mix, figures),
        "stereo": _stereo(mix, figures),
        "moves": _moves(mix),
    }


def to_island(data: dict[str, Any]) -> str:
    """Return JSON that cannot end the script element it stands in."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def has_values(curve: Curve | None) -> bool:
    """Say whether a curve holds anything that can be drawn."""
    return curve is not None and bool(np.isfinite(curve).any())


def _song(mix: Mix) -> dict[str, Any]:
    sections = [
        {"label": section.label, "start": section.start_s, "end": section.end_s, "confidence": section.confidence}
        for section in mix.song.sections
    ]
    return {"duration": round(mix.song.duration_s, 3), "sections": sections}


def _excerpt(players: Players | None) -> dict[str, float] | None:
    if players is None:
        return None
    return {
        "start": round(players.start_s, 3), "duration": round(players.duration_s, 3),
        "beforeGain": round(players.before_gain_db, 2), "afterGain": round(players.after_gain_db, 2),
    }  # fmt: skip


def _values(curve: Curve, *, digits: int) -> list[float | None]:
    return [round(float(value), digits) + 0.0 if math.isfinite(value) else None for value in curve.tolist()]


def _steps(curve: Curve | None, step_s: float, *, digits: int) -> dict[str, Any] | None:
    """Return a curve over time with at most MOST_STEPS values: the largest of those that are joined."""
    if curve is None or not has_values(curve):
        return None
    joined = math.ceil(len(curve) / MOST_STEPS)
    padded = np.pad(curve.astype(np.float64), (0, -len(curve) % joined), constant_values=np.nan)
    groups = np.where(np.isfinite(padded), padded, -np.inf).reshape(-1, joined)
    return {"step": step_s * joined, "values": _values(groups.max(axis=1), digits=digits)}


def _loudness(mix: Mix, figures: ReportFigures) -> dict[str, Any] | None:
    before = _steps(figures.loudness_before_lufs, figures.loudness_step_s, digits=1)
    after = _steps(figures.loudness_after_lufs, figures.loudness_step_s, digits=1)
    if before is None and after is None:
        return None
    return {"before": before, "after": after, "target": mix.master.target_lufs}


def _lanes(mix: Mix) -> list[dict[str, Any]]:
    """Return every lane that moves in time, with the reasons of the points that move far."""
    lanes = []
    names = {bus.id: bus.name for bus in mix.buses}
    for track in mix.tracks:
        strip, where = track.strip, Where(track=track.id)
        far = {kind: _far(mix, where, kind) for kind in ("fader", "mute")}
        for what, unit, lane in (
            ("fader", "dB", strip.fader_db),
            ("pan", "", strip.pan),
            ("width", "", strip.width),
            ("mute", "", strip.mute),
        ):
            lanes.append(_lane(track.name, what, unit, lane, far.get(what, [])))
        lanes += [
            _lane(track.name, f"send to {names.get(s.bus, s.bus)}", "dB", s.level_db, _far(mix, where, s.bus))
            for s in strip.sends
        ]
    for bus in mix.buses:
        where = Where(bus=bus.id)
        lanes += [
            _lane(bus.name, "fader", "dB", bus.fader_db, _far(mix, where, "fader")),
            _lane(bus.name, "width", "", bus.width, []),
        ]
        lanes.append(_lane(bus.name, "mute", "", bus.mute, _far(mix, where, "mute")))
        lanes += [_lane(bus.name, f"send to {s.bus}", "dB", s.level_db, _far(mix, where, s.bus)) for s in bus.sends]
    return [lane for lane in lanes if lane is not None]


def _far(mix: Mix, where: Where, lane: str) -> list[list[Any]]:
    """Return [time, why] of the points that move by more than 3 dB: of the fader, the mute, or the send to a bus of this name."""
    found = []
    for move in applied_moves(mix.moves):
        if (move.where.track, move.where.bus) != (where.track, where.bus):
            continue
        change = move.change
        own = change.send.bus if isinstance(change, SendChange) else getattr(change, "bus", change.kind)
        if own == lane:
            found += [[step.time_s, f"{move.title}. {step.why}"] for step in far_steps(move) if step.why]
    return found


def _lane(name: str, what: str, unit: str, lane: Lane, far: list[list[Any]]) -> dict[str, Any] | None:
    if lane.is_constant:
        return None
    points = [[point.time_s, point.value] for point in lane.points]
    return {"name": name, "what": what, "unit": unit, "hold": lane.law == "hold", "points": points, "far": far}


def _spectrum(figures: ReportFigures) -> dict[str, Any] | None:
    """Return power densities (third octaves less their growing width) and the density of the target."""
    before, after = figures.third_octave_before_db, figures.third_octave_after_db
    if not has_values(before) and not has_values(after):
        return None
    octaves = np.log2(THIRD_OCTAVE_CENTRES_HZ / 1000)
    width_db = octaves * _POWER_TO_DENSITY_DB
    slope = number("mastering.tilt_db_per_octave").value
    target = octaves * slope if figures.target_db is None else figures.target_db - width_db
    named = f"{slope:.1f} dB/octave".replace("-", "−") if figures.target_db is None else "reference"
    return {
        "frequency": _values(THIRD_OCTAVE_CENTRES_HZ, digits=1),
        "before": _values(before - width_db, digits=2) if before is not None and has_values(before) else None,
        "after": _values(after - width_db, digits=2) if after is not None and has_values(after) else None,
        "target": _values(target, digits=2), "targetName": named,
    }  # fmt: skip


def _masking(mix: Mix, figures: ReportFigures) -> dict[str, Any] | None:
    """Return who covers whom in the mix and among the stems as they came."""
    after, before = figures.masking_db, figures.masking_before_db
    if after is None or len(figures.masking_tracks) < 2 or not np.isfinite(after).any():
        return None
    names = {track.id: track.name for track in mix.tracks}
    called = [names.get(track, track) for track in figures.masking_tracks]
    return draw_matrix(called, after, before, harmful_db=number("masking.harmful_excess_db").value)


def draw_matrix(names: Sequence[str], after: Curve, before: Curve | None, *, harmful_db: float) -> dict[str, Any]:
    """Return (maskers, maskees) matrices for the page's script; of very many tracks those that matter most."""
    loose = np.where(np.isfinite(after), after, -np.inf)
    np.fill_diagonal(loose, -np.inf)
    worst = np.maximum(loose.max(axis=0), loose.max(axis=1))
    kept = np.sort(np.argsort(-worst, kind="stable")[:MOST_MASKING_TRACKS])

    def rows(matrix: Curve) -> list[list[float | None]]:
        return [_values(row, digits=1) for row in matrix[np.ix_(kept, kept)]]

    return {
        "names": [names[place] for place in kept], "left": len(worst) - len(kept), "harmful": harmful_db,
        "after": rows(after), "before": None if before is None else rows(before),
    }  # fmt: skip


def _stereo(mix: Mix, figures: ReportFigures) -> list[dict[str, Any]] | None:
    names = {track.id: track.name for track in mix.tracks}
    tracks = [
        {
            "name": names.get(track.id, track.id), "pan": _rounded(track.pan), "width": _rounded(track.width),
            "loudness": _rounded(track.loudness_lufs),
        }
        for track in figures.tracks if track.pan is not None
    ]  # fmt: skip
    return tracks or None


def _rounded(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else round(value, 3) + 0.0


def _moves(mix: Mix) -> list[dict[str, Any]]:
    applied = {move.id for move in applied_moves(mix.moves)}
    return [_move(move, applied=move.id in applied) for move in mix.moves]


def _move(move: Move, *, applied: bool) -> dict[str, Any]:
    place = move.where.track or ("" if move.where.bus in (None, MASTER) else f"bus:{move.where.bus}")
    return {
        "id": move.id, "task": move.task, "track": place or ("bus:master" if move.where.bus else ""),
        "state": move.state, "applied": applied, "order": move.order, "strength": round(measure_strength_db(move), 2),
        "kept": None if move.measured is None else move.measured.kept,
    }  # fmt: skip

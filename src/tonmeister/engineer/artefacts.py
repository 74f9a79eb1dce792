"""Listen to our own work for harm: flattened peaks, pumping, loss in mono, lost strokes, a dull top."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tonmeister.analysis.artefacts import (
    clipped_samples,
    crest_db,
    held_share,
    mono_losses_db,
    pumping_db,
    top_loss_db,
    transient_loss_db,
)
from tonmeister.analysis.track_meter import TrackMeasurement, measure_track
from tonmeister.audio import Audio
from tonmeister.document.artefact import Artefact, ArtefactKind
from tonmeister.document.facts import SongFacts
from tonmeister.document.mix import Mix
from tonmeister.engineer.deciding import Decided
from tonmeister.engineer.desk import Desk
from tonmeister.engineer.excerpts import as_it_came, loudest_frames
from tonmeister.engineer.listeners import Collector
from tonmeister.engineer.mastering import Mastered
from tonmeister.engineer.passes import RenderedMix
from tonmeister.files.sound import open_sound
from tonmeister.knowledge import number
from tonmeister.knowledge.rows import source_text

EXCERPT_S = 12.0
"""Length that is measured where no report measures the whole song."""
_TITLES: dict[ArtefactKind, str] = {
    "flattened": "Peaks flattened, level-matched, against the stems as they came",
    "held": "Time in which the limiter holds the peaks",
    "clipped": "Samples in flat tops",
    "pumping": "The limiter's gain swings with the beat",
    "mono": "Loudness lost in mono",
    "mono_band": "The band that loses most in mono",
    "transients": "Strong onsets rise less than in the stems as they came",
    "top": "The top is duller than in the stems as they came",
}


def check_artefacts(
    mix: Mix,
    facts: SongFacts,
    before: TrackMeasurement,
    after: TrackMeasurement,
    mastered: Mastered | None,
    *,
    start_s: float = 0.0,
) -> tuple[Artefact, ...]:
    """Return every look for harm that could be taken, with its figure and its limit; start_s is where the master begins."""
    swing = None if mastered is None or facts.time_line is None else pumping_db(
        mastered.gain_reduction_db, facts.time_line.beats_s - start_s
    )  # fmt: skip
    return tuple(_look(mix, before, after, mastered, swing))


def check_excerpt(
    decided: Decided,
    desk: Desk,
    rendered: RenderedMix,
    mastered: Mastered | None,
    after_file: Path,
    *,
    span: tuple[int, int] | None,
) -> tuple[Artefact, ...]:
    """Look for harm in the loudest part only, where no report measures the whole."""
    mix, rate = decided.mix, decided.mix.song.sample_rate_hz
    offset = 0 if span is None else span[0]
    first, end = loudest_frames(rendered.energies_100ms, rate, len(rendered.energies_100ms) * rate // 10, EXCERPT_S)
    if end - first < rate or rendered.lufs is None:
        return ()
    came = Collector()
    desk.renderer.render(
        as_it_came(mix), listeners={"mix": [came]}, start_frame=offset + first, end_frame=offset + end, preroll_s=0.0,
        cancel=desk.cancel,
    )  # fmt: skip
    before = measure_track(Audio(came.samples[:, : end - first], rate))
    with open_sound(after_file) as sound:
        after = measure_track(Audio(np.ascontiguousarray(sound.read(first, end - first)), rate))
    return check_artefacts(mix, decided.facts, before, after, mastered, start_s=offset / rate)


def _look(
    mix: Mix, before: TrackMeasurement, after: TrackMeasurement, mastered: Mastered | None, swing: float | None
) -> Iterator[Artefact]:
    budget = f"budget {mix.budget.name}"
    crests = crest_db(before), crest_db(after)
    if crests[0] is not None and crests[1] is not None:
        yield _artefact("flattened", crests[0] - crests[1], mix.budget.crest_loss_db, "dB", f"{budget}: crest_loss_db")
    if mastered is not None:
        yield _by_row("held", held_share(after.curves), "artefacts.held_share_most")
    yield _by_row("clipped", clipped_samples(after.figures), "artefacts.clipped_most")
    if swing is not None:
        yield _by_row("pumping", swing, "artefacts.pumping_most_db")
    lost = mono_losses_db(after)
    if lost is not None:
        yield _by_row("mono", lost[0], "artefacts.mono_loss_most_lu")
        yield _by_row("mono_band", lost[1], "artefacts.mono_band_loss_most_db")
    strokes = transient_loss_db(before.curves, after.curves)
    if strokes is not None:
        yield _by_row("transients", strokes, "artefacts.transient_loss_most_db")
    dull = top_loss_db(before.curves, after.curves)
    yield _artefact("top", dull, mix.budget.tilt_change_db, "dB", f"{budget}: tilt_change_db")


def _by_row(kind: ArtefactKind, value: float, against: str) -> Artefact:
    row = number(against)
    return _artefact(kind, value, row.value, row.unit, f"{against}: {source_text(row.source)}")


def _artefact(kind: ArtefactKind, value: float, limit: float, unit: str, source: str) -> Artefact:
    rounded = round(value, 2) + 0.0
    return Artefact(
        kind=kind, title=_TITLES[kind], value=rounded, limit=limit, unit=unit, source=source, is_over=rounded > limit
    )

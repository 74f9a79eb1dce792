"""What the report shows: measured on the stems as they came, on the mix and on the master."""

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Self

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.loudness import LoudnessMeter, short_term_curve
from tonmeister.analysis.masking import measure_masking
from tonmeister.analysis.track_meter import TrackMeasurement, TrackMeter
from tonmeister.audio import Audio, Samples
from tonmeister.deliver.figures import (
    Excerpt,
    MasterFigures,
    ReductionFigures,
    ReportFigures,
    StageTiming,
    TrackOutcome,
)
from tonmeister.document.facts import SongFacts
from tonmeister.document.fold import still_fader_db
from tonmeister.document.inventory import Incoming
from tonmeister.document.mix import Mix
from tonmeister.document.move import InsertChange
from tonmeister.document.strip import MASTER
from tonmeister.engineer.arc_figures import arc_figures
from tonmeister.engineer.artefacts import check_artefacts
from tonmeister.engineer.decide import work_on
from tonmeister.engineer.excerpts import as_it_came, loudest_frames
from tonmeister.engineer.listeners import Collector
from tonmeister.engineer.mastering import Mastered
from tonmeister.engineer.options import Cancel
from tonmeister.engineer.result import StageTime
from tonmeister.errors import CancelledError
from tonmeister.files.sound import open_sound
from tonmeister.processing.dynamics import Reduction
from tonmeister.render import Renderer
from tonmeister.tasks import Heard

EXCERPT_S = 24.0
_SILENCE_LUFS = -70.0


class MeterListener:
    """Measures everything about a point of the mix."""

    def __init__(self, sample_rate_hz: int, channels: int) -> None:
        self.meter = TrackMeter(sample_rate_hz, channels)

    def __call__(self, start_frame: int, block: Samples) -> None:
        """Take the next block."""
        self.meter.add(block)


class Hearing:
    """The meters that listen along while the mix is rendered; leaving it stops what is still being measured."""

    def __init__(self, sample_rate_hz: int, *, cancel: Cancel | None) -> None:
        self.mix = MeterListener(sample_rate_hz, 2)
        self._pool = ThreadPoolExecutor(1)
        self._stop = _EitherStop(cancel)
        self._mixed: TrackMeasurement | None = None
        self._came: Future[TrackMeasurement] | None = None
        self._after: Future[tuple[TrackMeasurement, NDArray[np.float32]]] | None = None

    def __enter__(self) -> Self:
        """Return this."""
        return self

    def __exit__(self, *_exception: object) -> None:
        """Stop and join what is still being measured: after a failure nobody asks for it."""
        self._stop.own.set()
        self._pool.shutdown(cancel_futures=True)

    @property
    def mixed(self) -> TrackMeasurement:
        """What was measured on the mix, once it is rendered."""
        if self._mixed is None:
            self._mixed = self.mix.meter.result()
        return self._mixed

    def begin(self, mix: Mix, renderer: Renderer) -> None:
        """Begin to measure the stems as they came, summed, while other work waits for the disk."""
        self._came = self._pool.submit(measure_as_it_came, mix, renderer, (0, mix.song.frames), cancel=self._stop)

    def begin_after(self, path: Path) -> None:
        """Begin to measure the finished sound."""
        self._after = self._pool.submit(_measure_file, path, cancel=self._stop)

    def after(self, path: Path) -> tuple[TrackMeasurement, NDArray[np.float32]]:
        """Return the measurement of the finished sound, and its peaks per 100 ms."""
        return _measure_file(path, cancel=self._stop) if self._after is None else self._after.result()

    def came(self, mix: Mix, renderer: Renderer, span: tuple[int, int]) -> TrackMeasurement:
        """Return the measurement of the stems as they came, summed, over a span of frames."""
        if self._came is None:
            return measure_as_it_came(mix, renderer, span, cancel=self._stop)
        return self._came.result()


class _EitherStop:
    """Set when the person asked to stop, or when nobody waits for the measurement any more."""

    def __init__(self, cancel: Cancel | None) -> None:
        self.own = Event()
        self._cancel = cancel

    def is_set(self) -> bool:
        return self.own.is_set() or (self._cancel is not None and self._cancel.is_set())


def measure_as_it_came(
    mix: Mix, renderer: Renderer, span: tuple[int, int], *, cancel: Cancel | None
) -> TrackMeasurement:
    """Measure the stems as they came, summed, over a span of frames."""
    listener = MeterListener(mix.song.sample_rate_hz, 2)
    renderer.render(
        as_it_came(mix),
        listeners={"mix": [listener]},
        start_frame=span[0],
        end_frame=span[1],
        preroll_s=0.0,
        cancel=cancel,
    )
    return listener.meter.result()


def loudest_span(mix: Mix, renderer: Renderer, length_s: float, *, cancel: Cancel | None) -> tuple[int, int]:
    """Return the loudest excerpt of the stems as they came, in frames: quick, as nothing but faders runs."""
    rate = mix.song.sample_rate_hz
    meter = LoudnessMeter(rate, 2)
    renderer.render(as_it_came(mix), listeners={"mix": [lambda _, block: meter.add(block)]}, cancel=cancel)
    return loudest_frames(meter.energies_100ms(), rate, mix.song.frames, length_s)


def take_excerpt(
    mix: Mix,
    hearing: Hearing,
    renderer: Renderer,
    after_file: Path,
    *,
    span: tuple[int, int] | None,
    cancel: Cancel | None,
) -> Excerpt:
    """Return the loudest part of what was rendered, as the stems came and as it is now, for the players."""
    rate = mix.song.sample_rate_hz
    mixed = hearing.mixed
    first, end = (0, span[1] - span[0]) if span is not None else loudest_frames(
        mixed.curves.energies_100ms, rate, mix.song.frames, EXCERPT_S
    )  # fmt: skip
    offset = 0 if span is None else span[0]
    came = Collector()
    renderer.render(
        as_it_came(mix), listeners={"mix": [came]}, start_frame=offset + first, end_frame=offset + end, preroll_s=0.0,
        cancel=cancel,
    )  # fmt: skip
    with open_sound(after_file) as sound:
        played = Audio(sound.read(first, end - first), sound.sample_rate_hz)
    return Excerpt(Audio(came.samples[:, : played.frames], rate), played, start_s=(offset + first) / rate)


def collect_figures(
    mix: Mix,
    facts: SongFacts,
    hearing: Hearing,
    mastered: Mastered | None,
    renderer: Renderer,
    after_file: Path,
    *,
    heard: Mapping[str, Heard],
    reductions: Mapping[str, Reduction],
    incoming: tuple[Incoming, ...],
    times: Mapping[str, StageTime],
    span: tuple[int, int] | None,
) -> ReportFigures:
    """Measure the stems as they came and the finished sound, and gather what the page shows."""
    after, peaks = hearing.after(after_file)
    came_measured = hearing.came(mix, renderer, span or (0, mix.song.frames))
    tracks, matrix, matrix_before = _masking_matrices(mix, facts, heard)
    return ReportFigures(
        incoming=incoming,
        before=_master_figures(came_measured),
        after=_master_figures(after, mastered),
        loudness_before_lufs=_curve(came_measured),
        loudness_after_lufs=_curve(after),
        third_octave_before_db=came_measured.curves.third_octave_db,
        third_octave_after_db=after.curves.third_octave_db,
        masking_tracks=tracks,
        masking_db=matrix,
        masking_before_db=matrix_before,
        tracks=_outcomes(mix, facts),
        reductions=_reductions(mix, reductions),
        limiter_reduction_db=None if mastered is None else mastered.gain_reduction_db,
        waveform_peaks=peaks,
        arc=arc_figures(
            mix,
            facts,
            work_on(mix, facts, heard).heard,
            hearing.mixed.curves.energies_100ms if span is None else None,
        ),
        timings=tuple(StageTiming(name, time.wall_s) for name, time in times.items()),
        artefacts=check_artefacts(
            mix, facts, came_measured, after, mastered, start_s=(span[0] if span else 0) / mix.song.sample_rate_hz
        ),
        misses=() if mastered is None else mastered.misses,
    )


def mean_erb_power(measured: TrackMeasurement) -> NDArray[np.float64]:
    """Return the mean power of each ERB band."""
    power: NDArray[np.float64] = measured.curves.erb_power.astype(np.float64).mean(axis=0)
    return power


def _measure_file(path: Path, *, cancel: Cancel) -> tuple[TrackMeasurement, NDArray[np.float32]]:
    with open_sound(path) as sound:
        meter = TrackMeter(sound.sample_rate_hz, sound.channels)
        for block in sound.blocks():
            if cancel.is_set():
                raise CancelledError("The work was stopped.")
            meter.add(block)
    measured = meter.result()
    peaks = measured.curves.peak_10ms
    whole = peaks[: len(peaks) // 10 * 10].reshape(-1, 10).max(axis=1) if len(peaks) >= 10 else peaks
    return measured, whole


def _master_figures(measured: TrackMeasurement, mastered: Mastered | None = None) -> MasterFigures:
    """Return the four figures of a sound; the true peak of a master is the one that its limiter was held to, of eight times its rate."""
    figures = measured.figures
    lufs, peak = figures.loudness.integrated_lufs, figures.true_peak_dbtp
    if mastered is not None:
        peak = mastered.figures.true_peak_dbtp
    plr = None if lufs is None or peak is None else round(peak - lufs, 2)
    return MasterFigures(lufs, peak, figures.loudness.range_lu, plr)


def _curve(measured: TrackMeasurement) -> NDArray[np.float64]:
    """Return short-term loudness per 100 ms, centred; silence is a gap."""
    energies = measured.curves.energies_100ms
    padded = np.concatenate([np.zeros(15), energies, np.zeros(14)])
    curve = short_term_curve(padded)
    return np.where(curve > _SILENCE_LUFS, curve, np.nan)


def _masking_matrices(
    mix: Mix, facts: SongFacts, heard: Mapping[str, Heard]
) -> tuple[tuple[str, ...], NDArray[np.float32], NDArray[np.float32]]:
    """Return who covers whom by how much, in the mix (strips as heard, with faders and all that gives way) and as the stems came."""
    heard = work_on(mix, facts, heard).heard
    names = tuple(track.id for track in facts.tracks)
    faders = np.array([still_fader_db(mix, name) for name in names])
    placed = measure_masking([heard[name].erb_power for name in names], gains_db=faders)
    came = measure_masking([track.curves.erb_power * track.figures.channels for track in facts.tracks])
    return names, _worst(placed.excess_db[0], placed.essential), _worst(came.excess_db[0], came.essential)


def _worst(excess_db: NDArray[np.float32], essential: NDArray[np.bool_]) -> NDArray[np.float32]:
    needed = np.where(essential[None, :, :], excess_db, np.nan)
    with np.errstate(all="ignore"):
        found = np.where(np.isfinite(needed), needed, -np.inf).max(axis=2)
    matrix: NDArray[np.float32] = np.where(np.isfinite(found), found, np.nan).astype(np.float32)
    return matrix


def _outcomes(mix: Mix, facts: SongFacts) -> tuple[TrackOutcome, ...]:
    outcomes = []
    for track in facts.tracks:
        fader = next((m for m in mix.moves if m.id == f"balance.{track.id}.fader" and m.measured is not None), None)
        strip = mix.track(track.id).strip
        lufs = fader.measured.value if fader is not None and fader.measured is not None else None
        outcomes.append(
            TrackOutcome(
                id=track.id, loudness_lufs=lufs, pan=strip.pan.points[0].value, width=track.figures.stereo.width
            )
        )
    return tuple(outcomes)


def _reductions(mix: Mix, measured: Mapping[str, Reduction]) -> tuple[ReductionFigures, ...]:
    rows = []
    for move in mix.moves:
        found = measured.get(move.id)
        if found is not None and isinstance(move.change, InsertChange):
            rows.append(
                ReductionFigures(
                    where=move.where.track or move.where.bus or MASTER,
                    insert=move.change.insert.id,
                    mean_reduction_db=round(found.mean_reduction_db, 2),
                    max_reduction_db=round(found.max_reduction_db, 2),
                    active_share=round(found.active_share, 3),
                )
            )
    return tuple(rows)

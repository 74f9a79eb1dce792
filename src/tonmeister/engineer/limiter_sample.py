"""What a limiter does to the loudness of a whole song, found out on a sample of it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.loudness import LoudnessMeter, integrated_from_energies
from tonmeister.audio import Audio, Samples
from tonmeister.document.strip import MasterChain
from tonmeister.engineer.before_limiter import without_output
from tonmeister.engineer.clip_stage import ClipStage, find_floor_db
from tonmeister.engineer.clip_trial import choose_clip
from tonmeister.engineer.options import Cancel
from tonmeister.files.sound import SoundReader
from tonmeister.processing import TruePeakLimiter
from tonmeister.processing.limiter import TruePeakLimiterStream
from tonmeister.processing.stream import run_stream
from tonmeister.render import hear_master

_SPANS = 24
_COARSE = 3  # every third span tells roughly where the drive lies
_SPAN_STEPS = 15
_SETTLING_STEPS = 3  # the first 300 ms of each span only bring meter and limiter into their stride
_PREROLL_S = 1.0
_LEVELS = 16
_TRIES = 5
_NEAR_LU = 0.02


@dataclass(frozen=True, slots=True, eq=False)
class _Spans:
    """Sampled sound, and which steps of 100 ms of the song it holds."""

    sound: Audio
    steps: NDArray[np.int64]


class LimiterSample:
    """Short spans from all over a song, through the chain up to the limiter, kept in memory.

    How much a step of 100 ms changes is read off as a function of its level in the mix, and applied to every step of the song.
    """

    def __init__(
        self,
        mix: SoundReader,
        chain: MasterChain,
        mix_energies_100ms: NDArray[np.float64],
        *,
        clip_over_db: float | None = None,
        cancel: Cancel | None,
    ) -> None:
        self._energies = mix_energies_100ms
        self._rate, self._channels = mix.sample_rate_hz, mix.channels
        limiters = [insert.processor for insert in chain.inserts if isinstance(insert.processor, TruePeakLimiter)]
        self._limiter = limiters[-1]
        kept: list[Samples] = []
        steps = self._choose_steps(mix.frames)
        hear_master(
            mix, without_output(chain), [lambda _, block: kept.append(block.copy())], spans=self._cut(steps),
            preroll_s=_PREROLL_S, cancel=cancel,
        )  # fmt: skip
        sound = Audio(np.ascontiguousarray(np.concatenate(kept, axis=1)), self._rate)
        self._whole = _Spans(sound, steps)
        self._coarse = self._every_third(self._whole)
        self.clip = None if clip_over_db is None else ClipStage(clip_over_db, round(find_floor_db(sound), 2))
        """How the clip stage of the chain is set; None without one."""

    def find_drive(self, target_lufs: float) -> tuple[float, float]:
        """Return the drive at which the song should reach the target, and how many LU one dB of drive brings there.

        The clip stage, where there is one, is set by what it does at that drive.
        """
        free = target_lufs - self._expect(0.0, self._whole, limited=False)
        drive, slope = self._search(target_lufs, free, 1.0, self._coarse)
        if self.clip is not None:
            chosen = choose_clip(self._whole.sound, self._driven(drive), self.clip.over_db)
            if chosen != self.clip:
                self.clip = chosen
                drive, slope = self._search(target_lufs, drive, slope, self._coarse)
        return self._search(target_lufs, drive, slope, self._whole)

    def _driven(self, drive_db: float) -> TruePeakLimiter:
        return self._limiter.model_copy(update={"drive_db": float(np.clip(drive_db, -40, 40))})

    def _search(self, target_lufs: float, drive: float, slope: float, spans: _Spans) -> tuple[float, float]:
        """Return drive and slope, searched from these on."""
        got = self._expect(drive, spans)
        for _ in range(_TRIES):
            if abs(target_lufs - got) <= _NEAR_LU:
                break
            former, drive = drive, drive + (target_lufs - got) / slope
            now = self._expect(drive, spans)
            slope = float(np.clip((now - got) / (drive - former), 0.25, 1.0)) if abs(drive - former) > 1e-3 else slope
            got = now
        return drive, slope

    def _expect(self, drive_db: float, spans: _Spans, *, limited: bool = True) -> float:
        """Return the integrated loudness to expect of the whole song at a drive.

        The limiter's second stage is left out: what it takes off the very tips is no loudness.
        """
        sound = spans.sound
        if limited:
            settings = self._driven(drive_db)
            if self.clip is not None:
                sound = self.clip.clip(sound, settings)
            stream = TruePeakLimiterStream(
                settings, sample_rate_hz=self._rate, channels=self._channels, with_safety=False
            )
            sound = run_stream(sound, stream)
        meter = LoudnessMeter(self._rate, self._channels)
        meter.add(sound.samples)
        made = meter.energies_100ms()
        if not limited:
            made = made * 10 ** (drive_db / 10)
        loudness = integrated_from_energies(self._energies * self._change(made, spans.steps))
        return -70.0 if loudness is None else loudness

    def _change(self, made: NDArray[np.float64], steps: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return by what each step of the song is multiplied, read off from the sampled steps by their level."""
        counted = np.arange(len(steps)) % _SPAN_STEPS >= min(_SETTLING_STEPS, len(steps) - 1)
        usable = counted[: len(made)] & (self._energies[steps[: len(made)]] > 1e-9)
        if not usable.any():
            return np.ones_like(self._energies)
        mixed = self._energies[steps[: len(made)]][usable]
        order = np.argsort(mixed, kind="stable")
        groups = np.array_split(order, min(_LEVELS, len(order)))
        level_db = np.array([10 * np.log10(mixed[group].mean()) for group in groups])
        ratio = np.array([made[: len(usable)][usable][group].sum() / mixed[group].sum() for group in groups])
        song_db = 10 * np.log10(np.maximum(self._energies, 1e-12))
        return np.asarray(np.interp(song_db, level_db, ratio), dtype=np.float64)

    def _choose_steps(self, frames: int) -> NDArray[np.int64]:
        """Return the steps of 100 ms that are sampled: spans spread evenly, or the whole of a short song."""
        steps = min(frames * 10 // self._rate, len(self._energies))
        if steps <= _SPANS * _SPAN_STEPS:
            return np.arange(steps)
        starts = np.linspace(0, steps - _SPAN_STEPS, _SPANS).astype(np.int64)
        return np.concatenate([np.arange(start, start + _SPAN_STEPS) for start in starts])

    def _cut(self, steps: NDArray[np.int64]) -> list[tuple[int, int]]:
        """Return the sampled steps as spans of frames."""
        breaks = np.flatnonzero(np.diff(steps) != 1) + 1
        parts = np.split(steps, breaks)
        return [
            (int(part[0]) * self._rate // 10, (int(part[-1]) + 1) * self._rate // 10) for part in parts if len(part)
        ]

    def _every_third(self, whole: _Spans) -> _Spans:
        """Return every third span; all of them where they are not equally long."""
        size = _SPAN_STEPS * self._rate // 10
        if whole.sound.frames != _SPANS * size:
            return whole
        parts = whole.sound.samples.reshape(self._channels, _SPANS, size)[:, ::_COARSE]
        sound = Audio(np.ascontiguousarray(parts.reshape(self._channels, -1)), self._rate)
        return _Spans(sound, whole.steps.reshape(_SPANS, _SPAN_STEPS)[::_COARSE].reshape(-1))

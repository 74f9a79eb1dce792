"""What a limiter does to the loudness of a whole song, found out on a sample of it."""

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
_SPAN_STEPS = 15
_SETTLING_STEPS = 3  # the first 300 ms of each span only bring meter and limiter into their stride
_PREROLL_S = 1.0
_LEVELS = 16
_TRIES = 5
_NEAR_LU = 0.02


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
        self._steps = self._choose_steps(mix.frames)
        hear_master(
            mix, without_output(chain), [lambda _, block: kept.append(block.copy())], spans=self._spans(),
            preroll_s=_PREROLL_S, cancel=cancel,
        )  # fmt: skip
        self._sound = Audio(np.ascontiguousarray(np.concatenate(kept, axis=1)), self._rate)
        self.clip = None if clip_over_db is None else ClipStage(clip_over_db, round(find_floor_db(self._sound), 2))
        """How the clip stage of the chain is set; None without one."""

    def find_drive(self, target_lufs: float) -> tuple[float, float]:
        """Return the drive at which the song should reach the target, and how many LU one dB of drive brings there.

        The clip stage, where there is one, is set by what it does at that drive.
        """
        drive, slope = self._search(target_lufs, target_lufs - self._expect(0.0, limited=False), 1.0)
        if self.clip is None:
            return drive, slope
        chosen = choose_clip(self._sound, self._driven(drive), self.clip.over_db)
        if chosen == self.clip:
            return drive, slope
        self.clip = chosen
        return self._search(target_lufs, drive, slope)

    def _driven(self, drive_db: float) -> TruePeakLimiter:
        return self._limiter.model_copy(update={"drive_db": float(np.clip(drive_db, -40, 40))})

    def _search(self, target_lufs: float, drive: float, slope: float) -> tuple[float, float]:
        """Return drive and slope, searched from these on."""
        got = self._expect(drive)
        for _ in range(_TRIES):
            if abs(target_lufs - got) <= _NEAR_LU:
                break
            former, drive = drive, drive + (target_lufs - got) / slope
            now = self._expect(drive)
            slope = float(np.clip((now - got) / (drive - former), 0.25, 1.0)) if abs(drive - former) > 1e-3 else slope
            got = now
        return drive, slope

    def _expect(self, drive_db: float, *, limited: bool = True) -> float:
        """Return the integrated loudness to expect of the whole song at a drive."""
        sound = self._sound
        if limited:
            settings = self._driven(drive_db)
            if self.clip is not None:
                sound = self.clip.clip(sound, settings)
            stream = TruePeakLimiterStream(settings, sample_rate_hz=self._rate, channels=self._channels)
            sound = run_stream(sound, stream)
        meter = LoudnessMeter(self._rate, self._channels)
        meter.add(sound.samples)
        made = meter.energies_100ms()
        if not limited:
            made = made * 10 ** (drive_db / 10)
        loudness = integrated_from_energies(self._energies * self._change(made))
        return -70.0 if loudness is None else loudness

    def _change(self, made: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return by what each step of the song is multiplied, read off from the sampled steps by their level."""
        counted = np.arange(len(self._steps)) % _SPAN_STEPS >= min(_SETTLING_STEPS, len(self._steps) - 1)
        usable = counted[: len(made)] & (self._energies[self._steps[: len(made)]] > 1e-9)
        if not usable.any():
            return np.ones_like(self._energies)
        mixed = self._energies[self._steps[: len(made)]][usable]
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

    def _spans(self) -> list[tuple[int, int]]:
        """Return the sampled steps as spans of frames."""
        breaks = np.flatnonzero(np.diff(self._steps) != 1) + 1
        parts = np.split(self._steps, breaks)
        return [
            (int(part[0]) * self._rate // 10, (int(part[-1]) + 1) * self._rate // 10) for part in parts if len(part)
        ]

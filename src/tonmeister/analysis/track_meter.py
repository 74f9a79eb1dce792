"""Everything that is measured on one track, in one pass over its blocks."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from tonmeister.analysis.chunks import Chunk, Chunker, look_at
from tonmeister.analysis.clicks import ClickMeter
from tonmeister.analysis.clipping import Clipping, ClippingMeter
from tonmeister.analysis.defects import DefectEvidence, Defects, find_defects
from tonmeister.analysis.faults import Fault, FaultEvidence, find_faults
from tonmeister.analysis.hum import find_hum
from tonmeister.analysis.levels import Levels, low_levels, measure_levels
from tonmeister.analysis.loudness import Loudness, LoudnessMeter
from tonmeister.analysis.noise import find_noise_floor
from tonmeister.analysis.spectrum import (
    Spectrum,
    SpectrumCurves,
    SpectrumMeter,
    describe_spectrum,
    fold_chroma,
    third_octave_levels,
    window_frames,
)
from tonmeister.analysis.steps import LEFT_MEAN, LEFT_POWER, PEAK, RIGHT_MEAN, RIGHT_POWER, StepMeter, Steps
from tonmeister.analysis.stereo import Stereo, measure_stereo, side_shares
from tonmeister.analysis.true_peak import TruePeakMeter
from tonmeister.audio import Audio, Samples
from tonmeister.model import Db, Model, Seconds


class TrackFigures(Model):
    """All single numbers about one track, rounded to what can be told apart."""

    sample_rate_hz: int = Field(gt=0)
    """Frames per second."""
    channels: int = Field(ge=1, le=2)
    """1 or 2."""
    frames: int = Field(ge=0)
    """Samples per channel."""
    duration_s: Seconds = Field(ge=0)
    """Length."""
    loudness: Loudness = Loudness()
    """Loudness of the track as it came; a mono file counts as one channel."""
    true_peak_dbtp: Db | None = None
    """Largest true peak of any channel (4x oversampled); None for silence."""
    levels: Levels = Levels()
    """Peak, RMS, activity, onsets."""
    spectrum: Spectrum = Spectrum()
    """Long-term spectrum in a few numbers."""
    stereo: Stereo = Stereo()
    """What the channels have to do with each other."""
    faults: tuple[Fault, ...] = ()
    """What is wrong with the recording."""
    defects: Defects = Defects()
    """What repair may work on, with where and how bad."""


@dataclass(frozen=True, slots=True, eq=False)
class TrackCurves:
    """All arrays about one track; powers are mean squares, full scale 1.0."""

    energies_100ms: NDArray[np.float64]
    """(steps,) K-weighted power of each whole 100 ms, summed over the channels (what BS.1770 gates)."""
    peak_10ms: NDArray[np.float32]
    """(steps,) largest sample of any channel in each 10 ms, linear."""
    rms_10ms: NDArray[np.float32]
    """(steps,) RMS over the channels in each 10 ms, linear."""
    onset_10ms: NDArray[np.float32]
    """(steps,) rise of the pre-emphasised level in each 10 ms, in dB; 0 where it falls."""
    flux: NDArray[np.float32]
    """(STFT frames,) mean rise of the ERB band levels in dB; frame k is centred on k * (window / 2) samples."""
    third_octave_db: NDArray[np.float32]
    """(31,) level in dBFS of each third octave 20 Hz..20 kHz, mean power over the active parts."""
    erb_power: NDArray[np.float32]
    """(half seconds, 40) power in each ERB band in each 0.5 s, both channels averaged."""
    chroma: NDArray[np.float32]
    """(12,) mean square of each pitch class from C on, over the whole length, silence included: tracks add up to a mix."""
    timbre: NDArray[np.float32]
    """(len(timbre.NAMES),) what the sound is like from moment to moment; does not depend on the level."""
    chroma_125ms: NDArray[np.float32]
    """(eighths of a second, 12) mean square of each pitch class from C on, of the half sum of the channels."""
    low_10ms: NDArray[np.float32]
    """(steps,) RMS of the mono sum below about 200 Hz in each 10 ms, linear: where the low accents are."""
    side_500ms: NDArray[np.float32]
    """(half seconds,) side power over side plus mid power in each 0.5 s: 0 for mono and for silence."""

    def arrays(self) -> dict[str, NDArray[np.float32] | NDArray[np.float64]]:
        """Return the arrays by name, ready for numpy.savez."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.float32] | NDArray[np.float64]]) -> "TrackCurves":
        """Return the curves that `arrays` gave."""
        kinds: dict[str, type[np.floating[Any]]] = {"energies_100ms": np.float64}
        return cls(**{f.name: np.asarray(arrays[f.name], kinds.get(f.name, np.float32)) for f in fields(cls)})


@dataclass(frozen=True, slots=True, eq=False)
class TrackMeasurement:
    """What one pass over a track found: `figures` is JSON, `curves` are arrays."""

    figures: TrackFigures
    """Single numbers."""
    curves: TrackCurves
    """Arrays."""


class TrackMeter:
    """Measures everything about one track block by block; the result does not depend on the cuts, to the bit.

    Samples that are not finite count as silence and are reported as a fault.
    """

    def __init__(self, sample_rate_hz: int, channels: int, *, clipping: Clipping | None = None) -> None:
        """Start; give the clipping of the file's own samples where the blocks are resampled, which rounds it off."""
        self._rate, self._channels, self._own_clipping = sample_rate_hz, channels, clipping
        self._chunker = Chunker(sample_rate_hz, channels)
        self._loudness = LoudnessMeter(sample_rate_hz, channels)
        self._true_peak = TruePeakMeter(sample_rate_hz, channels)
        self._steps = StepMeter(sample_rate_hz)
        self._spectrum = SpectrumMeter(sample_rate_hz, channels)
        self._clipping = ClippingMeter(sample_rate_hz, channels)
        self._clicks = ClickMeter(sample_rate_hz)
        self._frames, self._not_finite, self._twin = 0, 0, True

    def add(self, block: Samples) -> None:
        """Take the next block, (channels, frames) float32, as the file holds it.

        Raises:
            AudioFormatError: If the block has another shape or type than announced.
        """
        for chunk in self._chunker.cut(block):
            self._take(chunk)

    def result(self) -> TrackMeasurement:
        """Return everything; this ends the measurement."""
        rest = self._chunker.rest()
        tail: Steps | None = None
        if rest is not None:
            rest, tail = self._step(rest)
            self._note(rest, tail)
        return self._assemble(rest, self._steps.all(tail))

    def _take(self, chunk: Chunk) -> None:
        chunk, steps = self._step(chunk)
        self._steps.keep(chunk, steps)
        self._true_peak.take(chunk, self._note(chunk, steps))
        self._loudness.take(chunk)
        self._spectrum.take(chunk)

    def _step(self, chunk: Chunk) -> tuple[Chunk, Steps]:
        """Return the chunk, freed of what is not finite, and its steps."""
        steps = self._steps.step(chunk)
        if steps is not None:
            return chunk, steps
        finite = np.isfinite(chunk.samples)
        self._not_finite += int(finite.size - finite.sum())
        cleaned = look_at(np.where(finite, chunk.samples, np.float32(0)))
        steps = self._steps.step(cleaned)
        assert steps is not None  # noqa: S101 - all samples are finite now
        return cleaned, steps

    def _note(self, chunk: Chunk, steps: Steps) -> NDArray[np.float32]:
        """Look for faults; return the peaks of the steps."""
        self._frames += chunk.samples.shape[1]
        self._twin = self._twin and chunk.twin
        peaks = np.ascontiguousarray(steps.values[:, PEAK])
        self._clipping.take(chunk, peaks)
        self._clicks.take(chunk)
        return peaks

    def _assemble(self, rest: Chunk | None, steps: Steps) -> TrackMeasurement:
        duration_s = self._frames / self._rate
        levels, level_curves = measure_levels(steps.values, duration_s=duration_s)
        if rest is not None:
            self._spectrum.take(rest)
        spectra = self._spectrum.finish()
        # The mean over all frames, as if the active ones held all the power: what the pauses add is below -40 dB.
        active = spectra.scaled(1 / levels.active_share) if levels.active_share > 0 else spectra
        energies = self._loudness.energies_100ms(rest)
        stereo = measure_stereo(steps.values, spectra, channels=self._channels, twin=self._twin)
        evidence = self._gather(steps, levels, spectra)
        figures = TrackFigures(
            sample_rate_hz=self._rate,
            channels=self._channels,
            frames=self._frames,
            duration_s=duration_s,
            loudness=self._loudness.result(rest),
            true_peak_dbtp=self._true_peak.result(rest),
            levels=levels,
            spectrum=describe_spectrum(active.power, bin_hz=active.bin_hz),
            stereo=stereo,
            faults=find_faults(evidence),
            defects=find_defects(
                DefectEvidence(
                    steps=steps.values,
                    slow=steps.slow,
                    bands=spectra.bands,
                    frame_s=window_frames(self._rate) / 2 / self._rate,
                    power=active.power,
                    bin_hz=spectra.bin_hz,
                    active_rms_dbfs=levels.active_rms_dbfs,
                    hum=evidence.hum,
                    noise=evidence.noise,
                )
            ),
        )
        curves = TrackCurves(
            energies_100ms=energies,
            peak_10ms=level_curves.peak,
            rms_10ms=np.sqrt(level_curves.power).astype(np.float32),
            onset_10ms=level_curves.onset_db,
            flux=spectra.flux,
            third_octave_db=third_octave_levels(active.power, bin_hz=active.bin_hz),
            erb_power=spectra.erb_power,
            chroma=fold_chroma(spectra.power, bin_hz=spectra.bin_hz),
            timbre=spectra.timbre,
            chroma_125ms=spectra.chroma_125ms,
            low_10ms=low_levels(steps.slow),
            side_500ms=side_shares(steps.values),
        )
        return TrackMeasurement(round_figures(figures), curves)

    def _gather(self, steps: Steps, levels: Levels, spectra: SpectrumCurves) -> FaultEvidence:
        columns = (LEFT_MEAN, RIGHT_MEAN, LEFT_POWER, RIGHT_POWER)
        means = [float(steps.values[:, c].mean(dtype=np.float64)) if len(steps.values) else 0.0 for c in columns]
        return FaultEvidence(
            levels=levels,
            sample_rate_hz=self._rate,
            frames=self._frames,
            not_finite=self._not_finite,
            dc_offset=(means[0], means[1]),
            clipping=self._own_clipping or self._clipping.result(),
            hum=find_hum(steps.slow),
            clicks=self._clicks.result(),
            noise=find_noise_floor(spectra.bands, bin_hz=spectra.bin_hz),
            channel_power=(means[2], means[3]),
        )


def measure_track(audio: Audio) -> TrackMeasurement:
    """Measure everything about one track that is in memory."""
    meter = TrackMeter(audio.sample_rate_hz, audio.channels)
    meter.add(audio.samples)
    return meter.result()


_DIGITS = {"s": 3, "hz": 1, "rate_hz": 3, "db": 2, "dbfs": 2, "dbtp": 2, "lufs": 2, "lu": 2, "octave": 2, "value": 3}
"""Decimals by the last words of a field's name: hundredths of a decibel, milliseconds, tenths of a hertz."""


def round_figures(figures: TrackFigures) -> TrackFigures:
    """Return the figures rounded to what can be told apart, so that nothing downstream hangs on a last bit."""
    return TrackFigures.model_validate(_round(figures.model_dump(), ""))


def _round(value: object, name: str) -> object:
    if isinstance(value, dict):
        return {key: _round(part, key) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return tuple(_round(part, name) for part in value)
    if isinstance(value, float):
        words = name.split("_")
        digits = _DIGITS.get("_".join(words[-2:]), _DIGITS.get(words[-1], 4))
        return round(value, digits) + 0.0  # no negative zero
    return value

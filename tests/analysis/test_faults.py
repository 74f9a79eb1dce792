"""Faults that were planted are found with their numbers; sound without them raises no alarm."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from tests.sounds import drums, noise, pink_noise, silence, sine
from tonmeister.analysis.clipping import measure_clipping
from tonmeister.analysis.faults import Fault, find_duplicates
from tonmeister.analysis.track_meter import measure_track
from tonmeister.audio import Audio

RATE_HZ = 48_000


def faults_of(samples: NDArray[np.floating[Any]]) -> dict[str, Fault]:
    audio = Audio(np.ascontiguousarray(np.atleast_2d(samples), dtype=np.float32), RATE_HZ)
    return {fault.kind: fault for fault in measure_track(audio).figures.faults}


def with_pauses(*, seconds: int = 24, seed: int = 1) -> NDArray[np.float64]:
    """Return two seconds of music-like noise, two of silence, and so on."""
    wave = pink_noise(duration_s=seconds, rms_db=-20, seed=seed).samples[0].astype(np.float64)
    # Nothing constant and nothing below 30 Hz, as in a recording.
    spectrum = np.fft.rfft(wave)
    spectrum[np.fft.rfftfreq(wave.size, 1 / RATE_HZ) < 30] = 0
    playing = (np.arange(wave.size) // (2 * RATE_HZ)) % 2 == 0
    sound: NDArray[np.float64] = np.fft.irfft(spectrum, wave.size) * playing
    return sound


@pytest.mark.parametrize("level_db", [0.0, -6.0, -20.0])
def test_a_clipped_take_is_found_at_any_level(level_db: float) -> None:
    """Cut off 9 dB below its peaks, then turned down."""
    wave = with_pauses()
    limit = np.abs(wave).max() * 10 ** (-9 / 20)
    over = np.abs(wave) >= limit
    clipped = np.clip(wave, -limit, limit) / limit * 10 ** (level_db / 20)
    fault = faults_of(clipped)["clipping"]
    runs = np.diff(np.flatnonzero(np.diff(np.concatenate([[0], over, [0]]))).reshape(-1, 2), axis=1)
    assert fault.value == pytest.approx((runs >= 3).sum(), rel=0.05)
    assert fault.count == pytest.approx(runs[runs >= 3].sum(), rel=0.05)
    assert fault.spans[0].start_s == pytest.approx(np.flatnonzero(over)[0] / RATE_HZ, abs=0.2)


@pytest.mark.parametrize("frequency_hz", [30, 50, 100, 440])
@pytest.mark.parametrize("peak_db", [0.0, -1.0, -30.0])
def test_the_flat_tops_of_a_quantised_sine_are_no_clipping(frequency_hz: float, peak_db: float) -> None:
    """Sixteen bits flatten the tops of slow waves; a pure tone is not a fault."""
    wave = sine(frequency_hz=frequency_hz, peak_db=peak_db, duration_s=3).samples
    assert "clipping" not in faults_of(np.round(wave * 32767) / 32768)


@pytest.mark.parametrize("over_db", [3, 12, 18])
def test_a_take_that_is_cut_off_most_of_the_time_is_clipped(over_db: float) -> None:
    """A low note driven 12 dB too hot spends 84 % of its time at the extremes, and is no pulse wave for all that."""
    wave = sine(frequency_hz=83, peak_db=0, duration_s=3).samples * 10 ** (over_db / 20)
    assert "clipping" in faults_of(0.5 * np.clip(wave, -1, 1))


def test_clipping_is_counted_alike_whatever_the_blocks() -> None:
    samples = np.clip(2 * noise(duration_s=2.5, rms_db=-12, channels=2).samples, -1, 1)
    blocks = (samples[:, first : first + 7001] for first in range(0, samples.shape[1], 7001))
    found = measure_clipping(map(np.ascontiguousarray, blocks), sample_rate_hz=RATE_HZ, channels=2)
    fault = faults_of(samples)["clipping"]
    assert (found.runs, found.samples) == (fault.value, fault.count)
    assert found.samples_s == found.samples / RATE_HZ


def test_a_pulse_wave_is_no_clipping() -> None:
    """It lies at its extremes all the time, on purpose."""
    assert "clipping" not in faults_of(0.5 * np.sign(sine(duration_s=3).samples))


def test_an_offset_is_found() -> None:
    """0.5 % of full scale is −46.0 dBFS."""
    fault = faults_of(with_pauses() + 0.005)["dc_offset"]
    assert fault.value == pytest.approx(-46.02, abs=0.1)
    assert fault.limit == -60


@pytest.mark.parametrize("mains_hz", [50, 60])
def test_hum_is_found_with_its_frequency(mains_hz: int) -> None:
    """Three lines of −55, −61 and −65 dBFS RMS in the pauses of music at −20; 1 dB for the frames' edges."""
    time = np.arange(24 * RATE_HZ) / RATE_HZ
    lines = [(1, -52.0), (2, -58.0), (3, -62.0)]
    hum = np.sum([10 ** (db / 20) * np.sin(2 * np.pi * mains_hz * k * time + k) for k, db in lines], axis=0)
    fault = faults_of(with_pauses() + hum)["hum"]
    assert fault.frequency_hz == mains_hz
    level = float(fault.sentence.split(" dBFS")[0].rsplit(" ", 1)[1])
    assert level == pytest.approx(10 * np.log10(sum(10 ** (db / 10) / 2 for _, db in lines)), abs=1)


def test_a_held_bass_note_is_no_hum() -> None:
    """G1 with its overtones lies 1 to 3 Hz beside the lines of 50 Hz mains."""
    time = np.arange(24 * RATE_HZ) / RATE_HZ
    note = np.sum([0.1 / k * np.sin(2 * np.pi * 48.999 * k * time) for k in (1, 2, 3, 4)], axis=0)
    assert "hum" not in faults_of(note)


def test_steady_noise_in_the_pauses_is_found_and_faint_noise_is_not() -> None:
    """40 dB below the music is heard, 65 dB is not; the limit is 50."""
    hiss = noise(duration_s=24, rms_db=0, seed=3).samples[0]
    loud, faint = (faults_of(with_pauses() + hiss * 10 ** (db / 20)) for db in (-60, -85))
    assert loud["noise"].value == pytest.approx(-40, abs=1.5)
    assert "noise" not in faint


def test_steady_noise_is_found_where_the_music_hardly_pauses() -> None:
    """Chords that ring through thirteen fourteenths of the time, hiss 30 dB below them."""
    time = np.arange(28 * RATE_HZ) / RATE_HZ
    chord = np.sum([np.sin(2 * np.pi * 110 * 2 ** (n / 4.03) * time) for n in range(26)], axis=0) / 50
    music = chord * (time % 2 < 1.857) * 10 ** (-(time % 2) * 15 / 20)
    hiss = noise(duration_s=28, rms_db=-50, seed=3).samples[0]
    assert "noise" in faults_of(music + hiss)
    assert "noise" not in faults_of(music)


def test_drums_have_no_fault() -> None:
    """Clean, with pauses; a loop whose kick lies at 50 Hz is no hum. Its waves are not symmetric: an offset is one."""
    assert faults_of(drums(duration_s=8).samples).keys() <= {"dc_offset"}


def test_silence_is_a_fault_with_its_peak() -> None:
    """A track at −80 dBFS holds nothing to mix."""
    assert faults_of(silence(duration_s=2).samples).keys() == {"silence"}
    fault = faults_of(noise(duration_s=2, rms_db=-95).samples)["silence"]
    assert fault.value < fault.limit == -70


@pytest.mark.shared
@pytest.mark.parametrize("song", ["clingo_rawband", "mdn_funk", "fof_metal_madness"])
def test_real_stems_raise_no_alarm(shared_data: Path, song: str) -> None:
    """Listened to by people and published as they are."""
    found = {}
    for path in sorted((shared_data / "multitracks" / song).iterdir()):
        if path.suffix in {".flac", ".mp3", ".ogg"}:
            samples, rate_hz = soundfile.read(path, dtype="float32", always_2d=True)
            figures = measure_track(Audio(np.ascontiguousarray(samples.T), rate_hz)).figures
            found[path.name] = [fault.sentence for fault in figures.faults]
    assert found
    assert not [sentences for sentences in found.values() if sentences]


def test_copies_are_told_apart_from_other_tracks() -> None:
    """The same samples, a quieter copy, and two takes of the same part."""
    one = with_pauses(seed=5)
    tracks = [one, with_pauses(seed=6), one.copy(), one * 0.5]
    found = [measure_track(Audio(track[None].astype(np.float32), RATE_HZ)).curves for track in tracks]
    pairs = find_duplicates([curves.rms_10ms for curves in found], [curves.third_octave_db for curves in found])
    assert [(p.first, p.second, p.kind) for p in pairs] == [
        (0, 2, "same_samples"),
        (0, 3, "same_but_level"),
        (2, 3, "same_but_level"),
    ]
    assert pairs[1].level_difference_db == pytest.approx(-6.02, abs=0.01)


def test_silent_tracks_are_no_copies_of_each_other() -> None:
    """Nothing is not the same as nothing."""
    curves = measure_track(silence(duration_s=2)).curves
    assert find_duplicates([curves.rms_10ms] * 3, [curves.third_octave_db] * 3) == ()
    assert find_duplicates([], []) == ()

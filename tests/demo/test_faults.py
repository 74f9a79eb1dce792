"""Each planted fault, found again by other means than those that planted it."""

from typing import TypeVar

import numpy as np
import pytest

from tests.demo.test_song import level_db
from tonmeister.demo import DemoSong
from tonmeister.demo.truth import Clipping, FlippedPolarity, Hum, Late, Masking, Noise, Rumble

RATE_HZ = 48_000
F = TypeVar("F", Clipping, FlippedPolarity, Hum, Late, Masking, Noise, Rumble)


def planted(song: DemoSong, kind: type[F]) -> F:
    found = [fault for fault in song.truth.faults if isinstance(fault, kind)]
    assert len(found) == 1
    return found[0]


def mono(song: DemoSong, name: str) -> np.ndarray:
    samples: np.ndarray = song.tracks[name].samples.mean(axis=0, dtype=np.float64)
    return samples


def band_level_db(samples: np.ndarray, low_hz: float, high_hz: float) -> float:
    """Return the level within a band by Parseval, any number of channels summed in power."""
    spectrum = np.abs(np.fft.rfft(samples)) ** 2
    at_hz = np.fft.rfftfreq(samples.shape[-1], 1 / RATE_HZ)
    inside = (at_hz >= low_hz) & (at_hz < high_hz)
    return float(10.0 * np.log10(2.0 * spectrum[..., inside].sum() / samples.shape[-1] ** 2 + 1e-30))


def lag_of_best_match(samples: np.ndarray, reference: np.ndarray) -> tuple[int, float]:
    """Return by how many frames samples lag the reference, and the signed correlation there."""
    size = 1 << (samples.size + reference.size).bit_length()
    cross = np.fft.irfft(np.fft.rfft(samples, size) * np.conj(np.fft.rfft(reference, size)), size)
    lags = np.r_[cross[:2400], cross[-2400:]]
    best = int(np.argmax(np.abs(lags)))
    strength = lags[best] / np.sqrt(np.square(samples).sum() * np.square(reference).sum())
    return (best if best < 2400 else best - 4800), float(strength)


def silence_before_the_voice(song: DemoSong) -> np.ndarray:
    first_s = min(phrase.start_s for phrase in song.truth.phrases if phrase.track == "LdVox.wav")
    return mono(song, "LdVox.wav")[: round((first_s - 0.4) * RATE_HZ)]


def test_every_kind_of_fault_is_planted_once(short_song: DemoSong) -> None:
    kinds = sorted(fault.kind for fault in short_song.truth.faults)
    assert kinds == ["clipping", "flipped polarity", "hum", "late", "masking", "noise", "rumble"]


def test_hum_stands_alone_while_the_guitar_waits(short_song: DemoSong) -> None:
    """Two seconds are whole periods, so a line's level is exact; the amplifier's floor (−86 dBFS) adds under 0.1 dB."""
    hum = planted(short_song, Hum)
    part = mono(short_song, hum.track)[RATE_HZ // 2 : RATE_HZ // 2 + 2 * RATE_HZ]
    spectrum = np.abs(np.fft.rfft(part)) / part.size * np.sqrt(2.0)
    lines_db = [
        20.0 * np.log10(spectrum[round(2 * hum.frequency_hz * k)]) for k in range(1, len(hum.harmonics_dbfs) + 1)
    ]
    assert lines_db == pytest.approx(hum.harmonics_dbfs, abs=0.2)
    assert level_db(part) == pytest.approx(hum.level_dbfs, abs=0.1)
    other = mono(short_song, "GTR R.wav")[RATE_HZ // 2 : RATE_HZ // 2 + 2 * RATE_HZ]
    assert level_db(other) < -80.0


def test_noise_of_the_voice_is_white_and_as_loud_as_told(short_song: DemoSong) -> None:
    """Octave bands of white noise rise 3.01 dB each; 4 s of noise above 500 Hz are known to 0.1 dB."""
    noise = planted(short_song, Noise)
    part = silence_before_the_voice(short_song)
    octaves_db = [band_level_db(part, f, 2 * f) for f in (750.0, 1500.0, 3000.0, 6000.0, 12_000.0)]
    assert np.diff(octaves_db) == pytest.approx(3.01, abs=0.5)
    assert band_level_db(part, 150.0, 24_000.0) == pytest.approx(noise.level_dbfs, abs=0.2)
    sung = [p for p in short_song.truth.phrases if p.track == noise.track]
    voice = np.concatenate(
        [mono(short_song, noise.track)[round(p.start_s * RATE_HZ) : round(p.end_s * RATE_HZ)] for p in sung]
    )
    above = band_level_db(voice, 100.0, 24_000.0)
    assert above - noise.level_dbfs == pytest.approx(noise.signal_to_noise_db, abs=0.3)


def test_rumble_of_the_voice_is_where_and_as_loud_as_told(short_song: DemoSong) -> None:
    """A fourth-order slope leaves under 0.1 dB of the power above twice its corner; 10 dB below lies the voice's noise."""
    rumble = planted(short_song, Rumble)
    voice = mono(short_song, rumble.track)
    assert band_level_db(voice, 0.0, 2.0 * rumble.highest_hz) == pytest.approx(rumble.level_dbfs, abs=0.3)
    part = silence_before_the_voice(short_song)
    assert band_level_db(part, 3.0 * rumble.highest_hz, 6.0 * rumble.highest_hz) < rumble.level_dbfs - 20.0


def test_clipped_runs_are_as_many_as_told(short_song: DemoSong) -> None:
    clipping = planted(short_song, Clipping)
    flat = np.abs(mono(short_song, clipping.track)) >= 1.0 - 2.0**-23
    runs = np.flatnonzero(np.diff(np.r_[0, flat.astype(int)]) == 1)
    assert runs.size == clipping.places
    assert flat.mean() == pytest.approx(clipping.clipped_share, abs=1e-7)
    assert runs[0] / RATE_HZ == pytest.approx(clipping.first_s, abs=1e-6)
    assert np.flatnonzero(flat)[-1] / RATE_HZ == pytest.approx(clipping.last_s, abs=1e-6)
    assert 0.0005 < clipping.clipped_share < 0.02


def test_the_lower_snare_is_upside_down_and_nothing_else_is(short_song: DemoSong) -> None:
    flip = planted(short_song, FlippedPolarity)
    lag, strength = lag_of_best_match(mono(short_song, flip.track), mono(short_song, flip.against))
    assert lag == 0
    assert strength < -0.4
    assert lag_of_best_match(mono(short_song, "02_Kick Out.wav"), mono(short_song, "01_Kick In.wav"))[1] > 0.4
    assert lag_of_best_match(mono(short_song, "08_OH.wav"), mono(short_song, flip.against))[1] > 0.3


@pytest.mark.parametrize("name", ["01_Kick In.wav", "03_SN Top.wav", "06_Rack Tom.wav", "07_Floor Tom.wav"])
def test_overheads_are_late_against_each_drum(short_song: DemoSong, name: str) -> None:
    """To the frame: two differences leave the attack, which has no phase of a low tone to shift the match."""
    late = planted(short_song, Late)
    assert name in late.against
    assert late.delay_ms == pytest.approx(3.2, abs=0.02)
    lag, _ = lag_of_best_match(np.diff(mono(short_song, late.track), 2), np.diff(mono(short_song, name), 2))
    assert lag == late.delay_frames


def test_the_piano_covers_the_voice_in_choruses_and_not_in_verses(short_song: DemoSong) -> None:
    masking = planted(short_song, Masking)
    gains = {row.file_name: row.balance_gain_db for row in short_song.truth.tracks}

    def over_db(spans_s: tuple[tuple[float, float], ...]) -> float:
        levels = []
        for name in (masking.track, masking.masked):
            parts = [short_song.tracks[name].samples[:, round(a * RATE_HZ) : round(b * RATE_HZ)] for a, b in spans_s]
            joined = np.concatenate(parts, axis=1).astype(np.float64)
            levels.append(band_level_db(joined, masking.low_hz, masking.high_hz) + gains[name])
        return levels[0] - levels[1]

    verse = next(p for p in short_song.truth.phrases if p.track == masking.masked)
    assert over_db(masking.spans_s) == pytest.approx(masking.over_db, abs=0.2)
    assert masking.over_db > -3.0
    assert over_db(((verse.start_s, verse.end_s),)) < masking.over_db - 8.0

"""The pitch corrector: what comes out has the pitch that was asked for, its length, its level, and no change elsewhere."""

from itertools import pairwise

import numpy as np
import pytest
import soundfile

from tests.conftest import SHARED
from tests.sounds import noise
from tonmeister.analysis.intonation import notes_of, off_pitch_cents, plan_correction
from tonmeister.analysis.pitch import track_pitch
from tonmeister.audio import Audio
from tonmeister.processing.tuner import TunedStretch, Tuner, TunerStream, is_neutral, tune_voice

RATE_HZ = 48_000


def voice(hz: float = 200.0) -> Audio:
    """Return two seconds of a pulse train through two formants."""
    time_s = np.arange(2 * RATE_HZ) / RATE_HZ
    harmonics = [
        np.exp(-(((k * hz - 600) / 300) ** 2)) + 0.5 * np.exp(-(((k * hz - 1800) / 400) ** 2)) + 0.02
        for k in range(1, 25)
    ]
    wave = sum(a * np.cos(2 * np.pi * k * hz * time_s) for k, a in enumerate(harmonics, 1))
    return Audio(0.1 * np.asarray(wave)[None].astype(np.float32), RATE_HZ)


def raised(cents: float, *, hz: float = 200.0) -> Tuner:
    stretch = TunedStretch(start_s=0.5, end_s=1.5, hz=(hz,) * 100, cents=(cents,) * 100)
    return Tuner(regions=(stretch,))


@pytest.mark.parametrize("cents", [-100.0, -30.0, 30.0, 100.0])
def test_the_stretch_has_the_wanted_pitch_and_level(cents: float) -> None:
    """Within 5 cents, which nobody hears, and 1 dB; 100 cents are the most that is ever asked."""
    out = tune_voice(voice(), raised(cents))
    hz = track_pitch(out.samples, sample_rate_hz=RATE_HZ).hz[55:145]
    assert np.median(1200 * np.log2(hz / 200)) == pytest.approx(cents, abs=5)
    inside = slice(round(0.6 * RATE_HZ), round(1.4 * RATE_HZ))
    powers = [np.mean(np.square(sound.samples[:, inside])) for sound in (voice(), out)]
    assert 10 * np.log10(powers[1] / powers[0]) == pytest.approx(0, abs=1)


def test_outside_the_stretch_not_a_bit_changes() -> None:
    audio = voice()
    out = tune_voice(audio, raised(50))
    for part in (slice(0, round(0.49 * RATE_HZ)), slice(round(1.51 * RATE_HZ), None)):
        assert np.array_equal(out.samples[:, part], audio.samples[:, part])


def test_formants_stay_where_they_are() -> None:
    """A semitone up, the centre of gravity moves by far less than the 6 % of the pitch: 2 %."""
    inside = slice(round(0.6 * RATE_HZ), round(1.4 * RATE_HZ))
    centres = []
    for sound in (voice(), tune_voice(voice(), raised(100))):
        power = np.square(np.abs(np.fft.rfft(sound.samples[0, inside])))
        hz = np.fft.rfftfreq(inside.stop - inside.start, 1 / RATE_HZ)
        centres.append(float((power * hz).sum() / power.sum()))
    assert centres[1] / centres[0] == pytest.approx(1, abs=0.02)


def test_cutting_changes_no_bit() -> None:
    sound = voice().samples
    whole = TunerStream(raised(40), sample_rate_hz=RATE_HZ, channels=1).process(sound)
    stream = TunerStream(raised(40), sample_rate_hz=RATE_HZ, channels=1)
    borders = [0, 1, 20_000, 24_000, 50_001, sound.shape[1]]
    parts = [stream.process(np.ascontiguousarray(sound[:, a:b])) for a, b in pairwise(borders)]
    assert np.array_equal(np.concatenate(parts, axis=1), whole)


@pytest.mark.parametrize("settings", [Tuner(), raised(0)])
def test_neutral_settings_return_the_input_bytes(settings: Tuner) -> None:
    audio = noise(duration_s=0.5, channels=2)
    assert is_neutral(settings)
    assert np.array_equal(tune_voice(audio, settings).samples, audio.samples)


@pytest.mark.shared
def test_a_real_voice_comes_nearer_to_the_notes_of_its_key() -> None:
    """The key in which it is least off anyway; with the usual amount and speed more than half of the distance goes."""
    samples, rate = soundfile.read(SHARED / "data/voice_noise/vocals/vocadito_1.wav", dtype="float32", always_2d=True)
    audio = Audio(np.ascontiguousarray(samples.T), rate)
    track = track_pitch(audio.samples, sample_rate_hz=rate)
    notes = notes_of("A#", "major")
    regions = tuple(
        TunedStretch(
            start_s=s.first / 100, end_s=(s.first + s.hz.size) / 100, hz=tuple(s.hz.tolist()), cents=tuple(s.cents.tolist())
        )
        for s in plan_correction(track, notes, amount=0.8, speed_ms=80)
    )  # fmt: skip
    out = tune_voice(audio, Tuner(regions=regions))
    before = off_pitch_cents(track, notes)
    after = off_pitch_cents(track_pitch(out.samples, sample_rate_hz=rate), notes)
    assert before is not None
    assert after is not None
    assert after < 0.5 * before

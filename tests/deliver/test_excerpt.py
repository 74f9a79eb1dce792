import io

import numpy as np
import pytest
import soundfile

from tests.deliver.song import make_excerpt
from tests.sounds import noise, silence, sine
from tonmeister.analysis.loudness import measure_loudness
from tonmeister.audio import Audio
from tonmeister.deliver.excerpt import LONGEST_S, Players, encode_excerpt
from tonmeister.deliver.figures import Excerpt


def _decoded(mp3: bytes) -> Audio:
    samples, rate = soundfile.read(io.BytesIO(mp3), dtype="float32", always_2d=True)
    return Audio(np.ascontiguousarray(samples.T), rate)


def _players(excerpt: Excerpt) -> Players:
    players = encode_excerpt(excerpt)
    assert players is not None
    return players


def test_both_sound_equally_loud_and_the_gains_say_what_was_done() -> None:
    """0.2 LU: what MP3 at this rate changes of a beat's loudness; a meter may be off by 0.1 (EBU Tech 3341)."""
    excerpt = make_excerpt(3.0)
    players = _players(excerpt)
    before, after = (measure_loudness(_decoded(mp3)).integrated_lufs for mp3 in (players.before_mp3, players.after_mp3))
    came, left = (measure_loudness(audio).integrated_lufs for audio in (excerpt.before, excerpt.after))
    assert before is not None
    assert after is not None
    assert came is not None
    assert left is not None
    assert before == pytest.approx(after, abs=0.2)
    assert came + players.before_gain_db == pytest.approx(left + players.after_gain_db, abs=1e-9)


def test_neither_is_louder_than_the_master_nor_over_full_scale() -> None:
    """A beat with high peaks would clip at the loudness of dense noise, so the noise comes down instead; 0.5 dB for MP3."""
    players = _players(Excerpt(sine(peak_db=-40, channels=2), noise(rms_db=-9, channels=2)))
    assert players.after_gain_db <= 0
    for mp3 in (players.before_mp3, players.after_mp3):
        assert np.abs(_decoded(mp3).samples).max() < 10 ** (-0.5 / 20)


def test_both_have_the_same_length_and_rate_whatever_came() -> None:
    players = _players(
        Excerpt(
            sine(duration_s=1.3, sample_rate_hz=96_000), sine(duration_s=1.0, channels=2, sample_rate_hz=96_000), 7.5
        )
    )
    before, after = _decoded(players.before_mp3), _decoded(players.after_mp3)
    assert (before.sample_rate_hz, before.frames, before.channels) == (48_000, after.frames, 2)
    assert (players.start_s, players.duration_s) == (7.5, 1.0)


def test_a_rate_of_the_44_1_family_stays_in_it() -> None:
    sound = sine(duration_s=0.5, sample_rate_hz=88_200)
    assert _decoded(_players(Excerpt(sound, sound)).after_mp3).sample_rate_hz == 44_100


def test_silence_is_played_as_it_is_and_under_400_ms_not_at_all() -> None:
    quiet = silence(duration_s=1.0)
    players = _players(Excerpt(quiet, sine()))
    assert (players.before_gain_db, players.after_gain_db) == (0.0, 0.0)
    assert encode_excerpt(Excerpt(silence(duration_s=0.3), sine())) is None


def test_more_than_30_s_is_cut() -> None:
    sound = sine(duration_s=LONGEST_S + 2, channels=2, sample_rate_hz=48_000)
    assert _players(Excerpt(sound, sound)).duration_s == LONGEST_S

"""Phrases of a voice whose phrases are known."""

import numpy as np
import pytest

from tonmeister.analysis.phrases import find_phrases

PHRASES = ((1.0, 3.0), (3.6, 5.2), (8.0, 11.5))


def voice(*, quiet_db: float = 0.0, noise_db: float = -60.0) -> np.ndarray:
    """Return 10 ms levels: phrases of syllables with short pauses in between, over noise; the last one quieter."""
    time = np.arange(1300) / 100
    level = np.full(time.size, 10 ** (noise_db / 20))
    for number, (start, end) in enumerate(PHRASES):
        inside = (time >= start) & (time < end)
        syllables = np.where(((time - start) % 0.4 < 0.3) | (time > end - 0.3), 1.0, 0.1)
        level[inside] = (0.2 * syllables * 10 ** ((quiet_db if number == 2 else 0) / 20))[inside]
    return level.astype(np.float32)


@pytest.mark.parametrize("quiet_db", [0.0, -12.0])
@pytest.mark.parametrize("noise_db", [-90.0, -50.0])
def test_phrases_begin_and_end_where_they_were_sung(quiet_db: float, noise_db: float) -> None:
    """Also a quiet one, and over noise; 50 ms is half of what a delay throw needs."""
    found = find_phrases(voice(quiet_db=quiet_db, noise_db=noise_db))
    assert [phrase.start_s for phrase in found] == pytest.approx([start for start, _ in PHRASES], abs=0.05)
    assert [phrase.end_s for phrase in found] == pytest.approx([end for _, end in PHRASES], abs=0.05)


def test_gaps_lead_to_the_next_phrase_or_the_end() -> None:
    found = find_phrases(voice())
    assert [phrase.gap_s for phrase in found] == pytest.approx([0.6, 2.8, 1.5], abs=0.1)
    assert found[0].span.end_s == found[0].end_s


def test_silence_has_no_phrases() -> None:
    assert find_phrases(np.zeros(500, np.float32)) == ()
    assert find_phrases(np.zeros(0, np.float32)) == ()


def test_a_voice_of_single_shouts_has_no_phrases() -> None:
    shouts = np.where(np.arange(500) % 100 < 20, np.float32(0.2), np.float32(0))
    assert find_phrases(shouts) == ()

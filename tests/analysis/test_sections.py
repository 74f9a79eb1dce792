"""A song whose sections are known is cut where it was put together."""

import itertools

import numpy as np
import pytest

from tonmeister.analysis.sections import Section, find_sections
from tonmeister.analysis.tempo import Tempo

TEMPO = Tempo(bpm=120, first_beat_s=0, first_bar_s=0, confidence=1, bar_confidence=1)
PLAN = [
    ("intro", 4),
    ("verse", 8),
    ("chorus", 8),
    ("verse", 8),
    ("chorus", 8),
    ("bridge", 8),
    ("chorus", 8),
    ("outro", 4),
]
LEVELS = {
    "intro": (0.05, 0, 0, 0, 0, 0),
    "verse": (0.05, 0.1, 0.1, 0.1, 0, 0),
    "chorus": (0.05, 0.12, 0.12, 0.15, 0.15, 0.15),
    "bridge": (0, 0, 0.1, 0.1, 0, 0.1),
    "outro": (0.05, 0, 0, 0, 0, 0.02),
}
"""RMS of keys, drums, bass, voice, guitars, choir."""


def song() -> tuple[list[np.ndarray], list[np.ndarray]]:
    rng = np.random.default_rng(1)
    rms = np.concatenate([np.tile(LEVELS[name], (bars * 200, 1)) for name, bars in PLAN]).T
    rms = (rms * 10 ** (rng.normal(0, 1, rms.shape) / 20)).astype(np.float32)
    power = []
    for number, curve in enumerate(rms):
        shape = np.exp(-0.5 * np.square((np.arange(40) - 5 * number - 4) / 5))
        power.append((np.square(curve).reshape(-1, 50).mean(axis=1)[:, None] * shape).astype(np.float32))
    return list(rms), power


SECTIONS = find_sections(*song(), tempo=TEMPO)


def test_sections_begin_where_the_song_was_put_together() -> None:
    """On the bar lines of the plan."""
    starts = np.concatenate([[0], np.cumsum([bars for _, bars in PLAN])]) * 2.0
    assert [section.start_s for section in SECTIONS] == starts[:-1].tolist()


def test_sections_follow_each_other_to_the_end() -> None:
    """No gaps, whole song."""
    assert SECTIONS[-1].end_s == 112.0
    assert all(a.end_s == b.start_s for a, b in itertools.pairwise(SECTIONS))


def test_repeated_sections_share_a_letter() -> None:
    """Intro, verse, chorus, bridge, outro are five kinds."""
    groups: dict[str, set[str]] = {}
    for (name, _), section in zip(PLAN, SECTIONS, strict=True):
        groups.setdefault(name, set()).add(section.group)
    assert all(len(letters) == 1 for letters in groups.values())
    assert groups["verse"] != groups["chorus"] != groups["bridge"]


def test_sections_get_their_names() -> None:
    """The clear case; confidence stays below certainty."""
    assert [section.label for section in SECTIONS] == [name for name, _ in PLAN]
    assert all(0 < section.confidence < 1 for section in SECTIONS)


def test_active_tracks_are_counted() -> None:
    """All six in the chorus."""
    assert SECTIONS[2].active_tracks == 6
    assert SECTIONS[0].active_tracks == 1


def test_a_song_that_never_changes_is_one_unknown_section() -> None:
    """No invention."""
    rms, power = np.full(6000, 0.1, np.float32), np.full((120, 40), 1e-4, np.float32)
    (section,) = find_sections([rms, rms], [power, power], tempo=TEMPO)
    assert (section.label, section.confidence) == ("unknown", 0)
    assert (section.start_s, section.end_s) == (0, 60)


@pytest.mark.parametrize("tempo", [None, TEMPO])
def test_silence_has_no_sections(tempo: Tempo | None) -> None:
    """Nor has an empty song."""
    nothing: tuple[Section, ...] = ()
    assert find_sections([], [], tempo=tempo) == nothing
    assert find_sections([np.zeros(500, np.float32)], [np.zeros((10, 40), np.float32)], tempo=tempo) == nothing


def test_sections_are_found_without_a_tempo() -> None:
    """Two seconds stand for a bar then."""
    assert [s.start_s for s in find_sections(*song(), tempo=None)] == [s.start_s for s in SECTIONS]

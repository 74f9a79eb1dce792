"""A song whose sections are known is cut where it was put together."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from tonmeister.analysis.energy import PARTS, measure_energy
from tonmeister.analysis.form import find_form
from tonmeister.analysis.sections import Section, find_sections
from tonmeister.analysis.timbre import NAMES
from tonmeister.analysis.track_meter import TrackCurves

FAMILIES = ("keys", "drums", "bass", "vocal", "guitar", "keys")
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


CHORDS = {"intro": (0,), "verse": (0, 5), "chorus": (7, 9, 5), "bridge": (2, 4), "outro": (0,)}
"""Pitch classes, a bar each in turn."""


def track(rms: np.ndarray, pitches: np.ndarray, place: int) -> TrackCurves:
    """Return the curves of a track that sounds in bands around its place, on one pitch class an eighth of a second."""
    shape = np.exp(-0.5 * np.square((np.arange(40) - 5 * place - 4) / 5))
    halves = np.square(rms).reshape(-1, 50).mean(axis=1)[:, None]
    eighths = np.interp(np.arange(rms.size * 8 // 100) / 8, np.arange(rms.size) / 100, np.square(rms))
    chroma = np.zeros((eighths.size, 12), np.float32)
    chroma[np.arange(eighths.size), pitches] = eighths
    onset = np.zeros(rms.size, np.float32)
    onset[:: 25 if place == 1 else 50] = 12 * (rms[:: 25 if place == 1 else 50] > 0)
    return TrackCurves(
        energies_100ms=np.square(rms, dtype=np.float64).reshape(-1, 10).mean(axis=1), peak_10ms=rms, rms_10ms=rms, onset_10ms=onset,
        flux=np.zeros(0, np.float32), third_octave_db=np.zeros(31, np.float32), erb_power=(halves * shape).astype(np.float32),
        chroma=chroma.sum(axis=0), timbre=np.zeros(len(NAMES), np.float32), chroma_125ms=chroma, low_10ms=rms,
        side_500ms=np.zeros(rms.size // 50, np.float32),
    )  # fmt: skip


def song() -> list[TrackCurves]:
    rng = np.random.default_rng(1)
    rms = np.concatenate([np.tile(LEVELS[name], (bars * 200, 1)) for name, bars in PLAN]).T
    rms = (rms * 10 ** (rng.normal(0, 1, rms.shape) / 20)).astype(np.float32)
    pitches = np.concatenate([np.repeat(np.resize(CHORDS[name], bars), 16) for name, bars in PLAN])
    return [track(np.ascontiguousarray(curve), pitches, number) for number, curve in enumerate(rms)]


SONG = song()
LINES_S = np.arange(57, dtype=np.float64) * 2.0
SECTIONS = find_sections(SONG, FAMILIES, LINES_S)


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
    same = track(np.full(6000, 0.1, np.float32), np.zeros(480, np.int64), 0)
    (section,) = find_sections([same, same], ["keys", "bass"], np.arange(31, dtype=np.float64) * 2.0)
    assert (section.label, section.confidence) == ("unknown", 0)
    assert (section.start_s, section.end_s) == (0, 60)


def test_silence_has_no_sections() -> None:
    """Nor has an empty song."""
    nothing: tuple[Section, ...] = ()
    silent = track(np.zeros(1000, np.float32), np.zeros(80, np.int64), 0)
    assert find_sections([], [], np.array([0.0])) == nothing
    assert find_sections([silent], ["keys"], np.arange(6, dtype=np.float64) * 2.0) == nothing


def test_a_song_of_three_bars_is_one_section() -> None:
    """Too short to have a form."""
    form = find_form(SONG, [True] * 6, np.arange(4, dtype=np.float64) * 2.0)
    assert form.cuts == (0, 3)


def test_sections_are_found_by_harmony_alone_when_nobody_enters_or_leaves() -> None:
    """The same player at the same level all along: only the chords tell."""
    plan = [("verse", 8), ("chorus", 8), ("verse", 8), ("bridge", 8), ("verse", 8)]
    loops = {"verse": (0, 5, 0, 7), "chorus": (9, 2, 9, 4), "bridge": (11, 6, 1, 8)}
    pitches = np.concatenate([np.repeat(np.resize(loops[name], bars), 16) for name, bars in plan])
    one = track(np.full(8000, 0.1, np.float32), pitches, 2)
    form = find_form([one], [True], np.arange(41, dtype=np.float64) * 2.0)
    assert form.cuts == (0, 8, 16, 24, 32, 40)
    assert form.groups == (0, 1, 0, 2, 0)


def test_energy_is_highest_in_the_chorus_and_lowest_at_the_ends() -> None:
    """More players, louder: every curve has one value a bar."""
    curves = measure_energy(SONG, FAMILIES, [None] * 6, LINES_S)
    assert all(getattr(curves, name).shape == (56,) for name in PARTS)
    energy = curves.energy
    verse, chorus, outro = energy[4:12].mean(), energy[12:20].mean(), energy[52:].mean()
    assert outro < verse < chorus <= 1.0
    assert curves.mean(12, 20)["density"] > curves.mean(4, 12)["density"]


def test_loudness_and_width_of_a_bar_are_those_of_its_power() -> None:
    """-0.691 + 10 log10 of the summed power (BS.1770); a track of correlation -1 is all width."""
    one = track(np.full(1000, 0.1, np.float32), np.zeros(80, np.int64), 3)
    curves = measure_energy([one, one], ["keys", "keys"], [None, -1.0], np.arange(6, dtype=np.float64) * 2.0)
    assert curves.loudness_lufs == pytest.approx(np.full(5, -0.691 + 10 * np.log10(0.02)), abs=0.01)
    assert curves.width == pytest.approx(np.full(5, 0.5), abs=1e-6)


def mixed(tracks: list[TrackCurves]) -> TrackCurves:
    """Return the curves of the sum of tracks that are not alike."""
    power = sum((np.square(one.rms_10ms, dtype=np.float64) for one in tracks), np.zeros(tracks[0].rms_10ms.size))
    return replace(
        tracks[0],
        rms_10ms=np.sqrt(power).astype(np.float32),
        erb_power=sum((one.erb_power for one in tracks[1:]), tracks[0].erb_power),
        chroma_125ms=sum((one.chroma_125ms for one in tracks[1:]), tracks[0].chroma_125ms),
    )


def test_a_finished_mix_alone_is_cut_where_it_changes() -> None:
    """Every cut is a change of the plan, whatever the bar lines say; the quiet intro alone may go with the verse."""
    sections = find_sections([mixed(SONG)], ["mix"], LINES_S + 0.7)
    starts = np.concatenate([[0], np.cumsum([bars for _, bars in PLAN])])[:-1] * 2.0
    letters = {section.start_s: section.group for section in sections}
    assert set(starts.tolist()) - {8.0} == set(letters)
    assert letters[24.0] == letters[56.0] == letters[88.0] != letters[40.0]
    assert sections[-1].end_s == 112.0


def test_a_mix_of_a_second_has_one_section() -> None:
    assert len(find_sections([cut(mixed(SONG), 1)], ["mix"], np.array([0.0, 1.0]))) == 1


def cut(curves: TrackCurves, seconds: int) -> TrackCurves:
    return replace(
        curves,
        rms_10ms=curves.rms_10ms[: 100 * seconds],
        erb_power=curves.erb_power[: 2 * seconds],
        chroma_125ms=curves.chroma_125ms[: 8 * seconds],
    )

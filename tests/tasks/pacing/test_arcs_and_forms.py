"""The same arc on songs of different forms: what a song does already is not done again, and what is moved is its own."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pytest

from tonmeister.knowledge import number
from tonmeister.knowledge.rows import Kind, arcs
from tonmeister.tasks.pacing.arc import Scene, draw_arc
from tonmeister.tasks.pacing.form import Part

MOST_DB = 2.5
Row = tuple[Kind, float, float, float]
"""Kind, length in seconds, loudness, energy."""
FORMS: dict[str, Sequence[Row]] = {
    "opens with its chorus": [
        ("chorus", 16, -14, 0.8), ("verse", 32, -18, 0.5), ("chorus", 16, -14.5, 0.8), ("breakdown", 24, -20, 0.3), ("verse", 16, -17, 0.5),
        ("chorus", 32, -13.8, 0.9),
    ],
    "climbs by itself": [
        ("intro", 20, -26, 0.1), ("verse", 40, -22, 0.4), ("verse", 20, -21, 0.35), ("chorus", 20, -17, 0.7), ("breakdown", 10, -23, 0.2),
        ("chorus", 40, -14, 0.9), ("outro", 10, -24, 0.2),
    ],
    "falls": [
        ("intro", 8, -16, 0.6), ("verse", 30, -15, 0.7), ("chorus", 15, -13, 0.95), ("bridge", 30, -16, 0.6), ("verse", 40, -17, 0.5),
        ("chorus", 15, -15, 0.7), ("outro", 30, -19, 0.3),
    ],
}  # fmt: skip


def parts_of(form: Sequence[Row]) -> list[Part]:
    found, start_s = [], 0.0
    for place, (kind, length_s, lufs, energy) in enumerate(form):
        found.append(Part(f"{kind}-{place}", kind, start_s, start_s + length_s, lufs, lufs, named=True, energy=energy))
        start_s += length_s
    return found


def heard(scenes: Sequence[Scene]) -> list[float]:
    return [scene.part.loudness_lufs + scene.level_db for scene in scenes]


def curve(scenes: Sequence[Scene]) -> np.ndarray:
    times = np.linspace(0, scenes[-1].part.end_s, 200, endpoint=False)
    return np.array([next(s.level_db for s in scenes if s.part.start_s <= t < s.part.end_s) for t in times])


def test_a_song_that_burns_slowly_by_itself_is_held_back_nowhere() -> None:
    arc = arcs()["slow-burn"].model_copy(update={"contrast_db": 0.0})
    scenes = draw_arc(arc, parts_of(FORMS["climbs by itself"]), most_db=MOST_DB)
    assert [scene.level_db for scene in scenes] == pytest.approx([0.0] * len(scenes), abs=0.02)


@pytest.mark.parametrize("name", FORMS)
def test_a_slow_burn_lies_under_its_summit_as_far_as_the_budget_reaches(name: str) -> None:
    scenes = draw_arc(arcs()["slow-burn"], parts_of(FORMS[name]), most_db=10.0)
    levels = heard(scenes)
    summit = max(p for p, scene in enumerate(scenes) if scene.part.kind == "chorus")
    assert all(level <= levels[summit] + 0.02 for level in levels[:summit])
    assert levels[0] <= levels[summit] - 3.0 + 0.05


@pytest.mark.parametrize("name", FORMS)
def test_the_second_chorus_is_bigger_as_heard(name: str) -> None:
    scenes = draw_arc(arcs()["second-chorus-bigger"], parts_of(FORMS[name]), most_db=MOST_DB)
    first, second = [level for level, s in zip(heard(scenes), scenes, strict=True) if s.part.kind == "chorus"][:2]
    assert second >= first + 1.45


@pytest.mark.parametrize("name", FORMS)
def test_what_is_intimate_lies_under_what_is_beside_it(name: str) -> None:
    scenes = draw_arc(arcs()["intimate-bridge"], parts_of(FORMS[name]), most_db=4.0)
    levels = heard(scenes)
    for place, scene in enumerate(scenes):
        if scene.part.kind in ("bridge", "breakdown"):
            assert min(levels[place - 1], levels[place + 1]) - levels[place] >= 1.5


def test_no_lift_goes_over_the_songs_own_peak() -> None:
    """Room for the last chorus is planned from the first bar on: it comes from what is before it.

    The order lifts no further than its number; the song's own contrast may add its own, and the whole keeps its loudness by a shift.
    """
    plain = arcs()["second-chorus-bigger"].model_copy(update={"contrast_db": 0.0})
    for form in FORMS.values():
        parts = parts_of(form)
        scenes = draw_arc(plain, parts, most_db=MOST_DB)
        shift_db = float(np.median([scene.level_db for scene in scenes]))
        loudest = max(part.loudness_lufs for part in parts)
        assert max(heard(scenes)) <= loudest + number("pacing.over_peak_most_lu").value + max(0.0, shift_db) + 0.1


@pytest.mark.parametrize("arc", [name for name in arcs() if name not in ("keep-the-demo", "reference")])
def test_one_arc_gives_each_form_its_own_curve(arc: str) -> None:
    """Bar 6 asks for 0.5 between three real songs; of these forms two are held back early alike, a template would give 0.8 and more."""
    curves = [curve(draw_arc(arcs()[arc], parts_of(form), most_db=MOST_DB)) for form in FORMS.values()]
    found = [float(np.corrcoef(a, b)[0, 1]) for a, b in combinations(curves, 2)]
    assert float(np.mean(found)) < 0.5, found
    assert max(found) < 0.6, found


def drawn_forms(count: int, *, seed: int) -> list[Sequence[Row]]:
    """Return songs as they might be: with or without intro, early chorus, bridge and outro; levels and lengths of their own."""
    rng = np.random.default_rng(seed)
    loud: dict[Kind, tuple[float, float]] = {
        "intro": (-22, 0.2), "verse": (-18, 0.45), "chorus": (-14.5, 0.8), "bridge": (-18, 0.5), "breakdown": (-20, 0.3), "outro": (-21, 0.25),
    }  # fmt: skip
    middle: list[list[Kind]] = [["bridge"], ["breakdown"], ["verse"], []]
    songs: list[Sequence[Row]] = []
    for _ in range(count):
        kinds: list[Kind] = ["intro"] * int(rng.random() < 0.7)
        kinds += ["chorus"] * int(rng.random() < 0.25)
        kinds += ["verse", "chorus", "verse", "chorus", *middle[int(rng.integers(4))], "chorus"]
        kinds += ["outro"] * int(rng.random() < 0.6)
        songs.append(
            [
                (kind, float(rng.choice([8, 16, 24, 32])), loud[kind][0] + rng.normal(0, 2), float(np.clip(loud[kind][1] + rng.normal(0, 0.1), 0, 1)))
                for kind in kinds
            ]
        )  # fmt: skip
    return songs


@pytest.mark.parametrize("arc", [name for name in arcs() if name not in ("keep-the-demo", "reference")])
def test_an_arc_on_many_drawn_forms_is_seldom_the_same_curve(arc: str) -> None:
    """Bar 6, beyond its three songs: nine pairs in ten under 0.5 or nearly so, and most pairs have little in common.

    Two songs that lack the same (both open too loud) are held back alike by a slow burn: that is what it is asked for.
    """
    curves = [curve(draw_arc(arcs()[arc], parts_of(form), most_db=MOST_DB)) for form in drawn_forms(40, seed=7302)]
    found = np.array([np.corrcoef(a, b)[0, 1] for a, b in combinations([c for c in curves if np.ptp(c)], 2)])
    assert np.median(found) < 0.25
    assert (found < 0.5).mean() > 0.85

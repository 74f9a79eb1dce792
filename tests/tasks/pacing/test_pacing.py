"""An arc follows the song's own form, keeps to its budget, and says so where there is no form to follow."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from tests.facts import ask, audio, open_song, shaped_noise, song_facts, track_facts
from tests.tasks.song_in_time import band, song, voice
from tonmeister.document.facts import SongFacts
from tonmeister.document.fold import fold
from tonmeister.document.mix import Brief, Mix
from tonmeister.document.move import FaderChange, Move, Nothing
from tonmeister.engineer.decide import predict_all
from tonmeister.knowledge.rows import arcs
from tonmeister.tasks import Work, pacing
from tonmeister.tasks.pacing.arc import draw_arc
from tonmeister.tasks.pacing.form import Part, sides

FORM = [
    ("intro", 0.0, 4.0),
    ("verse", 4.0, 10.0),
    ("chorus", 10.0, 16.0),
    ("verse", 16.0, 22.0),
    ("chorus", 22.0, 28.0),
]


def formed(form: Sequence[tuple[str, float, float]] = FORM, *, confidence: float = 0.8) -> SongFacts:
    pad = band([(start, end, -6.0 if label == "verse" else 0.0) for label, start, end in form], duration_s=28.0)
    facts = song(
        [voice([(5.0, 9.0, 0.0), (11.0, 15.0, 0.0), (17.0, 21.0, 0.0), (23.0, 27.0, 0.0)], duration_s=28.0), pad], form
    )
    sure = tuple(section.model_copy(update={"confidence": confidence}) for section in facts.song.sections)
    return replace(facts, song=facts.song.model_copy(update={"sections": sure}))


def paced(facts: SongFacts, arc: str) -> list[Move]:
    return ask(pacing.propose, facts, mix=open_song(facts, brief=Brief(arc=arc)))


def levels_of(moves: Sequence[Move], track: str = "pad") -> list[float]:
    move = next(move for move in moves if move.id == f"pacing.{track}.level")
    assert isinstance(move.change, FaderChange)
    return [move.change.change_db.at(start + 1.0) for _, start, _ in FORM]


def test_choruses_step_forward_and_the_second_one_further() -> None:
    intro, verse, chorus, _, second = levels_of(paced(formed(), "auto"))
    assert second > chorus > verse
    assert chorus > intro


@pytest.mark.parametrize("arc", list(arcs()))
@pytest.mark.parametrize("budget", ["transparent", "balanced", "bold"])
def test_no_arc_goes_further_than_the_budget(arc: str, budget: str) -> None:
    parts = [
        Part(
            f"{label}-{place}", "chorus" if label == "chorus" else "verse", start, end, level, level + place, named=True
        )
        for place, ((label, start, end), level) in enumerate(
            zip(FORM, (-30.0, -14.0, -24.0, -12.0, -26.0), strict=True)
        )
    ]
    most_db = open_song(formed(), budget=budget).budget.section_change_db
    scenes = draw_arc(arcs()[arc], parts, most_db=most_db)
    assert max(abs(scene.level_db) for scene in scenes) <= most_db + 0.005
    power = np.array([(p.end_s - p.start_s) * 10 ** (p.loudness_lufs / 10) for p in parts])
    after = power * 10 ** (np.array([scene.level_db for scene in scenes]) / 10)
    assert 10 * np.log10(after.sum() / power.sum()) == pytest.approx(0.0, abs=0.3)


def test_what_moves_moves_over_the_bar_before_a_section_and_nowhere_else() -> None:
    facts = formed()
    move = next(move for move in paced(facts, "second-chorus-bigger") if move.id == "pacing.pad.level")
    assert isinstance(move.change, FaderChange)
    starts = [start for _, start, _ in FORM]
    points = [point.time_s for point in move.change.change_db.points[1:]]
    assert points
    assert all(any(0 <= start - time <= 2.5 for start in starts) for time in points)


@pytest.mark.parametrize(("sections", "confidence"), [([], 0.8), (FORM, 0.3)])
def test_without_sure_sections_it_says_so_and_paces_nothing(
    sections: Sequence[tuple[str, float, float]], confidence: float
) -> None:
    """Bar 4: it says so, and only phrases are ridden."""
    facts = formed(confidence=confidence)
    if not sections:
        facts = replace(facts, song=facts.song.model_copy(update={"sections": ()}))
    (only,) = paced(facts, "auto")
    assert isinstance(only.change, Nothing)
    assert "not found with confidence" in only.title


def test_nobody_is_paced_who_asked_for_none() -> None:
    assert paced(formed(), "none") == []


def test_finished_stereo_stems_keep_their_arc_unless_one_is_asked_for() -> None:
    produced = replace(formed(), premixed_evidence={"stereo_share": 0.9})
    unasked = paced(produced, "auto")
    assert not [move for move in unasked if move.state == "accepted" and not isinstance(move.change, Nothing)]
    assert "finished stems keep theirs" in next(move for move in unasked if move.id == "pacing.nothing").title
    assert levels_of(paced(produced, "gentle")) == levels_of(paced(formed(), "auto"))


def test_rejecting_the_first_move_takes_the_whole_arc_back() -> None:
    facts = formed()
    mix = open_song(facts, brief=Brief(arc="slow-burn"))
    moves = tuple(paced(facts, "slow-burn"))
    after = fold(mix.model_copy(update={"moves": moves}))
    assert not after.track("pad").strip.fader_db.is_constant
    rejected = (moves[0].model_copy(update={"state": "rejected"}), *moves[1:])
    assert _strips(fold(mix.model_copy(update={"moves": rejected}))) == _strips(mix)


def test_the_demo_arc_puts_back_what_the_balance_took() -> None:
    parts = [
        Part("a", "verse", 0.0, 10.0, -20.0, -24.0, named=True),
        Part("b", "chorus", 10.0, 20.0, -18.0, -16.0, named=True),
    ]
    soft, loud = draw_arc(arcs()["keep-the-demo"], parts, most_db=20.0)
    assert loud.level_db - soft.level_db == pytest.approx((-16 + 24) - (-18 + 20), abs=0.05)


def test_every_level_cites_what_it_was_decided_by() -> None:
    for move in paced(formed(), "slow-burn"):
        assert all(reason.start_s is not None for reason in move.because)
        if move.expects is not None:
            assert abs(move.expects.value - (move.expects.before or 0.0)) >= 0.02


def _strips(mix: Mix) -> list[object]:
    return [track.strip for track in mix.tracks]


def test_choruses_that_lie_below_are_brought_into_order_as_far_as_the_budget_reaches() -> None:
    """The second chorus 4 LU under the first, and a verse over its chorus: more than one of them could go up."""
    parts = [
        Part("verse-1", "verse", 0.0, 10.0, -19.0, -19.0, named=True), Part("chorus-1", "chorus", 10.0, 20.0, -18.0, -18.0, named=True),
        Part("verse-2", "verse", 20.0, 30.0, -21.0, -21.0, named=True), Part("chorus-2", "chorus", 30.0, 40.0, -22.0, -22.0, named=True),
    ]  # fmt: skip
    scenes = draw_arc(arcs()["gentle"], parts, most_db=2.5)
    verse, chorus, again, second = (scene.part.loudness_lufs + scene.level_db for scene in scenes)
    assert second >= chorus - 0.01
    assert chorus >= verse + 0.5
    assert second >= again


def test_a_brief_that_names_two_arcs_is_told_which_one_is_taken() -> None:
    facts = formed()
    brief = Brief(arc="slow-burn", arcs_left=("intimate-bridge",))
    notes = [m for m in ask(pacing.propose, facts, mix=open_song(facts, brief=brief)) if isinstance(m.change, Nothing)]
    assert any("slow-burn is taken, intimate-bridge not" in note.title for note in notes)


def test_how_wide_a_track_is_in_a_section_is_told_where_it_plays() -> None:
    """Mono in the first half, mostly side in the second: the mean of both would be wrong in either."""
    mid = shaped_noise([(100.0, 0.0), (8000.0, 0.0)], seed=1, duration_s=8.0).samples[0].astype(np.float64)
    side = shaped_noise([(100.0, 0.0), (8000.0, 0.0)], seed=2, duration_s=8.0).samples[0].astype(np.float64)
    side[: side.size // 2] *= 0.1
    mid[side.size // 2 :] *= 0.5
    facts = song_facts([track_facts("pad", audio(np.stack([mid + side, mid - side])), "synth")])
    work = Work(facts=facts, mix=open_song(facts), heard=predict_all(open_song(facts), facts))
    for (start_s, end_s), share in (((0.0, 4.0), 0.01 / 1.01), ((4.0, 8.0), 1 / 1.25)):
        part = Part("a", "verse", start_s, end_s, -20.0, -20.0, named=True)
        middle, sides_ = sides(work, facts.tracks, part, np.ones(40))
        assert sides_ / (middle + sides_) == pytest.approx(share, abs=0.03)

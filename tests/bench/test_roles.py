"""How guesses are held against the truth beside a song."""

import json
from pathlib import Path

import pytest

from bench.case import Case
from bench.roles import judge, read_truth, summarise
from bench.songs import Song, Stem
from tonmeister.analysis.role import guess_of

KICK, VOICE, TONE = (guess_of(role, 0.9, "") for role in ("kick", "backing vocal", "synth"))


def test_families_count_all_stems_and_blind_roles_only_those_with_one_answer() -> None:
    truths = [(["kick"], ["drums"]), (["lead vocal"], ["vocal"]), (["bass", "synth"], ["bass", "synth"])]
    found = judge([KICK, VOICE, TONE], truths, way="blind", single=True)
    assert found == {"family_blind": (3, 3), "role_blind": (1, 2)}
    assert judge([KICK, VOICE, TONE], truths, way="named", single=False)["role_named"] == (2, 3)


def test_truth_stands_beside_the_song_and_a_mixture_is_of_the_family_mix(tmp_path: Path) -> None:
    said = {"a.wav": {"roles": ["mixture"], "families": ["mixture"]}, "b.wav": {"roles": ["kick"]}}
    (tmp_path / "roles.json").write_text(json.dumps({"tracks": said}))
    song = Song("x", tmp_path, tmp_path, (Stem("a", tmp_path / "a.wav", 0, ()),), None)
    assert read_truth(song) == {"a": (["mixture"], ["mix"]), "b": (["kick"], ["drums"])}


def test_a_summary_counts_stems_not_songs() -> None:
    cases = [
        Case("small", {"tonmeister": {"family_blind": (1, 1), "confident_wrong": (0, 1), "confidence": [(0.9, True)]}}),
        Case(
            "large", {"tonmeister": {"family_blind": (6, 9), "confident_wrong": (1, 9), "confidence": [(1.0, False)]}}
        ),
    ]
    summary = summarise(cases)
    assert summary.figures["family_blind"] == pytest.approx(0.7)
    assert summary.figures["confident_wrong"] == pytest.approx(0.1)
    assert summary.figures["role_named"] is None
    assert summary.notes == ("heard with a confidence of 0.8 to 1.0: 1 of 2 families right",)

"""`revise`, `versions` and `taste` at the command line: what is missing or wrong is said in one sentence."""

from pathlib import Path

import pytest

from tonmeister.apps.cli.revise import revise
from tonmeister.apps.cli.revision_tables import show_revision, show_taste, show_versions
from tonmeister.assistant.readings.reading import Proof, Reading
from tonmeister.assistant.revision import Action, Revision
from tonmeister.assistant.taste import Leaning, Taste
from tonmeister.assistant.understanding.understand import understand
from tonmeister.assistant.versions import Version
from tonmeister.errors import InputError

PROOF = Proof(
    metric="loudness of the part",
    before=-20,
    after=-18.4,
    wanted=0.5,
    others_db=0,
    loudness_lu=0.01,
    start_s=1,
    end_s=6,
)
LOUDER = Reading(
    number=1, note=0, name="turn_it_up", mechanism="level", families=("fader.up",), says="Turn the kick up by 1.6 dB.",
    protects="its tone", evidence="loudness of the part: -20.0 → -18.4 dB", proof=PROOF,
)  # fmt: skip


def test_words_or_a_file_must_be_given_and_not_both(tmp_path: Path) -> None:
    for words, file in ((None, None), ("louder", tmp_path / "mail.txt")):
        with pytest.raises(InputError, match="one of the two"):
            revise(tmp_path, words, file)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no-such\.txt: no text can be read there"):
        revise(tmp_path, None, tmp_path / "no-such.txt")


def test_a_dry_run_shows_readings_with_evidence_and_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    understood = understand("kick up")
    action = Action(number=1, state="proposed", said="kick up", intent=understood.intents[0], readings=(1,))
    show_revision(Revision(text="kick up", understood=understood, actions=(action,), readings=(LOUDER,)))
    shown = capsys.readouterr().out
    for words in ("1. kick up [proposed]", "1) Turn the kick up by 1.6 dB.", "-20.0 → -18.4 dB", "--choose N"):
        assert words in shown


def test_versions_and_taste_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    show_versions(
        (
            Version(
                number=1,
                name="final",
                words="kick up",
                done=("Turn it up.",),
                document_sha256="0",
                approved_by=("Ada",),
            ),
        )
    )
    show_taste(Taste(choices=1, leanings={"any/level increase/level": Leaning(accepted=1)}))
    shown = capsys.readouterr().out
    for words in ("1. final, approved by Ada", "asked: kick up", "1 choices", "taken 1, passed over 0"):
        assert words in shown

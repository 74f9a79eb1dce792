"""What is wrong with recordings becomes moves, or is said not to be."""

from dataclasses import replace

import pytest

from tests.facts import ask, audio, changed, open_song, song_facts, track_facts
from tests.tiny_song import stem
from tonmeister.analysis.faults import Fault
from tonmeister.document.facts import TrackFacts
from tonmeister.document.fold import fold
from tonmeister.document.move import InsertChange, Nothing
from tonmeister.document.repair import Repair
from tonmeister.knowledge import number
from tonmeister.processing import Debleed, Declick, Declip, RemoveDc
from tonmeister.processing.regions import Region
from tonmeister.tasks import STRIP_TASKS, cleanup, gain_staging

OFFSET = Repair(
    kind="offset", processor=RemoveDc(offsets=(0.01,)), title="a constant offset", found=0.01, unit="of full scale",
    start_s=1.0, end_s=5.0, before_dbfs=-40.0, after_dbfs=-90.0, harm_db=-120.0,
)  # fmt: skip
CLIPPED = Repair(
    kind="clipping", processor=Declip(ceiling=0.5), title="clipped peaks", found=0.5, unit="of full scale", start_s=0.0,
    end_s=8.0, before_dbfs=-6.0, after_dbfs=-2.0, harm_db=-30.0,
)  # fmt: skip
BLEED = Repair(
    kind="bleed", processor=Debleed(edges_hz=(20.0, 20_000.0), transfer_db=(-20.0,)), title="bleed of Keys", found=0.8,
    unit="share", start_s=0, end_s=4, before_dbfs=-50.0, after_dbfs=-62.0, harm_db=-120.0, key="keys",
)  # fmt: skip


def keys(*repairs: Repair, **fields: object) -> TrackFacts:
    return replace(changed(track_facts("keys", audio(stem("Keys.wav")), "piano"), **fields), repairs=repairs)


def test_a_repair_is_the_first_insert_with_evidence_promise_and_way_back() -> None:
    facts = song_facts([keys(OFFSET, start_frame=48_000)])
    (move,) = ask(cleanup.propose, facts)
    assert (move.id, move.task, move.state) == ("cleanup.keys.offset", "cleanup", "accepted")
    assert (move.because[0].value, move.because[0].start_s, move.because[0].end_s) == (0.01, 2.0, 6.0)
    assert move.because[1].limit == number("cleanup.offset_harm_most_db").value
    assert move.expects is not None
    assert (move.expects.before, move.expects.value, move.expects.tolerance) == (-40.0, -90.0, 25.0)
    mix = fold(open_song(facts).model_copy(update={"moves": (move,)}))
    assert [(one.slot, one.processor) for one in mix.track("keys").strip.inserts] == [("cleanup", OFFSET.processor)]
    without = fold(mix.model_copy(update={"moves": (move.model_copy(update={"state": "rejected"}),)}))
    assert without.track("keys").strip.inserts == ()


def test_repairs_keep_their_order_and_come_before_the_corrective_equaliser() -> None:
    facts = song_facts([keys(CLIPPED, OFFSET)])
    moves = ask(cleanup.propose, facts)
    assert [move.id.rpartition(".")[2] for move in moves] == ["clipping", "offset"]
    names = [task.__module__.rpartition(".")[2] for task in STRIP_TASKS]
    assert names.index("gain_staging") < names.index("cleanup") < names.index("equalisation") < names.index("dynamics")


def test_bleed_has_a_key_and_so_its_place_behind_cleanup() -> None:
    voice = replace(track_facts("vox", audio(stem("Lead Vox.wav")), "lead vocal"), repairs=(BLEED,))
    moves = ask(cleanup.propose, song_facts([keys(), voice]))
    (move,) = [move for move in moves if isinstance(move.change, InsertChange)]
    assert isinstance(move.change, InsertChange)
    assert (move.change.insert.slot, move.change.insert.key) == ("corrective", "keys")
    assert move.because[2].limit == number("cleanup.bleed_harm_most_db").value
    assert move.because[3].value == -12.0
    assert move.expects is None


@pytest.mark.parametrize(
    ("repair", "mark"),
    [
        (OFFSET.model_copy(update={"amount": 0.0, "harm_db": -3.0}), "offset-stopped"),
        (
            OFFSET.model_copy(
                update={
                    "kind": "clicks",
                    "processor": Declick(
                        regions=tuple(Region(start_s=k / 100, end_s=k / 100 + 1e-4) for k in range(2001))
                    ),
                }
            ),
            "clicks-too-many",
        ),
    ],
)
def test_what_is_not_done_is_told_with_its_reason(repair: Repair, mark: str) -> None:
    (move,) = ask(cleanup.propose, song_facts([keys(repair)]))
    assert move.id == f"cleanup.keys.{mark}"
    assert isinstance(move.change, Nothing)
    assert move.because


def test_clean_recordings_are_said_to_be_clean_once_with_evidence() -> None:
    small = OFFSET.model_copy(update={"after_dbfs": -40.5})
    bass = track_facts("bass", audio(stem("Bass DI.wav")), "bass")
    guitar = replace(track_facts("gtr", audio(stem("Gtr L.wav")), "electric guitar"), repairs=(small,))
    (move,) = ask(cleanup.propose, song_facts([guitar, bass]))
    assert move.id == "cleanup.nothing"
    assert move.because[0].value == 2
    assert isinstance(move.change, Nothing)


def test_what_is_to_be_left_alone_is() -> None:
    assert ask(cleanup.propose, song_facts([keys(OFFSET, leave_alone=True)])) == []


def test_rebuilt_peaks_get_their_room_from_the_trim() -> None:
    """The trim is bound by the peak: 4 dB more peak, 4 dB less trim."""
    quiet = track_facts("keys", audio(stem("Keys.wav"), gain_db=-30), "piano")
    peak = quiet.figures.true_peak_dbtp
    assert peak is not None
    bound = replace(quiet, figures=quiet.figures.model_copy(update={"true_peak_dbtp": 0.0}))
    plain, rebuilt = (gain_staging.staging_db(replace(bound, repairs=one), -40.0) for one in ((), (CLIPPED,)))
    assert plain - rebuilt == pytest.approx(4.0)


def test_what_was_heard_but_not_mended_is_not_called_clean() -> None:
    noisy = track_facts("keys", audio(stem("Keys.wav")), "piano")
    fault = Fault(kind="noise", value=-30.0, limit=-50.0, unit="dB", sentence="Steady noise.")
    figures = noisy.figures.model_copy(update={"faults": (fault,)})
    (move,) = ask(cleanup.propose, song_facts([replace(noisy, figures=figures)]))
    assert move.id == "cleanup.keys.nothing"
    assert (move.because[0].value, move.because[0].limit) == (-30.0, number("cleanup.noise_least_db").value)
    soft = figures.model_copy(update={"faults": (fault.model_copy(update={"value": -45.0}),)})
    (move,) = ask(cleanup.propose, song_facts([replace(noisy, figures=soft)]))
    assert move.id == "cleanup.nothing"
    assert move.because[1].value == -45.0

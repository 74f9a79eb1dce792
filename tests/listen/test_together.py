"""What only several tracks show: pairs of any role, copies, late starts, wrong rates, missing ends, mixes among the stems."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.sounds import drums, pink_noise, sine
from tonmeister.audio import Audio
from tonmeister.document.inventory import Incoming
from tonmeister.engineer.heard import HeardSong
from tonmeister.engineer.hearing import listen
from tonmeister.files.wav import write_wav

RATE_HZ = 48_000
SECONDS = 8


def hits(seed: int) -> NDArray[np.float32]:
    """Return bursts of filtered noise on a grid of 0.25 s with gaps: a part of its own for each seed."""
    rng = np.random.default_rng(seed)
    wave = np.zeros(SECONDS * RATE_HZ)
    tone = 2 * np.pi * 110 * 2 ** (seed / 2) * np.arange(9600) / RATE_HZ
    for place in range(0, wave.size - 9600, 12_000):
        if rng.random() < 0.7:
            burst = rng.normal(0, 0.05, 9600) + 0.15 * np.sin(tone)
            wave[place : place + 9600] += burst * np.exp(-np.arange(9600) / 2000) * rng.uniform(0.5, 1)
    return wave.astype(np.float32)


def hear(folder: Path, sounds: dict[str, NDArray[np.float32]], *, rates: dict[str, int] | None = None) -> HeardSong:
    folder.mkdir()
    for name, wave in sounds.items():
        write_wav(folder / f"{name}.wav", Audio(np.ascontiguousarray(wave[None]), (rates or {}).get(name, RATE_HZ)))
    return listen(folder)


def of(heard: HeardSong, name: str) -> Incoming:
    return next(item for item in heard.incoming if item.name == f"{name}.wav")


def faults_of(heard: HeardSong, name: str) -> set[str]:
    return {fault.kind for track in heard.tracks if track.name == f"{name}.wav" for fault in track.faults}


PARTS = {f"part {seed}": hits(seed) for seed in range(1, 6)}


def test_second_microphones_of_unknown_roles_are_paired_to_the_sample(tmp_path: Path) -> None:
    """One is 241 frames late, one upside down; other parts on the same grid are no pairs."""
    late = np.concatenate([np.zeros(241, np.float32), 0.6 * PARTS["part 1"][:-241]])
    heard = hear(tmp_path / "song", {**PARTS, "far": late, "under": -0.7 * PARTS["part 2"]})
    found = {pair.other: (pair.reference, round(pair.delay_ms * RATE_HZ / 1000), pair.polarity) for pair in heard.pairs}
    assert found == {"far": ("part-1", 241, 1), "under": ("part-2", 0, -1)}


def test_copies_that_lie_right_are_copies_and_no_pairs(tmp_path: Path) -> None:
    heard = hear(tmp_path / "song", {**PARTS, "again": PARTS["part 3"]})
    assert heard.pairs == ()
    assert [(copy.first, copy.second) for copy in heard.duplicates] in ([("part-3", "again")], [("again", "part-3")])


def test_clean_parts_raise_no_alarm(tmp_path: Path) -> None:
    heard = hear(tmp_path / "song", PARTS)
    assert (heard.pairs, heard.duplicates) == ((), ())
    assert all(item.state == "mixed" and not item.faults for item in heard.incoming)


def test_a_header_that_lies_about_its_rate_is_told(tmp_path: Path) -> None:
    heard = hear(tmp_path / "song", PARTS, rates={"part 2": 44_100})
    assert {name for name in PARTS if "wrong_rate" in faults_of(heard, name)} == {"part 2"}


def test_clipping_is_found_in_a_file_of_another_rate(tmp_path: Path) -> None:
    """Resampling to the song's rate rounds the flat tops off."""
    hot = np.clip(4 * PARTS["part 2"][::2], -0.1, 0.1)
    heard = hear(tmp_path / "song", {**PARTS, "hot": hot}, rates={"hot": 24_000})
    assert "clipping" in faults_of(heard, "hot")
    assert not any("clipping" in faults_of(heard, name) for name in PARTS)


def test_a_file_that_ends_in_the_middle_lacks_its_end(tmp_path: Path) -> None:
    cut = 0.1 * pink_noise(duration_s=5, rms_db=-20, seed=1).samples[0] + PARTS["part 5"][: 5 * RATE_HZ]
    heard = hear(tmp_path / "song", {**PARTS, "cut": cut.astype(np.float32)})
    assert "missing_tail" in faults_of(heard, "cut")
    assert not any("missing_tail" in faults_of(heard, name) for name in PARTS)


def test_a_mix_among_the_stems_is_kept_as_a_reference(tmp_path: Path) -> None:
    mix = sum(gain * wave for gain, wave in zip((0.5, 1.2, 0.8, 1.0, 0.6), PARTS.values(), strict=True))
    heard = hear(tmp_path / "song", {**PARTS, "Audio 99": np.asarray(np.tanh(mix), dtype=np.float32)})
    assert of(heard, "Audio 99").state == "reference"
    assert "mix of" in of(heard, "Audio 99").why
    assert all(of(heard, name).state == "mixed" for name in PARTS)


def test_one_sided_stereo_and_masking_are_told(tmp_path: Path) -> None:
    """A tone covers the same band of another part by far more than 6 dB for three seconds."""
    folder = tmp_path / "song"
    folder.mkdir()
    drum = drums(duration_s=SECONDS).samples[0]
    write_wav(folder / "left.wav", Audio(np.stack([drum, np.zeros_like(drum)]).astype(np.float32), RATE_HZ))
    quiet = sine(frequency_hz=1000, peak_db=-30, duration_s=SECONDS).samples
    loud = sine(frequency_hz=1010, peak_db=-10, duration_s=SECONDS).samples.copy()
    loud[:, : 2 * RATE_HZ] = 0
    loud[:, 5 * RATE_HZ :] = 0
    write_wav(folder / "quiet.wav", Audio(quiet, RATE_HZ))
    write_wav(folder / "loud.wav", Audio(loud, RATE_HZ))
    heard = listen(folder)
    assert "one_sided" in faults_of(heard, "left")
    (cover,) = [one for one in heard.masking.findings if (one.masker, one.maskee) == ("loud", "quiet")]
    assert (cover.start_s, cover.end_s) == pytest.approx((2, 5), abs=0.5)
    assert cover.centre_hz == pytest.approx(1000, rel=0.1)
    assert cover.excess_db == pytest.approx(20, abs=1.5)

"""One stereo file to a target."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile
from scipy.signal import resample_poly

from tests.engineer.conftest import Mixed
from tests.tiny_song import RATE_HZ, write_sound
from tonmeister.analysis.loudness import measure_loudness
from tonmeister.analysis.track_meter import measure_track
from tonmeister.audio import Audio
from tonmeister.engineer import master
from tonmeister.engineer.documents import load_mix
from tonmeister.engineer.stem_shares import stem_shares
from tonmeister.engineer.tone_guard import third_octave_change_db
from tonmeister.errors import InputError, OutputError
from tonmeister.files.cache import open_cache


@pytest.mark.parametrize(
    ("target", "ceiling", "lufs"), [("streaming", None, -14.0), ("-18", -2.0, -18.0), ("cd", None, -10.0)]
)
def test_a_mix_reaches_its_target_under_its_ceiling(
    mixed: Mixed, tmp_path: Path, target: str, ceiling: float | None, lufs: float
) -> None:
    result = master(mixed.out / "mix.wav", tmp_path / "m.wav", target=target, ceiling_dbtp=ceiling)
    samples, rate = soundfile.read(tmp_path / "m.wav", dtype="float32", always_2d=True)
    sound = Audio(np.ascontiguousarray(samples.T), rate)
    assert measure_loudness(sound).integrated_lufs == pytest.approx(lufs, abs=0.1)
    peak = np.abs(resample_poly(sound.samples.astype(np.float64), 8, 1, axis=1, window=("kaiser", 10.0))).max()
    assert 20 * np.log10(peak) <= result.master.ceiling_dbtp + 0.01  # the oracle's filter is not the meter's
    assert result.misses == ()
    assert soundfile.info(tmp_path / "m.wav").subtype == "PCM_24"


def test_the_same_mix_gives_the_same_master(mixed: Mixed, tmp_path: Path) -> None:
    for name in ("a.wav", "b.wav"):
        master(mixed.out / "mix.wav", tmp_path / name)
    assert (tmp_path / "a.wav").read_bytes() == (tmp_path / "b.wav").read_bytes()


def test_a_budget_wins_over_a_target(mixed: Mixed, tmp_path: Path) -> None:
    budget = tmp_path / "gentle.toml"
    budget.write_text("master_gain_reduction_db = 1.0\n")
    result = master(mixed.out / "mix.wav", tmp_path / "m.wav", target="-8", budget=str(budget))
    assert result.master.max_gain_reduction_db <= 1.0 + 0.1
    assert "the budget 'gentle' allows" in result.misses[0]


def test_wrong_files_are_refused_in_a_sentence(mixed: Mixed, tmp_path: Path) -> None:
    silent = write_sound(tmp_path / "silent.wav", np.zeros((2, RATE_HZ)))
    mix = mixed.out / "mix.wav"
    with pytest.raises(InputError, match="there is no sound in it"):
        master(silent, tmp_path / "m.wav")
    with pytest.raises(InputError, match="nothing is ever overwritten"):
        master(silent, silent)
    with pytest.raises(OutputError, match="A master is a WAV file"):
        master(mix, tmp_path / "m.mp3")
    with pytest.raises(InputError, match="gone"):
        master(tmp_path / "gone.wav", tmp_path / "m.wav")
    with pytest.raises(OutputError, match="no-such-folder"):
        master(mix, tmp_path / "no-such-folder" / "m.wav")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["silent.wav"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("eq_gain_db = -1", "eq_gain_db: .*greater than or equal to 0"),
        ("loudness = 3", "loudness: Extra inputs"),
        ("x", "not TOML"),
    ],
)
def test_a_budget_that_does_not_hold_is_told(mixed: Mixed, tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "b.toml").write_text(text)
    with pytest.raises(InputError, match=says) as caught:
        master(mixed.out / "mix.wav", tmp_path / "m.wav", budget=str(tmp_path / "b.toml"))
    assert "\n" not in str(caught.value)


def _quiet_and_full() -> np.ndarray:
    """Return quiet noise under few low hits that are full to the top: only a limiter brings it up, and takes the hits down."""
    rng, frames = np.random.default_rng(5), 12 * RATE_HZ
    noise = 0.03 * rng.standard_normal((1, frames))
    time = np.arange(frames) / RATE_HZ % 1.5
    hits = 0.9 * np.sin(2 * np.pi * 80 * time) * np.exp(-6 * time)
    return np.repeat(noise + hits, 2, axis=0).astype(np.float32)


def test_a_full_file_stays_quieter_where_its_limiter_would_change_the_tone_and_says_so(tmp_path: Path) -> None:
    """1 dB is what a finished file may change; a loudness that a person names is reached all the same."""
    file = write_sound(tmp_path / "full.wav", _quiet_and_full())
    held = master(file, tmp_path / "held.wav")
    assert held.master.integrated_lufs is not None
    assert held.master.integrated_lufs < -14.5
    assert "change the tone by more than the 1 dB" in held.misses[0]
    named = master(file, tmp_path / "named.wav", target="-14")
    assert named.master.integrated_lufs == pytest.approx(-14, abs=0.1)
    changes = [
        third_octave_change_db(*(measure_track(_read(path)) for path in (file, tmp_path / name)))
        for name in ("held.wav", "named.wav")
    ]
    assert changes[0] <= 1.0 < changes[1]


def _read(path: Path) -> Audio:
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return Audio(np.ascontiguousarray(samples.T), rate)


def test_the_stems_of_a_master_may_be_those_of_a_mix_at_its_faders(mixed: Mixed, tmp_path: Path) -> None:
    """Turned up by 10 dB, a track holds more of every band than it did; all shares of a band are one whole."""
    shares = stem_shares(mixed.out, cache=open_cache(), cancel=None)
    assert {stem.name for stem in shares} == {track.name for track in load_mix(mixed.out).tracks if track.used}
    np.testing.assert_allclose(np.sum([stem.share for stem in shares], axis=0), 1.0, atol=1e-6)
    louder = tmp_path / "louder"
    shutil.copytree(mixed.out, louder)
    text = json.loads((louder / "mix.json").read_text())
    track = next(track for track in text["tracks"] if track["name"] == shares[0].name)
    for point in track["strip"]["fader_db"]["points"]:
        point["value"] += 10
    (louder / "mix.json").write_text(json.dumps(text))
    raised = stem_shares(louder, cache=open_cache(), cancel=None)[0]
    assert all(more >= less for more, less in zip(raised.share, shares[0].share, strict=True))
    assert sum(raised.share) > sum(shares[0].share)

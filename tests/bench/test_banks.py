"""Synthesisers that the ear learns from: what a program is by its name, what producers do, and the plugins where they are."""

import ctypes

import numpy as np
import pytest

from bench.training import banks, dssi
from bench.training.dssi import Synthesiser
from bench.training.score import Note

RATE_HZ = 44_100
PRESENT = (dssi.FOLDER / banks.PLUGINS[0]).exists()
needs_plugins = pytest.mark.skipif(not PRESENT, reason="the DSSI plugins of docs/roles.md are not installed")


def _tone() -> np.ndarray:
    t = np.arange(4 * RATE_HZ) / RATE_HZ
    return np.sign(np.sin(2 * np.pi * 110 * t))[None] * 0.3


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Wah Bass", "bass"), ("DolcePiano_01", "keys"), ("trance_strings_pad", "pad"), ("Rising bleeps", "effects"),
        ("Ohh Choir", "pad"), ("Twang1", "untold"), ("hard fat lead", "lead"), ("NoisyGuitar", ""), ("Drums Kit1", ""),
    ],
)  # fmt: skip
def test_a_program_is_what_its_name_says(name: str, kind: str) -> None:
    assert banks._kind(name) == kind


def test_an_event_is_laid_out_as_alsa_lays_it_out() -> None:
    """An event of asoundlib.h has 28 bytes; a note's channel, pitch and velocity stand at 16."""
    on, off = dssi._events([Note(0.5, 0.25, 60, 90)], RATE_HZ, RATE_HZ)
    assert ctypes.sizeof(on) == 28
    assert bytes(on)[16:19] == bytes([0, 60, 90])
    assert (on.tick, off.tick) == (RATE_HZ // 2, RATE_HZ * 3 // 4)


@pytest.mark.parametrize("seed", range(8))
def test_production_keeps_the_length_and_sounds(seed: int) -> None:
    made = banks.produce(_tone(), np.random.default_rng(seed))
    assert np.isfinite(made).all()
    assert abs(made.shape[1] - 4 * RATE_HZ) < 2 * RATE_HZ
    assert np.abs(made).max() > 0.01


def test_a_sweep_moves_the_spectrum() -> None:
    """A square wave is brighter where the filter is open than where it is closed."""
    swept = banks.sweep(_tone(), np.random.default_rng(1))[0]
    bright = [np.square(np.diff(part)).sum() / np.square(part).sum() for part in np.array_split(swept, 8)]
    assert max(bright) > 2 * min(bright)


@needs_plugins
def test_a_note_sounds_from_where_it_starts() -> None:
    synthesiser = Synthesiser(banks.PLUGINS[0], RATE_HZ)
    program = next(one for one in synthesiser.programs() if one.name == "Bass 1")
    sound = synthesiser.play(program, [Note(1.0, 0.5, 40, 100)], 2.0)
    assert sound.shape == (2, 2 * RATE_HZ)
    assert np.abs(sound[:, : RATE_HZ - 10]).max() < 1e-4
    assert np.abs(sound[:, RATE_HZ:]).max() > 0.01
    assert np.array_equal(sound, synthesiser.play(program, [Note(1.0, 0.5, 40, 100)], 2.0))


@needs_plugins
@pytest.mark.parametrize("file", banks.PLUGINS)
def test_a_plugin_leaves_denormal_numbers_to_the_rest_of_the_process(file: str) -> None:
    Synthesiser(file, RATE_HZ)
    assert np.float64(5e-324) * np.float64(1.0) > 0


@needs_plugins
@pytest.mark.parametrize("role", sorted(banks.COUNTS))
def test_every_role_sounds(role: str) -> None:
    sound = banks.record(role, 0)
    assert np.isfinite(sound).all()
    assert np.abs(sound).max() > 0.01

"""What goes into the limiter of a master, rendered once: drive and clip stage are sought, and corrected, behind it."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tonmeister.document.strip import MasterChain
from tonmeister.engineer.clip_stage import CLIP
from tonmeister.engineer.listeners import LoudnessListener
from tonmeister.engineer.options import Cancel
from tonmeister.files.sound import SoundReader, open_sound
from tonmeister.files.wav import WavWriter
from tonmeister.processing import TruePeakLimiter
from tonmeister.render import hear_master

_MANY = 3
"""From so many inserts on, running them anew for every look is dearer than keeping what they gave."""


def is_worth_keeping(chain: MasterChain) -> bool:
    """Say whether what stands before clip stage and limiter is to be rendered once and kept."""
    return len(without_output(chain).inserts) >= _MANY


def without_output(chain: MasterChain) -> MasterChain:
    """Return the chain up to clip stage and limiter."""
    kept = tuple(i for i in chain.inserts if not isinstance(i.processor, TruePeakLimiter) and i.id != CLIP)
    return chain.model_copy(update={"inserts": kept})


def only_output(chain: MasterChain) -> MasterChain:
    """Return clip stage and limiter alone."""
    kept = tuple(i for i in chain.inserts if isinstance(i.processor, TruePeakLimiter) or i.id == CLIP)
    return chain.model_copy(update={"inserts": kept})


@contextmanager
def kept_before_limiter(
    mix: SoundReader, chain: MasterChain, *, cancel: Cancel | None
) -> Iterator[tuple[SoundReader, NDArray[np.float64]]]:
    """Give the sound that goes into clip stage and limiter, as float32 on disk, and its K-weighted energies of 100 ms."""
    heard = LoudnessListener(mix.sample_rate_hz, mix.channels)
    with tempfile.TemporaryDirectory(prefix="tonmeister-") as folder:
        path = Path(folder) / "before.wav"
        with (
            path.open("wb") as file,
            WavWriter(file, sample_rate_hz=mix.sample_rate_hz, channels=mix.channels, encoding="float") as writer,
        ):
            hear_master(mix, without_output(chain), [lambda _, block: writer.write(block), heard], cancel=cancel)
        with open_sound(path) as sound:
            yield sound, heard.meter.energies_100ms()

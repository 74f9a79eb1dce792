"""Which DAW sessions can be written: one table, by hand."""

from collections.abc import Callable, Mapping
from pathlib import Path

from tonmeister.document.mix import Mix
from tonmeister.files.probe import SoundFile

WriteSession = Callable[[Mix, Mapping[str, SoundFile], Callable[[str], Path], str], tuple[str, ...]]
"""(mix, sources, place of each file, name of the song) → what the session could not carry, in sentences."""

SESSION_FORMATS: dict[str, WriteSession] = {}

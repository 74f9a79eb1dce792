"""Excerpts to compare: the mix as it is and with each reading, at equal loudness."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tonmeister.assistant.readings.metrics import loudness_db, mastered
from tonmeister.assistant.readings.prove import moves_of
from tonmeister.assistant.readings.scene import Scene, Song, hear, open_scene
from tonmeister.assistant.readings.throwing import throw_scene
from tonmeister.assistant.revision import Action, Revision
from tonmeister.audio import Samples
from tonmeister.engineer.documents import load_mix, load_sources
from tonmeister.engineer.passes import open_renderer
from tonmeister.files.cache import open_cache
from tonmeister.files.output_folder import OutputFolder
from tonmeister.files.wav import WavWriter

FOLDER = "previews"


def write_previews(out: Path, revision: Revision) -> Revision:
    """Write an excerpt of the mix as it is and with each reading that can be made, level-matched; return their names, too.

    Raises:
        DocumentError: If the document or the sound of a track is not there.
    """
    mix, cache = load_mix(out), open_cache()
    sources = load_sources(out, mix)
    names: list[str] = []
    with OutputFolder(out, keeps_history=False) as folder, open_renderer(sources, cache=cache) as renderer:
        song = Song(mix, sources, renderer, cache, {})
        for action in revision.actions:
            for name, scene, numbers in _places(song, action, revision):
                names += _write_place(folder, scene, revision, name, numbers)
    return revision.model_copy(update={"excerpts": tuple(names)})


def _places(song: Song, action: Action, revision: Revision) -> Iterator[tuple[str, Scene, tuple[int, ...]]]:
    """Yield the places at which the readings of a note are heard, with a name for each: one for all, or that of each thrown word."""
    note = f"{FOLDER}/note-{action.number}"
    if action.intent is not None:
        scene = open_scene(song, action.intent) if action.readings else None
        if scene is not None:
            yield note, scene, action.readings
        return
    for number in action.readings:
        name = note if len(action.readings) == 1 else f"{note}-word-{number}"
        yield name, throw_scene(song, revision.reading(number)), (number,)


def _write_place(
    folder: OutputFolder, scene: Scene, revision: Revision, name: str, numbers: tuple[int, ...]
) -> Iterator[str]:
    """Write a place as it is and with each reading; yield the names."""
    rate = scene.mix.song.sample_rate_hz
    as_it_is = mastered(scene, scene.before, scene.mix)
    level = loudness_db(as_it_is, rate)
    yield _write(folder, f"{name}-as-it-is.wav", as_it_is, rate)
    for number in numbers:
        samples = _with_reading(scene, revision, number)
        matched = samples * np.float32(10 ** ((level - loudness_db(samples, rate)) / 20))
        yield _write(folder, f"{name}-reading-{number}.wav", matched, rate)


def _with_reading(scene: Scene, revision: Revision, number: int) -> Samples:
    steps = revision.reading(number).steps
    changed = scene.with_moves(moves_of(steps, scene.mix, number=0, said="", proof=None))
    touched = sorted({step.where.track for step in steps if step.where.track is not None})
    return mastered(scene, hear(scene, changed, touched, base=scene.before), changed)


def _write(folder: OutputFolder, name: str, samples: Samples, rate: int) -> str:
    peak = float(np.abs(samples).max())
    safe = samples if peak <= 1 else samples / np.float32(peak)
    with folder.path(name).open("wb+") as file:
        writer = WavWriter(file, sample_rate_hz=rate, channels=2)
        writer.write(np.ascontiguousarray(safe, dtype=np.float32))
        writer.close()
    return name

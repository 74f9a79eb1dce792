"""Bar 3 on a real voice: words that a person names open the send, echo on the grid and are gone as promised."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from tests.facts import audio, open_song, song_facts, track_facts
from tests.tasks.song_in_time import band_sound
from tonmeister.audio import Audio, Samples
from tonmeister.document.facts import SongFacts
from tonmeister.document.fold import fold
from tonmeister.document.mix import Brief, Mix
from tonmeister.document.move import Move, SendChange
from tonmeister.engineer.decide import decide_mix, decide_strips, predict_all
from tonmeister.engineer.promises import verify
from tonmeister.engineer.throw_words import read_throw
from tonmeister.render import Renderer
from tonmeister.tasks.automation.asked import MARK

RATE_HZ = 48_000
SECONDS = 40
BEAT_S = 0.5
"""The song's own beat does not matter here: the delay follows the tempo that is given."""
SAID = ("line 2", "line 4", "first word of line 5")


@pytest.fixture(scope="module")
def sounds(shared_data: Path) -> dict[str, Audio]:
    path = shared_data / "multitracks" / "clingo_rawband" / "vox.flac"
    if not path.is_file():
        pytest.skip("no voice of clingo_rawband")
    power, rate = soundfile.read(path, dtype="float32", always_2d=True)
    sung = int(np.argmax(np.abs(power[:, 0]) > 0.1 * np.abs(power).max()))
    start = max(0, sung - rate)
    voice = soxr.resample(power[start : start + SECONDS * rate, 0], rate, RATE_HZ)
    return {
        "vox": audio(voice.astype(np.float64)),
        "pad": band_sound([(0.0, float(SECONDS), -10.0)], duration_s=SECONDS),
    }


@pytest.fixture(scope="module")
def decided(sounds: dict[str, Audio]) -> tuple[SongFacts, Mix]:
    facts = song_facts([track_facts("vox", sounds["vox"], "lead vocal"), track_facts("pad", sounds["pad"], "synth")])
    brief = Brief(arc="none", throws=tuple(read_throw(said) for said in SAID))
    return facts, decide_mix(decide_strips(open_song(facts, brief=brief), facts), facts, None)


def asked(mix: Mix) -> list[Move]:
    return [m for m in mix.moves if MARK in m.id and isinstance(m.change, SendChange)]


def rendered(sounds: dict[str, Audio], mix: Mix, point: str) -> Samples:
    blocks: list[Samples] = []
    with Renderer(sounds, threads=1) as renderer:
        renderer.render(mix, listeners={point: [lambda _, block: blocks.append(block.copy())]})
    return np.concatenate(blocks, axis=1)


def test_the_send_is_open_when_a_real_word_begins(sounds: dict[str, Audio], decided: tuple[SongFacts, Mix]) -> None:
    """20 ms: a word begins between the quietest 10 ms around and its fastest rise (10 ms over those before), told anew in steps of 1 ms."""
    moves = asked(decided[1])
    assert len(moves) == len(SAID)
    voice = np.square(rendered(sounds, decided[1], "track:vox").astype(np.float64)).sum(axis=0)
    power = np.add.reduceat(voice, np.arange(0, voice.size, RATE_HZ // 1000))
    level = 10 * np.log10(np.maximum(np.convolve(power, np.ones(10), "full"), 1e-12))  # of the 10 ms up to each ms
    for move in moves:
        at = round(1000 * (move.because[0].start_s or 0.0))
        quietest = at - 80 + int(np.argmin(level[at - 80 : at + 40]))
        rising = quietest + int(np.argmax(level[quietest + 10 : quietest + 110] - level[quietest : quietest + 100]))
        assert isinstance(move.change, SendChange)
        points = move.change.send.level_db.points
        opened = next(place for place, point in enumerate(points) if point.value > -100)
        half_open_s = (points[opened - 1].time_s + points[opened].time_s) / 2
        assert quietest / 1000 - 0.02 <= half_open_s <= rising / 1000 + 0.02, move.id


def test_a_real_word_echoes_on_the_grid_and_its_tail_is_as_promised(
    sounds: dict[str, Audio], decided: tuple[SongFacts, Mix]
) -> None:
    """5 ms, by correlation of what the throw adds to the return with the word that was sent."""
    facts, mix = decided
    with Renderer(sounds, threads=1) as renderer:
        told = verify(mix, facts, predict_all(mix, facts), None, renderer, cancel=None)
    assert all(move.measured is not None and move.measured.kept for move in asked(told))
    move = asked(mix)[0]
    off = fold(mix.model_copy(update={"moves": tuple(m for m in mix.moves if m.id != move.id)}))
    added = (rendered(sounds, mix, "bus:delay") - rendered(sounds, off, "bus:delay")).astype(np.float64)
    first, last = (round(RATE_HZ * (time_s or 0.0)) for time_s in (move.because[0].start_s, move.because[0].end_s))
    word = rendered(sounds, mix, "track:vox").astype(np.float64).sum(axis=0)[first:last]
    size = 2 ** int(np.ceil(np.log2(added.shape[1] + word.size)))
    alike = np.abs(np.fft.irfft(np.fft.rfft(added, size) * np.fft.rfft(word, size).conj())).sum(axis=0)
    for repeat in (1, 2):
        at = first + round(repeat * BEAT_S / 2 * RATE_HZ)
        near = alike[at - 1440 : at + 1440]
        assert abs(int(np.argmax(near)) - 1440) <= 0.005 * RATE_HZ

"""Sounds of real synthesisers by the programs of their banks, played and produced as on records.

Their programs were made by many people over many years, so they differ as ours do not.  What a program is comes from
its name; where the name does not say, from how one of its notes begins and ends.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from bench.training import score
from bench.training.dssi import Program, Synthesiser
from bench.training.electronic import RATE_HZ, Mono
from bench.training.patches import low_pass, pump, repeat_in_time
from bench.training.score import Chance, Note
from bench.training.treatment import Sound, compress, drive, level, reverberate, treat

PLUGINS = ("libzynaddsubfx_dssi.so", "whysynth.so", "xsynth-dssi.so", "hexter.so")
"""Debian's zynaddsubfx-dssi, whysynth, xsynth-dssi, hexter (GPL programs; their output is free)."""
COUNTS = {"synth": 330, "pad": 220, "effects": 240, "bass": 60, "keys": 60}
"""Sounds of each role in a whole run."""
_NO_PROGRAM = re.compile(r"^[-=<]|\btest\b|\binit\b|readme|^k4-init", re.IGNORECASE)
_WORDS = {
    "": (
        r"guitar|gtr|lute|sitar|banjo|flut|sax|clarin|oboe|bassoon|fagott|reed|harmonica|accord|armonica|violin|fiddle"
        r"|cello|trum?p|horn|fanfar|kit|kick|snare|hit?hat|drum|timpani|gong|perc|\btom\b|marimba|xylo|ocarina|zufol"
    ),
    "effects": (
        r"noise|wind|rain|piogg|vento|thunder|laser|alert|alarm|klaxon|glitch|ufo|radio|canyon|bubble|metal sound"
        r"|astronave|asteroid|sparo|ioio|effect|\bfx\b|scape|interfer|creepy|strano|bleep|falling|spooky|machine"
        r"|alien sound|sound.?track|zap|rushes|drone|ronzio|batman|droplet|drops\b|8_bit_car|drip|clunk"
    ),
    "bass": r"bass",
    "keys": r"piano|rhod|\bep\b|e\.p|clav|harpsi|orga?n|vibe|vibra|wurl|celest|tastiera|hammond",
    "pad": r"choir|voice|vox|vocal|[oa]oh|ahh|ehh|soprano|coro|pad|string|strng|atmos|ambient|ether|spac|spaz|cloud|dream|warm|soft synth|emptyness|slow|swell",
    "lead": r"lead|solo|sync|hoover|theremin|power|brass|brazz|beep",
}
"""Words of a program's name for each kind, the first that fits; what stands under no name is left out. A synthesiser's choir
is a pad to whoever mixes it."""


@dataclass(frozen=True, slots=True)
class Patch:
    """A program and the plugin that holds it."""

    plugin: str
    program: Program


def plan(share: float) -> list[tuple[str, int]]:
    """Return (role, seed) of every sound of a run."""
    return [(role, seed) for role, count in COUNTS.items() for seed in range(max(2, round(count * share)))]


def record(role: str, seed: int) -> Sound:
    """Return (channels, frames) at 44.1 kHz of a role, produced and treated; the same seed gives the same sound."""
    chance = np.random.default_rng([seed, *f"banks {role}".encode()])
    seconds = float(chance.uniform(9, 16))
    play: dict[str, Callable[[float, Chance], Sound]] = {
        "synth": _synth, "pad": _pad, "effects": _effects, "bass": _bass, "keys": _keys,
    }  # fmt: skip
    sound = play[role](seconds, chance)
    return treat(sound, chance, bleed=None, low_end=role == "bass", rawness=float(chance.choice([0.3, 0.7, 1.0])))


@cache
def _synthesiser(plugin: str) -> Synthesiser:
    return Synthesiser(plugin, RATE_HZ)


@cache
def _patches() -> dict[str, tuple[Patch, ...]]:
    """Return the programs of every kind that names tell: bass, keys, effects, pad, lead; `untold` are all others."""
    found: dict[str, list[Patch]] = {}
    for plugin in PLUGINS:
        for program in _synthesiser(plugin).programs():
            if program.name and not _NO_PROGRAM.search(program.name):
                found.setdefault(_kind(program.name), []).append(Patch(plugin, program))
    return {kind: tuple(patches) for kind, patches in found.items()}


def _kind(name: str) -> str:
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z0-9])|_", " ", name)
    return next((kind for kind, words in _WORDS.items() if re.search(words, spaced, re.IGNORECASE)), "untold")


@cache
def _kind_by_sound(patch: Patch) -> str:
    """Return `pad` where a held note swells, `pluck` where it dies, `lead` where it stays."""
    note = _synthesiser(patch.plugin).play(patch.program, [Note(0.0, 1.5, 60, 100)], 1.5)
    steps = np.sqrt(np.square(note).mean(axis=0)[: 30 * 2205].reshape(30, 2205).mean(axis=1))
    if int(np.flatnonzero(steps >= 0.7 * steps.max())[0]) >= 4:
        return "pad"
    return "pluck" if steps[24:].mean() < 0.25 * steps.max() else "lead"


def _play(kind: str, notes: list[Note], seconds: float, chance: Chance) -> Sound:
    """Return a random program of a kind playing the notes; another is drawn where one is of another kind or silent."""
    named, untold = _patches().get(kind, ()), _patches()["untold"]
    pool = (*named, *untold) if kind in ("pad", "pluck", "lead") else named
    sound = np.zeros((1, int(seconds * RATE_HZ)))
    for index in chance.permutation(len(pool))[:24]:
        patch = pool[index]
        if index < len(named) or _kind_by_sound(patch) == kind:
            sound = _synthesiser(patch.plugin).play(patch.program, notes, seconds)
            if np.abs(sound).max() > 1e-3:
                return level(sound)
    return sound


def _synth(seconds: float, chance: Chance) -> Sound:
    """Return arpeggios, riffs, stabs and tunes of plucks, leads and pads."""
    kind = str(
        chance.choice(
            ["pluck", "pluck", "lead", "lead", "pad", "keys", "bass"], p=[0.2, 0.2, 0.2, 0.2, 0.1, 0.05, 0.05]
        )
    )
    low = int(chance.integers(36, 72))
    way = str(chance.choice(["arpeggio", "riff", "stabs", "tune"], p=[0.4, 0.25, 0.2, 0.15]))
    if way == "stabs":
        notes = [
            _with(note, length_s=min(note.length_s, 0.3))
            for note in score.chords(chance, seconds, low=low, high=low + 22)
        ]
    elif way == "tune":
        notes = score.melody(chance, seconds, low=low, high=low + 20)
    else:
        notes = score.arpeggio(chance, seconds, low=low, high=low + 26)
    if way == "riff":
        bar = 4 * score.beat_s(chance) * float(chance.choice([0.5, 1.0]))
        first = [note for note in notes if note.start_s < bar]
        notes = [_with(note, start_s=note.start_s + bar * i) for i in range(int(seconds / bar) + 1) for note in first]
    sound = _play(kind, notes, seconds, chance)
    if kind == "pluck" and way == "arpeggio" and chance.random() < 0.25:  # two programs as one
        sound = _layer(sound, _play("pluck", notes, seconds, chance))
    return produce(sound, chance)


def _pad(seconds: float, chance: Chance) -> Sound:
    """Return long chords, slowly filtered, now and then gated or washed out."""
    low = int(chance.integers(40, 62))
    length = float(chance.choice([2.0, 4.0, 8.0])) * score.beat_s(chance)
    notes = []
    for at in np.arange(0, seconds, length):
        shape = score.CHORDS[int(chance.integers(len(score.CHORDS)))]
        base = low + int(chance.choice([0, 5, 7, 9, -3, -5, 2]))
        for tone in shape:
            pitch = base + tone + 12 * int(chance.integers(0, 2))
            notes.append(Note(float(at), length * float(chance.uniform(0.85, 1)), pitch, int(chance.integers(60, 115))))
    sound = _play("pad" if chance.random() < 0.85 else "lead", notes, seconds, chance)
    if chance.random() < 0.2:
        sound = _layer(sound, _play("pad", notes, seconds, chance))
    if chance.random() < 0.5:
        sound = reverberate(level(sound), chance, wet=float(chance.uniform(0.3, 2)))
    return produce(sound, chance)


def _bass(seconds: float, chance: Chance) -> Sound:
    sound = _play("bass", score.bass_line(chance, seconds), seconds, chance)
    if chance.random() < 0.35:
        sound = sweep(sound, chance)
    if chance.random() < 0.35:
        sound = drive(level(sound), float(chance.uniform(4, 18)))
    return pump(sound, chance) if chance.random() < 0.35 else sound


def _keys(seconds: float, chance: Chance) -> Sound:
    low = int(chance.integers(40, 60))
    write = (score.chords, score.chords, score.melody)[int(chance.integers(3))]
    return _play("keys", write(chance, seconds, low=low, high=low + 26), seconds, chance)


def _effects(seconds: float, chance: Chance) -> Sound:
    """Return noises of the banks, risers, falls, textures of grains, washes and backward swells."""
    way = str(chance.choice(["bank", "riser", "grains", "wash", "backwards"], p=[0.3, 0.25, 0.2, 0.15, 0.1]))
    if way == "bank":
        notes = [
            Note(float(at), float(chance.uniform(0.3, 4)), int(chance.integers(36, 80)), 100)
            for at in np.arange(0, seconds, float(chance.uniform(1, 5)))
        ]
        return produce(_play("effects", notes, seconds, chance), chance)
    if way == "riser":
        return _risers(seconds, chance)
    kind = str(chance.choice(["pad", "lead", "pluck", "effects"]))
    low = int(chance.integers(40, 72))
    sound = _play(kind, score.melody(chance, seconds, low=low, high=low + 24), seconds, chance)
    if way == "grains":
        return _grains(sound, chance)
    if way == "backwards":
        return reverberate(sound, chance, wet=3.0)[:, ::-1]
    washed = reverberate(sound, chance, wet=float(chance.uniform(3, 10)))
    return sweep(washed, chance) if chance.random() < 0.5 else washed


def _risers(seconds: float, chance: Chance) -> Sound:
    """Return a held sound that opens, rises or falls towards the next part, once or again and again."""
    length = float(min(seconds, chance.choice([2.0, 4.0, 8.0]) * score.beat_s(chance) * 2))
    kind = str(chance.choice(["effects", "pad", "lead"]))
    pitch = int(chance.integers(36, 72))
    if chance.random() < 0.5:  # steps that become shorter, as a drum roll does
        steps = np.cumsum(np.geomspace(0.5, 0.06, 60))
        notes = [
            Note(float(at), 0.2, pitch + (i // 4 if chance.random() < 0.5 else 0), 100) for i, at in enumerate(steps)
        ]
    else:
        notes = [Note(0.0, length * 0.95, pitch, 110)]
    one = _play(kind, notes, length, chance)
    size = one.shape[1]
    ramp = np.linspace(0, 1, size)
    if chance.random() < 0.3:
        ramp = ramp[::-1]
    corner = 150 * 80.0**ramp
    one = np.stack([low_pass(channel, corner, float(chance.uniform(0.6, 5))) for channel in one])
    if chance.random() < 0.6:
        one = _bend(one, float(chance.uniform(0.3, 2)), ramp)
    one = level(one) * (0.03 + ramp ** float(chance.uniform(0.5, 2.5)))
    out = np.zeros((one.shape[0], int(seconds * RATE_HZ)))
    for at in np.arange(0, seconds, length * float(chance.choice([1.0, 2.0]))):
        start = int(at * RATE_HZ)
        out[:, start : start + size] += one[:, : out.shape[1] - start]
    return reverberate(out, chance, wet=float(chance.uniform(0.2, 2))) if chance.random() < 0.6 else out


def _bend(sound: Sound, octaves: float, ramp: Mono) -> Sound:
    """Return the sound read faster and faster along the ramp."""
    places = np.cumsum(2 ** (octaves * ramp))
    places *= (sound.shape[1] - 1) / places[-1]
    return np.stack([np.interp(places, np.arange(sound.shape[1]), channel) for channel in sound])


def _grains(sound: Sound, chance: Chance) -> Sound:
    """Return grains of a sound strewn over time and pitch, as a granular pedal does."""
    out = np.zeros((2, sound.shape[1]))
    size = int(np.exp(chance.uniform(np.log(0.02), np.log(0.5))) * RATE_HZ)
    ratios = chance.choice([0.5, 1.0, 1.0, 2.0, 1.5], int(chance.integers(1, 4)))
    for at in np.cumsum(chance.exponential(size * float(chance.uniform(0.3, 2)), 2000).astype(int) + 200):
        if at >= out.shape[1]:
            break
        start = int(np.clip(at - chance.integers(0, 2 * RATE_HZ), 0, sound.shape[1] - size))
        grain = sound[:1, start : start + size][0]
        ratio = float(chance.choice(ratios))
        grain = np.interp(np.arange(0, grain.size - 1, ratio), np.arange(grain.size), grain)
        grain = grain * np.hanning(grain.size) * chance.uniform(0.3, 1)
        room = min(grain.size, out.shape[1] - at)
        side = chance.uniform(0, 1)
        out[:, at : at + room] += np.outer([side, 1 - side], grain[:room])
    return reverberate(level(out), chance, wet=float(chance.uniform(0.2, 3))) if chance.random() < 0.7 else out


def produce(sound: Sound, chance: Chance) -> Sound:
    """Return a part with what producers do to a synthesiser: sweep, gate, chop, crush, drive, echo, wash, pump."""
    out = level(sound)
    steps: tuple[tuple[float, Callable[[Sound, Chance], Sound]], ...] = (
        (0.3, sweep), (0.12, _gate), (0.1, _chop), (0.08, _crush),
        (0.25, lambda one, own: drive(one, float(own.uniform(4, 20)))), (0.35, repeat_in_time),
        (0.25, compress), (0.3, lambda one, own: reverberate(one, own, wet=float(own.uniform(0.1, 1.5)))), (0.3, pump),
    )  # fmt: skip
    for share, step in steps:
        if chance.random() < share:
            out = level(step(out, chance))
    return out


def sweep(sound: Sound, chance: Chance) -> Sound:
    """Return the sound through a resonant low-pass or high-pass that opens, closes or sways over the whole part."""
    t = np.linspace(0, 1, sound.shape[1])
    shape = int(chance.integers(3))
    course = (t, 1 - t, 0.5 - 0.5 * np.cos(2 * np.pi * chance.uniform(0.5, 6) * t + chance.uniform(0, 6)))[shape]
    corner = chance.uniform(150, 900) * (2 ** (chance.uniform(1.5, 5) * course))
    resonance = float(chance.uniform(0.6, 6))
    low = np.stack([low_pass(channel, np.minimum(corner, 16_000), resonance) for channel in sound])
    return sound - low if chance.random() < 0.15 else low


def _gate(sound: Sound, chance: Chance) -> Sound:
    """Return the sound cut by a gate in sixteenths."""
    step = max(1, int(score.beat_s(chance) / 4 * RATE_HZ))
    pattern = chance.random(16) < chance.uniform(0.4, 0.8)
    pattern[0] = True
    index = np.arange(sound.shape[1]) // step % 16
    window = np.hanning(int(chance.uniform(0.002, 0.03) * RATE_HZ) + 3)
    return np.asarray(sound * np.convolve(pattern[index].astype(float), window / window.sum(), "same"))


def _chop(sound: Sound, chance: Chance) -> Sound:
    """Return the sound cut into short pieces that come again, stutter or play backwards."""
    step = max(1, int(score.beat_s(chance) * float(chance.choice([0.25, 0.5, 1.0])) * RATE_HZ))
    pieces = [sound[:, at : at + step] for at in range(0, sound.shape[1] - step, step)]
    if not pieces:
        return sound
    kept = [pieces[int(chance.integers(len(pieces)))] for _ in range(int(chance.integers(1, 5)))]
    fade = np.minimum(1, np.minimum(np.arange(step), np.arange(step)[::-1]) / 200)
    order = chance.integers(0, len(kept) + 1, 8)
    out = [np.zeros_like(kept[0]) if i == len(kept) else kept[i] * fade for i in np.resize(order, len(pieces))]
    if chance.random() < 0.3:
        out = [piece[:, ::-1] for piece in out]
    return np.concatenate(out, axis=1)


def _crush(sound: Sound, chance: Chance) -> Sound:
    """Return the sound at a lower rate and depth."""
    hold = int(chance.integers(2, 9))
    held = np.repeat(sound[:, ::hold], hold, axis=1)[:, : sound.shape[1]]
    depth = 2 ** int(chance.integers(4, 9))
    return np.asarray(np.round(held * depth) / depth)


def _layer(one: NDArray[np.float64], other: NDArray[np.float64]) -> Sound:
    channels = max(one.shape[0], other.shape[0])
    both = [np.broadcast_to(part, (channels, part.shape[1])) if part.shape[0] == 1 else part for part in (one, other)]
    return np.asarray(both[0] + both[1])


def _with(note: Note, *, start_s: float | None = None, length_s: float | None = None) -> Note:
    return Note(
        note.start_s if start_s is None else start_s,
        note.length_s if length_s is None else length_s,
        note.pitch,
        note.velocity,
    )

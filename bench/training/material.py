"""Which sounds stand for which role: one recipe a role, each with many ways to make it."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.training import electronic, score, voices
from bench.training.electronic import RATE_HZ, make_effect, make_hit, pick_sample, place, synthesise
from bench.training.general_midi import DRUM_BANK, KITS, Band, kit_notes
from bench.training.patches import play_effect, play_patch
from bench.training.score import Chance
from bench.training.treatment import Sound, amplify, level, reverberate, treat

PROGRAMS: dict[str, tuple[int, ...]] = {
    "piano": (0, 0, 1, 2, 3), "keys": (4, 5, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 11, 12, 9),
    "acoustic guitar": (24, 25, 25, 24, 105), "electric guitar": (26, 27, 28, 29, 30, 29, 30),
    "bass": (32, 33, 34, 35, 36, 37, 38, 39), "strings": (40, 41, 42, 44, 45, 48, 49, 48),
    "pad": (50, 51, 88, 89, 90, 91, 92, 93, 94, 95), "brass": (56, 57, 58, 59, 60, 61, 61),
    "woodwind": (64, 65, 66, 67, 68, 71, 73, 74, 75, 22), "synth": (62, 63, 80, 81, 82, 84, 86, 87),
    "backing vocal": (52, 53), "effects": (97, 99, 101, 102, 122),
}  # fmt: skip
"""General MIDI programs, from 0, of each role."""
RANGES: dict[str, tuple[int, int]] = {
    "piano": (40, 88), "keys": (40, 84), "acoustic guitar": (40, 79), "electric guitar": (40, 84),
    "strings": (43, 88), "pad": (43, 80), "brass": (46, 79), "woodwind": (52, 86), "synth": (45, 88),
    "backing vocal": (48, 76), "effects": (36, 80),
}  # fmt: skip
TUNES = {"piano": 0.25, "keys": 0.3, "acoustic guitar": 0.25, "electric guitar": 0.45, "strings": 0.45, "pad": 0.05,
         "brass": 0.5, "woodwind": 0.85, "synth": 0.5, "backing vocal": 0.2, "effects": 0.3}  # fmt: skip
"""Share of tunes; the rest are chords."""
LOW_END = frozenset({"bass", "kick", "drums", "toms"})
CLOSE_MIKED = frozenset({"kick", "snare", "hi-hat", "toms", "lead vocal", "percussion", "piano", "acoustic guitar"})
PIECES: dict[str, tuple[str, ...]] = {
    "kick": ("kick",), "snare": ("snare",), "hi-hat": ("hat", "open hat"), "toms": ("tom",), "claps": ("clap",),
    "cymbals": ("crash", "ride"), "percussion": ("percussion",),
}  # fmt: skip
COUNTS = {"lead vocal": 300, "backing vocal": 380, "electric guitar": 240, "synth": 280, "bass": 200, "drums": 220,
          "keys": 190, "piano": 140, "effects": 200, "kick": 150, "percussion": 170, "hi-hat": 150}  # fmt: skip
"""Sounds of each role in a whole run; other roles get 120."""
PRIOR = {
    "backing vocal": 0.12, "electric guitar": 0.1, "synth": 0.09, "lead vocal": 0.08, "drums": 0.08, "percussion": 0.06, "bass": 0.06,
    "kick": 0.05, "snare": 0.05, "hi-hat": 0.05, "effects": 0.05, "toms": 0.04, "acoustic guitar": 0.04, "keys": 0.04, "cymbals": 0.03,
    "piano": 0.03, "pad": 0.03, "overheads": 0.02, "claps": 0.02, "strings": 0.02, "room": 0.015, "brass": 0.015, "woodwind": 0.012, "mixture": 0.01,
}  # fmt: skip
"""How often a stem of a popular song has a role: our estimate, so that a rare instrument needs more to be believed."""
ROLES = (
    "lead vocal", "backing vocal", "kick", "snare", "hi-hat", "cymbals", "toms", "overheads", "room", "claps",
    "percussion", "drums", "bass", "electric guitar", "acoustic guitar", "piano", "keys", "synth", "pad", "strings",
    "brass", "woodwind", "effects", "mixture",
)  # fmt: skip


class Studio:
    """Makes the sound of a role; the same seed gives the same sound."""

    def __init__(self, speech_folders: list[Path]) -> None:
        self._band = Band()
        self._speech = voices.speak(speech_folders)

    def record(self, role: str, seed: int) -> Sound:
        """Return (channels, frames) at 44.1 kHz, treated as a stem may be."""
        chance = np.random.default_rng([seed, *role.encode()])
        seconds = float(chance.uniform(8, 14))
        sound = self._perform(role, seconds, chance)
        bleed = None
        if role in CLOSE_MIKED and chance.random() < 0.35:
            bleed = self._kit(seconds, chance, dict.fromkeys(("kick", "snare", "hat", "crash"), 0.8))
        return treat(sound, chance, bleed=bleed, low_end=role in LOW_END, rawness=float(chance.choice([0.0, 0.0, 0.7])))

    def _perform(self, role: str, seconds: float, chance: Chance) -> Sound:
        special: dict[str, Callable[[float, Chance], Sound]] = {
            "lead vocal": self._lead, "backing vocal": self._backing, "drums": self._drums, "bass": self._bass,
            "overheads": self._overheads, "room": self._room, "synth": self._synth, "pad": self._pad,
            "effects": self._effects, "mixture": self._mixture, "electric guitar": self._electric,
        }  # fmt: skip
        if role in special:
            return special[role](seconds, chance)
        if role in PIECES:
            return self._piece(role, seconds, chance)
        return self._midi(role, seconds, chance)

    def _midi(self, role: str, seconds: float, chance: Chance) -> Sound:
        low, high = RANGES[role]
        low += int(chance.integers(0, max(1, (high - low) // 2 - 8)))
        tune = chance.random() < TUNES[role]
        write = score.melody if tune else score.chords
        notes = write(chance, seconds, low=low, high=min(high, low + 28))
        program = int(chance.choice(PROGRAMS[role]))
        parts = [(0, program, notes)]
        if role in ("brass", "strings") and chance.random() < 0.4:  # a section: two or three playing the same
            parts += [(0, int(chance.choice(PROGRAMS[role])), notes) for _ in range(int(chance.integers(1, 3)))]
        return self._band.play(parts, seconds, chance).astype(np.float64)

    def _electric(self, seconds: float, chance: Chance) -> Sound:
        if chance.random() < 0.06:
            sample = pick_sample("electric guitar", chance)
            hits = [(at, 1.0) for at in np.arange(0, seconds, sample.size / RATE_HZ * 0.9)]
            return place(sample, hits, int(seconds * RATE_HZ))[None]
        clean = self._midi("electric guitar", seconds, chance)
        if chance.random() > 0.65:
            return clean
        one = amplify(clean[:1], chance)
        if chance.random() > 0.3:
            return one
        other = amplify(np.roll(clean[1:], int(chance.integers(200, 1200)), axis=1), chance)  # doubled, left and right
        return np.concatenate([one, other])

    def _bass(self, seconds: float, chance: Chance) -> Sound:
        if chance.random() < 0.3:
            return play_patch("bass", seconds, chance)
        notes = score.bass_line(chance, seconds)
        way = chance.random()
        if way < 0.6:
            return self._band.play([(0, int(chance.choice(PROGRAMS["bass"])), notes)], seconds, chance).astype(
                np.float64
            )
        if way < 0.66:
            sample = pick_sample("bass", chance)
            return place(sample, [(note.start_s, 1.0) for note in notes], int(seconds * RATE_HZ), choke=True)[None]
        if chance.random() < 0.4:  # long low tones, up to where a deep voice sings
            notes = score.melody(chance, seconds, low=28, high=int(chance.integers(40, 58)), legato=1.0)
        return synthesise(notes, seconds, chance, kind=str(chance.choice(["bass", "sub", "sub", "fm"])))[None]

    def _synth(self, seconds: float, chance: Chance) -> Sound:
        if chance.random() < 0.25:
            return self._midi("synth", seconds, chance)
        if chance.random() < 0.65:
            return play_patch(str(chance.choice(["pluck", "stab", "lead", "pluck"])), seconds, chance)
        low = int(chance.integers(36, 70))
        write = (score.melody, score.chords, score.arpeggio, score.arpeggio)[int(chance.integers(4))]
        notes = write(chance, seconds, low=low, high=low + 22)
        return synthesise(notes, seconds, chance, kind=str(chance.choice(["lead", "pluck", "fm", "pluck"])))[None]

    def _pad(self, seconds: float, chance: Chance) -> Sound:
        if chance.random() < 0.6:
            return self._midi("pad", seconds, chance)
        if chance.random() < 0.6:
            return play_patch("pad", seconds, chance)
        low = int(chance.integers(43, 60))
        return synthesise(score.chords(chance, seconds, low=low, high=low + 24), seconds, chance, kind="pad")[None]

    def _effects(self, seconds: float, chance: Chance) -> Sound:
        if chance.random() < 0.5:
            return play_effect(seconds, chance)
        way = chance.random()
        if way < 0.15:
            return self._midi("effects", seconds, chance)
        if way < 0.5:
            sample = pick_sample("effects", chance)
            hits = [
                (at, 1.0) for at in np.arange(0, seconds, max(0.6, sample.size / RATE_HZ * chance.uniform(0.5, 1.5)))
            ]
            return place(sample, hits, int(seconds * RATE_HZ))[None]
        return make_effect(seconds, chance)[None]

    def _hits(
        self, hits: dict[str, list[tuple[float, float]]], pieces: dict[str, float], seconds: float, chance: Chance
    ) -> Sound:
        """Return pieces of a kit: a General MIDI kit, our drum machine or samples."""
        way = chance.random()
        if way < 0.5:
            notes = kit_notes(hits, pieces, chance)
            return self._band.play([(DRUM_BANK, int(chance.choice(KITS)), notes)], seconds, chance).astype(np.float64)
        out = np.zeros(int(seconds * RATE_HZ))
        for piece, gain in pieces.items():
            name = "snare" if piece == "side stick" else piece
            sampled = way > 0.75 and name in electronic.SAMPLE_KINDS
            hit = pick_sample(name, chance) if sampled else make_hit("crash" if name == "ride" else name, chance)
            hit = hit / (np.abs(hit).max() + 1e-9)
            out += place(hit, hits[name], out.size, choke="hat" in name) * gain
        return out[None]

    def _piece(self, role: str, seconds: float, chance: Chance) -> Sound:
        if role == "percussion" and chance.random() < 0.12:
            return self._loop("percussion loop", seconds, chance)
        hits = score.groove(chance, seconds)
        pieces = dict.fromkeys(PIECES[role], 1.0)
        if role == "snare" and chance.random() < 0.15:
            pieces = {"side stick": 1.0}
        if role == "percussion" and chance.random() < 0.3:  # two or three things at once
            parts = [self._hits(hits, pieces, seconds, chance).mean(axis=0) for _ in range(int(chance.integers(2, 4)))]
            return np.asarray(sum(level(part[None]) for part in parts))
        return self._hits(hits, pieces, seconds, chance)

    def _loop(self, kind: str, seconds: float, chance: Chance) -> Sound:
        loop = pick_sample(kind, chance)
        return np.resize(loop, int(seconds * RATE_HZ))[None]

    def _kit(self, seconds: float, chance: Chance, pieces: dict[str, float]) -> Sound:
        hits = score.groove(chance, seconds)
        return self._hits(hits, pieces, seconds, chance)

    def _drums(self, seconds: float, chance: Chance) -> Sound:
        if chance.random() < 0.2:
            return self._loop("drums", seconds, chance)
        pieces = {name: float(chance.uniform(0.5, 1)) for name in ("kick", "snare", "hat")}
        for name in ("tom", "crash", "ride", "clap", "percussion", "open hat"):
            if chance.random() < 0.4:
                pieces[name] = float(chance.uniform(0.3, 0.8))
        if chance.random() < 0.15:
            pieces.pop(str(chance.choice(["kick", "snare", "hat"])))
        return self._kit(seconds, chance, pieces)

    def _overheads(self, seconds: float, chance: Chance) -> Sound:
        pieces = {"kick": 0.25, "snare": 0.5, "hat": 0.7, "open hat": 0.8, "crash": 1.0, "ride": 1.0, "tom": 0.5}
        return reverberate(level(self._kit(seconds, chance, pieces)), chance, wet=0.25)

    def _room(self, seconds: float, chance: Chance) -> Sound:
        pieces = {"kick": 0.8, "snare": 0.8, "hat": 0.5, "crash": 0.6, "tom": 0.7}
        return reverberate(level(self._kit(seconds, chance, pieces)), chance, wet=1.2)

    def _lead(self, seconds: float, chance: Chance) -> Sound:
        speech = self._speech[int(chance.integers(len(self._speech)))]
        way = chance.random()
        if way < 0.2:
            return voices.talk(speech, seconds, chance)[None]
        return voices.sing(speech, seconds, voices.draw_style(chance), chance, seed=int(chance.integers(1 << 30)))[None]

    def _backing(self, seconds: float, chance: Chance) -> Sound:
        if chance.random() < 0.1:
            return self._midi("backing vocal", seconds, chance)
        speech = self._speech[int(chance.integers(len(self._speech)))]
        style, seed = voices.draw_style(chance, wordless=0.4), int(chance.integers(1 << 30))
        if chance.random() < 0.2:
            return self._chops(voices.sing(speech, seconds, style, chance, seed=seed), seconds, chance)
        out = np.zeros((2, int(seconds * RATE_HZ)))
        for _ in range(int(chance.integers(1, 6))):
            shift = float(chance.choice([0, 0, 3, 4, 7, -5, 12]))
            sung = voices.sing(speech, seconds, style, chance, shift=shift, seed=seed)
            late, side = int(chance.uniform(0, 0.03) * RATE_HZ), float(chance.uniform(0, 1))
            size = min(sung.size, out.shape[1] - late)
            out[:, late : late + size] += np.outer([side, 1 - side], sung[:size])
        return reverberate(level(out), chance, wet=float(chance.uniform(0, 0.6)))

    def _chops(self, sung: NDArray[np.float64], seconds: float, chance: Chance) -> Sound:
        """Return one short piece of singing, struck in rhythm."""
        size = int(chance.uniform(0.08, 0.5) * RATE_HZ)
        start = int(np.argmax(np.convolve(np.square(sung), np.ones(2000), "same")[: -size or None]))
        piece = sung[max(0, start - 1000) : start + size]
        hits = score.groove(chance, seconds)[str(chance.choice(["percussion", "kick", "tom", "crash", "open hat"]))]
        return place(piece * np.hanning(2 * piece.size)[piece.size :], hits, int(seconds * RATE_HZ))[None]

    def _mixture(self, seconds: float, chance: Chance) -> Sound:
        """Return several instruments with drums, and mostly a voice: a rough mix among the stems."""
        names = ["drums", "bass", *chance.choice(["electric guitar", "keys", "synth", "piano", "strings", "brass"], 2)]
        if chance.random() < 0.6:
            names.append("lead vocal")
        out = np.zeros((2, int(seconds * RATE_HZ)))
        for name in names:
            sound = level(self._perform(str(name), seconds, chance)) * chance.uniform(0.5, 1.2)
            size = min(sound.shape[1], out.shape[1])
            out[:, :size] += sound[:, :size]
        return out


def plan(share: float) -> list[tuple[str, int]]:
    """Return (role, seed) of every sound of a run; a share below 1 makes fewer of each."""
    return [(role, seed) for role in ROLES for seed in range(max(2, round(COUNTS.get(role, 120) * share)))]

"""Renders notes with FluidSynth (LGPL, a library of its own) and General MIDI sound fonts that are free for any use."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.training.score import Chance, Note

RATE_HZ = 44_100
FONTS = (Path("/usr/share/sounds/sf2/FluidR3_GM.sf2"), Path("/usr/share/sounds/sf3/MuseScore_General_Lite.sf3"))
"""Debian's fluid-soundfont-gm and musescore-general-soundfont-small: both MIT."""
DRUM_BANK = 128
KIT_PIECES: dict[str, tuple[int, ...]] = {
    "kick": (35, 36), "snare": (38, 40), "side stick": (37,), "hat": (42, 44), "open hat": (46,),
    "tom": (41, 43, 45, 47, 48, 50), "crash": (49, 57, 52, 55), "ride": (51, 53, 59), "clap": (39,),
    "percussion": (54, 56, 60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 73, 74, 75, 76, 77, 80, 81),
}  # fmt: skip
KITS = (0, 8, 16, 24, 25, 32, 40)


class Band:
    """Keeps the sound fonts loaded and plays parts one after the other."""

    def __init__(self) -> None:
        import fluidsynth

        self._players: list[tuple[Any, int]] = []
        for font in FONTS:
            synth = fluidsynth.Synth(gain=0.4, samplerate=float(RATE_HZ))
            for name in ("synth.reverb.active", "synth.chorus.active"):
                synth.setting(name, 0)
            self._players.append((synth, synth.sfload(str(font))))

    def play(self, parts: list[tuple[int, int, list[Note]]], seconds: float, chance: Chance) -> NDArray[np.float32]:
        """Return (2, frames) of several (bank, program, notes) sounding together."""
        synth, font = self._players[int(chance.integers(len(self._players)))]
        events: list[tuple[float, int, int, int]] = []
        for channel, (bank, program, notes) in enumerate(parts):
            line = 9 if bank == DRUM_BANK else channel
            synth.program_select(line, font, bank, program)
            for note in notes:
                events.append((note.start_s, line, round(note.pitch), note.velocity))
                events.append((note.start_s + note.length_s, line, round(note.pitch), 0))
        sound: list[NDArray[np.int16]] = []
        now = 0
        for at_s, line, pitch, velocity in sorted(events):
            frame = min(int(at_s * RATE_HZ), int(seconds * RATE_HZ))
            if frame > now:
                sound.append(synth.get_samples(frame - now))
                now = frame
            if velocity:
                synth.noteon(line, pitch, velocity)
            else:
                synth.noteoff(line, pitch)
        if now < int(seconds * RATE_HZ):
            sound.append(synth.get_samples(int(seconds * RATE_HZ) - now))
        synth.system_reset()
        whole = np.concatenate(sound).reshape(-1, 2).T.astype(np.float32) / 32768
        return np.ascontiguousarray(whole)


def kit_notes(hits: dict[str, list[tuple[float, float]]], pieces: dict[str, float], chance: Chance) -> list[Note]:
    """Return the hits of some pieces of a kit as notes; `pieces` gives each its level, 0..1."""
    notes = []
    for name, level in pieces.items():
        choice = KIT_PIECES[name]
        fixed = int(chance.choice(choice))
        for at, strength in hits["snare" if name == "side stick" else name]:
            pitch = int(chance.choice(choice)) if name == "tom" else fixed
            notes.append(Note(at, 0.3, pitch, int(np.clip(127 * strength * level, 1, 127))))
    return notes

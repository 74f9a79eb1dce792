"""From a recording with faults of microphone, stand and street to the settings that mend it.

Each function returns None where there is nothing to do.
"""

import numpy as np

from tonmeister.analysis.plosives import find_gusts
from tonmeister.analysis.rumble import find_rumble
from tonmeister.analysis.sibilants import find_sibilants
from tonmeister.audio import Audio
from tonmeister.processing.band import Band
from tonmeister.processing.desibilance import Desibilance, Hiss
from tonmeister.processing.dewind import Dewind, Gust
from tonmeister.processing.equaliser import Equaliser

HISSY_DB = -5.5
"""Mean level of a voice's hissed consonants over its vowels, from which on it is too sharp; nine dry voices had −6.9 and less."""
NATURAL_HISS_DB = -11.0
"""Level to which they are brought then."""
MOST_HISS_DB, LEAST_HISS_DB = 8.5, 1.0
NOTE_OVER_CUT = 1.45
"""A high-pass of 24 dB an octave takes 0.2 dB at so many times its frequency."""
LOWEST_CUT_HZ, HIGHEST_CUT_HZ = 15.0, 48.0


def prepare_desibilance(audio: Audio) -> Desibilance | None:
    """Return what turns the hissed consonants of a voice down to a natural level; None where they are natural on the whole."""
    found = find_sibilants(audio)
    if not found:
        return None
    power = [10 ** (one.over_vowels_db / 10) for one in found]
    if 10 * np.log10(np.average(power, weights=[one.end_s - one.start_s for one in found])) < HISSY_DB:
        return None
    hisses = []
    for one in found:
        gain_db = -min(MOST_HISS_DB, one.over_vowels_db - NATURAL_HISS_DB)
        if gain_db < -LEAST_HISS_DB:
            hisses.append(Hiss(start_s=round(one.start_s, 4), end_s=round(one.end_s, 4), gain_db=round(gain_db, 1)))
    return Desibilance(hisses=tuple(hisses)) if hisses else None


def prepare_dewind(audio: Audio) -> Dewind | None:
    """Return what turns gusts of wind and long thumps of a voice's recording down; short ones are `prepare_deplosive`'s."""
    gusts = tuple(
        Gust(start_s=round(one.start_s, 3), end_s=round(one.end_s, 3), frequency_hz=round(one.top_hz))
        for one in find_gusts(audio)
    )
    return Dewind(gusts=gusts) if gusts else None


def prepare_derumble(audio: Audio) -> Equaliser | None:
    """Return the high-pass that the lowest note allows, where there is rumble below it."""
    rumble = find_rumble(audio)
    if rumble is None:
        return None
    cut_hz = min(HIGHEST_CUT_HZ, rumble.lowest_note_hz / NOTE_OVER_CUT)
    if cut_hz < LOWEST_CUT_HZ:
        return None
    return Equaliser(bands=(Band(shape="high_pass", frequency_hz=round(cut_hz, 1), slope_db_per_octave=24),))


def prepare_bandwidth(audio: Audio) -> None:
    """Follows."""

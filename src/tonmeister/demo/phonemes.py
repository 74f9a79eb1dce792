"""The sounds of speech as the voice needs them: formants of vowels, shape of consonants.

Symbols are those of ARPABET. Vowel formants: mean of men in Peterson and Barney, JASA 24 (1952); diphthongs are two of them.
Consonants: after D. Klatt, "Software for a cascade/parallel formant synthesizer", JASA 67 (1980).
"""

from dataclasses import dataclass

Formants = tuple[float, float, float]

VOWELS: dict[str, tuple[Formants, ...]] = {
    "IY": ((270, 2290, 3010),),
    "IH": ((390, 1990, 2550),),
    "EH": ((530, 1840, 2480),),
    "AE": ((660, 1720, 2410),),
    "AA": ((730, 1090, 2440),),
    "AO": ((570, 840, 2410),),
    "UH": ((440, 1020, 2240),),
    "UW": ((300, 870, 2240),),
    "AH": ((640, 1190, 2390),),
    "ER": ((490, 1350, 1690),),
    "AY": ((730, 1150, 2440), (390, 1990, 2550)),
    "EY": ((530, 1840, 2480), (330, 2150, 2750)),
    "AW": ((730, 1150, 2440), (440, 1020, 2240)),
    "OW": ((540, 900, 2410), (380, 880, 2240)),
}


@dataclass(frozen=True, slots=True)
class Consonant:
    """One consonant of Klatt's kind."""

    length_s: float
    voice: float = 0.0
    """Strength of the glottal pulses, 1 in a vowel."""
    breath: float = 0.0
    """Strength of the noise at the glottis."""
    hiss: float = 0.0
    """Strength of the noise at the lips or teeth."""
    hiss_hz: float = 4000.0
    """Where that noise is strongest."""
    hiss_width_hz: float = 2000.0
    """How wide it is."""
    burst: float = 0.0
    """Strength of the noise that opens a stop; the length before it is silent or only voiced."""
    formants: Formants | None = None
    """Resonances of its own, or None to glide with its neighbours."""


CONSONANTS: dict[str, Consonant] = {
    "P": Consonant(0.075, burst=0.35, hiss_hz=1100, hiss_width_hz=900),
    "T": Consonant(0.075, burst=0.55, hiss_hz=4600, hiss_width_hz=2500),
    "K": Consonant(0.080, burst=0.50, hiss_hz=2000, hiss_width_hz=900),
    "B": Consonant(0.055, voice=0.12, burst=0.15, hiss_hz=900, hiss_width_hz=700, formants=(250, 900, 2200)),
    "D": Consonant(0.055, voice=0.12, burst=0.22, hiss_hz=4000, hiss_width_hz=2200, formants=(250, 1700, 2600)),
    "G": Consonant(0.060, voice=0.12, burst=0.20, hiss_hz=1900, hiss_width_hz=900, formants=(250, 1900, 2300)),
    "CH": Consonant(0.100, burst=0.60, hiss_hz=3300, hiss_width_hz=1600),
    "S": Consonant(0.100, hiss=0.42, hiss_hz=7000, hiss_width_hz=2600),
    "SH": Consonant(0.100, hiss=0.42, hiss_hz=3300, hiss_width_hz=1600),
    "F": Consonant(0.080, hiss=0.10, hiss_hz=7500, hiss_width_hz=6000),
    "TH": Consonant(0.060, hiss=0.07, hiss_hz=6500, hiss_width_hz=5000),
    "H": Consonant(0.060, breath=0.75),
    "DH": Consonant(0.045, voice=0.35, hiss=0.03, hiss_hz=6000, hiss_width_hz=5000, formants=(280, 1300, 2500)),
    "V": Consonant(0.060, voice=0.40, hiss=0.05, hiss_hz=7000, hiss_width_hz=5000, formants=(280, 1100, 2200)),
    "Z": Consonant(0.080, voice=0.35, hiss=0.24, hiss_hz=7000, hiss_width_hz=2600, formants=(280, 1500, 2500)),
    "M": Consonant(0.070, voice=0.50, formants=(270, 1000, 2200)),
    "N": Consonant(0.065, voice=0.50, formants=(270, 1500, 2500)),
    "NG": Consonant(0.075, voice=0.50, formants=(270, 1900, 2700)),
    "L": Consonant(0.060, voice=0.75, formants=(350, 1050, 2800)),
    "R": Consonant(0.065, voice=0.75, formants=(330, 1100, 1500)),
    "W": Consonant(0.065, voice=0.70, formants=(290, 620, 2200)),
    "Y": Consonant(0.055, voice=0.70, formants=(270, 2150, 3000)),
}

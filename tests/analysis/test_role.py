"""Reading a role out of a name, and hearing a coarse one."""

import numpy as np
import pytest

from tests.sounds import RATE_HZ, noise, silence, sine
from tests.tiny_song import stem
from tonmeister.analysis.role import hear_role, read_role, split_words
from tonmeister.analysis.track_meter import measure_track
from tonmeister.audio import Audio
from tonmeister.knowledge.rows import names

NAMES = {
    "kick": [
        "Kick.wav",
        "01_Kick_In.wav",
        "KickOut-02.aif",
        "BD.wav",
        "bassdrum",
        "Bass Drum.wav",
        "Grosse caisse.wav",
        "Große Trommel.wav",
        "Bombo.wav",
        "808 Kick.wav",
        "Kick Sub.wav",
    ],
    "snare": ["SN Top.wav", "02 Snare Bottom.wav", "Caja.wav", "Caisse claire.wav", "Caixa.wav"],
    "hi-hat": ["HiHat.wav", "HH.wav", "Hi-Hat 2.wav", "closed_hat.wav"],
    "overheads": ["OHL.wav", "OH_R.wav", "Overheads.wav"],
    "room": ["DrumRoom.wav", "Raum.wav", "Snare Room.wav"],
    "toms": ["Floor Tom.wav", "Tom1.wav"],
    "claps": ["Claps.wav"],
    "cymbals": ["Becken.wav", "Crash Cymbal.wav"],
    "percussion": ["Shaker.wav", "Tambourine.wav", "Perc Loop.wav"],
    "drums": ["Drums.wav", "Schlagzeug.wav", "Batterie.wav", "Batería.wav", "DrumLoop_120bpm.wav", "Drum Bus.wav"],
    "bass": [
        "Bass.wav",
        "Bass DI.wav",
        "Bass Gtr.wav",
        "bass_guitar.flac",
        "808.wav",
        "Kontrabass.wav",
        "Bajo.wav",
        "Sub.wav",
        "SynthBass.wav",
        "Elec Bass.wav",
        "Double Bass.wav",
    ],
    "electric guitar": [
        "Gtr L.wav",
        "GtrR.wav",
        "Gitarre.wav",
        "E-Gitarre.wav",
        "Guitarra.wav",
        "Lead Guitar.wav",
        "ElecGtr 3.wav",
    ],
    "acoustic guitar": ["Acoustic Gtr.wav", "AcGtr_L.wav", "Akustikgitarre.wav", "Ukulele.wav", "Guitar Acoustic.wav"],
    "piano": ["Piano.wav", "Klavier.wav", "Grand Piano.wav"],
    "keys": ["Rhodes.wav", "Hammond B3.wav", "B3.wav", "Keys2.wav", "E-Piano.wav", "Orgel.wav", "Clavier.wav"],
    "pad": ["Pad.wav", "Synth Pad.wav", "Flächen.wav"],
    "strings": ["Strings.wav", "Violin 1.wav", "Streicher.wav", "Cello.wav", "Cordes.wav"],
    "brass": ["Trumpet.wav", "Bläser.wav", "Horns.wav", "Trompeta.wav"],
    "woodwind": ["Sax.wav", "Flöte.wav", "Bass Clarinet.wav"],
    "lead vocal": [
        "LeadVox.wav",
        "Lead Vocal.wav",
        "LdVx.wav",
        "Vox.wav",
        "Gesang.wav",
        "Voz.wav",
        "Voix principale.wav",
        "MainVocal_comp.wav",
        "Vocals.wav",
    ],
    "backing vocal": [
        "BGV 1.wav",
        "BGVs.wav",
        "Backing Vox.wav",
        "Harmony Vox L.wav",
        "Choir.wav",
        "Chor.wav",
        "Coros.wav",
        "Vox Dbl.wav",
        "AdLibs.wav",
        "Vocal Harmony.wav",
    ],
    "synth": ["Lead Synth.wav", "Arp.wav", "DX7.wav", "Synth 1.wav", "other.wav"],
    "effects": ["FX Riser.wav", "SFX.wav", "Vocal FX.wav"],
    "mixture": ["Rough Mix.wav", "2track.wav", "Mixdown.wav"],
}
"""What people call their tracks, in several habits and languages."""


@pytest.mark.parametrize(("role", "name"), [(role, name) for role, row in NAMES.items() for name in row])
def test_a_role_is_read_out_of_a_name(role: str, name: str) -> None:
    guess = read_role(name)
    assert guess is not None
    assert guess.role == role


@pytest.mark.parametrize(("role", "phrase"), [(row.role, phrase) for row in names() for phrase in row.words])
def test_each_known_phrase_alone_and_among_other_words_says_its_role(role: str, phrase: str) -> None:
    for name in (phrase, f"07_{phrase.title()}_v2.wav", f"Zzyzx - {phrase.upper()} (take 3).aif"):
        guess = read_role(name)
        assert guess is not None
        assert guess.role == role


@pytest.mark.parametrize("name", ["Audio 17.wav", "Track.wav", "Zoe.wav", "12.wav", "", "___.wav", "Final v3.wav"])
def test_a_name_that_says_nothing_is_not_read(name: str) -> None:
    assert read_role(name) is None


def test_the_longest_phrase_wins() -> None:
    pairs = {
        "Bass Drum": "kick",
        "Lead Guitar": "electric guitar",
        "Lead": "synth",
        "Synth Bass": "bass",
        "Drum Room": "room",
    }
    assert {name: _role(name) for name in pairs} == pairs


@pytest.mark.parametrize(
    ("name", "side"),
    [
        *(("Gtr L.wav", -1), ("GtrR.wav", 1), ("OHL.wav", -1), ("oh_right.wav", 1), ("Gitarre links.wav", -1)),
        *(("Gitarre Rechts 2.wav", 1), ("Keys.wav", None), ("L.wav", None), ("Vocal.wav", None), ("Shaker.wav", None)),
    ],
)  # fmt: skip
def test_the_side_is_the_last_word(name: str, side: float | None) -> None:
    guess = read_role(name)
    assert (None if guess is None else guess.side) == side


def test_words_that_all_names_share_say_nothing() -> None:
    """A band or song that is called like an instrument must not make every stem one."""
    name, common = "Bass Invaders - Snare.wav", frozenset({"bass", "invaders"})
    guess = read_role(name, common_words=common)
    assert guess is not None
    assert (guess.role, guess.why) == ("snare", "its name says 'snare'")
    alone = read_role("Bass Invaders.wav", common_words=common)
    assert alone is not None
    assert alone.role == "bass"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("01_LeadVox-02.wav", ["lead", "vox"]),
        ("Flügel & Bläser.flac", ["fluegel", "blaeser"]),
        ("Fl\u0075\u0308gel.wav", ["fluegel"]),
        ("batería.wav", ["bateria"]),
        ("808s", ["s"]),
        ("808 DX7", ["808", "dx7"]),
        ("BGVs", ["bgvs"]),
        ("tomOne.flac", ["tom", "one"]),
        ("GtrL", ["gtr", "l"]),
    ],
)
def test_names_come_apart_into_words(name: str, words: list[str]) -> None:
    assert split_words(name) == words


def test_a_clean_name_is_surer_than_a_long_one() -> None:
    short, long = read_role("Snare.wav"), read_role("Snare of the great old hall by the sea.wav")
    assert short is not None
    assert long is not None
    assert short.confidence > long.confidence >= 0.5


@pytest.mark.parametrize(
    ("sound", "role"),
    [
        (sine(frequency_hz=80, duration_s=4), "bass"),
        (silence(duration_s=4), "unknown"),
        (noise(duration_s=4), "unknown"),
        (Audio(stem("Snare.wav").astype(np.float32), RATE_HZ), "drums"),
    ],
    ids=["low tone", "silence", "hiss", "beat"],
)
def test_what_a_sound_says_is_coarse_and_never_sure(sound: Audio, role: str) -> None:
    guess = hear_role(measure_track(sound).figures)
    assert guess.role == role
    assert guess.confidence <= 0.6


def _role(name: str) -> str | None:
    guess = read_role(name)
    return None if guess is None else guess.role

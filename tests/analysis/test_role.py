"""Roles read from names: the habits of many studios and languages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tonmeister.analysis.role import WEAK, read_role, split_words
from tonmeister.knowledge import role as role_row
from tonmeister.knowledge.rows import NameRow, names, roles

STUDIO = {
    "01_LdVx_dbl.wav": "backing vocal", "LeadVoxDT.wav": "backing vocal", "Vox_harm 3.L": "backing vocal", "BGVs_HI_L": "backing vocal",
    "LdVx": "lead vocal", "LV comp_03.aif": "lead vocal", "Vocals_MAIN_wet": "lead vocal", "Rap verse 2": "lead vocal",
    "BD": "kick", "K-In": "kick", "Kik_Out_d6": "kick", "KickSub": "kick", "Kick808": "kick", "BASSDRUM": "kick",
    "Snr_Btm-01.R": "snare", "SN_T_57": "snare", "SnareUp.wav": "snare", "TR808 Snare": "snare",
    "GLITCH HH": "hi-hat", "Hi Hat loop": "hi-hat", "tom-hi": "toms", "Tom1": "toms", "FloorTom_02": "toms", "Rack 2": "toms",
    "OH-R": "overheads", "OHL": "overheads", "Drum Room Far": "room", "DrumsRoom": "room", "Crash_R": "cymbals",
    "BUILD PRC": "percussion", "Tamborine": "percussion", "Perc Loop 120": "percussion", "K & SN": "drums", "DRUMS BREAK 1": "drums",
    "808_Bm_140bpm": "bass", "Bass Synth": "bass", "SY BASS": "bass", "12-Track Bass": "bass", "Upright Bass": "bass",
    "Gtr L.1": "electric guitar", "ElecGtr1DI.wav": "electric guitar", "GTR_RHY_L_SM57": "electric guitar", "Ld Gtr DT": "electric guitar",
    "AcGtr2.wav": "acoustic guitar", "12 String Gtr": "acoustic guitar", "Ukelele": "acoustic guitar",
    "Upright Piano": "piano", "PianoHi": "piano", "E-Piano": "keys", "Organ B3 leslie lo": "keys", "Rhodes DI": "keys",
    "SynLd_hook": "synth", "ARP DIST": "synth", "ECHO PAD": "pad", "strings_pad": "pad", "HornsRoom": "brass", "Bass Clarinet": "woodwind",
    "FX_riser": "effects", "TRANSISTION": "effects", "MIX_v3": "mixture",
}  # fmt: skip
LANGUAGES = {
    "Gesang": "lead vocal", "Voz": "lead vocal", "Voix lead": "lead vocal", "Voce solista": "lead vocal", "ボーカル1": "lead vocal", "вокал": "lead vocal",
    "Chœurs": "backing vocal", "Coros 2": "backing vocal", "Zweitstimme": "backing vocal", "Schlagzeug_OH_L": "overheads",
    "Grosse Caisse": "kick", "Bombo in": "kick", "Bumbo": "kick", "Caisse claire": "snare", "Caixa": "snare", "Rullante": "snare",
    "ハイハット": "hi-hat", "Charley": "hi-hat", "Prato": "cymbals", "Palmas": "claps", "Pandereta": "percussion", "Tambourin": "percussion",
    "Batería": "drums", "Schlagzeug": "drums", "Bajo": "bass", "Kontrabass": "bass", "E-Bass": "bass", "03 Violão": "acoustic guitar",
    "Westerngitarre": "acoustic guitar", "Chitarra elettrica": "electric guitar", "EGitarre": "electric guitar", "Guitarra": "electric guitar",
    "Flügel": "piano", "Klavier": "piano", "Tastiere": "keys", "Orgel": "keys", "Nappe synthé": "pad", "Violoncelle": "strings",
    "Geigen": "strings", "Bläser": "brass", "Ottoni": "brass", "Flöte": "woodwind", "Gaita": "woodwind", "Efectos": "effects",
}  # fmt: skip
DATA_SETS = {
    "lead male singer": "lead vocal", "human choir": "backing vocal", "clean electric guitar": "electric guitar", "full acoustic drumkit": "drums",
    "contrabass/double bass (bass of instrings)": "bass", "tuba (bass of brass)": "brass", "electric piano (rhodes, wurlitzer)": "keys",
    "atonal percussion (claps, shakers, congas, cowbell etc)": "percussion", "lap steel guitar or slide guitar": "electric guitar",
    "reeds (saxophone, clarinets, oboe, english horn, bagpipe)": "woodwind", "violin section": "strings", "drums": "drums", "other": "synth", "vocals": "lead vocal",
}  # fmt: skip

HABITS = {
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


@pytest.mark.parametrize(("role", "name"), [(role, name) for role, row in HABITS.items() for name in row])
def test_a_role_is_read_out_of_a_name(role: str, name: str) -> None:
    guess = read_role(name)
    assert guess is not None
    assert guess.role == role


@pytest.mark.parametrize("row", names(), ids=lambda row: f"{row.role}{' weak' if row.weak else ''}")
def test_each_known_phrase_alone_and_among_other_words_says_its_role(row: NameRow) -> None:
    for phrase in row.words:
        for name in (phrase, f"07_{phrase.title()}_v2.wav", f"Zzyzx - {phrase.upper()} (take 3).aif"):
            guess = read_role(name)
            assert guess is not None, name
            assert guess.role == row.role, name


def test_a_clean_name_is_surer_than_a_long_one() -> None:
    short, long = read_role("Snare.wav"), read_role("Snare of the great old hall by the sea.wav")
    assert short is not None
    assert long is not None
    assert short.confidence > long.confidence >= 0.5


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("01_LeadVox-02.wav", ["lead", "vox"]),
        ("Flügel & Bläser.flac", ["fluegel", "blaeser"]),
        ("Fl\u0075\u0308gel.wav", ["fluegel"]),
        ("batería.wav", ["bateria"]),
        ("808 DX7", ["808", "dx7"]),
        ("BGVs", ["bgvs"]),
        ("tomOne.flac", ["tom", "one"]),
        ("GtrL", ["gtr", "l"]),
    ],
)
def test_names_come_apart_into_words(name: str, words: list[str]) -> None:
    assert split_words(name) == words


@pytest.mark.parametrize(("name", "role"), [*STUDIO.items(), *LANGUAGES.items(), *DATA_SETS.items()])
def test_a_name_says_its_role(name: str, role: str) -> None:
    guess = read_role(name)
    assert guess is not None
    assert guess.role == role
    assert guess.family == role_row(role).family


@pytest.mark.parametrize("name", ["Audio 12_03", "01", "Bip_16", "Take.wav", ""])
def test_a_name_that_says_nothing_is_no_guess(name: str) -> None:
    assert read_role(name) is None


@pytest.mark.parametrize(
    ("name", "side"),
    [
        ("Gtr L.1", -1.0),
        ("OH-R", 1.0),
        ("OHL", -1.0),
        ("GtrR_02", 1.0),
        ("E-Gitarre links", -1.0),
        ("Bass", None),
        ("L", None),
    ],
)
def test_a_side_is_read_after_another_word(name: str, side: float | None) -> None:
    guess = read_role(name)
    assert (guess.side if guess else None) == side


def test_words_that_all_names_share_say_less_than_the_others() -> None:
    common = frozenset({"bass", "cannon"})
    guess = read_role("Bass Cannon - Vox.wav", common_words=common)
    assert guess is not None
    assert guess.role == "lead vocal"
    alone = read_role("Bass Cannon 3.wav", common_words=common)
    assert alone is not None
    assert alone.role == "bass"


def test_a_word_that_describes_is_less_sure_than_one_that_names() -> None:
    weak, strong = read_role("Lead"), read_role("Synth")
    assert weak is not None
    assert strong is not None
    assert weak.confidence < strong.confidence


def test_two_words_that_describe_the_same_are_surer_than_one() -> None:
    one, two = read_role("Melody"), read_role("Melody Glitch")
    assert one is not None
    assert two is not None
    assert (one.role, two.role) == ("synth", "synth")
    assert two.confidence > WEAK >= one.confidence


def test_every_row_of_names_has_a_role_and_no_phrase_stands_twice() -> None:
    phrases = [phrase for row in names() for phrase in row.words]
    assert {row.role for row in names()} <= set(roles())
    assert len(phrases) == len(set(phrases))


@given(st.text(max_size=30))
def test_any_name_can_be_read(name: str) -> None:
    guess = read_role(name)
    assert guess is None or 0 <= guess.confidence <= 1
    assert all(word == word.lower() for word in split_words(name) if word.isascii())

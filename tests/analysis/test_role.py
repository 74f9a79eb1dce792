"""Roles read from names: the habits of many studios and languages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tonmeister.analysis.role import read_role, split_words
from tonmeister.knowledge import role as role_row
from tonmeister.knowledge.rows import names, roles

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


def test_every_row_of_names_has_a_role_and_no_phrase_stands_twice() -> None:
    phrases = [phrase for row in names() for phrase in row.words]
    assert {row.role for row in names()} <= set(roles())
    assert len(phrases) == len(set(phrases))


@given(st.text(max_size=30))
def test_any_name_can_be_read(name: str) -> None:
    guess = read_role(name)
    assert guess is None or 0 <= guess.confidence <= 1
    assert all(word == word.lower() for word in split_words(name) if word.isascii())

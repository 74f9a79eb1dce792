import pytest

from tonmeister.document.wishes import TrackWish, read_wishes
from tonmeister.errors import InputError
from tonmeister.knowledge import roles

TOML = """
"Vox.wav" = "lead vocal"
[Bass]
role = "bass"
priority = "background"
pan = -0.25
reverb_db = -120
lock = true
["Gtr 1.wav"]
leave_alone = true
priority = 1.5
"""
JSON = """
{"Vox.wav": "lead vocal",
 "Bass": {"role": "bass", "priority": "background", "pan": -0.25, "reverb_db": -120, "lock": true},
 "Gtr 1.wav": {"leave_alone": true, "priority": 1.5}}
"""


@pytest.mark.parametrize("text", [TOML, JSON, '{"tracks": ' + JSON + "}"])
def test_wishes_are_read_from_toml_and_json(text: str) -> None:
    wishes = read_wishes(text, where="roles.toml")
    assert wishes == {
        "Vox.wav": TrackWish(role="lead vocal"),
        "Bass": TrackWish(role="bass", priority="background", pan=-0.25, reverb_db=-120, lock=True),
        "Gtr 1.wav": TrackWish(leave_alone=True, priority=1.5),
    }
    assert [wish.weight for wish in wishes.values()] == [None, 0.5, 1.5]


def test_an_empty_file_wishes_nothing() -> None:
    assert read_wishes("", where="roles.toml") == {}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Vox.wav is the lead", "neither TOML nor JSON"),
        ('{"Vox.wav": "lead vocal"', "neither TOML nor JSON"),
        ('"Vox.wav" = "singer of songs"', "Vox.wav: role: .*'singer of songs' is no role; use one of lead vocal"),
        ('Vox.wav = "lead vocal"', "Vox: wav: no such wish.*put a name with a dot in quotes"),
        ("[Vox]\npan = 3", "Vox: pan: "),
        ("[Vox]\npriority = 9", "Vox: priority: "),
        ("[Vox]\npriority = -1", "Vox: priority: "),
        ('[Vox]\npriority = "loud"', "Vox: priority: "),
        ("[Vox]\nreverb_db = 20", "Vox: reverb_db: "),
        ("[Vox]\nlouder = true", "Vox: louder: "),
        ("Vox = 3", "Vox: "),
        ('{"tracks": []}', "give a table with a row for each track name"),
    ],
)
def test_a_bad_row_is_one_clear_sentence(text: str, says: str) -> None:
    with pytest.raises(InputError, match=f"--roles r.toml: {says}") as caught:
        read_wishes(text, where="r.toml")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("role", list(roles()))
def test_every_role_can_be_wished(role: str) -> None:
    assert read_wishes(f'Vox = "{role}"', where="r.toml")["Vox"].role == role

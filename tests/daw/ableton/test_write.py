"""Live sets with a mix put into them: only the places meant change, and all ids stay valid."""

import gzip
from collections import Counter
from pathlib import Path
from typing import Literal

import pytest

from tests.conftest import SHARED
from tests.daw.ableton.sets import live_12_set
from tests.render.songs import insert, lane, song, track
from tests.sounds import RATE_HZ
from tonmeister.daw.ableton.patch import broken_ids
from tonmeister.daw.ableton.tree import LiveSet, Node, read_set
from tonmeister.daw.ableton.write import write_ableton_files
from tonmeister.daw.handback import Handback
from tonmeister.daw.pans import sine_of
from tonmeister.daw.read import read_session_file
from tonmeister.document.mix import Mix
from tonmeister.document.strip import Bus, Send, Strip
from tonmeister.errors import InputError
from tonmeister.processing import Band, Compressor, Equaliser, Saturator

SETS = SHARED / "data/daw/als"


def _mix() -> Mix:
    bands = (Band(shape="high_pass", frequency_hz=90), Band(frequency_hz=440, gain_db=-3, q=1.2))
    chain = (
        insert(Equaliser(bands=bands)),
        insert(Compressor(threshold_db=-24, ratio=3, makeup_db=2)),
        insert(Saturator()),
    )
    sends = (Send(bus="plate", level_db=lane((0, -12))),)
    strips = {
        "Lead & Vox.wav": Strip(inserts=chain, fader_db=lane((0.5, -9), (1.5, 0)), sends=sends),
        "BASS": Strip(fader_db=lane((0, -4)), pan=lane((0, 0.3), law="linear_gain")),
        "Nowhere": Strip(),
    }
    plate = Bus(id="plate", name="Plate", kind="effect", fader_db=lane((0, -2)))
    return song([track(name, strip) for name, strip in strips.items()], frames=2 * RATE_HZ, buses=(plate,))


def _put(own_set: Path, mix: Mix, folder: Path) -> Handback:
    return write_ableton_files(mix, own_set, lambda name: folder / name, sources={})


def _text(path: Path) -> list[str]:
    return gzip.decompress(path.read_bytes()).decode().split("\n")


def _track(live: LiveSet, number: int) -> Node:
    tracks = live.set.child("Tracks")
    assert tracks is not None
    return tracks.children[number]


def _manual(node: Node | None, *path: str) -> str:
    found = None if node is None else node.at(*path, "Manual")
    assert found is not None
    return found.attributes["Value"]


def test_values_are_written_into_the_set(tmp_path: Path) -> None:
    made = _put(live_12_set(tmp_path / "mine.als"), _mix(), tmp_path)
    live = read_set(made.path)
    voice, bass, plate = (_track(live, number) for number in range(3))
    mixer = bass.at("DeviceChain", "Mixer")
    pan, gain = sine_of(0.3, 2)
    assert float(_manual(mixer, "Pan")) == pytest.approx(pan)
    assert float(_manual(mixer, "Volume")) == pytest.approx(10 ** (-4 / 20) * gain)
    assert float(_manual(plate.at("DeviceChain", "Mixer"), "Volume")) == pytest.approx(10 ** (-2 / 20))
    send = voice.at("DeviceChain", "Mixer", "Sends", "TrackSendHolder", "Send")
    assert float(_manual(send)) == pytest.approx(10 ** (-12 / 20))
    eq = voice.at("DeviceChain", "DeviceChain", "Devices", "Eq8")
    second = [_manual(eq, "Bands.1", "ParameterA", name) for name in ("IsOn", "Mode", "Freq", "Gain", "Q")]
    assert second == ["true", "3", "440", "-3", "1.2"]
    assert _manual(eq, "Bands.2", "ParameterA", "IsOn") == "false"
    compressor = voice.at("DeviceChain", "DeviceChain", "Devices", "Compressor2")
    assert float(_manual(compressor, "Threshold")) == pytest.approx(10 ** (-24 / 20))
    assert [_manual(compressor, name) for name in ("Ratio", "Attack", "Release", "Gain")] == ["3", "10", "120", "2"]


@pytest.mark.parametrize("detector", ["peak", "rms"])
def test_devices_read_again_are_the_settings_of_the_mix(detector: Literal["peak", "rms"], tmp_path: Path) -> None:
    """Whatever stood in the way is set, too: switched off, scaled, automatic make-up, another model, a dry share."""
    equaliser = Equaliser(
        bands=(Band(shape="low_shelf", frequency_hz=120, gain_db=2, q=0.7), Band(frequency_hz=440, gain_db=-3, q=1.2))
    )
    compressor = Compressor(
        threshold_db=-24, ratio=3, knee_db=4, attack_ms=12, release_ms=150, makeup_db=2, detector=detector, mix=0.6
    )
    strip = Strip(inserts=(insert(equaliser), insert(compressor)))
    made = _put(live_12_set(tmp_path / "mine.als"), song([track("Lead & Vox", strip)], frames=RATE_HZ), tmp_path)
    first, second = read_session_file(made.path).tracks[0].devices
    assert [one.is_on for one in (first, second)] == [True, True]
    assert [one.differs for one in (first, second)] == [None, None]
    assert first.processor == equaliser
    assert second.processor is not None
    wanted = compressor.model_dump()
    assert {name: value for name, value in second.processor.model_dump().items() if value != wanted[name]} == {}


def test_an_eq_eight_of_one_side_is_left_alone(tmp_path: Path) -> None:
    own = live_12_set(tmp_path / "mine.als", eq_mode=2)
    made = _put(own, _mix(), tmp_path)
    assert made.carried.get("equalisers", 0) == 0
    assert any("equaliser" in said and "no device there takes it" in said for said in made.lost)


def test_a_ride_becomes_an_envelope_of_the_tracks_own_volume(tmp_path: Path) -> None:
    made = _put(live_12_set(tmp_path / "mine.als"), _mix(), tmp_path)
    live = read_set(made.path)
    voice = _track(live, 0)
    envelope = voice.at("AutomationEnvelopes", "Envelopes", "AutomationEnvelope")
    target = voice.at("DeviceChain", "Mixer", "Volume", "AutomationTarget")
    assert envelope is not None
    assert target is not None
    pointee = envelope.at("EnvelopeTarget", "PointeeId")
    assert pointee is not None
    assert pointee.attributes["Value"] == target.attributes["Id"]
    events = envelope.at("Automation", "Events")
    assert events is not None
    times = [float(one.attributes["Time"]) for one in events.children]
    assert (times[0], times[1], times[-1]) == (-63072000, 1.0, 3.0)  # half a second is one beat at 120
    assert float(events.children[-1].attributes["Value"]) == pytest.approx(1.0)
    assert broken_ids(live) == []


def test_only_the_places_meant_change_and_the_set_itself_stays(tmp_path: Path) -> None:
    own = live_12_set(tmp_path / "mine.als")
    before = own.read_bytes()
    made = _put(own, _mix(), tmp_path)
    changed = _added(own, made.path)
    allowed = ('<Manual Value="', "<Envelopes><AutomationEnvelope ")
    assert all(line.startswith(allowed) for line in changed)
    assert own.read_bytes() == before
    assert made.path != own


def test_what_the_set_has_no_place_for_is_said(tmp_path: Path) -> None:
    made = _put(live_12_set(tmp_path / "mine.als"), _mix(), tmp_path)
    assert "Nowhere: no track of this name is in the set." in made.lost
    assert any("saturation" in said for said in made.lost)
    assert made.carried["rides"] == 1


def test_what_a_person_automated_stays(tmp_path: Path) -> None:
    own = live_12_set(tmp_path / "mine.als")
    mix = _mix()
    first = _put(own, mix, tmp_path).path
    again = first.rename(tmp_path / "again.als")
    made = _put(again, mix, tmp_path)
    assert "Lead & Vox.wav: its level is automated in your set and stays." in made.lost


def test_a_set_that_is_none_or_holds_other_tracks_is_refused(tmp_path: Path) -> None:
    (tmp_path / "no.als").write_bytes(b"nothing")
    with pytest.raises(InputError, match="no Live set can be read there"):
        _put(tmp_path / "no.als", _mix(), tmp_path)
    (tmp_path / "xml.als").write_bytes(gzip.compress(b"<Other/>"))
    with pytest.raises(InputError, match="this is no Live set"):
        _put(tmp_path / "xml.als", _mix(), tmp_path)
    bomb = b'<!DOCTYPE a [<!ENTITY b "c">]><Ableton>&b;</Ableton>'
    (tmp_path / "bomb.als").write_bytes(gzip.compress(bomb))
    with pytest.raises(InputError, match="declares entities"):
        _put(tmp_path / "bomb.als", _mix(), tmp_path)
    with pytest.raises(InputError, match="none of its tracks has the name"):
        _put(live_12_set(tmp_path / "mine.als"), song([track("other")], frames=RATE_HZ), tmp_path)


@pytest.mark.shared
@pytest.mark.parametrize("name", ["L12-automation", "automation-intense", "example-120", "live8-patch-markers-auto"])
def test_sets_of_live_8_to_12_change_in_the_places_meant_only(name: str, tmp_path: Path) -> None:
    """One track of each is put at -4.5 dB, a little to the left, with a ride where nothing is automated."""
    own = SETS / f"{name}.als"
    live = read_set(own)
    tracks = live.set.child("Tracks")
    assert tracks is not None
    named = _first_name(tracks)
    strip = Strip(fader_db=lane((0.5, -6), (1.0, -4.5)), pan=lane((0, -0.3), law="linear_gain"))
    still = Strip(fader_db=lane((0, -4.5)), pan=lane((0, -0.3), law="linear_gain"))
    for one in (strip, still):
        made = _put(own, song([track(named, one)], frames=2 * RATE_HZ), tmp_path)
        added = _added(own, made.path)
        assert 0 < len(added) < 60
        assert all(
            line.startswith(("<Manual", "<FloatEvent", "<BoolEvent", "<Envelopes>", "<AutomationEnvelope"))
            for line in added
        )
        assert broken_ids(read_set(made.path)) == broken_ids(live)


@pytest.mark.shared
def test_a_compressor_of_live_8_is_set_in_its_own_places(tmp_path: Path) -> None:
    """Its real parameters are events; the automatic make-up that this set has is switched off, everything else stays."""
    own = SETS / "live8-patch-markers-auto.als"
    settings = Compressor(
        threshold_db=-24, ratio=3, knee_db=4, attack_ms=12, release_ms=150, makeup_db=2, detector="peak"
    )
    made = _put(own, song([track("synth saw", Strip(inserts=(insert(settings),)))], frames=RATE_HZ), tmp_path)
    assert made.carried["compressors"] == 1
    added = _added(own, made.path)
    assert all(line.startswith(("<FloatEvent", "<BoolEvent")) for line in added)
    assert broken_ids(read_set(made.path)) == broken_ids(read_set(own))
    was, now = (next(t for t in read_session_file(path).tracks if t.name == "synth saw") for path in (own, made.path))
    assert [device.name for device in now.devices] == [device.name for device in was.devices]
    got = now.devices[-1]
    assert got.differs is None
    kept = {"detector"}  # Live 8 numbers its models otherwise
    wanted = settings.model_dump(exclude=kept)
    assert got.processor is not None
    assert got.processor.model_dump(exclude=kept) == pytest.approx(wanted, abs=1e-4)


def _added(before: Path, after: Path) -> list[str]:
    """Return the lines that are in the second set only."""
    return [line.strip() for line in (Counter(_text(after)) - Counter(_text(before))).elements()]


def _first_name(tracks: Node) -> str:
    """Return the first name that a track of a set goes by."""
    for one in tracks.walk():
        if one.tag in ("UserName", "EffectiveName", "Name") and len(one.attributes.get("Value", "")) > 1:
            return one.attributes["Value"]
    raise AssertionError("no track has a name")

"""DAWproject files: schema, structure, values."""

import zipfile
from pathlib import Path
from xml.etree.ElementTree import Element

import numpy as np
import pytest
import soundfile
from defusedxml.ElementTree import fromstring

from tests.conftest import SHARED
from tests.daw.sessions import write_sounds
from tests.render.songs import busy_song, insert, lane, song, track
from tests.sounds import RATE_HZ, noise
from tonmeister.audio import Audio
from tonmeister.daw.dawproject.devices import builds
from tonmeister.daw.dawproject.write import write_dawproject_files
from tonmeister.daw.dawproject.xml import semitones, taken_percent
from tonmeister.daw.handback import Handback
from tonmeister.daw.media import MediaWay
from tonmeister.daw.order import Order
from tonmeister.daw.prepare import Abilities, prepare
from tonmeister.document.mix import Mix, Section
from tonmeister.document.strip import Bus, MasterChain, Send, Strip
from tonmeister.processing import Band, Compressor, Equaliser, Expander, Gate, TruePeakLimiter

ABILITIES = Abilities(builds, trim=False, polarity=False)


def _desk_song() -> tuple[Mix, dict[str, Audio]]:
    """Return a song of everything that a DAWproject file holds."""
    bands = (
        Band(shape="high_pass", frequency_hz=90, slope_db_per_octave=24), Band(frequency_hz=440, gain_db=-3, q=1.2),
        Band(shape="high_shelf", frequency_hz=9000, gain_db=2), Band(shape="notch", frequency_hz=50, q=8),
        Band(shape="low_shelf", frequency_hz=120, gain_db=1), Band(shape="low_pass", frequency_hz=15_000),
    )  # fmt: skip
    chain = (
        insert(Equaliser(bands=bands)),
        insert(Compressor(threshold_db=-24, ratio=2, makeup_db=1.5)),
        insert(Gate()),
    )
    strips = {
        "voice": Strip(
            inserts=chain, trim_db=2, pan=lane((0, -0.5), (1, 0.5), law="linear_gain"), fader_db=lane((0.2, -9), (1.2, 0)),
            sends=(Send(bus="fx", level_db=lane((0, -12), (1, -6))),), output="group",
        ),
        "room": Strip(inserts=(insert(Expander()),), mute=lane((0, 1), law="hold"), delay_frames=-480),
        "late": Strip(delay_frames=4800, fader_db=lane((0, 9))),
    }  # fmt: skip
    buses = (
        Bus(id="group", name="Voices & more", sends=(Send(bus="fx", level_db=lane((0, -20))),)),
        Bus(id="fx", name="Effect", kind="effect", fader_db=lane((0, -3))),
    )
    sounds = {
        "voice": noise(duration_s=2),
        "room": noise(duration_s=2, channels=2),
        "late": noise(duration_s=1, channels=2),
    }
    tracks = [track(name, strip, channels=sounds[name].channels) for name, strip in strips.items()]
    mix = song(tracks, frames=2 * RATE_HZ, buses=buses)
    section = Section(id="c", label="chorus", start_s=0.5, end_s=1, confidence=1)
    heard = mix.song.model_copy(update={"sections": (section,), "tempo_bpm": 96.0, "meter": "3/4"})
    master = MasterChain(inserts=(insert(Compressor(mix=0.5)), insert(TruePeakLimiter(drive_db=3))))
    return mix.model_copy(update={"song": heard, "master": master}), sounds


def _write(folder: Path, mix: Mix, sounds: dict[str, Audio], way: MediaWay = "copy") -> Handback:
    prepared = prepare(mix, ABILITIES)
    paths = write_sounds(sounds, folder / "sounds")
    heard = paths | {take: paths[name] for take, name in prepared.same_sound}
    heard |= {one.track_id: next(iter(paths.values())) for one in prepared.prints}
    (folder / "out").mkdir()
    return write_dawproject_files(Order(prepared.mix, heard, lambda name: folder / "out" / name, "My Mix", way=way))


def _project(path: Path) -> Element:
    with zipfile.ZipFile(path) as packed:
        root: Element = fromstring(packed.read("project.xml"))
    return root


def _value(parent: Element, tag: str) -> float:
    found = parent.find(tag)
    assert found is not None
    return float(found.attrib["value"])


@pytest.mark.shared
def test_files_are_valid_by_the_formats_own_schema(tmp_path: Path) -> None:
    xmlschema = pytest.importorskip("xmlschema")
    for name, (mix, sounds) in {"desk": _desk_song(), "busy": busy_song(duration_s=5)}.items():
        made = _write(tmp_path / name, mix, sounds)
        with zipfile.ZipFile(made.path) as packed:
            for inside, schema in (("project.xml", "Project.xsd"), ("metadata.xml", "MetaData.xsd")):
                rules = xmlschema.XMLSchema(str(SHARED / "data/daw/dawproject" / schema))
                rules.validate(packed.read(inside).decode())


def test_every_reference_leads_somewhere_and_ids_are_unique(tmp_path: Path) -> None:
    root = _project(_write(tmp_path, *_desk_song()).path)
    ids = [element.attrib["id"] for element in root.iter() if "id" in element.attrib]
    assert len(ids) == len(set(ids))
    for attribute in ("destination", "track", "parameter"):
        found = [element.attrib[attribute] for element in root.iter() if attribute in element.attrib]
        assert found
        assert set(found) <= set(ids)


def test_elements_stand_in_the_order_of_the_schema(tmp_path: Path) -> None:
    """What a reader without a schema trips over first; with the shared files the schema itself is asked."""
    root = _project(_write(tmp_path, *_desk_song()).path)
    assert [one.tag for one in root] == ["Application", "Transport", "Structure", "Arrangement", "Scenes"]
    order = ["Devices", "Mute", "Pan", "Sends", "Volume"]
    for channel in root.iter("Channel"):
        tags = [one.tag for one in channel]
        assert tags == [tag for tag in order if tag in tags]
    compressor = next(root.iter("Compressor"))
    wanted = "Parameters Enabled Attack AutoMakeup InputGain OutputGain Ratio Release Threshold"
    assert " ".join(one.tag for one in compressor) == wanted
    assert all(device.attrib["loaded"] == "true" for device in root.iter("Equalizer"))


def test_units_are_those_that_bitwig_writes() -> None:
    """A file of Bitwig Studio 5.3 holds 15.486821 and 135.076232 as the ends of an equaliser: 20 Hz and 20 kHz."""
    assert (semitones(20.0), semitones(20_000.0)) == pytest.approx((15.486821, 135.076232), abs=1e-6)
    assert taken_percent(4.0) == 75.0


def test_strips_hold_what_the_document_says(tmp_path: Path) -> None:
    root = _project(_write(tmp_path, *_desk_song()).path)
    tracks = {one.attrib["name"]: one for one in root.iter("Track")}
    voice = tracks["voice"].find("Channel")
    assert voice is not None
    assert voice.attrib["destination"] == tracks["Voices & more"].find("Channel").attrib["id"]  # type: ignore[union-attr]  # a missing element fails the test as well
    assert tracks["voice"] in list(tracks["Voices & more"])
    bands = {one.attrib["type"]: one for one in voice.iter("Band")}
    assert set(bands) == {"highPass", "bell", "highShelf", "notch", "lowShelf", "lowPass"}
    assert (_value(bands["bell"], "Freq"), _value(bands["bell"], "Gain")) == (69.0, -3.0)
    assert bands["highPass"].attrib["order"] == "4"
    compressor = next(voice.iter("Compressor"))
    values = [_value(compressor, tag) for tag in ("Threshold", "Ratio", "OutputGain", "Attack")]
    assert values == pytest.approx([-26.0, 50.0, 1.5, 0.01])  # two decibels lower, as the trim went into the fader
    assert _value(tracks["late"].find("Channel"), "Volume") == 2.0  # type: ignore[arg-type]  # without a channel the test fails
    muted = tracks["room"].find("Channel/Mute")
    assert muted is not None
    assert muted.attrib["value"] == "true"
    send = next(voice.iter("Send"))
    assert send.attrib["type"] == "post"
    assert _value(send, "Volume") == pytest.approx(10 ** (-12 / 20), abs=1e-6)


def test_what_goes_beyond_a_fader_is_said(tmp_path: Path) -> None:
    made = _write(tmp_path, *_desk_song())
    assert any("late: its fader goes up to 9.0 dB" in said for said in made.lost)
    assert made.carried["sends"] == 2
    assert made.carried["sections"] == 1


def test_lanes_follow_ours_in_straight_lines(tmp_path: Path) -> None:
    """The pan moves too, and its law makes up in the fader: both are read back and joined as the format says."""
    mix, sounds = _desk_song()
    root = _project(_write(tmp_path, mix, sounds).path)
    tracks = {one.attrib["name"]: one for one in root.iter("Track")}
    target = tracks["voice"].find("Channel/Volume")
    assert target is not None
    points = next(one for one in root.iter("Points") if one.find("Target").attrib["parameter"] == target.attrib["id"])  # type: ignore[union-attr]  # a missing element fails the test as well
    line = [(float(one.attrib["time"]), float(one.attrib["value"])) for one in points.iter("RealPoint")]
    strip = mix.track("voice").strip
    for time_s in np.linspace(0.01, 1.9, 60):
        pan = strip.pan.at(time_s)
        law = float(np.sin((0.5 + abs(pan) / 2) * np.pi / 2))
        wanted = 10 ** ((strip.fader_db.at(time_s) + 2) / 20) * law
        got = float(np.interp(time_s, [at for at, _ in line], [value for _, value in line]))
        assert 20 * np.log10(got / wanted) == pytest.approx(0, abs=0.05)


def test_clips_lie_where_the_sound_plays(tmp_path: Path) -> None:
    root = _project(_write(tmp_path, *_desk_song()).path)
    clips = {one.attrib["name"]: one.attrib for one in root.iter("Clip")}
    assert float(clips["late"]["time"]) == pytest.approx(0.1)
    assert float(clips["room"]["playStart"]) == pytest.approx(0.01)
    assert float(clips["room"]["duration"]) == pytest.approx(1.99)
    markers = [(float(one.attrib["time"]), one.attrib["name"]) for one in root.iter("Marker")]
    assert markers == [(0.5, "Chorus")]


def test_sound_is_in_the_file_or_where_it_was(tmp_path: Path) -> None:
    mix, sounds = _desk_song()
    copied, linked = _write(tmp_path / "a", mix, sounds), _write(tmp_path / "b", mix, sounds, "link")
    with zipfile.ZipFile(copied.path) as packed:
        with packed.open("audio/late.wav") as file:
            samples, _ = soundfile.read(file, dtype="float32")
        assert packed.infolist()[0].date_time == (1980, 1, 1, 0, 0, 0)
    np.testing.assert_array_equal(samples.T, sounds["late"].samples)
    files = [one for one in _project(linked.path).iter("File") if one.attrib.get("external") == "true"]
    assert {Path(one.attrib["path"]).is_file() for one in files} == {True}
    assert len(files) == 3


def test_the_same_mix_gives_the_same_bytes(tmp_path: Path) -> None:
    mix, sounds = _desk_song()
    first, second = _write(tmp_path / "a", mix, sounds), _write(tmp_path / "b", mix, sounds)
    assert first.path.read_bytes() == second.path.read_bytes()

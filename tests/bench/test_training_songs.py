"""Which part of an open song is played for the ear, and what its tracks are; LMMS itself is not needed."""

import xml.etree.ElementTree as ET
import zlib
from pathlib import Path

import pytest

from bench.training.songs import choose_window, crop, list_tracks, read_project, tell_role

_SONG = """<?xml version="1.0"?>
<lmms-project><head bpm="120"/><song><trackcontainer>
  <track type="0" name="Lead"><instrumenttrack><instrument name="sid"/></instrumenttrack>
    <pattern pos="0" len="192"><note pos="0" len="48" key="60"/></pattern>
    <pattern pos="3840" len="1152"><note pos="0" len="96" key="60"/><note pos="1104" len="96" key="62"/></pattern></track>
  <track type="1" name="Beat"><bbtrack><trackcontainer>
      <track type="0" name="x"><instrumenttrack><instrument name="audiofileprocessor">
        <audiofileprocessor src="drums/snare01.ogg"/></instrument></instrumenttrack></track>
      <track type="0" name="off" muted="1"/></trackcontainer></bbtrack>
    <bbtco pos="3456" len="3000"/></track>
  <track type="5" name="Automation"/>
</trackcontainer></song></lmms-project>"""


@pytest.fixture
def song(tmp_path: Path) -> ET.Element:
    path = tmp_path / "song.mmpz"
    path.write_bytes(len(_SONG).to_bytes(4, "big") + zlib.compress(_SONG.encode()))
    return read_project(path)


def test_the_window_is_where_most_tracks_play(song: ET.Element) -> None:
    assert choose_window(song) == (3840, 1152)


def test_what_begins_in_the_window_is_kept_and_moved_to_the_beginning(song: ET.Element) -> None:
    crop(song, 3840, 1152)
    pattern, beat = song.find(".//pattern"), song.find(".//bbtco")
    assert pattern is not None
    assert beat is not None
    assert [(note.get("pos"), note.get("len")) for note in pattern] == [("0", "96"), ("1104", "48")]
    assert len(song.findall(".//pattern")) == 1
    assert (beat.get("pos"), beat.get("len")) == ("0", "1152")
    assert song.find(".//track[@type='5']") is None


def test_names_samples_and_notes_tell_the_role(song: ET.Element) -> None:
    tracks = list_tracks(song)
    assert [(track.get("name"), in_beats, tell_role(track, in_beats=in_beats)) for track, in_beats in tracks] == [
        ("Lead", False, "synth"),
        ("x", True, "snare"),
    ]


@pytest.mark.parametrize(("key", "length", "role"), [(30, 24, "bass"), (60, 24, "synth"), (60, 192, "pad")])
def test_a_synthesiser_without_a_name_is_told_by_its_notes(key: int, length: int, role: str) -> None:
    notes = "".join(f'<note pos="{48 * i}" len="{length}" key="{key}"/>' for i in range(8))
    track = ET.fromstring(  # noqa: S314 - this test wrote the text itself
        '<track type="0" name="Default preset"><instrumenttrack><instrument name="zynaddsubfx"/></instrumenttrack>'
        f"<pattern>{notes}</pattern></track>"
    )
    assert tell_role(track, in_beats=False) == role

"""Every reader on a session that its DAW could have written: the same small song in five formats."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.daw.session_files import write_ardour_session, write_dawproject, write_live, write_reaper
from tonmeister.daw.read import is_session, read_session_file
from tonmeister.daw.session import DawSession, SessionTrack
from tonmeister.processing import Equaliser


def _ardour(path: Path) -> Path:
    return write_ardour_session(path.parent)


WRITERS: dict[str, Callable[[Path], Path]] = {
    "song.dawproject": write_dawproject, "song.rpp": write_reaper, "song.als": write_live, "Song.ardour": _ardour,
}  # fmt: skip


@pytest.fixture(params=WRITERS)
def read(request: pytest.FixtureRequest, tmp_path: Path) -> DawSession:
    return read_session_file(WRITERS[request.param](tmp_path / request.param))


def named(session: DawSession, name: str) -> SessionTrack:
    return next(track for track in session.tracks if track.name == name)


def test_tracks_names_and_kinds_are_those_of_the_session(read: DawSession) -> None:
    kinds = {track.name: track.kind for track in read.tracks if track.name not in ("Hall", "Main", "Master")}
    assert kinds == {"Rhythm": "group", "Kick": "audio", "Bass": "audio", "Vox": "audio"}
    assert len(read.of_kind("master")) == 1


def test_levels_are_in_decibels_and_pans_from_left_to_right(read: DawSession) -> None:
    """The files say 0.501187, which is -6 dB, and half way to the left; six decimals give 0.0001 dB."""
    assert named(read, "Kick").fader_db.points[0].value == pytest.approx(-6.0, abs=1e-3)
    assert named(read, "Kick").pan.points[0].value == pytest.approx(-0.5, abs=1e-6)
    assert named(read, "Bass").fader_db.points[0].value == pytest.approx(-9.0, abs=1e-3)
    assert named(read, "Rhythm").fader_db.points[0].value == pytest.approx(-6.0206, abs=1e-3)


def test_a_clip_has_its_place_its_part_of_the_sound_and_its_name(read: DawSession) -> None:
    """It starts at 1 s (2 beats at 120 bpm), lasts 2 s and begins 1 s into its sound; times are exact to the frame."""
    (clip,) = named(read, "Kick").clips
    assert (clip.name, clip.start_s, clip.length_s, clip.offset_s) == pytest.approx(
        ("kick clip", 1.0, 2.0, 1.0), abs=1e-6
    )
    assert clip.media is not None
    assert clip.media.replace("\\", "/").endswith("Kick.wav")


def test_tempo_meter_and_markers_are_read(read: DawSession) -> None:
    assert [tempo.bpm for tempo in read.tempos] == pytest.approx([120.0])
    assert (read.meters[0].numerator, read.meters[0].denominator) == (3, 4)
    assert [(marker.name, marker.time_s) for marker in read.markers] == [("Verse 1", 0.0), ("Chorus", 2.0)]


def test_a_track_in_a_group_goes_there(read: DawSession) -> None:
    assert named(read, "Kick").output == named(read, "Rhythm").id


@pytest.mark.parametrize("name", ["song.dawproject", "song.rpp", "Song.ardour"])
def test_fades_are_read(name: str, tmp_path: Path) -> None:
    (clip,) = named(read_session_file(WRITERS[name](tmp_path / name)), "Kick").clips
    assert clip.fade_in is not None
    assert clip.fade_out is not None
    assert (clip.fade_in.length_s, clip.fade_out.length_s) == pytest.approx((0.1, 0.2))


@pytest.mark.parametrize("name", ["song.dawproject", "song.rpp"])
def test_a_send_is_read_with_its_level(name: str, tmp_path: Path) -> None:
    session = read_session_file(WRITERS[name](tmp_path / name))
    (send,) = named(session, "Kick").sends
    assert send.to == named(session, "Hall").id
    assert send.level_db.points[0].value == pytest.approx(-12.0, abs=1e-3)
    assert named(session, "Hall").kind == "return"


@pytest.mark.parametrize("name", ["song.dawproject", "song.rpp"])
def test_a_fader_that_moves_is_a_lane_in_seconds(name: str, tmp_path: Path) -> None:
    lane = named(read_session_file(WRITERS[name](tmp_path / name)), "Vox").fader_db
    assert [(p.time_s, round(p.value, 2)) for p in lane.points] == [(0.0, 0.0), (2.0, -6.02)]
    assert lane.law == "linear_gain"


def test_reapers_pan_envelope_counts_left_as_plus_one(tmp_path: Path) -> None:
    lane = named(read_session_file(write_reaper(tmp_path / "song.rpp")), "Vox").pan
    assert [(p.time_s, p.value) for p in lane.points] == [(0.0, -1.0), (2.0, 0.5)]


def test_known_devices_are_in_our_words_and_foreign_ones_by_name(tmp_path: Path) -> None:
    known, foreign = named(read_session_file(write_dawproject(tmp_path / "song.dawproject")), "Kick").devices
    assert isinstance(known.processor, Equaliser)
    (band,) = known.processor.bands
    assert (band.frequency_hz, band.gain_db, band.q) == pytest.approx((440.0, -3.0, 2.0))
    assert (foreign.name, foreign.processor) == ("Foreign", None)


def test_what_cannot_be_played_says_why_and_is_not_dropped(tmp_path: Path) -> None:
    clips = named(read_session_file(write_reaper(tmp_path / "song.rpp")), "Vox").clips
    assert [clip.cannot is None for clip in clips] == [True, False]
    assert "another speed" in str(clips[1].cannot)


@pytest.mark.parametrize("name", WRITERS)
def test_a_session_is_known_as_such_and_a_folder_of_stems_is_not(name: str, tmp_path: Path) -> None:
    assert is_session(WRITERS[name](tmp_path / name))
    assert not is_session(tmp_path / "made")

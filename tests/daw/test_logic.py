"""Logic and Pro Tools: what their decoder gives, in the session's words. No such session was at hand; its own values stand for one."""

from pathlib import Path

import pytest

from tonmeister.daw.logic import logic_session, protools_session
from tonmeister.daw.read import read_session_file
from tonmeister.errors import InputError

models = pytest.importorskip("logic2ableton.models")
timeline = pytest.importorskip("logic2ableton.timeline")
protools = pytest.importorskip("logic2ableton.protools_parser")


def test_a_logic_project_gives_tracks_groups_levels_clips_and_tempo() -> None:
    clip = models.AudioFileRef(
        filename="Vox#01.wav", track_name="Vox", take_number=1, is_comp=False, comp_name="", file_path=Path("Media/Vox#01.wav"),
        start_beats=4.0, content_offset_samples=24_000, content_duration_samples=48_000,
    )  # fmt: skip
    project = models.LogicProject(
        name="Song", tempo=120.0, time_sig_numerator=3, time_sig_denominator=4, sample_rate=48_000, audio_files=[clip],
        plugins=[], track_names=["Vox"], alternative=0,
        mixer_state={"Vox": models.TrackMixerState(volume_db=-6.5, pan=-0.25, is_muted=False)},
        track_groups={"Voices": models.TrackGroup("Voices", models.TrackMixerState(volume_db=-1.0))}, track_group={"Vox": "Voices"},
        timeline=timeline.Timeline([timeline.TempoEvent(8.0, 60.0)], [timeline.TimelineMarker(8.0, "Chorus")]),
    )  # fmt: skip
    session = logic_session(project)
    vox, voices = session.tracks
    assert (vox.name, vox.fader_db.points[0].value, vox.pan.points[0].value) == ("Vox", -6.5, -0.25)
    assert (vox.output, voices.kind, voices.fader_db.points[0].value) == (voices.id, "group", -1.0)
    assert [(c.start_s, c.length_s, c.offset_s) for c in vox.clips] == [(2.0, 1.0, 0.5)]
    assert [(t.time_s, t.bpm) for t in session.tempos] == [(0.0, 120.0), (4.0, 60.0)]
    assert session.markers[0].time_s == pytest.approx(4.0)
    assert any("not read" in sentence for sentence in session.unread)


def test_a_pro_tools_session_gives_tracks_and_clips_and_says_what_it_lacks() -> None:
    region = protools.ProToolsRegion("Vox_01", 0, 96_000, 4800, 48_000, 0, "Vox_01.wav")
    track = protools.ProToolsTrack("Vox", 0, [region])
    session = protools_session(protools.ProToolsSession("Song", Path("Song.ptx"), 12, 48_000, [], [track], []))
    (vox,) = session.tracks
    assert [(c.media, c.start_s, c.length_s, c.offset_s) for c in vox.clips] == [
        ("Audio Files/Vox_01.wav", 2.0, 1.0, 0.1)
    ]
    assert "faders" in session.unread[0]


def test_a_folder_that_is_no_logic_project_is_refused_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "Song.logicx").mkdir()
    with pytest.raises(InputError, match="cannot be decoded as a Logic project"):
        read_session_file(tmp_path / "Song.logicx")

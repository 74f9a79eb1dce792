"""The session file by itself; what a real Ardour makes of it is in test_ardour_real.py."""

from pathlib import Path
from xml.etree.ElementTree import Element, parse

import numpy as np
import pytest
import soundfile

from tests.daw.sessions import write_ardour, write_session
from tests.render.songs import busy_song, insert, lane, song, track
from tests.sounds import RATE_HZ, noise
from tonmeister.audio import Audio
from tonmeister.daw.ardour.rides import RIDES
from tonmeister.daw.ardour.write import write_ardour_files
from tonmeister.daw.order import Order
from tonmeister.document.mix import Mix, Section
from tonmeister.document.strip import Bus, MasterChain, Send, Strip
from tonmeister.errors import NoTracksError
from tonmeister.files.wav import write_wav
from tonmeister.processing import Compressor, DeEsser, TruePeakLimiter

HOSTILE = ["<&>\"']]>", "a/b:c\\d", "\0\x1b\ud800", "Master", "drums", "Drums", "鼓 🥁", "x" * 300, "", "."]


def _read(path: Path) -> Element:
    return parse(path).getroot()  # noqa: S314 - the session was written by the test itself


def _one_track(strip: Strip | None = None, *, frames: int = 4800) -> tuple[Mix, dict[str, Audio]]:
    return song([track("a", strip, channels=1)], frames=frames), {"a": noise(duration_s=frames / RATE_HZ)}


def _check_references(root: Element) -> None:
    ids = [element.get("id") for element in root.iter() if element.get("id") and element.tag != "Port"]
    assert len(ids) == len(set(ids))
    assert int(root.get("id-counter", "0")) > max(int(one or 0) for one in ids)
    sources = {element.get("id") for element in root.iter("Source")}
    for region in root.iter("Region"):
        assert {value for key, value in region.items() if "source-" in key} <= sources
    routes = {element.get("id"): element for element in root.iter("Route")}
    for playlist in root.iter("Playlist"):
        assert routes[playlist.get("orig-track-id")].get("audio-playlist") == playlist.get("id")
    ports = {element.get("name") for element in root.iter("Port")}
    for connection in root.iter("Connection"):
        other = connection.get("other", "")
        assert other in ports or other.startswith("system:playback_")
    for send in root.iterfind(".//Processor[@type='intsend']"):
        returns = routes[send.get("target")].findall("Processor[@type='intreturn']")
        assert len(returns) == 1  # Ardour 7.3 crashes without


def test_ids_are_unique_and_what_they_name_is_there(tmp_path: Path) -> None:
    mix, sounds = busy_song(duration_s=0.5)
    _check_references(_read(write_session(mix, sounds, tmp_path).path))


def test_hostile_names_become_names_that_ardour_and_file_systems_take(tmp_path: Path) -> None:
    sound = noise(duration_s=0.1)
    tracks = [track(f"t{n}", channels=1).model_copy(update={"name": name}) for n, name in enumerate(HOSTILE)]
    bus = Bus(id="b", name=HOSTILE[0])
    mix = song(tracks, frames=4800, buses=(bus,))
    paths = {}
    for one in tracks:
        paths[one.id] = tmp_path / f"{one.id}.wav"
        write_wav(paths[one.id], sound)
    made = write_ardour(mix, paths, tmp_path / "s", name='so<n>"g/')
    root = _read(made.path)
    _check_references(root)
    names = [route.get("name", "") for route in root.iter("Route")]
    assert len({name.casefold() for name in names}) == len(HOSTILE) + 2
    for source in root.iter("Source"):
        assert (tmp_path / "s/interchange" / made.path.stem / "audiofiles" / source.get("name", "")).is_file()


def test_the_same_mix_gives_the_same_bytes(tmp_path: Path) -> None:
    mix, sounds = busy_song(duration_s=0.5)
    first, second = (write_session(mix, sounds, tmp_path / n).path for n in ("one", "two"))
    assert first.read_bytes() == second.read_bytes()


def test_every_file_goes_where_place_says(tmp_path: Path) -> None:
    mix, sounds = _one_track()
    write_wav(tmp_path / "a.wav", sounds["a"])
    asked: list[str] = []

    def place(name: str) -> Path:
        asked.append(name)
        return tmp_path / f"{len(asked)}.staged"

    made = write_ardour_files(Order(mix, {"a": tmp_path / "a.wav"}, place, "Song"))
    assert asked == ["interchange/Song/audiofiles/a.wav", "Song.ardour"]
    assert (tmp_path / "1.staged").read_bytes() == (tmp_path / "a.wav").read_bytes()
    assert made.path == tmp_path / "2.staged"


def test_compressed_sound_at_another_rate_becomes_float_wav_at_the_songs_rate(tmp_path: Path) -> None:
    mix, _ = _one_track(frames=RATE_HZ)
    source = noise(duration_s=1.0, sample_rate_hz=44_100)
    soundfile.write(tmp_path / "a.flac", source.samples.T, 44_100)
    write_ardour(mix, {"a": tmp_path / "a.flac"}, tmp_path / "s", name="S")
    info = soundfile.info(tmp_path / "s/interchange/S/audiofiles/a.wav")
    assert (info.samplerate, info.frames, info.subtype) == (RATE_HZ, RATE_HZ, "FLOAT")


def _session_sound(path: Path, folder: Path) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    mix, _ = _one_track()
    write_ardour(mix, {"a": path}, folder, name="S")
    read, _ = soundfile.read(folder / "interchange/S/audiofiles/a.wav", dtype="float32")
    sound: np.ndarray[tuple[int, ...], np.dtype[np.float32]] = read
    return sound


def test_samples_that_are_no_numbers_do_not_reach_the_session(tmp_path: Path) -> None:
    sound = noise(duration_s=0.1)
    sound.samples[0, 100] = np.nan
    write_wav(tmp_path / "a.wav", sound)
    read = _session_sound(tmp_path / "a.wav", tmp_path / "s")
    assert read[100] == 0
    assert np.array_equal(np.delete(read, 100), np.delete(sound.samples[0], 100))


def test_a_file_that_breaks_off_becomes_a_whole_one(tmp_path: Path) -> None:
    sound = noise(duration_s=0.1)
    write_wav(tmp_path / "a.wav", sound)
    (tmp_path / "a.wav").write_bytes((tmp_path / "a.wav").read_bytes()[:-1000])
    assert np.array_equal(_session_sound(tmp_path / "a.wav", tmp_path / "s"), sound.samples[0, :-250])


def test_of_an_exact_dual_mono_the_first_channel_is_used(tmp_path: Path) -> None:
    mix, _ = _one_track()
    root = _read(write_session(mix, {"a": noise(duration_s=0.1, channels=2)}, tmp_path).path)
    assert [source.get("channel") for source in root.iter("Source")] == ["0"]


def test_sound_before_the_song_is_skipped_and_a_delay_moves_the_region(tmp_path: Path) -> None:
    superclocks_per_frame = 5880
    for delay, place, skip in ((-77, 0, 77), (500, 500, 0)):
        mix, sounds = _one_track(Strip(delay_frames=delay))
        root = _read(write_session(mix, sounds, tmp_path / str(delay)).path)
        region = root.find("Playlists/Playlist/Region")
        assert region is not None
        assert region.get("start") == f"a{skip * superclocks_per_frame}"
        assert region.get("length") == f"a{(4800 - skip) * superclocks_per_frame}@a{place * superclocks_per_frame}"


def test_sections_are_markers_and_ranges_and_the_tempo_is_the_songs(tmp_path: Path) -> None:
    mix, sounds = _one_track(frames=RATE_HZ)
    labels = ("verse", "chorus", "verse")
    sections = tuple(
        Section(id=f"s{n}", label=label, start_s=n / 4, end_s=(n + 1) / 4, confidence=1)
        for n, label in enumerate(labels)
    )
    mix = mix.model_copy(update={"song": mix.song.model_copy(update={"sections": sections, "tempo_bpm": 93.5})})
    root = _read(write_session(mix, sounds, tmp_path).path)
    marks = [place.get("name") for place in root.iter("Location") if place.get("flags") == "IsMark"]
    assert marks == ["Verse 1", "Chorus", "Verse 2"]
    assert len([place for place in root.iter("Location") if place.get("flags") == "IsRangeMarker"]) == 3
    tempo = root.find("TempoMap/Tempos/Tempo")
    assert tempo is not None
    assert tempo.get("npm") == "93.5"


def test_what_cannot_be_carried_is_said_in_a_sentence_with_its_settings(tmp_path: Path) -> None:
    keyed = insert(Compressor(threshold_db=-40), slot="dynamics", key="a", name="duck")
    mix, sounds = _one_track(Strip(inserts=(insert(DeEsser(frequency_hz=6500)), keyed)))
    unused = track("b", channels=1).model_copy(update={"used": False, "why_unused": "silent"})
    limiter = insert(TruePeakLimiter(drive_db=4.5), slot="output")
    master = MasterChain(inserts=(limiter,))
    mix = mix.model_copy(update={"master": master, "tracks": (*mix.tracks, unused)})
    made = write_session(mix, sounds, tmp_path)
    assert len(made.lost) == 4
    for wanted in ("true-peak limiter", "drive_db 4.5", "de-esser", "frequency_hz 6500", "duck", "b is not in the mix"):
        assert any(wanted in sentence for sentence in made.lost), wanted
    comment = _read(made.path).find(".//Route[@name='a']/Comment")
    assert comment is not None
    assert "frequency_hz 6500" in (comment.text or "")


def test_what_is_carried_is_counted(tmp_path: Path) -> None:
    ride = lane((0, 0), (0.05, -3))
    strip = Strip(fader_db=ride, sends=(Send(bus="fx", level_db=lane((0, -6))),), output="g")
    buses = (Bus(id="g", name="Group"), Bus(id="fx", name="Echo", kind="effect"))
    mix = song([track("a", strip, channels=1)], frames=4800, buses=buses)
    carried = write_session(mix, {"a": noise(duration_s=0.1)}, tmp_path).carried
    assert carried == {"effect buses": 1, RIDES: 1, "group buses": 1, "sends": 1, "tracks": 1}


def test_a_width_that_moves_becomes_a_lane_of_the_tools(tmp_path: Path) -> None:
    """Ardour names the parameters of a plugin by their numbers; points are in superclocks."""
    ramp = lane((0.0, 1.0), (0.05, 1.5), law="linear_gain")
    mix = song([track("a", Strip(width=ramp))], frames=4800)
    root = _read(write_session(mix, {"a": noise(duration_s=0.1, channels=2)}, tmp_path).path)
    (found,) = [one for one in root.iter("AutomationList") if str(one.get("automation-id")).startswith("parameter-")]
    assert found.get("state") == "Play"
    values = [float(line.split()[1]) for line in (found.findtext("events") or "").splitlines()]
    assert (values[0], values[-1]) == (1.0, 1.5)


def test_a_track_without_sound_is_refused_by_its_id(tmp_path: Path) -> None:
    mix, _ = _one_track()
    with pytest.raises(NoTracksError, match="'a'"):
        write_ardour(mix, {}, tmp_path, name="S")

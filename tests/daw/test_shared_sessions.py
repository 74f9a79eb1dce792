"""Real sessions of the shared material: what we read is what the file says, looked up a second time by other means."""

import gzip
import zipfile
from collections.abc import Iterator
from math import log10
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tonmeister.daw.opening import SessionError
from tonmeister.daw.read import read_session_file
from tonmeister.daw.session import DawSession
from tonmeister.document.lane import Lane

pytestmark = pytest.mark.shared
LEVEL_DB = 0.001
"""Four decimals of a dB are kept."""
PAN = 1e-4


@pytest.fixture
def daw_files(shared_data: Path) -> Path:
    return shared_data / "daw"


def decibels(gain: float) -> float:
    return 20 * log10(gain) if gain > 1e-6 else -120.0


def points(lane: Lane) -> list[float]:
    """Return time, value, time, value …."""
    return [number for point in lane.points for number in (point.time_s, point.value)]


def told(session: DawSession) -> list[tuple[str, float, float]]:
    """Return name, level and pan of every track, as they stand at the song's start."""
    return [(t.name, t.fader_db.points[0].value, t.pan.points[0].value) for t in session.tracks]


def check(session: DawSession, names: list[str], levels_db: list[float], pans: list[float]) -> None:
    found = told(session)
    assert [name for name, _, _ in found] == names
    assert [level for _, level, _ in found] == pytest.approx(levels_db, abs=LEVEL_DB)
    assert [pan for _, _, pan in found] == pytest.approx(pans, abs=PAN)


@pytest.mark.parametrize("name", ["audio-regions", "automation", "eq"])
def test_bitwigs_projects(name: str, daw_files: Path) -> None:
    path = daw_files / "dawproject" / f"{name}.dawproject"
    root = ET.fromstring(zipfile.ZipFile(path).read("project.xml"))  # noqa: S314 - a known file of the shared data
    tracks = list(root.iter("Track"))
    session = read_session_file(path)
    levels = [decibels(float(t.find("Channel/Volume").get("value"))) for t in tracks]  # type: ignore[union-attr, arg-type]
    pans = [2 * float(t.find("Channel/Pan").get("value")) - 1 for t in tracks]  # type: ignore[union-attr, arg-type]
    if name == "automation":
        levels[0] = 0.0  # its fader moves, and its first point is 1.0
    check(session, [str(t.get("name")) for t in tracks], levels, pans)
    assert [tempo.bpm for tempo in session.tempos] == [float(root.find("Transport/Tempo").get("value"))]  # type: ignore[union-attr, arg-type]


def test_bitwigs_automation_and_equaliser(daw_files: Path) -> None:
    """By hand from the files: 1.0, 0.354813, 0.707946 at beats 0, 1.5, 4 of 110 bpm; bands at 240 to 12,000 Hz."""
    moving = read_session_file(daw_files / "dawproject" / "automation.dawproject").tracks[0]
    assert points(moving.fader_db) == pytest.approx([0, 0, 0.818182, -9.0, 2.181818, -3.0], abs=1e-3)
    assert points(moving.pan) == pytest.approx([0, 0, 1.090909, -1, 2.181818, 1], abs=1e-5)
    assert points(moving.mute) == pytest.approx([0, 0, 1.090909, 1], abs=1e-5)
    (device,) = read_session_file(daw_files / "dawproject" / "eq.dawproject").tracks[1].devices
    bands: Any = device.processor
    assert [(round(b.frequency_hz), round(b.gain_db, 1)) for b in bands.bands] == [
        (240, 0.0), (900, -9.0), (12_000, 6.0), (2000, 12.0), (1173, 10.3), (488, -5.6),
    ]  # fmt: skip


def test_bitwigs_looped_clip_is_played_from_the_archive(daw_files: Path) -> None:
    """8 beats at 110 bpm are 4.3636 s: four times a chirp of one second and the start of a fifth."""
    clips = read_session_file(daw_files / "dawproject" / "audio-regions.dawproject").tracks[0].clips
    assert len(clips) == 5
    assert clips[-1].start_s + clips[-1].length_s == pytest.approx(8 * 60 / 110)
    assert all(clip.cannot is None and clip.is_inside and clip.media == "audio/chirp.wav" for clip in clips)


@pytest.mark.parametrize("name", ["empty.RPP", "test_track.rpp", "with-external-files.rpp"])
def test_reapers_projects(name: str, daw_files: Path) -> None:
    rpp = pytest.importorskip("rpp")
    path = daw_files / "rpp" / name
    root = rpp.loads(path.read_text("utf-8", errors="replace"))
    tracks = root.findall("TRACK")
    found: list[tuple[str, float, float]] = []
    for track in tracks:
        volume, pan = (float(value) for value in track.find("VOLPAN")[1:3])
        found.append((track.find("NAME")[1] or "Track", decibels(volume), pan))
    master = [float(value) for value in root.find("MASTER_VOLUME")[1:3]]
    session = read_session_file(path)
    check(
        session, [*(n for n, _, _ in found), "Master"], [*(v for _, v, _ in found), decibels(master[0])],
        [*(p for _, _, p in found), master[1]],
    )  # fmt: skip
    assert session.tempos[0].bpm == float(root.find("TEMPO")[1])
    clips = sum(len(track.clips) for track in session.tracks)
    sounds = [
        item
        for track in tracks
        for item in track.findall("ITEM")
        if item.find("SOURCE").attrib[0] not in ("MIDI", "MIDIPOOL")
    ]
    assert clips == len(sounds)


def live_tracks(root: ET.Element) -> Iterator[ET.Element]:
    yield from (t for t in root.find("LiveSet/Tracks") or () if t.tag.endswith("Track"))


def live_value(element: ET.Element | None) -> float:
    assert element is not None
    manual = element.find("Manual")
    event = element.find("ArrangerAutomation/Events/FloatEvent")
    return float((manual if manual is not None else event).get("Value"))  # type: ignore[union-attr, arg-type]


@pytest.mark.parametrize("name", ["L12-automation", "automation-intense", "example-120", "live8-patch-markers-auto"])
def test_lives_sets(name: str, daw_files: Path) -> None:
    path = daw_files / "als" / f"{name}.als"
    root = ET.fromstring(gzip.decompress(path.read_bytes()))  # noqa: S314 - a known file of the shared data
    tracks = list(live_tracks(root))
    session = read_session_file(path)
    assert len(session.tracks) == len(tracks) + 1
    levels = [decibels(live_value(t.find("DeviceChain/Mixer/Volume"))) for t in tracks]
    pans = [live_value(t.find("DeviceChain/Mixer/Pan")) for t in tracks]
    assert [t.fader_db.points[0].value for t in session.tracks[:-1]] == pytest.approx(levels, abs=LEVEL_DB)
    assert [t.pan.points[0].value for t in session.tracks[:-1]] == pytest.approx(pans, abs=PAN)
    for read, track in zip(session.tracks, tracks, strict=False):
        own = track.find("Name/UserName")
        shown = track.find("Name/EffectiveName")
        name_there = ("" if own is None else own.get("Value", "")) or ("" if shown is None else shown.get("Value", ""))
        assert read.name == name_there or not name_there


def test_the_tempos_of_lives_sets(daw_files: Path) -> None:
    """By hand: L12 holds 60, 60, 120, 200 at beats 0, 4, 8, 12, gliding; Live 8 holds 95.3, 138.3, 160 at beats 0, 4, 200."""
    twelve = read_session_file(daw_files / "als" / "L12-automation.als")
    assert [tempo.bpm for tempo in twelve.tempos] == [60, 60, 120, 200]
    assert twelve.tempos[1].time_s == pytest.approx(4.0)  # four beats of a second each
    eight = read_session_file(daw_files / "als" / "live8-patch-markers-auto.als")
    assert [tempo.bpm for tempo in eight.tempos] == [95.3, 138.3, 160]
    assert read_session_file(daw_files / "als" / "example-120.als").tempos[0].bpm == pytest.approx(120, abs=1e-4)


def test_a_real_ardour_session_of_a_released_song(daw_files: Path) -> None:
    path = daw_files / "ardour" / "200119-song-idea.ardour"
    root = ET.parse(path).getroot()  # noqa: S314 - a known file of the shared data
    routes = root.findall("Routes/Route")
    session = read_session_file(path)
    names, levels, pans = [], [], []
    for route in routes:
        names.append(str(route.get("name")))
        amp = next(p for p in route.findall("Processor") if p.get("type") == "amp")
        levels.append(decibels(float(amp.find("Controllable").get("value"))))  # type: ignore[union-attr, arg-type]
        pan = route.find("Pannable/Controllable[@name='pan-azimuth']")
        shell = route.find("Processor[@role='Main']/PannerShell")
        is_flat = pan is None or (shell is not None and shell.get("bypassed") == "1")
        pans.append(0.0 if is_flat else 2 * float(pan.get("value")) - 1)  # type: ignore[union-attr, arg-type]
    check(session, names, levels, pans)
    assert session.sample_rate_hz == 44_100
    assert [tempo.bpm for tempo in session.tempos] == [110]
    muted = [route.get("name") for route in routes if route.find("MuteMaster[@muted='1']") is not None]
    assert [t.name for t in session.tracks if t.mute.points[0].value == 1] == muted
    regions = [len(p.findall("Region")) for p in root.findall("Playlists/Playlist") if p.get("type") == "audio"]
    assert sum(len(t.clips) for t in session.tracks) == sum(regions)


@pytest.mark.parametrize(
    ("name", "tracks", "clips"),
    [
        ("DR_Audio_Levels", 2, 8),
        ("DR_Mono_Clip_Positioning", 1, 4),
        ("MC_Audio_Pan", 2, 3),
        ("PT_Fades", 2, 22),
        ("PT_WAV_External", 1, 1),
    ],
)
def test_compositions_of_pro_tools_resolve_and_media_composer(
    name: str, tracks: int, clips: int, daw_files: Path
) -> None:
    """Counts by hand, from what the files' own names and a listing of their slots say."""
    aaf2 = pytest.importorskip("aaf2")
    path = daw_files / "aaf" / f"{name}.aaf"
    with aaf2.open(str(path), "r") as file:
        composition = next(iter(file.content.toplevel()))
        slots = [slot for slot in composition.slots if str(slot.segment.media_kind) == "Sound"]
    session = read_session_file(path)
    assert len(session.tracks) == tracks == len(slots)
    assert sum(len(track.clips) for track in session.tracks) == clips


def test_levels_and_pans_of_compositions(daw_files: Path) -> None:
    """Resolve's file has clips at -99 dB, +6 dB and a ride; Media Composer's pans from left over the centre to the right."""
    pytest.importorskip("aaf2")
    gains = [clip.gain_db for clip in read_session_file(daw_files / "aaf" / "DR_Audio_Levels.aaf").tracks[0].clips]
    assert gains[:2] == pytest.approx([-99.0, 6.0], abs=0.01)
    left, right = read_session_file(daw_files / "aaf" / "MC_Audio_Pan.aaf").tracks
    assert [p.value for p in left.pan.points[:4]] == [-1, -1, 0, 1]
    assert right.pan.points[0].value == 1


@pytest.mark.parametrize("name", ["EsoXLB-CPU.mmpz", "Farbro-Tectonic.mmpz", "StrictProduction-DearJonDoe.mmp"])
def test_lmms_is_refused_in_one_sentence(name: str, daw_files: Path) -> None:
    with pytest.raises(SessionError, match="session of LMMS"):
        read_session_file(daw_files / "lmms" / name)


def test_no_session_of_the_material_crashes(daw_files: Path) -> None:
    kinds = {".dawproject", ".rpp", ".als", ".ardour", ".aaf"}
    found = [path for path in sorted(daw_files.rglob("*")) if path.suffix.lower() in kinds]
    assert len(found) == 16
    for path in found:
        assert read_session_file(path).tracks

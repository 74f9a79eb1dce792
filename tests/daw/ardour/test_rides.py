"""Rides before the fader: written, read again, set anew in a session of ours and in one of a person's who moves the fader."""

from pathlib import Path
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element

import numpy as np
import pytest

from tests.daw.sessions import write_session
from tests.render.songs import lane, song, track
from tests.sounds import RATE_HZ, noise
from tonmeister.daw.ardour.patch import patch_ardour
from tonmeister.daw.changes import Changes, OwnerChange
from tonmeister.daw.read import read_session_file
from tonmeister.daw.session import SessionTrack
from tonmeister.document.lane import Lane
from tonmeister.document.strip import Strip

RIDE = lane((0, -3), (0.5, -3), (1.5, -4.5), (1.75, -4.5))
MUTE = lane((0, 0), (1.25, 1), (1.5, 0), law="hold")


def _write(folder: Path) -> Path:
    mix = song([track("a", Strip(fader_db=RIDE, mute=MUTE))], frames=2 * RATE_HZ)
    return write_session(mix, {"a": noise(duration_s=2, channels=2)}, folder).path


def _read(path: Path) -> SessionTrack:
    return next(one for one in read_session_file(path).tracks if one.name == "a")


def _route(path: Path) -> Element:
    root = ET.parse(path).getroot()  # noqa: S314 - a file that this test has just written
    return next(route for route in root.findall("Routes/Route") if route.get("name") == "a")


def _automation(path: Path) -> dict[str, str]:
    lists = _route(path).iter("AutomationList")
    return {one.get("automation-id", ""): one.get("state", "") for one in lists if one.get("state") == "Play"}


def _shown(given: Lane) -> list[float]:
    return [number for point in given.points for number in (point.time_s, point.value)]


def _patched(path: Path, change: OwnerChange) -> Path:
    to = path.with_name("after.ardour")
    patch_ardour(path, Changes(owners=[change], sample_rate_hz=RATE_HZ), to)
    return to


def test_a_ride_and_silences_come_back_point_by_point(tmp_path: Path) -> None:
    """The points that tell our box a slope are no points of the lane; nor is the box a device of the track."""
    path = _write(tmp_path)
    assert _automation(path) == {"parameter-13": "Play", "parameter-14": "Play"}
    found = _read(path)
    assert _shown(found.fader_db) == pytest.approx(_shown(RIDE), abs=1e-3)
    assert _shown(found.mute) == _shown(MUTE)
    assert found.devices == ()


def test_a_new_ride_takes_the_place_of_the_former(tmp_path: Path) -> None:
    path = _write(tmp_path)
    wanted = lane((0, -6), (1, -2), (1.5, -2))
    to = _patched(path, OwnerChange(_read(path).id, "a", 2, fader_db=wanted))
    found = _read(to)
    assert _shown(found.fader_db) == pytest.approx(_shown(wanted), abs=1e-3)
    assert _shown(found.mute) == _shown(MUTE)


def test_a_still_fader_and_no_mute_leave_no_automation(tmp_path: Path) -> None:
    path = _write(tmp_path)
    change = OwnerChange(_read(path).id, "a", 2, fader_db=lane((0, -7)), mute=lane((0, 0), law="hold"))
    to = _patched(path, change)
    assert _automation(to) == {}
    assert _read(to).fader_db.points[0].value == pytest.approx(-7, abs=1e-3)


def test_a_fader_that_the_person_moves_stays_the_one_that_moves(tmp_path: Path) -> None:
    path = _write(tmp_path)
    root = ET.parse(path).getroot()  # noqa: S314 - a file that this test has just written
    amp = next(
        p
        for r in root.findall("Routes/Route")
        for p in r.findall("Processor")
        if p.get("type") == "amp" and r.get("name") == "a"
    )
    own = next(one for one in amp.iter("AutomationList") if one.get("automation-id") == "gain")
    own.set("state", "Play")
    ET.SubElement(own, "events").text = "a0 1\na282240000 0.5\n"
    ET.ElementTree(root).write(path, encoding="UTF-8", xml_declaration=True)
    wanted = lane((0, -6), (1, -2), (1.5, -2))
    to = _patched(path, OwnerChange(_read(path).id, "a", 2, fader_db=wanted))
    assert set(_automation(to)) == {"gain", "parameter-14"}
    times = np.linspace(0, 1.5, 7)
    assert [_read(to).fader_db.at(float(t)) for t in times] == pytest.approx(
        [wanted.at(float(t)) for t in times], abs=0.05
    )


def test_sessions_of_ardour_6_get_times_in_samples(tmp_path: Path) -> None:
    path = _write(tmp_path)
    root = ET.parse(path).getroot()  # noqa: S314 - a file that this test has just written
    root.set("version", "6000")
    ET.ElementTree(root).write(path, encoding="UTF-8", xml_declaration=True)
    to = _patched(path, OwnerChange(_read(path).id, "a", 2, fader_db=RIDE))
    box = _route(to).findall("Processor[@type='luaproc']")[-1]
    text = box.findtext("Automation/AutomationList[@automation-id='parameter-13']/events") or ""
    assert text.split()[::2][:4] == ["0", "1", "17", "24000"]

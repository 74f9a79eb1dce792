"""Sessions that no DAW here can play are added up by arithmetic as their format says, and must be our mix."""

import zipfile
from collections.abc import Mapping
from pathlib import Path
from xml.etree.ElementTree import Element

import numpy as np
import rpp
import soundfile
from defusedxml.ElementTree import fromstring

from tests.daw.added_up import Strip as Said
from tests.daw.added_up import add_up
from tests.daw.sessions import peak_db, write_sounds
from tests.render.songs import hear, lane, song, track
from tests.sounds import RATE_HZ, noise
from tonmeister.audio import Audio
from tonmeister.daw.dawproject.write import write_dawproject_files
from tonmeister.daw.order import Order
from tonmeister.daw.prepare import Abilities, prepare
from tonmeister.daw.reaper.write import write_reaper_files
from tonmeister.document.mix import Mix
from tonmeister.document.strip import Bus, Insert, Send, Strip

FRAMES = 2 * RATE_HZ


def _song(*, polarity: bool) -> tuple[Mix, dict[str, Audio]]:
    """Return a song of everything that is linear: levels, pans, lanes, mutes, delays, trims, groups in groups, sends."""
    strips = {
        "mono": Strip(
            pan=lane((0, -0.5), (1.5, 0.7), law="linear_gain"), fader_db=lane((0.3, -12), (1.2, 0)), trim_db=-2.5, output="inner"
        ),
        "still": Strip(pan=lane((0, 0.4), law="linear_gain"), fader_db=lane((0, -3)), sends=(Send(bus="fx", level_db=lane((0, -6))),)),
        "wide": Strip(
            pan=lane((0, -0.3), law="linear_gain"), delay_frames=-333, polarity_inverted=polarity, trim_db=3,
            sends=(Send(bus="fx", level_db=lane((0.2, -20), (1.8, -3))),),
        ),
        "gone": Strip(mute=lane((0, 0), (0.5, 1), (1.0, 0), law="hold"), delay_frames=777, output="outer"),
        "off": Strip(mute=lane((0, 1), law="hold")),
    }  # fmt: skip
    buses = (
        Bus(id="outer", name="Outer", fader_db=lane((0.1, -1), (1.9, -6), law="linear_gain")),
        Bus(
            id="inner",
            name="Inner",
            fader_db=lane((0, -2)),
            output="outer",
            sends=(Send(bus="fx", level_db=lane((0, -9))),),
        ),
        Bus(id="fx", name="Effect", kind="effect", fader_db=lane((0, -4))),
    )
    channels = {"mono": 1, "still": 1, "wide": 2, "gone": 2, "off": 2}
    sounds = {name: noise(duration_s=2, channels=n, seed=place) for place, (name, n) in enumerate(channels.items())}
    return song([track(n, s, channels=channels[n]) for n, s in strips.items()], frames=FRAMES, buses=buses), sounds


def _place(folder: Path, name: str) -> Path:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    return folder / name


def _written(folder: Path, mix: Mix, sounds: Mapping[str, Audio], abilities: Abilities, *, reaper: bool) -> Path:
    prepared = prepare(mix, abilities)
    assert not prepared.prints
    write = write_reaper_files if reaper else write_dawproject_files
    paths = write_sounds(sounds, folder / "sounds")
    return write(Order(prepared.mix, paths, lambda name: _place(folder / "out", name), "Mix")).path


def _all(one: Insert, channels: int) -> bool:
    return one.id != "" or channels > 0


def test_a_reaper_project_adds_up_to_our_mix(tmp_path: Path) -> None:
    """By REAPER's own rules: an envelope times the fader, +1 left in pan envelopes, folders, receives after the fader."""
    mix, sounds = _song(polarity=True)
    path = _written(tmp_path, mix, sounds, Abilities(_all), reaper=True)
    said: dict[str, Said] = {}
    names: list[str] = []
    open_folders: list[str] = []
    for one in rpp.loads(path.read_text("utf-8")).findall("TRACK"):
        name = one.find("NAME")[1]
        volume, pan = (float(value) for value in one.find("VOLPAN")[1:3])
        volumes, pans = (_points(one.find(kind)) for kind in ("VOLENV2", "PANENV2"))
        strip = Said(
            gain=volume, pan=pan, gain_line=[(at, value * volume) for at, value in volumes],
            pan_line=[(at, pan - value) for at, value in pans], muted=one.find("MUTESOLO")[1] == "1",
            output=open_folders[-1] if open_folders else None,
        )  # fmt: skip
        item = one.find("ITEM")
        if item is not None:
            samples = soundfile.read(path.parent / item.find("SOURCE").find("FILE")[1], always_2d=True)[0].T
            skip = round(float(item.find("SOFFS")[1]) * RATE_HZ)
            length = round(float(item.find("LENGTH")[1]) * RATE_HZ)
            strip.sound = samples[:, skip : skip + length] * float(item.find("VOLPAN")[3])
            strip.start_frame = round(float(item.find("POSITION")[1]) * RATE_HZ)
        said[name] = strip
        names.append(name)
        kind, depth = (int(value) for value in one.find("ISBUS")[1:3])
        open_folders = [*open_folders, name] if kind == 1 else open_folders[: len(open_folders) + min(depth, 0)]
    for one in rpp.loads(path.read_text("utf-8")).findall("TRACK"):
        source, level = "", 1.0
        for entry in one:
            if isinstance(entry, list) and entry[0] == "AUXRECV":
                source, level = names[int(entry[1])], float(entry[3])
                said[source].sends.append((one.find("NAME")[1], level, []))
            elif not isinstance(entry, list) and entry.tag == "AUXVOLENV":
                target, _, _ = said[source].sends.pop()
                said[source].sends.append((target, level, [(at, value * level) for at, value in _points(entry)]))
    _check(add_up(said, FRAMES), mix, sounds)


def _points(envelope: rpp.Element | None) -> list[tuple[float, float]]:
    return [] if envelope is None else [(float(one[1]), float(one[2])) for one in envelope.findall("PT")]


def test_a_dawproject_adds_up_to_our_mix(tmp_path: Path) -> None:
    """By the format's rules: linear volumes, pans from 0 to 1, points joined by straight lines, channels by destination."""
    mix, sounds = _song(polarity=False)
    path = _written(tmp_path, mix, sounds, Abilities(_all, trim=False), reaper=False)
    with zipfile.ZipFile(path) as packed:
        root: Element = fromstring(packed.read("project.xml"))
        lines = {
            points.find("Target").attrib["parameter"]: [  # type: ignore[union-attr]  # a missing element fails the test as well
                (float(one.attrib["time"]), float(one.attrib["value"])) for one in points.iter("RealPoint")
            ]
            for points in root.iter("Points")
        }
        said, master = {}, ""
        channels = {one.attrib["id"]: one.find("Channel") for one in root.iter("Track")}
        for channel in channels.values():
            assert channel is not None
            if channel.attrib["role"] == "master":
                master = channel.attrib["id"]
                continue
            said[channel.attrib["id"]] = _strip(channel, lines)
        for strip in said.values():
            strip.output = None if strip.output == master else strip.output
        for lanes in root.iter("Lanes"):
            clip = lanes.find("Clips/Clip")
            if clip is not None:
                channel = channels[lanes.attrib["track"]]
                assert channel is not None
                strip = said[channel.attrib["id"]]
                with packed.open(clip.find("Audio/File").attrib["path"]) as file:  # type: ignore[union-attr]  # a missing element fails the test as well
                    samples = soundfile.read(file, always_2d=True)[0].T
                first = round(float(clip.attrib["playStart"]) * RATE_HZ)
                length = round(float(clip.attrib["duration"]) * RATE_HZ)
                strip.sound = samples[:, first : first + length]
                strip.start_frame = round(float(clip.attrib["time"]) * RATE_HZ)
    _check(add_up(said, FRAMES), mix, sounds)


def _strip(channel: Element, lines: Mapping[str, list[tuple[float, float]]]) -> Said:
    volume, pan, mute = (channel.find(tag) for tag in ("Volume", "Pan", "Mute"))
    assert volume is not None
    assert pan is not None
    assert mute is not None
    sends = []
    for one in channel.iter("Send"):
        level = one.find("Volume")
        assert level is not None
        sends.append((one.attrib["destination"], float(level.attrib["value"]), lines.get(level.attrib["id"], [])))
    return Said(
        gain=float(volume.attrib["value"]), gain_line=lines.get(volume.attrib["id"], []),
        pan=2 * float(pan.attrib["value"]) - 1,
        pan_line=[(at, 2 * value - 1) for at, value in lines.get(pan.attrib["id"], [])],
        muted=mute.attrib["value"] == "true", output=channel.attrib["destination"], sends=sends,
    )  # fmt: skip


def _check(got: np.ndarray, mix: Mix, sounds: Mapping[str, Audio]) -> None:
    """What stands still is exact to the digits that are written; a ramp strays by the 0.02 dB that it may, so -52 dB of its own level at most."""
    ours = hear(mix, sounds)[:, :FRAMES]
    assert peak_db((got - ours).astype(np.float32)) < -60
    still = slice(round(1.95 * RATE_HZ), FRAMES)  # by then every lane has come to rest
    assert peak_db((got - ours)[:, still].astype(np.float32)) < -95

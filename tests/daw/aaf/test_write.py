"""AAF files, read again: slots, gains over time, pans, sound."""

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

import aaf2
import numpy as np
import pytest
import soundfile

from tests.daw.sessions import write_sounds
from tests.render.songs import lane, song, track
from tests.sounds import RATE_HZ, noise
from tonmeister.audio import Audio
from tonmeister.daw.aaf.write import write_aaf_files
from tonmeister.daw.handback import Handback
from tonmeister.daw.order import Order
from tonmeister.document.strip import Bus, Strip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Handback:
    return _write(tmp_path_factory.mktemp("aaf"))


def _write(folder: Path, *, pad_seed: int = 0) -> Handback:
    strips = {
        "voice": Strip(fader_db=lane((0.5, -12), (1.5, 0)), pan=lane((0, -0.4), law="linear_gain"), output="group"),
        "pad": Strip(fader_db=lane((0, -6)), pan=lane((0, 0.5), law="linear_gain"), delay_frames=4800),
        "loud": Strip(),
        "off": Strip(mute=lane((0, 1), law="hold")),
    }
    sounds = {
        "voice": noise(duration_s=2),
        "pad": noise(duration_s=2, channels=2, seed=pad_seed),
        "off": noise(duration_s=2),
    }
    sounds["loud"] = Audio(np.full((1, RATE_HZ), 1.5, np.float32), RATE_HZ)
    tracks = [track(name, strip, channels=sounds[name].channels) for name, strip in strips.items()]
    mix = song(tracks, frames=2 * RATE_HZ, buses=(Bus(id="group", name="Voices", fader_db=lane((0, -3))),))
    paths = write_sounds({name: sounds[name] for name in strips}, folder / "sounds")

    def place(name: str) -> Path:
        (folder / "out" / name).parent.mkdir(parents=True, exist_ok=True)
        return folder / "out" / name

    return write_aaf_files(Order(mix, paths, place, "My Mix"), final_folder=Path("/mixes/out"))


def _slots(file: Any) -> dict[str, Any]:
    return {slot.name: slot for slot in next(iter(file.content.toplevel())).slots}


def _operations(slot: Any) -> tuple[Any, Any, Any]:
    pan = list(slot.segment.components)[-1]
    gain = next(iter(pan.segments))
    return pan, gain, next(iter(gain.segments))


def _constant(group: Any) -> float:
    return float(next(iter(group.parameters)).value)


def test_every_channel_is_a_slot_with_gain_and_pan(made: Handback) -> None:
    with aaf2.open(str(made.path)) as file:
        slots = _slots(file)
        assert list(slots) == ["voice", "pad.L", "pad.R", "loud", "off"]
        assert [_operations(slot)[0].operation.name for slot in slots.values()] == ["Mono Audio Pan"] * 5
        pans = [_constant(_operations(slot)[0]) for slot in slots.values()]
        assert pans == pytest.approx([0.3, 0.0, 1.0, 0.5, 0.5], abs=1e-5)
        left, right = (_constant(_operations(slots[name])[1]) for name in ("pad.L", "pad.R"))
        assert right == pytest.approx(10 ** (-6 / 20), rel=1e-4)
        assert left == pytest.approx(right * 2**0.5 * np.sin(0.25 * np.pi / 2), rel=1e-4)
        assert _constant(_operations(slots["off"])[1]) == 0


def test_a_ride_is_gain_over_time_with_the_groups_fader_in_it(made: Handback) -> None:
    with aaf2.open(str(made.path)) as file:
        varying = next(iter(_operations(_slots(file)["voice"])[1].parameters))
        points = [(2 * float(one.time), float(one.value)) for one in varying["PointList"]]
    assert (points[0][0], points[-1][0]) == (0.0, 2.0)
    for time_s in np.linspace(0, 2, 41):
        got = np.interp(time_s, [at for at, _ in points], [value for _, value in points])
        wanted_db = -3 + np.interp(time_s, [0.5, 1.5], [-12, 0])
        assert 20 * np.log10(got) == pytest.approx(wanted_db, abs=0.05)


def test_clips_lie_in_their_place_and_lead_to_sound(made: Handback) -> None:
    with aaf2.open(str(made.path)) as file:
        slots = _slots(file)
        filler, _ = list(slots["pad.L"].segment.components)
        assert filler.length == 4800
        clip = _operations(slots["loud"])[2]
        descriptor = clip.mob.slots[0].segment.mob.descriptor
        url = next(iter(descriptor["Locator"].value))["URLString"].value
        assert descriptor.length == RATE_HZ
    path = made.path.parent / Path(unquote(urlparse(url).path)).relative_to("/mixes/out")
    samples, rate_hz = soundfile.read(path)
    assert (rate_hz, samples.ndim, len(samples)) == (RATE_HZ, 1, RATE_HZ)
    assert soundfile.info(path).subtype == "PCM_24"


def test_sound_above_full_scale_is_turned_down_in_the_file_and_up_in_the_clip(made: Handback) -> None:
    with aaf2.open(str(made.path)) as file:
        gain = _constant(_operations(_slots(file)["loud"])[1])
    samples, _ = soundfile.read(made.path.parent / "Media" / "loud.wav")
    assert samples.max() * gain == pytest.approx(1.5, rel=1e-4)
    assert samples.max() <= 1


def test_the_same_mix_gives_the_same_bytes_at_another_time(made: Handback, tmp_path: Path) -> None:
    assert _write(tmp_path).path.read_bytes() == made.path.read_bytes()


def test_another_sound_has_another_id_and_the_rest_keep_theirs(made: Handback, tmp_path: Path) -> None:
    """Programs take the same id for the same sound, and would play the former one from their own copy."""

    def ids(path: Path) -> dict[str, str]:
        with aaf2.open(str(path)) as file:
            return {mob.name: str(mob.mob_id) for mob in file.content.mastermobs()}

    was, now = ids(made.path), ids(_write(tmp_path, pad_seed=1).path)
    assert {name for name in was if was[name] != now[name]} == {"pad.L", "pad.R"}

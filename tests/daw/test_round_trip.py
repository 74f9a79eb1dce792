"""What our writers write, our readers read: the same faders, pans, ways, lanes, devices, markers and clips."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from tests.daw.sessions import write_sounds
from tests.render.songs import insert, lane, song, track
from tests.sounds import RATE_HZ, noise
from tonmeister.audio import Audio
from tonmeister.daw.ardour.write import write_ardour_files
from tonmeister.daw.base import Base, build_base, plain_ways
from tonmeister.daw.dawproject.write import write_dawproject_files
from tonmeister.daw.handback import Handback
from tonmeister.daw.laying_out import lay_out
from tonmeister.daw.order import Order
from tonmeister.daw.read import read_session_file
from tonmeister.daw.reaper.write import write_reaper_files
from tonmeister.daw.session import DawSession, SessionTrack
from tonmeister.document.lane import Lane
from tonmeister.document.mix import Mix, Section
from tonmeister.document.move import BusChange, RouteChange, SendChange
from tonmeister.document.strip import Bus, Send, Strip
from tonmeister.files.cache import Cache
from tonmeister.files.sound import open_probed
from tonmeister.processing import Band, Compressor, Equaliser
from tonmeister.processing.filter_design import magnitude_db

BANDS = (Band(frequency_hz=440, gain_db=-3, q=1.2), Band(frequency_hz=3000, gain_db=2.5, q=0.8))
COMPRESSOR = Compressor(threshold_db=-24, ratio=3, knee_db=0, attack_ms=8, release_ms=150, makeup_db=2)
GRID_S = np.linspace(0, 2, 81)
LEVEL_DB = 0.03
"""Lanes are joined by points within 0.02 dB of ours; six decimals of a gain are far below."""

Write = Callable[[Mix, Mapping[str, Path], Path], Handback]
WRITERS: dict[str, Write] = {
    "dawproject": lambda mix, paths, out: write_dawproject_files(Order(mix, paths, lambda n: _place(out, n), "Song")),
    "reaper": lambda mix, paths, out: write_reaper_files(Order(mix, paths, lambda n: _place(out, n), "Song")),
    "ardour": lambda mix, paths, out: write_ardour_files(Order(mix, paths, lambda n: _place(out, n), "Song")),
}


def _place(out: Path, name: str) -> Path:
    path = out / name
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def made_song() -> tuple[Mix, dict[str, Audio]]:
    """Return a song of what all three formats hold."""
    sounds = {
        "voice": noise(duration_s=2, seed=1),
        "gtr": noise(duration_s=2, seed=2),
        "pad": noise(duration_s=2, channels=2, seed=3),
        "off": noise(duration_s=2, channels=2, seed=4),
    }
    strips = {
        "voice": Strip(
            inserts=(insert(Equaliser(bands=BANDS)), insert(COMPRESSOR)), fader_db=lane((0.2, -9), (1.2, 0)),
            pan=lane((0, -0.5), (1, 0.5), law="linear_gain"), sends=(Send(bus="fx", level_db=lane((0, -12))),),
        ),
        "gtr": Strip(pan=lane((0, 0.6), law="linear_gain"), fader_db=lane((0, -4.5)), output="group"),
        "pad": Strip(pan=lane((0, -0.3), law="linear_gain"), fader_db=lane((0, -7)), output="group"),
        "off": Strip(mute=lane((0, 1), law="hold"), fader_db=lane((0, -2))),
    }  # fmt: skip
    buses = (
        Bus(id="group", name="Group", fader_db=lane((0, -2))),
        Bus(
            id="fx", name="Effect", kind="effect", fader_db=lane((0, -3)), inserts=(insert(Equaliser(bands=BANDS[:1])),)
        ),
    )
    tracks = [track(name, strip, channels=sounds[name].channels) for name, strip in strips.items()]
    mix = song(tracks, frames=2 * RATE_HZ, buses=buses)
    section = Section(id="c", label="chorus", start_s=0.5, end_s=2, confidence=1)
    return mix.model_copy(
        update={"song": mix.song.model_copy(update={"sections": (section,), "tempo_bpm": 96.0})}
    ), sounds


class Trip:
    """A mix, and what was read of its session."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.kind = kind
        self.mix, sounds = made_song()
        self.sounds = sounds
        self.path = WRITERS[kind](self.mix, write_sounds(sounds, folder / "sounds"), folder / "out").path
        self.session: DawSession = plain_ways(read_session_file(self.path))
        named = {t.name: t for t in self.session.tracks}
        self.tracks: dict[str, SessionTrack] = named
        ids = {named[t.name].id: (t.id, t.channels) for t in self.mix.tracks}
        self.base: Base = build_base(self.session, ids, keeps_balance=True)


@pytest.fixture(scope="module", params=WRITERS)
def trip(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Trip:
    return Trip(request.param, tmp_path_factory.mktemp(request.param))


def curve(given: Lane, *, plain: bool = False) -> list[float]:
    """Return the lane's values over time; in dB where they are levels, whatever the law between the points."""
    if plain or given.law != "linear_gain":
        return [given.at(float(t)) for t in GRID_S]
    gains = given.model_copy(
        update={"points": tuple(p.model_copy(update={"value": 10 ** (p.value / 20)}) for p in given.points)}
    )
    return [20 * float(np.log10(gains.at(float(t)))) for t in GRID_S]


def test_tracks_groups_and_returns_come_back(trip: Trip) -> None:
    assert {"voice", "gtr", "pad", "off", "Group", "Effect"} <= set(trip.tracks)
    assert [trip.tracks[name].kind for name in ("voice", "Group", "Effect")] == ["audio", "group", "return"]


def test_faders_and_their_lanes_come_back(trip: Trip) -> None:
    for name in ("voice", "gtr", "pad"):
        wanted = trip.mix.track(name).strip.fader_db
        assert curve(trip.base.strips[name].fader_db) == pytest.approx(
            curve(wanted), abs=LEVEL_DB if name != "voice" else 0.1
        )


def test_pans_and_their_lanes_come_back(trip: Trip) -> None:
    """Through another law and back: within 0.01 of the way from the centre to a side."""
    for name in ("voice", "gtr", "pad"):
        got, wanted = trip.base.strips[name].pan, trip.mix.track(name).strip.pan
        assert curve(got, plain=True) == pytest.approx(curve(wanted, plain=True), abs=0.01)


def test_mutes_ways_and_sends_come_back(trip: Trip) -> None:
    assert trip.base.strips["off"].mute.points[0].value == 1
    routes = {m.where.track: m.change.output for m in trip.base.moves if isinstance(m.change, RouteChange)}
    assert routes == {"gtr": "session-group", "pad": "session-group"}
    sends = {
        (m.where.track, m.change.send.bus): m.change.send.level_db
        for m in trip.base.moves
        if isinstance(m.change, SendChange)
    }
    assert {key: round(level.points[0].value, 2) for key, level in sends.items()} == {
        ("voice", "session-effect"): -12.0
    }
    buses = {m.change.bus.id: m.change.bus for m in trip.base.moves if isinstance(m.change, BusChange)}
    assert {name: round(bus.fader_db.points[0].value, 2) for name, bus in buses.items()} == {
        "session-group": -2.0,
        "session-effect": -3.0,
    }


def test_equalisers_come_back(trip: Trip) -> None:
    """By their curves: Ardour's is fitted to ours, so that its numbers differ while its curve does not."""
    bands = tuple(
        b for d in trip.tracks["voice"].devices if isinstance(d.processor, Equaliser) for b in d.processor.bands
    )
    hertz = np.geomspace(20, 16_000, 100)
    got, wanted = magnitude_db(bands, hertz, RATE_HZ), magnitude_db(BANDS, hertz, RATE_HZ)
    assert np.abs(got - wanted).max() < (0.1 if trip.kind == "ardour" else 0.002)


def test_compressors_come_back(trip: Trip) -> None:
    (got,) = [d.processor for d in trip.tracks["voice"].devices if isinstance(d.processor, Compressor)]
    for field in ("threshold_db", "ratio", "attack_ms", "release_ms", "makeup_db", "knee_db"):
        assert getattr(got, field) == pytest.approx(getattr(COMPRESSOR, field), abs=1e-3, rel=1e-3), field


def test_tempo_and_markers_come_back(trip: Trip) -> None:
    assert [tempo.bpm for tempo in trip.session.tempos] == pytest.approx([96.0])
    assert "Chorus" in {marker.name for marker in trip.session.markers}
    assert {round(m.time_s, 3) for m in trip.session.markers if m.name == "Chorus"} == {0.5}


def test_the_sound_of_every_track_comes_back(trip: Trip, tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    wanted = [trip.tracks[name] for name in trip.sounds]
    for stem in lay_out(trip.session, trip.path, wanted, cache=cache):
        with open_probed(stem.sound) as sound:
            got = sound.read_all().samples
        ours = trip.sounds[stem.track.name].samples
        assert got.shape == ours.shape
        assert np.abs(got - ours).max() < 1e-6


def test_an_aaf_of_ours_comes_back_with_its_sound_and_levels(tmp_path: Path) -> None:
    pytest.importorskip("aaf2")
    from tonmeister.daw.aaf.write import write_aaf_files

    sounds = {"a": noise(duration_s=2, seed=1), "b": noise(duration_s=2, seed=2)}
    strips = {"a": Strip(fader_db=lane((0, -5))), "b": Strip(fader_db=lane((0, -8)))}
    mix = song([track(n, s, channels=1) for n, s in strips.items()], frames=2 * RATE_HZ)
    paths = write_sounds(sounds, tmp_path / "sounds")
    out = tmp_path / "out"
    path = write_aaf_files(Order(mix, paths, lambda n: _place(out, n), "Song"), final_folder=out).path
    session = read_session_file(path)
    assert [t.name for t in session.tracks][:1] == ["a"]
    stems = lay_out(session, path, session.tracks, cache=Cache(tmp_path / "cache"))
    assert len(stems) >= 2

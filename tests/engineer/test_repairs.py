"""What of a song's stems is looked at again, and what is kept of it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.facts import audio, track_facts
from tests.sounds import RATE_HZ, drums, noise, pink_noise
from tests.tiny_song import stem, write_song, write_sound
from tonmeister.analysis.faults import Fault
from tonmeister.analysis.track_meter import TrackFigures
from tonmeister.audio import Audio
from tonmeister.document.facts import TrackFacts
from tonmeister.engineer import repairs
from tonmeister.engineer.repairs import describe_bleed, find_repairs, kinds_for
from tonmeister.files.cache import open_cache
from tonmeister.listen import listen

BASS = track_facts("bass", audio(stem("Bass DI.wav")), "bass")


def with_figures(track: TrackFacts, **fields: object) -> TrackFacts:
    figures = TrackFigures.model_validate({**track.figures.model_dump(), **fields})
    return replace(track, figures=figures)


def fault(kind: str, value: float, *, count: int = 1) -> Fault:
    return Fault.model_validate(
        {"kind": kind, "value": value, "limit": 0, "unit": "dB", "sentence": "x", "count": count}
    )


@pytest.mark.parametrize(
    ("found", "kinds"),
    [
        ((), set()),
        ((fault("noise", -49),), set()),
        ((fault("noise", -30),), {"noise", "hum"}),
        ((fault("hum", -54),), set()),
        ((fault("hum", -30),), {"hum"}),
        ((fault("clicks", 30, count=3),), set()),
        ((fault("clicks", 30, count=12),), {"clicks"}),
        ((fault("clipping", 9), fault("dc_offset", -40)), {"clipping", "offset"}),
    ],
)
def test_only_what_a_listener_of_the_mix_would_hear_calls_for_a_look(found: tuple[Fault, ...], kinds: set[str]) -> None:
    """A minute of sound: six clicks are the limit."""
    assert kinds_for(with_figures(BASS, faults=found, duration_s=60.0)) == kinds


def test_breaths_and_plosives_are_the_business_of_voices() -> None:
    defects = {"breath_share": 0.1, "pops": ({"start_s": 1.0, "end_s": 1.1},)}
    voice = track_facts("vox", audio(stem("Lead Vox.wav")), "lead vocal")
    assert kinds_for(with_figures(voice, faults=(), defects=defects)) == {"breaths", "plosives"}
    assert kinds_for(with_figures(BASS, faults=(), defects=defects)) == set()


def test_what_was_found_is_known_the_next_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    song = write_song(tmp_path / "song", order=("Kick.wav",))
    write_sound(song / "Bass DI.wav", stem("Bass DI.wav") + 0.02, subtype="FLOAT")
    cache = open_cache(tmp_path / "cache")
    heard = listen(song, cache=cache)
    first = find_repairs(heard.facts, heard.sources, cache=cache)
    assert {track.id: [one.kind for one in track.repairs] for track in first.tracks} == {
        "kick": [],
        "bass-di": ["offset"],
    }

    def nobody_looks(*_: object, **__: object) -> None:
        raise AssertionError("looked again")

    monkeypatch.setattr(repairs, "mend", nobody_looks)
    again = find_repairs(heard.facts, heard.sources, cache=cache)
    assert [track.repairs for track in again.tracks] == [track.repairs for track in first.tracks]


def test_bleed_is_described_where_it_is_and_not_where_it_is_not() -> None:
    """The other plays all the time; the voice pauses half of it."""
    source = drums(duration_s=20)
    sings = np.repeat(np.tile(np.array([1, 0], np.float32), 5), 2 * RATE_HZ)
    voice = pink_noise(rms_db=-20, duration_s=20, seed=5).samples * sings
    heard = Audio(voice + np.float32(0.05) * source.samples + noise(rms_db=-90, duration_s=20).samples, RATE_HZ)
    found = describe_bleed(heard, source, late_s=1.5)
    assert found is not None
    assert not found.is_stopped
    assert found.before_dbfs is not None
    assert found.after_dbfs is not None
    assert found.after_dbfs < found.before_dbfs - 3
    assert found.start_s >= 1.5
    alone = Audio(voice + noise(rms_db=-90, duration_s=20).samples, RATE_HZ)
    assert describe_bleed(alone, source) is None

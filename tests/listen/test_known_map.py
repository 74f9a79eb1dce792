"""What was mapped once comes back as it was, and never for another song."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.tiny_song import STEMS, stem, write_song, write_sound
from tonmeister.document.facts import SongFacts
from tonmeister.files.cache import Cache
from tonmeister.listen import known_map, listen, song_map
from tonmeister.listen.known_map import keep_map, recall_map


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Cache:
    return Cache(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def mapped(tmp_path_factory: pytest.TempPathFactory, cache: Cache) -> SongFacts:
    return listen(write_song(tmp_path_factory.mktemp("known") / "song"), cache=cache).facts


def plain(facts: SongFacts) -> str:
    """Return everything that mapping adds, to the last digit."""
    line, conflicts = facts.time_line, facts.conflicts
    assert line is not None
    assert conflicts is not None
    arrays = {"beats": line.beats_s, "bars": line.bars_s} | {
        name: getattr(line.energy, name) for name in ("loudness_lufs", "density", "width", "energy")
    }
    others = (line.beat_confidence, line.is_steady, line.bar_confidence, line.beats_per_bar, dict(line.phrases))
    told = (facts.song, others, facts.pairs, facts.bleed, facts.duplicates, facts.words, conflicts)
    return json.dumps({name: array.tolist() for name, array in arrays.items()}) + repr(told)


def test_a_known_map_is_the_map_to_the_last_digit(mapped: SongFacts, cache: Cache) -> None:
    bare = replace(
        mapped,
        song=mapped.song.model_copy(update={"tempo_bpm": None, "sections": ()}),
        time_line=None, conflicts=None, words=(), pairs=(), bleed=(), duplicates=(),
    )  # fmt: skip
    again = recall_map(bare, cache)
    assert again is not None
    assert plain(again) == plain(mapped)
    assert again.time_line is not None
    assert again.time_line.beats_s.dtype == np.float64


def test_a_second_look_maps_nothing(
    mapped: SongFacts, cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(song_map, "draw_time_line")  # what is not asked for may be missing
    assert plain(listen(write_song(tmp_path / "elsewhere"), cache=cache).facts) == plain(mapped)


@pytest.mark.parametrize(
    "change", [{"role": "backing vocal"}, {"priority": 3.0}, {"start_frame": 48_000}, {"sha256": "0" * 64}]
)
def test_another_role_place_or_sound_is_mapped_anew(mapped: SongFacts, cache: Cache, change: dict[str, object]) -> None:
    first, *others = mapped.tracks
    other = replace(first, track=first.track.model_copy(update=change))
    assert recall_map(replace(mapped, tracks=(other, *others)), cache) is None


def test_a_song_that_was_not_mapped_is_not_kept(mapped: SongFacts, tmp_path: Path) -> None:
    keep_map(replace(mapped, time_line=None), Cache(tmp_path))
    assert recall_map(mapped, Cache(tmp_path)) is None


def test_a_mix_among_the_stems_is_known_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    song, cache = write_song(tmp_path / "song"), Cache(tmp_path / "cache")
    write_sound(
        song / "Audio 99.wav",
        np.asarray(sum(np.broadcast_to(stem(name), (2, stem(name).shape[1])) for name in STEMS)) * 0.5,
    )
    first = listen(song, cache=cache)
    assert [track.name for track in first.unused] == ["Audio 99.wav"]
    monkeypatch.delattr(known_map, "find_rough_mixes")
    assert listen(song, cache=cache).unused == first.unused

"""From files to facts."""

import hashlib
import random
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from tests.sounds import noise, sine
from tests.tiny_song import RATE_HZ, STEMS, stem, write_song, write_sound
from tonmeister.document.wishes import TrackWish
from tonmeister.errors import CancelledError, InputError, NoTracksError
from tonmeister.files.cache import Cache, open_cache
from tonmeister.files.wav import write_wav
from tonmeister.files.wav_header import BroadcastExtension
from tonmeister.listen import Listened, choose_rate, listen


@pytest.fixture
def cache() -> Cache:
    return open_cache()


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_song(tmp_path_factory.mktemp("listen") / "song")


@pytest.fixture(scope="module")
def heard(song: Path) -> Listened:
    return listen(song, cache=open_cache())


def summary(heard: Listened) -> list[tuple[object, ...]]:
    return [(t.track, t.figures, [float(np.sum(a)) for a in t.curves.arrays().values()]) for t in heard.facts.tracks]


def test_each_stem_becomes_a_track_with_hash_role_and_place(song: Path, heard: Listened) -> None:
    tracks = {track.track.name: track.track for track in heard.facts.tracks}
    assert {name: track.role for name, track in tracks.items()} == {
        "Kick.wav": "kick", "Snare.wav": "snare", "Bass DI.wav": "bass", "Keys.wav": "keys", "Gtr L.wav": "electric guitar",
        "Lead Vox.wav": "lead vocal",
    }  # fmt: skip
    for name, track in tracks.items():
        assert track.sha256 == hashlib.sha256((song / name).read_bytes()).hexdigest()
        assert track.channels == len(stem(name))
        assert heard.sources[track.id].path == song / name
    assert tracks["Gtr L.wav"].pan_wish == -1
    assert tracks["Lead Vox.wav"].priority == 2


def test_the_song_is_known(heard: Listened) -> None:
    song = heard.facts.song
    assert (song.sample_rate_hz, song.frames, song.title) == (RATE_HZ, 8 * RATE_HZ, "")
    assert song.tempo_bpm == pytest.approx(120, abs=0.5)
    assert not heard.facts.is_premixed


def test_everything_that_came_in_is_accounted_for(tmp_path: Path, cache: Cache) -> None:
    song = write_song(tmp_path / "song", order=("Kick.wav", "Keys.wav", "Bass DI.wav"))
    write_sound(song / "Silence.wav", np.zeros((2, RATE_HZ)))
    write_sound(song / "Rough Mix.wav", 0.3 * stem("Keys.wav"))
    write_sound(song / "Surround.wav", np.tile(stem("Kick.wav"), (3, 1)))
    write_sound(song / "Zero.wav", np.zeros((1, 0)))
    (song / "notes.txt").write_text("hi")
    (song / "broken.flac").write_bytes(b"fLaC nothing")
    (song / "old").mkdir()
    (song / "old" / "deep").mkdir()
    heard = listen(song, cache=cache)
    assert {item.name: item.state for item in heard.incoming} == {
        "Kick.wav": "mixed", "Keys.wav": "mixed", "Bass DI.wav": "mixed", "Silence.wav": "silent", "Rough Mix.wav": "reference",
        "Surround.wav": "too many channels", "Zero.wav": "empty", "notes.txt": "not sound", "broken.flac": "unreadable",
        "old/deep": "not looked into",
    }  # fmt: skip
    assert all(item.why for item in heard.incoming)
    assert {track.name for track in heard.unused} == {"Silence.wav", "Rough Mix.wav"}
    assert {item.track for item in heard.incoming if item.state == "mixed"} == {
        track.id for track in heard.facts.tracks
    }


def test_a_rough_mix_is_a_stem_where_a_person_says_so_or_there_is_hardly_anything_else(
    tmp_path: Path, cache: Cache
) -> None:
    few = write_song(tmp_path / "few", order=("Kick.wav",), names={})
    write_sound(few / "Backing Track.wav", 0.3 * stem("Keys.wav"))
    assert listen(few, cache=cache).unused == ()
    many = write_song(tmp_path / "many", order=("Kick.wav", "Keys.wav", "Bass DI.wav"))
    write_sound(many / "Mixdown.wav", 0.3 * stem("Keys.wav"))
    told = listen(many, wishes={"Mixdown": TrackWish(role="mixture")}, cache=cache)
    assert told.unused == ()


def test_copies_are_found(tmp_path: Path, cache: Cache) -> None:
    song = write_song(tmp_path / "song", order=("Kick.wav", "Keys.wav"))
    write_sound(song / "Keys copy.wav", 0.5 * stem("Keys.wav"))
    facts = listen(song, cache=cache).facts
    assert [
        {facts.tracks[pair.first].track.name, facts.tracks[pair.second].track.name} for pair in facts.duplicates
    ] == [{"Keys.wav", "Keys copy.wav"}]
    assert len({track.id for track in facts.tracks}) == 3


def test_the_same_file_twice_gives_two_tracks(tmp_path: Path, cache: Cache) -> None:
    for folder in ("a", "b"):
        write_song(tmp_path / "song" / folder, order=("Kick.wav",))
    facts = listen(tmp_path / "song", cache=cache).facts
    assert [track.id for track in facts.tracks] == ["kick", "kick-2"]


@pytest.mark.parametrize(
    ("names", "ids"),
    [
        (("Lead Vox.wav", "lead_vox.flac", "LEAD-VOX.wav"), {"lead-vox", "lead-vox-2", "lead-vox-3"}),
        (("Master.wav", "!!!.wav", "???.wav"), {"master-2", "track", "track-2"}),
        (("Flügel 2.wav", "Вокал.wav", "808.wav"), {"fluegel-2", "track", "808"}),
    ],
)
def test_ids_are_readable_unique_and_never_that_of_the_mix_bus(
    tmp_path: Path, cache: Cache, names: tuple[str, ...], ids: set[str]
) -> None:
    (tmp_path / "song").mkdir()
    for seed, name in enumerate(names):
        write_wav(tmp_path / "song" / name, noise(duration_s=1, seed=seed))
    assert {track.id for track in listen(tmp_path / "song", cache=cache).facts.tracks} == ids


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_tracks_depends_on_sound_and_role_alone(
    tmp_path: Path, heard: Listened, cache: Cache, seed: int
) -> None:
    order = list(STEMS)
    random.Random(seed).shuffle(order)
    roles = {track.track.name: track.track.role for track in heard.facts.tracks}
    names = {name: f"{place} {roles[name]}.wav" for place, name in enumerate(order)}
    song = write_song(tmp_path / "song", names=names, order=tuple(order))
    again = listen(song, cache=cache)
    assert [t.track.sha256 for t in again.facts.tracks] == [t.track.sha256 for t in heard.facts.tracks]


def test_a_second_time_facts_come_from_the_cache_and_are_equal(song: Path, heard: Listened, cache: Cache) -> None:
    calls: list[str] = []
    again = listen(song, cache=cache, progress=lambda what, _share: calls.append(what))
    assert summary(again) == summary(heard)
    assert (again.facts.song, again.incoming) == (heard.facts.song, heard.incoming)
    assert set(calls) == set(STEMS)


def test_a_cold_cache_gives_equal_facts(song: Path, heard: Listened, tmp_path: Path) -> None:
    assert summary(listen(song, cache=open_cache(tmp_path / "cache"))) == summary(heard)


def test_what_a_person_says_comes_before_what_was_heard(song: Path, cache: Cache) -> None:
    wishes: Mapping[str, TrackWish] = {
        "keys.WAV": TrackWish(role="lead vocal", priority="background", pan=0.5, reverb_db=-9, lock=True),
        "Gtr L": TrackWish(pan=0.0, leave_alone=True),
    }
    tracks = {track.track.name: track.track for track in listen(song, wishes=wishes, cache=cache).facts.tracks}
    keys, guitar = tracks["Keys.wav"], tracks["Gtr L.wav"]
    assert (keys.role, keys.family, keys.role_confidence, keys.priority) == ("lead vocal", "vocal", 1.0, 0.5)
    assert (keys.pan_wish, keys.reverb_wish_db, keys.keep_level, keys.leave_alone) == (0.5, -9, True, False)
    assert (guitar.pan_wish, guitar.leave_alone, guitar.role) == (0.0, True, "electric guitar")


@pytest.mark.parametrize(
    ("wishes", "only", "says"),
    [
        ({"Flute": TrackWish(role="woodwind")}, None, "--roles: no track called Flute"),
        ({}, ["Flute"], "--only Flute: no such track"),
    ],
)
def test_a_name_that_is_not_there_is_told(
    song: Path, cache: Cache, wishes: dict[str, TrackWish], only: list[str] | None, says: str
) -> None:
    with pytest.raises(InputError, match=says) as caught:
        listen(song, wishes=wishes, only=only, cache=cache)
    assert "Lead Vox.wav" in str(caught.value)


def test_without_a_telling_name_the_sound_decides(tmp_path: Path, cache: Cache) -> None:
    (tmp_path / "song").mkdir()
    write_wav(tmp_path / "song" / "Audio 1.wav", sine(frequency_hz=70, duration_s=4))
    write_wav(tmp_path / "song" / "Audio 2.wav", noise(duration_s=4))
    tracks = listen(tmp_path / "song", cache=cache).facts.tracks
    assert {track.track.name: track.track.role for track in tracks}["Audio 1.wav"] == "bass"
    assert all(track.track.role_confidence < 0.95 for track in tracks)  # a clear name has that


def test_an_exact_dual_mono_is_one_channel(tmp_path: Path, cache: Cache) -> None:
    (tmp_path / "song").mkdir()
    write_wav(tmp_path / "song" / "Twin.wav", sine(channels=2))
    write_wav(tmp_path / "song" / "Wide.wav", noise(channels=2))
    tracks = listen(tmp_path / "song", cache=cache).facts.tracks
    assert {track.track.name: track.track.channels for track in tracks} == {"Twin.wav": 1, "Wide.wav": 2}


def _stamped(folder: Path, starts_s: Mapping[str, float | None]) -> Path:
    folder.mkdir()
    for seed, (name, start_s) in enumerate(starts_s.items()):
        bext = None if start_s is None else BroadcastExtension(time_reference_frames=round(start_s * RATE_HZ))
        write_wav(folder / name, noise(duration_s=2, seed=seed), bext=bext)
    return folder


@pytest.mark.parametrize(
    ("starts_s", "expected_s"),
    [
        ({"a.wav": 3600.0, "b.wav": 3601.5}, {"a.wav": 0, "b.wav": 1.5}),
        ({"a.wav": None, "b.wav": 0.5}, {"a.wav": 0, "b.wav": 0.5}),
        ({"a.wav": 10.0, "b.wav": 100.0}, {"a.wav": 0, "b.wav": 90.0}),
        ({"a.wav": None, "b.wav": 3600.0}, {"a.wav": 0, "b.wav": 0}),  # an hour of silence is no song
    ],
)
def test_time_stamps_place_stems_in_the_song(
    tmp_path: Path, cache: Cache, starts_s: dict[str, float | None], expected_s: dict[str, float]
) -> None:
    facts = listen(_stamped(tmp_path / "song", starts_s), cache=cache).facts
    assert {track.track.name: track.track.start_frame / RATE_HZ for track in facts.tracks} == expected_s
    assert facts.song.duration_s == 2 + max(expected_s.values())
    for track in facts.tracks:
        late = round(expected_s[track.track.name] * 10)
        assert (track.curves.energies_100ms[:late] == 0).all()
        assert (track.curves.energies_100ms[late + 1 : late + 15] > 0).all()


def test_other_rates_come_to_the_songs(tmp_path: Path, cache: Cache) -> None:
    song = write_song(tmp_path / "song", order=("Kick.wav", "Keys.wav"))
    write_sound(song / "Bass.wav", stem("Bass DI.wav")[:, ::6], sample_rate_hz=8_000)
    facts = listen(song, cache=cache).facts
    assert facts.song.sample_rate_hz == RATE_HZ
    assert {track.figures.sample_rate_hz for track in facts.tracks} == {RATE_HZ}
    assert facts["bass"].figures.frames == pytest.approx(8 * RATE_HZ, abs=2)


@pytest.mark.parametrize(
    ("rates", "chosen"),
    [
        ([48_000] * 3 + [96_000], 48_000),
        ([48_000] * 2 + [96_000] * 2, 96_000),
        ([44_100, 48_000, 96_000], 96_000),
        ([44_100, 44_100, 48_000, 96_000, 88_200], 44_100),
        ([8_000], 8_000),
    ],
)
def test_the_rate_is_the_highest_that_half_of_the_stems_carry(rates: list[int], chosen: int) -> None:
    for _ in range(3):
        random.shuffle(rates)
        assert choose_rate(rates) == chosen


def test_nothing_but_silence_is_told(tmp_path: Path, cache: Cache) -> None:
    (tmp_path / "song").mkdir()
    write_sound(tmp_path / "song" / "a.wav", np.zeros((1, RATE_HZ)))
    with pytest.raises(NoTracksError, match="All 1 stems are silent"):
        listen(tmp_path / "song", cache=cache)


def test_a_person_can_stop_listening(song: Path, tmp_path: Path) -> None:
    class Stopped:
        def is_set(self) -> bool:
            return True

    with pytest.raises(CancelledError):
        listen(song, cache=open_cache(tmp_path), cancel=Stopped())


def test_stems_with_a_hand_made_balance_are_taken_for_what_they_are(tmp_path: Path, cache: Cache) -> None:
    """True stereo everywhere and a lead that sits where leads sit: a human did that."""
    song = tmp_path / "song"
    song.mkdir()
    for seed, name in enumerate(("Drums.wav", "Keys.wav", "Vox.wav")):
        write_wav(song / name, noise(duration_s=4, channels=2, seed=seed))
    heard = listen(song, cache=cache)
    assert heard.facts.is_premixed
    assert heard.facts.premixed_evidence == pytest.approx({"stereo_share": 1.0, "lead_lu": -4.77}, abs=0.1)
    assert not listen(song, start="from-scratch", cache=cache).facts.is_premixed


@pytest.mark.shared
def test_a_stem_file_gives_tracks_by_the_names_of_its_streams(shared_data: Path, cache: Cache) -> None:
    pytest.importorskip("av")
    source = next((shared_data / "multitracks" / "falcon69").glob("*.mp4"))
    heard = listen(source, wishes={"vox": TrackWish(priority=3)}, cache=cache)
    assert {t.id: (t.track.name, t.track.role, t.track.priority) for t in heard.facts.tracks} == {
        "bass": ("Bass", "bass", 1.2), "drums": ("Drums", "drums", 1.2), "other": ("Other", "synth", 1.0),
        "vox": ("Vox", "lead vocal", 3),
    }  # fmt: skip
    assert [item.state for item in heard.incoming] == ["reference", "mixed", "mixed", "mixed", "mixed"]

"""Clips laid out on the time line, held against the same done by hand with NumPy."""

from pathlib import Path

import numpy as np
import pytest

from tests.daw.session_files import tone, write_ardour_session, write_dawproject, write_reaper
from tests.sounds import RATE_HZ
from tonmeister.audio import Samples
from tonmeister.daw.laying_out import fade_gain, lay_out
from tonmeister.daw.opening import SessionError
from tonmeister.daw.read import read_session_file
from tonmeister.daw.session import Clip, DawSession, Fade, FadeShape, Loop, SessionTrack
from tonmeister.document.lane import Lane, Point
from tonmeister.files.cache import Cache
from tonmeister.files.sound import open_probed
from tonmeister.files.wav import write_wav

FLOAT = 2e-7
"""What a float32 of this size is rounded by."""


def heard(session: DawSession, path: Path, cache: Cache, name: str) -> Samples:
    track = next(track for track in session.tracks if track.name == name)
    (stem,) = lay_out(session, path, [track], cache=cache)
    with open_probed(stem.sound) as sound:
        return sound.read_all().samples


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


@pytest.mark.parametrize("kind", ["dawproject", "reaper", "ardour"])
def test_a_clip_is_laid_out_to_the_sample_with_its_fades_and_gain(kind: str, tmp_path: Path, cache: Cache) -> None:
    """From 1 s to 3 s, from the second second of the sound on, fades of 0.1 and 0.2 s."""
    if kind == "dawproject":
        path, gain = write_dawproject(tmp_path / "song.dawproject"), 1.0
    elif kind == "reaper":
        path, gain = write_reaper(tmp_path / "song.rpp"), 0.5
    else:
        path, gain = write_ardour_session(tmp_path), 0.5
    got = heard(read_session_file(path), path, cache, "Kick")
    sound = tone(110.0).samples[0].astype(np.float64)
    frames = np.arange(2 * RATE_HZ)
    fades = np.minimum(frames / (0.1 * RATE_HZ), 1) * np.minimum((2 * RATE_HZ - frames) / (0.2 * RATE_HZ), 1)
    wanted = np.zeros(3 * RATE_HZ)
    wanted[RATE_HZ:] = gain * fades * sound[RATE_HZ : 3 * RATE_HZ]
    assert got.shape == (1, 3 * RATE_HZ)
    assert np.abs(got[0] - wanted).max() < (FLOAT if kind != "reaper" else 1e-4)  # its file says 0.5 in six decimals


def test_a_whole_file_at_the_start_of_the_song_is_that_file(tmp_path: Path, cache: Cache) -> None:
    path = write_dawproject(tmp_path / "song.dawproject")
    session = read_session_file(path)
    track = next(track for track in session.tracks if track.name == "Vox")
    (stem,) = lay_out(session, path, [track], cache=cache)
    assert stem.sound.sha256 == cache.hash_file(tmp_path / "made" / "Vox.wav")


def test_a_looped_item_repeats_its_sound(tmp_path: Path, cache: Cache) -> None:
    """REAPER's item of 10 s over a sound of 4 s."""
    path = write_reaper(tmp_path / "song.rpp")
    got = heard(read_session_file(path), path, cache, "Bass")
    sound = tone(220.0, channels=2).samples
    wanted = np.concatenate([sound, sound, sound[:, : 2 * RATE_HZ]], axis=1)
    assert got.shape == wanted.shape
    assert np.abs(got - wanted).max() < FLOAT


def song(clips: tuple[Clip, ...], folder: Path) -> tuple[DawSession, Path]:
    """Return a session of one track beside its sounds."""
    write_wav(folder / "a.wav", tone(100.0))
    write_wav(folder / "b.wav", tone(300.0))
    write_wav(folder / "wide.wav", tone(200.0, channels=2))
    return DawSession(
        format="reaper", sample_rate_hz=RATE_HZ, tracks=(SessionTrack(id="1", name="T", clips=clips),)
    ), folder / "song.rpp"


def test_clips_that_overlap_sound_together_or_cover_each_other(tmp_path: Path, cache: Cache) -> None:
    a, b = tone(100.0).samples[0], tone(300.0).samples[0]
    for covers in (False, True):
        clips = (
            Clip(start_s=0, length_s=2, media="a.wav"),
            Clip(start_s=1, length_s=2, media="b.wav", covers=covers),
        )
        session, path = song(clips, tmp_path)
        got = heard(session, path, cache, "T")[0]
        middle = slice(RATE_HZ, 2 * RATE_HZ)
        wanted = b[:RATE_HZ] if covers else a[middle] + b[:RATE_HZ]
        assert np.abs(got[middle] - wanted).max() < FLOAT


def test_sound_at_another_rate_is_resampled_to_the_session(tmp_path: Path, cache: Cache) -> None:
    session, path = song((Clip(start_s=0.5, length_s=2, media="a.wav"),), tmp_path)
    slow = session.model_copy(update={"sample_rate_hz": 44_100})
    got = heard(slow, path, cache, "T")[0]
    time_s = np.arange(44_100) / 44_100
    wanted = 0.25 * np.cos(2 * np.pi * 100.0 * (time_s + 0.5))
    assert got.size == round(2.5 * 44_100)
    assert np.abs(got[44_100 : 2 * 44_100] - wanted).max() < 1e-4  # soxr HQ: 20 bits in the pass band


def test_mono_and_stereo_clips_make_a_stereo_stem(tmp_path: Path, cache: Cache) -> None:
    clips = (Clip(start_s=0, length_s=1, media="a.wav"), Clip(start_s=1, length_s=1, media="wide.wav"))
    session, path = song(clips, tmp_path)
    got = heard(session, path, cache, "T")
    assert got.shape == (2, 2 * RATE_HZ)
    assert np.array_equal(got[0], got[1])


def test_a_clip_that_begins_before_the_song_is_cut_there_and_silence_before_a_sound_stays(
    tmp_path: Path, cache: Cache
) -> None:
    clips = (Clip(start_s=-1, length_s=2, media="a.wav"), Clip(start_s=2, length_s=2, offset_s=-1, media="b.wav"))
    session, path = song(clips, tmp_path)
    got = heard(session, path, cache, "T")[0]
    assert np.abs(got[:RATE_HZ] - tone(100.0).samples[0, RATE_HZ : 2 * RATE_HZ]).max() < FLOAT
    assert not got[RATE_HZ : 3 * RATE_HZ].any()
    assert np.abs(got[3 * RATE_HZ :] - tone(300.0).samples[0, :RATE_HZ]).max() < FLOAT


def test_a_loop_with_ends_repeats_that_part(tmp_path: Path, cache: Cache) -> None:
    clip = Clip(start_s=0, length_s=3, offset_s=0.5, media="a.wav", loop=Loop(start_s=0.25, end_s=1.0))
    session, path = song((clip,), tmp_path)
    got = heard(session, path, cache, "T")[0]
    sound = tone(100.0).samples[0]
    places = 24_000 + np.arange(3 * RATE_HZ)
    places = np.where(places < RATE_HZ, places, 12_000 + (places - 12_000) % 36_000)
    assert np.abs(got - sound[places]).max() < FLOAT


def test_a_clips_own_gain_moves_in_its_own_time(tmp_path: Path, cache: Cache) -> None:
    lane = Lane(law="linear_gain", points=(Point(time_s=0, value=0.0), Point(time_s=1, value=-120.0)))
    session, path = song((Clip(start_s=1, length_s=1, media="a.wav", gain=lane),), tmp_path)
    got = heard(session, path, cache, "T")[0, RATE_HZ:]
    wanted = tone(100.0).samples[0, :RATE_HZ] * (1 - np.arange(RATE_HZ) / RATE_HZ)
    assert np.abs(got - wanted).max() < FLOAT


@pytest.mark.parametrize("shape", ["linear", "equal_power", "fast", "slow", "s_curve", "exponential"])
def test_every_fade_begins_in_silence_rises_and_ends_at_full(shape: FadeShape) -> None:
    gain = fade_gain(Fade(length_s=1, shape=shape), np.linspace(-0.5, 1.5, 101))
    assert gain[0] == pytest.approx(0, abs=1e-12)
    assert gain[-1] == pytest.approx(1)
    assert (np.diff(gain) >= -1e-12).all()


def test_laid_out_sound_comes_from_the_cache_the_second_time(tmp_path: Path, cache: Cache) -> None:
    session, path = song((Clip(start_s=1, length_s=1, media="a.wav"),), tmp_path)
    first = lay_out(session, path, session.tracks, cache=cache)[0].sound
    written = first.path.stat().st_mtime_ns
    again = lay_out(session, path, session.tracks, cache=cache)[0].sound
    assert (again.sha256, again.path) == (first.sha256, first.path)
    assert first.path.stat().st_size > 0
    assert written > 0


def test_a_missing_sound_is_asked_for_in_one_sentence(tmp_path: Path, cache: Cache) -> None:
    session, path = song((Clip(start_s=0, length_s=1, media="gone/far.wav"),), tmp_path)
    with pytest.raises(SessionError, match=r"'gone/far.wav'\. Put them into the session's folder"):
        lay_out(session, path, session.tracks, cache=cache)


def test_a_sound_that_was_moved_into_the_sessions_folder_is_found(tmp_path: Path, cache: Cache) -> None:
    session, path = song((Clip(start_s=0, length_s=1, media="C:\\Users\\me\\Desktop\\moved.wav"),), tmp_path)
    (tmp_path / "sounds" / "deep").mkdir(parents=True)
    write_wav(tmp_path / "sounds" / "deep" / "Moved.WAV", tone(100.0))
    assert len(lay_out(session, path, session.tracks, cache=cache)) == 1


def test_a_place_in_a_network_is_not_asked(tmp_path: Path, cache: Cache) -> None:
    """A session from a stranger could make a Windows machine log in to a server of theirs."""
    session, path = song((Clip(start_s=0, length_s=1, media="\\\\server\\share\\a.wav"),), tmp_path)
    with pytest.raises(SessionError, match="are not there"):
        lay_out(session, path, session.tracks, cache=cache)

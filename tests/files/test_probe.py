"""Facts of a file come from its content."""

import hashlib
import json
import struct
import subprocess
from pathlib import Path

import pytest
import soundfile

from tests.sounds import noise
from tonmeister.errors import UnreadableFileError
from tonmeister.files.cache import Cache
from tonmeister.files.probe import probe, probe_streams
from tonmeister.files.stem_atom import read_stem_names
from tonmeister.files.wav import write_wav
from tonmeister.files.wav_header import BroadcastExtension

RATE_HZ = 48_000


def _atom(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(body), name) + body


def _make_stem_file(path: Path, names: list[str]) -> None:
    """Write five AAC streams, then put the `stem` atom at the end of moov (which lies behind the samples)."""
    write_wav(path.with_suffix(".wav"), noise(duration_s=0.5, channels=2))
    maps = [word for _ in range(5) for word in ("-map", "0:a")]
    command = [
        "ffmpeg",
        "-y",
        "-loglevel",
        "error",
        "-i",
        str(path.with_suffix(".wav")),
        *maps,
        "-c:a",
        "aac",
        str(path),
    ]
    subprocess.run(command, check=True)
    raw = path.read_bytes()
    start = raw.index(b"moov") - 4
    moov = raw[start + 8 :]
    assert struct.unpack(">I", raw[start : start + 4])[0] == len(moov) + 8
    stem = _atom(b"stem", json.dumps({"version": 1, "stems": [{"name": name} for name in names]}).encode())
    path.write_bytes(raw[:start] + _atom(b"moov", moov + _atom(b"udta", stem)))


@pytest.mark.parametrize(
    ("name", "subtype", "container", "codec", "bits"),
    [
        ("x.wav", "PCM_24", "wav", "pcm_24", 24),
        ("x.wav", "DOUBLE", "wav", "double", 64),
        ("x.wav", "PCM_U8", "wav", "pcm_u8", 8),
        ("x.flac", "PCM_16", "flac", "pcm_16", 16),
        ("x.aiff", "PCM_24", "aiff", "pcm_24", 24),
        ("x.ogg", "VORBIS", "ogg", "vorbis", 0),
        ("x.mp3", "MPEG_LAYER_III", "mp3", "mpeg_layer_iii", 0),
    ],
)
def test_the_facts_are_those_that_were_written(
    tmp_path: Path, name: str, subtype: str, container: str, codec: str, bits: int
) -> None:
    path = tmp_path / name
    soundfile.write(path, noise(channels=2, duration_s=0.5).samples.T, RATE_HZ, subtype=subtype)
    found = probe(path)
    assert (found.container, found.codec, found.bits) == (container, codec, bits)
    assert (found.sample_rate_hz, found.channels, found.frames) == (RATE_HZ, 2, 24_000)
    assert found.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (found.stream, found.part, found.faults, found.time_reference_frames) == (0, "sound", (), 0)


def test_the_time_stamp_of_a_broadcast_wave_is_read(tmp_path: Path) -> None:
    bext = BroadcastExtension(time_reference_frames=172_800_000)
    write_wav(tmp_path / "x.wav", noise(duration_s=0.1), bext=bext)
    assert probe(tmp_path / "x.wav").time_reference_frames == 172_800_000


@pytest.mark.needs("ffmpeg")
def test_a_stem_file_has_its_mix_first_and_named_stems(tmp_path: Path) -> None:
    path = tmp_path / "song.mp4"
    _make_stem_file(path, ["Drums", "Bass", "Other", "Vox"])
    found = probe_streams(path)
    assert [file.title for file in found] == ["mix", "Drums", "Bass", "Other", "Vox"]
    assert [file.part for file in found] == ["mix", "stem", "stem", "stem", "stem"]
    assert [file.stream for file in found] == [0, 1, 2, 3, 4]
    assert probe(path, stream=4).title == "Vox"
    with pytest.raises(UnreadableFileError, match="no sound stream 5"):
        probe(path, stream=5)


@pytest.mark.needs("ffmpeg")
def test_several_streams_without_names_are_sounds_of_their_own(tmp_path: Path) -> None:
    _make_stem_file(tmp_path / "song.mp4", [])
    assert {file.part for file in probe_streams(tmp_path / "song.mp4")} == {"sound"}
    renamed = (tmp_path / "song.mp4").rename(tmp_path / "song.stem.mp4")
    assert [file.title for file in probe_streams(renamed)] == ["mix", "Stem 1", "Stem 2", "Stem 3", "Stem 4"]


@pytest.mark.shared
def test_the_real_stem_file_tells_its_names(shared_data: Path) -> None:
    (path,) = (shared_data / "multitracks" / "falcon69").glob("*.stem.mp4")
    found = probe_streams(path)
    assert [(file.title, file.part) for file in found][:2] == [("mix", "mix"), ("Drums", "stem")]
    assert {(file.frames, file.sample_rate_hz, file.codec) for file in found} == {(268_288, 44_100, "aac")}


@pytest.mark.parametrize("body", [b"", b"{}", b"no json", b'{"stems": 3}', _atom(b"stem", b"")])
def test_a_broken_stem_atom_is_no_stem_atom(tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "x.mp4"
    path.write_bytes(_atom(b"ftyp", b"M4A ") + _atom(b"moov", _atom(b"udta", _atom(b"stem", body))))
    assert read_stem_names(path) == ()


def test_a_second_probe_does_not_hash_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    path = tmp_path / "x.wav"
    write_wav(path, noise(duration_s=0.1))
    os.utime(path, (1_700_000_000, 1_700_000_000))
    cache = Cache(tmp_path / "cache")
    first = probe(path, cache=cache)
    monkeypatch.setattr("tonmeister.files.cache.hash_file", None)
    assert probe(path, cache=cache) == first


@pytest.mark.parametrize("name", ["absent.wav", "."])
def test_what_is_not_there_or_a_folder_is_said(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnreadableFileError, match="It cannot be read"):
        probe(tmp_path / name)


def test_a_file_without_rights_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rights are taken by hand, as root may read anything."""
    write_wav(tmp_path / "x.wav", noise(duration_s=0.1))

    def refuse(self: Path, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(UnreadableFileError) as caught:
        probe(tmp_path / "x.wav")
    assert caught.value.reason == "It cannot be read (Permission denied)"

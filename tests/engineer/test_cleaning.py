"""Recordings in, clean ones out: what is promised about files holds."""

import threading
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.sounds import RATE_HZ, drums, noise
from tests.tiny_song import stem, write_sound
from tonmeister.analysis.loudness import measure_loudness
from tonmeister.analysis.true_peak import measure_true_peak
from tonmeister.audio import Audio
from tonmeister.engineer import CleanOptions, clean
from tonmeister.engineer.clean_options import MarkedRegion, read_kinds, read_region
from tonmeister.errors import CancelledError, InputError, OutputError
from tonmeister.files.wav import write_wav
from tonmeister.files.wav_header import BroadcastExtension, read_wav_header


def clicked(*, channels: int = 1) -> np.ndarray:
    sound = drums(duration_s=6, channels=channels).samples.astype(np.float64) * 0.5
    sound += noise(rms_db=-85, duration_s=6, channels=channels).samples + 0.01
    return np.asarray(sound)


def read(path: Path) -> np.ndarray:
    return np.ascontiguousarray(soundfile.read(path, dtype="float32", always_2d=True)[0].T)


@pytest.mark.parametrize(
    ("subtype", "rate_hz", "channels"), [("PCM_16", 44_100, 1), ("PCM_24", 48_000, 2), ("FLOAT", 96_000, 2)]
)
def test_rate_channels_length_word_length_stay(tmp_path: Path, subtype: str, rate_hz: int, channels: int) -> None:
    source = write_sound(tmp_path / "a.wav", clicked(channels=channels), sample_rate_hz=rate_hz, subtype=subtype)
    (file,) = clean(source, tmp_path / "b.wav").files
    before, after = soundfile.info(source), soundfile.info(tmp_path / "b.wav")
    assert (after.samplerate, after.channels, after.frames, after.subtype) == (
        rate_hz,
        channels,
        before.frames,
        subtype,
    )
    assert [repair.kind for repair in file.repairs] == ["offset"]
    assert not file.identical


def test_a_clean_recording_comes_out_to_the_bit_and_says_why(tmp_path: Path) -> None:
    source = write_sound(tmp_path / "keys.wav", stem("Keys.wav"))
    (file,) = clean(source, tmp_path / "out.wav").files
    assert file.identical
    assert file.repairs == ()
    assert file.evidence
    assert file.residual_db is None
    assert np.array_equal(read(tmp_path / "out.wav"), read(source))


def test_the_time_stamp_stays_and_the_residual_is_what_is_missing(tmp_path: Path) -> None:
    stamp = BroadcastExtension(description="take 7", time_reference_frames=480_000)
    write_wav(tmp_path / "a.wav", Audio(clicked().astype(np.float32), RATE_HZ), bext=stamp)
    clean(tmp_path / "a.wav", tmp_path / "b.wav", residual=tmp_path / "r.wav")
    assert read_wav_header(tmp_path / "b.wav").bext == stamp
    total = read(tmp_path / "b.wav") + read(tmp_path / "r.wav")
    assert np.abs(total - read(tmp_path / "a.wav")).max() < 1e-6


def test_rebuilt_peaks_get_room_in_a_file_of_integers(tmp_path: Path) -> None:
    keys = stem("Keys.wav") / np.abs(stem("Keys.wav")).max()
    source = write_sound(tmp_path / "a.wav", np.clip(2 * keys, -0.999, 0.999))
    (file,) = clean(source, tmp_path / "b.wav").files
    assert "clipping" in {repair.kind for repair in file.repairs}
    assert file.gain_db < 0
    assert np.abs(read(tmp_path / "b.wav")).max() < 1


def test_a_podcast_is_even_and_on_target(tmp_path: Path) -> None:
    """TD1008's -16 LUFS for stereo, 3 dB less in one channel; true peak at most -1 dBTP."""
    speech = np.tile(stem("Lead Vox.wav"), 3)
    speech[:, speech.shape[1] // 2 :] *= 0.3
    options = CleanOptions(podcast=True, material="voice")
    for name, sound, lufs in (("mono", speech, -19.0), ("stereo", np.repeat(speech, 2, axis=0), -16.0)):
        source = write_sound(tmp_path / f"{name}.wav", sound)
        result = clean(source, tmp_path / f"{name}-out.wav", options=options)
        done = Audio(read(tmp_path / f"{name}-out.wav"), RATE_HZ)
        assert measure_loudness(done).integrated_lufs == pytest.approx(lufs, abs=0.5)
        assert (measure_true_peak(done) or 0) <= -1 + 0.05
        assert result.misses == ()
        assert result.files[0].levelled


def test_work_can_be_bound_to_a_region_and_marked_places_are_mended(tmp_path: Path) -> None:
    sound = clicked()
    sound[:, 96_000 : 96_000 + 2000] = 0
    source = write_sound(tmp_path / "a.wav", sound, subtype="FLOAT")
    gap = MarkedRegion(start_s=2.0, end_s=2.0 + 2000 / RATE_HZ, kind="gap")
    clean(source, tmp_path / "b.wav", options=CleanOptions(regions=(gap, MarkedRegion(start_s=4.0, end_s=5.0))))
    before, after = read(source), read(tmp_path / "b.wav")
    changed = np.flatnonzero((before != after).any(axis=0)) / RATE_HZ
    assert changed.size
    assert np.all(((changed >= 2.0) & (changed < 2.05)) | ((changed >= 4.0) & (changed < 5.0)))
    assert np.abs(after[:, 96_000:98_000]).max() > 1e-4
    assert (
        np.abs(
            after[0, 4 * RATE_HZ + 2000 : 5 * RATE_HZ - 2000] - before[0, 4 * RATE_HZ + 2000 : 5 * RATE_HZ - 2000]
        ).min()
        > 5e-3
    )


def test_a_folder_is_cleaned_into_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / "more").mkdir(parents=True)
    write_sound(folder / "a.wav", clicked())
    soundfile.write(folder / "more" / "b.flac", stem("Keys.wav").T, RATE_HZ, subtype="PCM_24")
    soundfile.write(folder / "a.aiff", stem("Keys.wav").T, RATE_HZ, subtype="PCM_24")
    (folder / "notes.txt").write_text("take 2 is better")
    result = clean(folder, tmp_path / "out")
    assert [file.out.relative_to(tmp_path / "out").as_posix() for file in result.files] == [
        "a.wav",
        "a.wav.wav",
        "more/b.flac",
    ]
    assert result.files[2].identical
    assert result.skipped == ("notes.txt: Not sound.",)
    assert np.array_equal(read(tmp_path / "out" / "more" / "b.flac"), read(folder / "more" / "b.flac"))


def test_wrong_input_is_refused_in_a_sentence_and_nothing_is_written(tmp_path: Path) -> None:
    source = write_sound(tmp_path / "a.wav", clicked())
    (tmp_path / "no.wav").write_text("this is no sound")
    (tmp_path / "in").mkdir()
    write_sound(tmp_path / "in" / "a.wav", clicked())
    bytes_before = source.read_bytes()
    late = CleanOptions(regions=(MarkedRegion(start_s=9, end_s=10),))
    refused: list[tuple[type[InputError], str, Path, Path | None, CleanOptions]] = [
        (InputError, "nothing is ever overwritten", source, None, CleanOptions()),
        (OutputError, "Only these formats", tmp_path / "b.txt", None, CleanOptions()),
        (OutputError, "no-folder", tmp_path / "no-folder" / "b.wav", None, CleanOptions()),
        (InputError, "nothing is ever overwritten", tmp_path / "b.wav", source, CleanOptions()),
        (InputError, "ends at 6.00 s", tmp_path / "b.wav", None, late),
    ]
    for kind, sentence, out, residual, options in refused:
        with pytest.raises(kind, match=sentence):
            clean(source, out, residual=residual, options=options)
    with pytest.raises(InputError, match="No sound can be found"):
        clean(tmp_path / "no.wav", tmp_path / "b.wav")
    for out in (tmp_path / "in", tmp_path / "in" / "clean"):
        with pytest.raises(InputError, match="the folder itself"):
            clean(tmp_path / "in", out)
    with pytest.raises(InputError, match="one recording"):
        clean(tmp_path / "in", tmp_path / "out", residual=tmp_path / "r.wav")
    assert source.read_bytes() == bytes_before
    assert not (tmp_path / "b.wav").exists()


def test_silence_and_a_single_sample_are_returned(tmp_path: Path) -> None:
    for name, frames in (("silent", RATE_HZ), ("one", 1)):
        source = write_sound(tmp_path / f"{name}.wav", np.zeros((1, frames)))
        (file,) = clean(source, tmp_path / f"{name}-out.wav").files
        assert file.identical
        assert file.repairs == ()


def test_a_stopped_run_leaves_nothing(tmp_path: Path) -> None:
    source = write_sound(tmp_path / "a.wav", clicked())
    stop = threading.Event()
    stop.set()
    with pytest.raises(CancelledError):
        clean(source, tmp_path / "b.wav", cancel=stop)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.wav"]


@pytest.mark.parametrize("text", ["3", "5-4", "a-b", "1-2:hum", "1-1.5:gap", "1:2:3:x-4"])
def test_a_region_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"--region"):
        read_region(text)


def test_regions_and_kinds_are_read() -> None:
    assert read_region("1:02.5-1:03") == MarkedRegion(start_s=62.5, end_s=63)
    assert read_region("1-1.05:gap").kind == "gap"
    assert read_kinds(("Mouth-Clicks", "hum")) == ("hum", "mouth_clicks")
    with pytest.raises(InputError, match="no such repair; there are clipping"):
        read_kinds(("ham",))

"""The check of a finished file: planted faults are found, sound ones are left, versions are told apart."""

from pathlib import Path
from threading import Event

import numpy as np
import pytest
from typer.testing import CliRunner

from tests.sounds import drums, pink_noise, silence, sine
from tonmeister import check
from tonmeister.audio import Audio, Samples
from tonmeister.engineer.check_places import play_on_platform
from tonmeister.engineer.check_result import CheckResult
from tonmeister.errors import CancelledError, InputError
from tonmeister.files.wav import write_wav
from tonmeister.knowledge.platforms import platforms
from tonmeister.knowledge.playback import devices, quiet_playback

RATE_HZ = 48_000


def song(*, duration_s: float = 8.0, seed: int = 0) -> Samples:
    """Return something like music: a beat, a bass with overtones, noise that falls by 4.5 dB an octave, faded at the end."""
    noise = pink_noise(rms_db=-20, duration_s=duration_s, channels=2, seed=seed).samples
    mid = noise.mean(axis=0, keepdims=True)
    both = 0.9 * mid + 0.1 * noise + 0.3 * drums(duration_s=duration_s, channels=2).samples
    for place, frequency_hz in enumerate((55, 110, 220, 330)):
        both = (
            both + sine(frequency_hz=frequency_hz, peak_db=-26 - 2 * place, duration_s=duration_s, channels=2).samples
        )
    spectrum = np.fft.rfft(both)
    tilt = (np.maximum(np.fft.rfftfreq(both.shape[1], 1 / RATE_HZ), 100) / 1000) ** -0.25
    spectrum[:, np.fft.rfftfreq(both.shape[1], 1 / RATE_HZ) < 25] = 0
    both = np.fft.irfft(spectrum * tilt, both.shape[1])
    fade = np.minimum(1, np.arange(both.shape[1])[::-1] / (1.0 * RATE_HZ))
    start = np.minimum(1, np.arange(both.shape[1]) / (0.2 * RATE_HZ))
    return np.asarray(0.5 * both * np.square(fade) * start / np.abs(both).max(), np.float32)


def checked(folder: Path, samples: Samples, name: str = "song.wav") -> CheckResult:
    write_wav(folder / name, Audio(np.ascontiguousarray(samples, np.float32), RATE_HZ), encoding="pcm_24")
    return check(folder / name)


def graded(result: CheckResult, grade: str) -> set[str]:
    return {found.id for found in result.findings if found.grade == grade}


def test_a_sound_master_has_no_fault_and_every_finding_has_its_evidence(tmp_path: Path) -> None:
    result = checked(tmp_path, song())
    assert result.misses == ()
    assert graded(result, "note") <= {"loudness.platforms"}
    for found in result.findings:
        assert found.sentence.endswith(".")
        assert (found.remedy != "") == (found.grade != "good")
        if found.limit is not None:
            assert found.source


def planted() -> dict[str, Samples]:
    """Return one sound for each fault, by the id of its finding."""
    good = song()
    upside = good.copy()
    upside[1] = -upside[0]
    one_sided = good.copy()
    one_sided[1] = 0
    loud = np.clip(6 * good, -0.99, 0.99)
    wide = good.copy()
    side = pink_noise(rms_db=-14, duration_s=8, seed=3).samples[0] * np.minimum(
        1, np.arange(good.shape[1])[::-1] / RATE_HZ
    )
    wide = wide + np.stack([side, -side]).astype(np.float32)
    return {
        "peaks.clipping": loud, "stereo.phase": upside, "stereo.balance": one_sided, "stereo.mono": wide, "file.offset": 0.5 * good + np.float32(0.1),
    }  # fmt: skip


@pytest.mark.parametrize("name", sorted(planted()))
def test_a_planted_fault_is_found_and_ends_in_the_misses(name: str, tmp_path: Path) -> None:
    result = checked(tmp_path, planted()[name])
    assert name in graded(result, "fault")
    assert result.misses


def test_a_peak_between_samples_is_measured_where_no_sample_shows_it(tmp_path: Path) -> None:
    """A sine at a quarter of the rate, sampled at 45 degrees: its peak is 3.01 dB over every sample."""
    phase = np.arange(4 * RATE_HZ) * np.pi / 2 + np.pi / 4
    wave = np.sin(phase) * 0.99 * np.sqrt(2) * np.minimum(1, np.arange(phase.size)[::-1] / RATE_HZ)
    result = checked(tmp_path, np.stack([wave, wave]).astype(np.float32))
    found = next(one for one in result.findings if one.id == "peaks.true-peak")
    assert found.value == pytest.approx(20 * np.log10(0.99) + 3.01, abs=0.1)
    assert "over the highest sample" in found.sentence
    assert found.grade == "fault"


def test_silence_and_cut_ends_are_told_where_they_are(tmp_path: Path) -> None:
    good = song()
    padded = np.concatenate(
        [np.zeros((2, 2 * RATE_HZ), np.float32), good, np.zeros((2, 6 * RATE_HZ), np.float32)], axis=1
    )
    assert {"edges.head", "edges.tail"} <= graded(checked(tmp_path, padded), "note")
    assert {"edges.cut-start", "edges.cut-end"} <= graded(checked(tmp_path, good[:, RATE_HZ : 5 * RATE_HZ]), "note")


def test_sixteen_bit_sound_in_a_file_of_24_is_told(tmp_path: Path) -> None:
    coarse = np.round(song() * 32_768) / 32_768
    result = checked(tmp_path, coarse.astype(np.float32))
    assert result.file.used_bits is not None
    assert result.file.used_bits <= 16
    assert "file.bits" in graded(result, "note")


def test_silence_is_a_fault_and_no_platform_plays_it(tmp_path: Path) -> None:
    write_wav(tmp_path / "still.wav", silence(duration_s=2, channels=2))
    result = check(tmp_path / "still.wav")
    assert graded(result, "fault") == {"file.silent"}
    assert result.platforms == ()


@pytest.mark.parametrize(
    ("name", "lufs", "peak_dbtp", "does", "gain_db", "played"),
    [
        ("spotify", -9.0, -0.5, "turns down", -5.0, -14.0),
        ("spotify", -20.0, -5.0, "turns up", 4.0, -16.0),
        ("spotify-loud", -20.0, -5.0, "turns up and limits", 9.0, -11.0),
        ("youtube", -20.0, -5.0, "leaves it", 0.0, -20.0),
        ("ebu-r128", -14.0, -1.0, "turns down", -9.0, -23.0),
    ],
)
def test_a_platform_does_what_it_says_that_it_does(
    name: str, lufs: float, peak_dbtp: float, does: str, gain_db: float, played: float
) -> None:
    """The second row is the example of Spotify's own help page: -20 LUFS with peaks at -5 is lifted to -16."""
    play = play_on_platform(platforms()[name], name=name, lufs=lufs, peak_dbtp=peak_dbtp)
    assert (play.does, play.gain_db, play.played_lufs) == (does, gain_db, played)


def test_a_phone_loses_the_bass_and_a_car_raises_it(tmp_path: Path) -> None:
    rows = {row.name: row for row in checked(tmp_path, song()).devices}
    assert set(rows) == {*devices(), "quiet"}
    assert rows["phone"].bass_left < 0.05 < rows["quiet"].bass_left < 1 < rows["car"].bass_left


def test_quiet_playback_takes_the_bass_and_leaves_1_khz() -> None:
    """ISO 226: contours lie closer together at low frequencies, so 30 dB less costs a bass more than 30 phon."""
    loss = quiet_playback().loss_db(np.array([60.0, 1000.0]))
    assert loss[1] == pytest.approx(0, abs=0.1)
    assert 5 < loss[0] < 25


def test_a_bass_without_overtones_is_missed_on_a_phone_and_the_remedy_says_what_to_raise(tmp_path: Path) -> None:
    low = sine(frequency_hz=50, peak_db=-7, duration_s=8, channels=2).samples * np.minimum(
        1, np.arange(8 * RATE_HZ)[::-1] / RATE_HZ
    )
    result = checked(tmp_path, 0.2 * song() + low)
    found = next(one for one in result.findings if one.id == "translation.phone")
    assert found.grade == "note"
    assert "200 to 400 Hz" in found.remedy


def test_versions_are_matched_and_what_differs_is_told_with_its_size_and_place(tmp_path: Path) -> None:
    """Planted: 3 dB softer, 0.5 s later, the highs of the second half 4 dB up; found within 1 dB, half of what is told apart."""
    good = song(duration_s=40.0)
    write_wav(tmp_path / "old.wav", Audio(good, RATE_HZ))
    high = np.fft.irfft(np.fft.rfft(good) * (np.fft.rfftfreq(good.shape[1], 1 / RATE_HZ) > 5000), good.shape[1])
    changed = good.copy()
    changed[:, 20 * RATE_HZ :] += ((10 ** (4 / 20) - 1) * high[:, 20 * RATE_HZ :]).astype(np.float32)
    write_wav(tmp_path / "new.wav", Audio((0.708 * changed).astype(np.float32), RATE_HZ))
    compared = check(tmp_path / "new.wav", against=tmp_path / "old.wav").compared
    assert compared is not None
    assert compared.gain_db == pytest.approx(-3.0, abs=0.3)
    air = [one for one in compared.differences if one.what == "tone: air"]
    assert any(1.5 <= one.value <= 4.5 for one in air)
    assert all(one.value > 0 for one in air)


def test_the_same_sound_later_and_softer_differs_in_nothing_but_loudness(tmp_path: Path) -> None:
    good = song()
    write_wav(tmp_path / "old.wav", Audio(good, RATE_HZ))
    later = np.concatenate([np.zeros((2, 4321), np.float32), np.float32(0.5) * good], axis=1)
    write_wav(tmp_path / "new.wav", Audio(later, RATE_HZ))
    compared = check(tmp_path / "new.wav", against=tmp_path / "old.wav").compared
    assert compared is not None
    assert compared.offset_s == pytest.approx(-4321 / RATE_HZ, abs=1e-4)
    assert compared.residual_db is not None
    assert compared.residual_db < -80
    assert {one.what for one in compared.differences} <= {"loudness", "true peak"}


def test_a_folder_that_is_no_mix_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no finished mix is in it"):
        check(tmp_path)


def test_the_command_prints_a_table_and_ends_with_3_on_a_fault(tmp_path: Path) -> None:
    from tonmeister.apps.cli.main import app

    checked(tmp_path, song())
    good = CliRunner().invoke(app, ["check", str(tmp_path / "song.wav"), "--report", str(tmp_path / "page.html")])
    assert good.exit_code == 0
    assert "No fault found" in good.output
    assert "Spotify" in good.output
    page = (tmp_path / "page.html").read_text("utf-8")
    assert "No fault found" in page
    assert "http://" not in page.replace("http://www.w3.org", "")
    checked(tmp_path, planted()["peaks.clipping"])
    assert CliRunner().invoke(app, ["check", str(tmp_path / "song.wav")]).exit_code == 3


def test_previews_play_as_loud_as_the_platform_and_as_long_as_the_song(tmp_path: Path) -> None:
    pytest.importorskip("av")
    checked(tmp_path, song())
    result = check(tmp_path / "song.wav", previews=tmp_path / "previews")
    assert [path.stem for path in result.previews] == [play.name for play in result.platforms]
    for play, path in zip(result.platforms, result.previews, strict=True):
        heard = check(path)
        assert heard.file.duration_s == pytest.approx(result.file.duration_s, abs=1e-3)
        assert heard.file.integrated_lufs == pytest.approx(play.played_lufs, abs=1.5 if play.limited_db else 0.3)


@pytest.mark.shared
@pytest.mark.slow
def test_finished_songs_have_no_fault(shared_data: Path) -> None:
    """Released and finished songs; the one excerpt that is a mastering input, at +5 dBTP, is left out."""
    found = [
        path for ending in ("mp3", "ogg", "opus") for path in sorted((shared_data / "references").rglob(f"*.{ending}"))
    ]
    for path in found:
        if path.name != "input_2.mp3":
            assert check(path).misses == (), path.name


def test_who_stops_a_check_gets_no_page(tmp_path: Path) -> None:
    write_wav(tmp_path / "song.wav", Audio(song(), RATE_HZ))
    stop = Event()
    stop.set()
    with pytest.raises(CancelledError):
        check(tmp_path / "song.wav", report=tmp_path / "page.html", cancel=stop)
    assert not (tmp_path / "page.html").exists()


def test_a_hard_panned_instrument_is_no_fault_while_a_song_in_one_channel_is(tmp_path: Path) -> None:
    """A bass with four overtones leaves the spectrum empty above; the song fills it. Both lean by all of a channel."""
    left = np.array([[1.0], [0.01]], np.float32)
    notes = sum(sine(frequency_hz=hz, peak_db=-14, duration_s=8, channels=2).samples for hz in (60, 120, 180, 240))
    bass = checked(tmp_path, notes * left * np.minimum(1, np.arange(8 * RATE_HZ)[::-1] / RATE_HZ), "bass.wav")
    assert "stereo.balance" in graded(bass, "note")
    assert "stereo.balance" in graded(checked(tmp_path, song() * left, "song.wav"), "fault")

"""What a person may ask of a master beside its loudness: references, a sound to be like, a character, a page, a video."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.tasks.test_finishing import EVEN, RATE_HZ, music, with_tone
from tonmeister.audio import Audio
from tonmeister.engineer import MasterOptions, master
from tonmeister.errors import InputError, OutputError
from tonmeister.files.wav import write_wav


def put(path: Path, sound: Audio) -> Path:
    write_wav(path, sound)
    return path


@pytest.fixture
def song(tmp_path: Path) -> Path:
    return put(tmp_path / "song.wav", music(seconds=10))


@pytest.fixture
def bright(tmp_path: Path) -> Path:
    return put(tmp_path / "bright.wav", music(with_tone(EVEN, {4500: 4, 16_000: 4}), seconds=10, peak=0.8))


def test_a_finished_sound_is_told_that_there_is_little_to_do(song: Path, tmp_path: Path) -> None:
    result = master(song, tmp_path / "m.wav")
    assert result.verdict.startswith("Little to do")
    assert result.tone_change_db < 1
    assert result.misses == ()


def test_a_reference_is_followed_but_its_loudness_is_not(song: Path, bright: Path, tmp_path: Path) -> None:
    plain = master(song, tmp_path / "plain.wav")
    result = master(song, tmp_path / "m.wav", options=MasterOptions(references=(f"{bright}=2",), target="streaming"))
    assert result.master.integrated_lufs == pytest.approx(-14, abs=0.1)
    highs = np.array(result.after.tone_db[-12:-2]) - np.array(plain.after.tone_db[-12:-2])
    assert highs.mean() > 2
    assert any(gap.dimension == "tone" and gap.value > 2 for gap in result.differences)


def test_nobody_names_a_loudness_so_the_peaks_stay_as_far_out_as_those_of_the_reference(
    song: Path, bright: Path, tmp_path: Path
) -> None:
    """The song has peaks 15 dB over its loudness; the streaming target would leave 13."""
    result = master(song, tmp_path / "m.wav", options=MasterOptions(references=(str(bright),)))
    assert -16 <= (result.master.integrated_lufs or 0) < -14.3
    assert result.master.max_gain_reduction_db < 1
    assert result.misses == ()
    assert "--target streaming makes it -14.0" in result.verdict
    still = MasterOptions(references=(str(bright),), reference_amounts=("dynamics=0",))
    assert master(song, tmp_path / "n.wav", options=still).master.integrated_lufs == pytest.approx(-14, abs=0.1)


def test_amounts_of_nothing_leave_everything_and_a_loudness_comes_only_when_asked_for(
    song: Path, bright: Path, tmp_path: Path
) -> None:
    still = MasterOptions(references=(str(bright),), reference_amounts=("tone=0", "width=0", "dynamics=0"))
    assert master(song, tmp_path / "a.wav", options=still).tone_change_db < 1
    loud = still.model_copy(update={"reference_amounts": (*still.reference_amounts, "loudness=1")})
    result = master(song, tmp_path / "b.wav", options=loud)
    reference = next(gap for gap in result.differences if gap.dimension == "loudness").reference
    assert result.master.integrated_lufs == pytest.approx(reference, abs=0.15)


def test_a_sound_that_was_saved_serves_like_the_recording(song: Path, bright: Path, tmp_path: Path) -> None:
    kept = tmp_path / "bright.json"
    one = master(song, tmp_path / "a.wav", options=MasterOptions(like=bright, save_like=kept))
    assert kept.stat().st_size < 20_000
    assert json.loads(kept.read_text())["name"] == "bright.wav"
    other = master(song, tmp_path / "b.wav", options=MasterOptions(like=kept))
    assert other.master == one.master
    assert (tmp_path / "a.wav").read_bytes() == (tmp_path / "b.wav").read_bytes()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (MasterOptions(references=("song.wav=0",)), "a weight is a number above 0"),
        (MasterOptions(references=("gone.wav",)), "gone"),
        (MasterOptions(reference_amounts=("tone=0.5",)), "there is no reference"),
        (MasterOptions(references=("song.wav",), reference_amounts=("tone=2",)), "from 0 to 1"),
        (MasterOptions(references=("song.wav",), reference_amounts=("sparkle=1",)), "say one of tone, dynamics"),
        (MasterOptions(like=Path("broken.json")), "holds no portrait"),
        (MasterOptions(character="vintage"), "no such character"),
    ],
)
def test_wishes_that_do_not_hold_are_told_in_a_sentence(
    options: MasterOptions, says: str, song: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "broken.json").write_text("{}")
    with pytest.raises(InputError, match=says) as caught:
        master(song, tmp_path / "m.wav", options=options)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "m.wav").exists()


def test_a_budget_that_forbids_a_target_is_named(song: Path, tmp_path: Path) -> None:
    result = master(song, tmp_path / "m.wav", target="-8", budget="transparent")
    assert any("'transparent'" in line for line in result.misses)


def test_characters_sound_different_at_one_loudness(song: Path, tmp_path: Path) -> None:
    """So quiet that no limiter works: what differs is the character."""
    names = ("clean", "loud", "warm")
    made = [
        master(song, tmp_path / f"{name}.wav", options=MasterOptions(character=name, target="-22")) for name in names
    ]
    assert [one.master.integrated_lufs for one in made] == pytest.approx([-22] * 3, abs=0.1)
    assert len({one.after.tone_db for one in made}) == 3


def test_the_page_shows_before_after_and_reference_and_asks_no_network(
    song: Path, bright: Path, tmp_path: Path
) -> None:
    page = tmp_path / "m.html"
    master(song, tmp_path / "m.wav", options=MasterOptions(references=(str(bright),), report=page))
    text = page.read_text("utf-8")
    assert all(f'id="sound-{name}"' in text for name in ("before", "after", "reference"))
    assert "How the reference differs" in text
    assert "http://" not in text.replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in text


def test_the_sound_of_a_video_is_mastered_and_its_pictures_are_copied(song: Path, tmp_path: Path) -> None:
    av = pytest.importorskip("av")
    video = tmp_path / "clip.mp4"
    samples, _ = soundfile.read(song, dtype="float32", always_2d=True)
    with av.open(str(video), "w") as container:
        picture, sound = container.add_stream("mpeg4", rate=10), container.add_stream("aac", rate=RATE_HZ)
        picture.width, picture.height, picture.pix_fmt, sound.layout = 64, 48, "yuv420p", "stereo"
        for number in range(100):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), number * 2, np.uint8), format="rgb24")
            container.mux(picture.encode(frame))
        container.mux(picture.encode(None))
        heard = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples.T), format="fltp", layout="stereo")
        heard.sample_rate = RATE_HZ
        container.mux(sound.encode(heard))
        container.mux(sound.encode(None))
    out = tmp_path / "mastered.mp4"
    result = master(video, out, target="-16")
    assert result.out == out

    def packets(path: Path) -> list[bytes]:
        with av.open(str(path)) as container:
            return [bytes(packet) for packet in container.demux(video=0) if packet.size]

    assert packets(out) == packets(video)
    again = master(out, tmp_path / "again.wav", target="-16")
    assert again.before.integrated_lufs == pytest.approx(-16, abs=0.3)
    assert again.before.true_peak_dbtp is not None
    assert again.before.true_peak_dbtp <= -0.9
    assert again.before.duration_s == pytest.approx(10, abs=0.05)
    with pytest.raises(OutputError, match="A video keeps its kind"):
        master(video, tmp_path / "m.mkv")
    with pytest.raises(OutputError, match="A master is a WAV file"):
        master(song, tmp_path / "m.mp4")

"""The demo song as a whole: complete, in time, repeatable, musical."""

import itertools
import math

import numpy as np
import pytest

from tonmeister.demo import SHORT_FORM, DemoSong, Form, render_song
from tonmeister.demo.faults import FULL_SCALE
from tonmeister.demo.score import frequency_hz

CLIPPED = "LdVox Dbl.wav"
TINY: Form = (("chorus", 2),)


def level_db(samples: np.ndarray) -> float:
    return 10.0 * math.log10(float(np.mean(np.square(samples, dtype=np.float64))) + 1e-30)


def balanced_sum(song: DemoSong) -> np.ndarray:
    """Return the balance that the song was written in, mono, with the flipped microphone turned back."""
    total = np.zeros(song.truth.frames)
    flipped = {fault.track for fault in song.truth.faults if fault.kind == "flipped polarity"}
    for track in song.truth.tracks:
        sign = -1.0 if track.file_name in flipped else 1.0
        total += sign * 10.0 ** (track.balance_gain_db / 20.0) * song.tracks[track.file_name].samples.mean(axis=0)
    return total


def test_all_tracks_are_as_long_as_the_truth_says(short_song: DemoSong) -> None:
    shapes = {(audio.frames, audio.sample_rate_hz) for audio in short_song.tracks.values()}
    assert shapes == {(short_song.truth.frames, 48_000)}


def test_the_same_seed_gives_the_same_bytes(short_song: DemoSong) -> None:
    again = render_song(form=SHORT_FORM)
    assert again.truth == short_song.truth
    differ = [
        n for n, audio in again.tracks.items() if audio.samples.tobytes() != short_song.tracks[n].samples.tobytes()
    ]
    assert differ == []


def test_another_seed_is_another_performance_of_the_same_song() -> None:
    one, two = render_song(1, form=TINY), render_song(2, form=TINY)
    same = [name for name in one.tracks if np.array_equal(one.tracks[name].samples, two.tracks[name].samples)]
    assert same == []
    assert (one.truth.chords, one.truth.sections) == (two.truth.chords, two.truth.sections)


def test_no_track_is_silent_and_none_but_the_planted_one_reaches_full_scale(short_song: DemoSong) -> None:
    peaks = {name: float(np.abs(audio.samples).max()) for name, audio in short_song.tracks.items()}
    assert min(peaks.values()) > 0.05
    assert [name for name, peak in peaks.items() if peak > 0.95] == [CLIPPED]
    assert peaks[CLIPPED] == FULL_SCALE


def test_no_track_is_off_its_zero_line(short_song: DemoSong) -> None:
    """0.05 % of full scale: nobody plants an offset here."""
    means = {
        name: np.abs(audio.samples.mean(axis=1, dtype=np.float64)).max() for name, audio in short_song.tracks.items()
    }
    assert [name for name, mean in means.items() if mean > 0.0005] == []


def test_tracks_were_recorded_at_very_different_levels(short_song: DemoSong) -> None:
    """A balance that is there already would leave nothing to do."""
    gains = [track.balance_gain_db for track in short_song.truth.tracks]
    assert np.std(gains) > 6.0


def test_the_truth_describes_every_track_once_with_its_family(short_song: DemoSong) -> None:
    rows = short_song.truth.tracks
    assert [row.file_name for row in rows] == list(short_song.tracks)
    assert {row.family for row in rows} == {"drums", "bass", "guitar", "keys", "synth", "vocal"}
    assert all(row.roles for row in rows)
    assert {row.file_name: row.channels for row in rows} == {
        n: audio.channels for n, audio in short_song.tracks.items()
    }
    assert sum(row.roles[0] == "lead vocal" for row in rows) == 1
    assert any(not row.file_name.isascii() for row in rows)


def test_sections_and_chords_tile_the_song(short_song: DemoSong) -> None:
    truth = short_song.truth
    sections = [(section.start_s, section.end_s) for section in truth.sections]
    chords = [(chord.start_s, chord.end_s) for chord in truth.chords]
    for spans in (sections, chords):
        assert spans[0][0] == 0.0
        assert all(before[1] == after[0] for before, after in itertools.pairwise(spans))
        assert spans[-1][1] == pytest.approx(truth.frames / truth.sample_rate_hz, abs=0.5 / 48_000 + 1e-6)


def test_beats_follow_the_tempo(short_song: DemoSong) -> None:
    truth = short_song.truth
    assert np.diff(truth.beats_s) == pytest.approx(60.0 / truth.tempo_bpm, abs=2e-6)
    assert truth.bars_s == truth.beats_s[:: truth.beats_per_bar]


def test_the_kick_falls_on_the_beats_of_the_truth(short_song: DemoSong) -> None:
    """Four to the bar in the pre-chorus; a hand spreads 3.5 ms, five times that never happens in eight strokes."""
    section = next(s for s in short_song.truth.sections if s.label == "pre-chorus")
    kick = np.abs(short_song.tracks["01_Kick In.wav"].samples[0])
    for beat_s in (b for b in short_song.truth.beats_s if section.start_s - 1e-9 <= b < section.end_s - 1e-9):
        around = kick[round((beat_s - 0.05) * 48_000) : round((beat_s + 0.05) * 48_000)]
        onset_s = int(np.argmax(around > 0.1 * kick.max())) / 48_000 - 0.05
        assert abs(onset_s) < 0.0175


def test_the_bass_plays_the_roots_of_the_chords(short_song: DemoSong) -> None:
    """Chorus: the strongest partial below 70 Hz or its octave is the root; an FFT of 1.1 s tells semitones apart there."""
    truth = short_song.truth
    chorus = next(s for s in truth.sections if s.label == "chorus")
    roots = {"A": 33, "E/G#": 32}
    bass = short_song.tracks["Bass DI.wav"].samples[0]
    for chord in (c for c in truth.chords if chorus.start_s <= c.start_s < chorus.end_s):
        part = bass[round(chord.start_s * 48_000) : round(chord.end_s * 48_000)]
        spectrum = np.abs(np.fft.rfft(part * np.hanning(part.size), 1 << 19))
        at_hz = np.fft.rfftfreq(1 << 19, 1 / 48_000)
        low = (at_hz > 30.0) & (at_hz < 130.0)
        found_hz = at_hz[low][np.argmax(spectrum[low])]
        steps = 12.0 * math.log2(found_hz / frequency_hz(roots[chord.name]))
        assert min(steps % 12.0, 12.0 - steps % 12.0) < 0.5


def test_progress_names_each_track_in_turn() -> None:
    told: list[tuple[str, int, int]] = []
    song = render_song(form=TINY, progress=lambda name, done, total: told.append((name, done, total)))
    assert told == [(name, i, len(song.tracks)) for i, name in enumerate(song.tracks, start=1)]


def test_a_form_in_which_not_everybody_plays_is_refused() -> None:
    with pytest.raises(ValueError, match="chorus"):
        render_song(form=(("verse", 8), ("chorus", 1)))


def test_the_truth_survives_a_round_trip_through_json(short_song: DemoSong) -> None:
    truth = short_song.truth
    assert type(truth).model_validate_json(truth.model_dump_json()) == truth


@pytest.mark.slow
def test_the_whole_song_sounds_like_a_song() -> None:
    """Slope of mixes: −4.5 dB/oct (Elowsson and Friberg 2017), ±0.6 for one song; choruses 3 to 8 dB over verses."""
    song = render_song()
    total = balanced_sum(song)
    power = np.abs(np.fft.rfft(total)) ** 2
    at_hz = np.fft.rfftfreq(total.size, 1 / 48_000)
    thirds_hz = 100.0 * 2.0 ** np.arange(0.0, 5.34, 1.0 / 3.0)
    density_db = [
        10.0 * math.log10(power[(at_hz >= f * 2 ** (-1 / 6)) & (at_hz < f * 2 ** (1 / 6))].mean()) for f in thirds_hz
    ]
    slope_db = np.polyfit(np.log2(thirds_hz), density_db, 1)[0]
    assert slope_db == pytest.approx(-4.5, abs=0.6)
    loud: dict[str, list[float]] = {}
    for section in song.truth.sections:
        part = total[round(section.start_s * 48_000) : round(section.end_s * 48_000)]
        loud.setdefault(section.label, []).append(level_db(part))
    assert 3.0 < np.mean(loud["chorus"]) - np.mean(loud["verse"]) < 8.0
    assert 85.0 < song.truth.frames / 48_000 < 95.0
    assert len(song.tracks) >= 16

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.facts import ask, audio, changed, shaped_noise, song_facts, track_facts
from tests.sounds import RATE_HZ, pink_noise
from tonmeister.document.facts import TrackFacts
from tonmeister.knowledge import number
from tonmeister.tasks import balance
from tonmeister.tasks.levels import (
    CAUSES,
    bands_filled_db,
    brightness_octaves,
    crest_db,
    find_levels,
    playing_db,
    whole_kit,
)

Wave = NDArray[np.float64]


def noise(seed: int) -> Wave:
    return np.asarray(pink_noise(rms_db=-24, duration_s=8, seed=seed).samples[0], np.float64)


def peaky(seed: int) -> Wave:
    """Noise that is 15 dB higher in the first 20 ms of every quarter second."""
    wave = noise(seed)
    wave[np.arange(wave.size) % (RATE_HZ // 4) < RATE_HZ // 50] *= 5.6
    return wave


def only(wave: Wave, start_s: float, end_s: float) -> Wave:
    seconds = np.arange(wave.size) / RATE_HZ
    return np.where((start_s <= seconds) & (seconds < end_s), wave, 0.0)


def keys(name: str, wave: Wave, **fields: object) -> TrackFacts:
    return track_facts(name, audio(wave), "keys", **fields)


def narrow(low_hz: float, high_hz: float) -> TrackFacts:
    levels_db = [(low_hz / 1.5, -80.0), (low_hz, 0.0), (high_hz, 0.0), (high_hz * 1.5, -80.0)]
    return track_facts(f"n{low_hz}-{high_hz}", shaped_noise(levels_db), "keys")


def test_what_is_peaky_is_set_quieter_by_the_row() -> None:
    tracks = [keys("a", peaky(1)), *(keys(f"g{n}", noise(n)) for n in range(2, 6))]
    levels = find_levels(tracks)
    crest = [crest_db(track) for track in tracks]
    assert crest[0] - np.mean(crest[1:]) > 3
    by_crest_lu = number("balance.crest_lu_per_db").value * (crest[0] - np.mean(crest[1:]))
    assert levels.wanted_lu[0] - levels.wanted_lu[1:].mean() == pytest.approx(by_crest_lu, abs=0.5)


def test_one_click_does_not_make_a_track_peaky() -> None:
    clicked = noise(1)
    clicked[RATE_HZ : RATE_HZ + 4] = 0.99
    assert crest_db(keys("a", clicked)) == pytest.approx(crest_db(keys("b", noise(1))), abs=0.5)


def test_bands_are_counted_and_a_sound_in_one_band_is_set_quieter() -> None:
    wide, half, one = narrow(100, 8000), narrow(800, 8000), narrow(990, 1010)
    assert bands_filled_db(wide) > bands_filled_db(half) + 1 > bands_filled_db(one) + 3
    assert 0 <= bands_filled_db(one) < 10 * np.log10(12)
    levels = find_levels([wide, one])
    bands = next(place for place, cause in enumerate(CAUSES) if cause.measure is bands_filled_db)
    assert levels.found[bands] == pytest.approx(np.array([1, -1]) * (bands_filled_db(wide) - bands_filled_db(one)) / 2)


def test_playing_ten_times_longer_counts_ten_db() -> None:
    long, short = keys("long", noise(1)), keys("short", only(noise(1), 2, 2.8))
    assert playing_db(long) - playing_db(short) == pytest.approx(10, abs=0.3)


def test_brightness_counts_octaves() -> None:
    assert brightness_octaves(narrow(3960, 4040)) - brightness_octaves(narrow(990, 1010)) == pytest.approx(2, abs=0.3)


def test_levels_do_not_hang_on_the_gains_of_the_stems() -> None:
    waves = [peaky(1), only(noise(2), 0, 3), noise(3)]
    first = find_levels([keys(f"t{n}", wave) for n, wave in enumerate(waves)])
    gains = (0.1, 1.7, 0.5)
    second = find_levels([keys(f"t{n}", wave * gain) for n, (wave, gain) in enumerate(zip(waves, gains, strict=True))])
    assert second.wanted_lu == pytest.approx(first.wanted_lu, abs=0.05)


def test_causes_move_no_track_further_than_the_row_says() -> None:
    seconds = np.arange(8 * RATE_HZ) / RATE_HZ
    tings = 0.01 * np.sin(2 * np.pi * 9000 * seconds) * np.where(seconds % 1 < 0.01, 8, 1)
    levels = find_levels([keys("ting", tings), *(keys(f"g{n}", noise(n)) for n in range(2, 9))])
    slopes = np.array([number(cause.row).value for cause in CAUSES])
    most_lu = number("balance.causes_most_lu").value
    assert float(slopes @ levels.found[:, 0]) < -most_lu
    assert levels.wanted_lu[0] == pytest.approx(-most_lu)


def test_a_weight_moves_a_track_by_three_lu_an_octave() -> None:
    tracks = [keys(f"g{n}", noise(n)) for n in range(3)]
    plain, heavy = (find_levels([changed(tracks[0], priority=weight), *tracks[1:]]) for weight in (0.9, 1.8))
    assert heavy.wanted_lu[0] - plain.wanted_lu[0] == pytest.approx(3)


def test_a_fader_names_every_cause_with_its_row() -> None:
    moves = ask(balance.propose, song_facts([keys("a", peaky(1)), *(keys(f"g{n}", noise(n)) for n in range(2, 5))]))
    because = {
        found.source.partition(":")[0]: found for move in moves if move.where.track == "a" for found in move.because
    }
    assert {cause.row for cause in CAUSES} <= set(because)
    assert because["balance.crest_lu_per_db"].value > 2
    assert because["balance.crest_lu_per_db"].unit == "dB"


def test_a_stem_that_holds_the_whole_kit_is_set_lower_and_says_so() -> None:
    """MUSDB18 in FxNorm-automix: drums lie 3.6 LU under the mean of vocals, bass and the rest; half of it is taken."""
    rest = [keys(f"g{n}", noise(n)) for n in range(2, 5)]
    kit, loop = (track_facts(name, audio(noise(seed)), "drums") for name, seed in (("kit", 1), ("loop", 6)))
    lower_lu = number("balance.whole_kit_lu").value
    wanted = find_levels([kit, *rest]).wanted_lu
    assert wanted[0] - wanted[1:].mean() == pytest.approx(lower_lu, abs=0.3)
    assert whole_kit([kit, loop, *rest]) is whole_kit([kit]) is None
    loops = find_levels([kit, loop, *rest]).wanted_lu
    assert loops[0] - loops[2:].mean() == pytest.approx(0.0, abs=0.3)
    found = next(move for move in ask(balance.propose, song_facts([kit, *rest])) if move.where.track == "kit")
    assert any("whole kit" in reason.what for reason in found.because)

"""Placing strips anew by what was heard keeps what shaped them: else faders would be set for another sound."""

import numpy as np

from tests.facts import audio, open_song, shaped_noise, song_facts, track_facts
from tonmeister.engineer.decide import decide_mix, decide_strips, place_again, predict_all


def test_a_width_that_the_strip_was_heard_with_is_still_there_after_placing_again() -> None:
    """A track of which mono loses most is narrowed before it is heard; its fader is set by that."""
    mid, side = (
        shaped_noise([(100.0, 0.0), (8000.0, 0.0)], seed=seed).samples[0].astype(np.float64) for seed in (1, 2)
    )
    wide = audio(np.stack([0.3 * mid + side, 0.3 * mid - side]))
    plain = shaped_noise([(100.0, 0.0), (8000.0, 0.0)], seed=3)
    facts = song_facts([track_facts("pad", wide, "synth pad"), track_facts("gtr", plain, "electric guitar")])
    strips = decide_strips(open_song(facts), facts)
    assert [m.id for m in strips.moves if m.id.startswith("width.")][-1:] == ["width.pad.narrower"]
    mix = place_again(decide_mix(strips, facts, None), facts, predict_all(strips, facts))
    assert mix.track("pad").strip.inserts == strips.track("pad").strip.inserts

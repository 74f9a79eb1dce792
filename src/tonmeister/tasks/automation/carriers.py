"""Backing voices that carry the words: where no lead sings, the one that stands out of the other voices is ridden as a lead is."""

import numpy as np

from tonmeister.analysis.bands import ERB_CENTRES_HZ
from tonmeister.analysis.phrases import Phrase
from tonmeister.document.facts import SongFacts, TrackFacts
from tonmeister.knowledge import number
from tonmeister.tasks.automation.lines import phrases_of
from tonmeister.tasks.wet import named_as_return

_WORDS_HZ = (300.0, 8000.0)
_SUNG_OVER = 0.1
"""A phrase of which a lead covers more is the lead's."""
_FEW = 4
"""Fewer phrases make no lines that could lie unevenly."""


def carried_phrases(facts: SongFacts, voice: TrackFacts) -> tuple[Phrase, ...]:
    """Return the phrases in which a backing voice carries the words: no lead sings, and it has most of the voices' power.

    None unless they last as long, together, as makes a voice worth riding.  The stems as they came decide: it is a question of who sings.
    """
    is_fit = voice.track.family == "vocal" and voice.is_touchable and not voice.track.keep_level
    if voice in facts.leads or not is_fit or named_as_return(voice) is not None:
        return ()
    leads = [p for lead in facts.leads for p in phrases_of(facts, lead)]
    own = [p for p in phrases_of(facts, voice) if _overlap_s(p, leads) <= _SUNG_OVER * (p.end_s - p.start_s)]
    others = [t for t in facts.tracks if t.track.used and t.track.family == "vocal" and t not in facts.leads]
    least = number("automation.carrier_share_least").value
    carried = tuple(phrase for phrase in own if _share(voice, others, phrase) >= least)
    lasting_s = sum(phrase.end_s - phrase.start_s for phrase in carried)
    is_worth = len(carried) >= _FEW and lasting_s >= number("automation.carrying_least_s").value
    return carried if is_worth else ()


def carrying_voices(facts: SongFacts) -> list[TrackFacts]:
    """Return the backing voices that carry words somewhere."""
    return [track for track in facts.tracks if carried_phrases(facts, track)]


def _overlap_s(phrase: Phrase, others: list[Phrase]) -> float:
    return sum(max(0.0, min(phrase.end_s, o.end_s) - max(phrase.start_s, o.start_s)) for o in others)


def _share(voice: TrackFacts, voices: list[TrackFacts], phrase: Phrase) -> float:
    """Return a voice's part of the power of all backing voices in the bands of words, over a phrase."""
    inside = (_WORDS_HZ[0] <= ERB_CENTRES_HZ) & (_WORDS_HZ[1] >= ERB_CENTRES_HZ)
    here = slice(int(2 * phrase.start_s), max(int(2 * phrase.start_s) + 1, round(2 * phrase.end_s)))
    powers = {
        t.id: float(t.curves.erb_power[here][:, inside].sum(dtype=np.float64)) * t.figures.channels for t in voices
    }
    total = sum(powers.values())
    return powers.get(voice.id, 0.0) / total if total > 0 else 0.0

"""Which moments of a voice are mouth clicks: those that stand out like one, and that a few damped sines explain.

Listening tells how much like a click a moment looks, mending how much of it is a ringing that set in at once; both are weighed by a
logistic regression (`bench/training/mouth_clicks.py`).
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.mouth_clicks import MouthMoment, find_mouth_moments
from tonmeister.audio import Audio
from tonmeister.model import Share
from tonmeister.processing.autoregression import learn_model
from tonmeister.processing.ringings import floor_under, share_of_ringings, still_ringing

BIAS, SCORE_WEIGHT, SHARE_WEIGHT = -3.4643, 0.5881, 1.1091
"""Of the score, and of the logarithm of what the ringings explain over what they leave."""
LEAST_ODDS = -0.5
"""A moment is mended above: what is taken from a clean voice by mistake is little, a click that stays is heard."""
LEAST_SCORE = -4.0
"""What looks less like a click is not tried: it would have to be all ringing."""
_MOST_SCORE, _LEAST_SHARE, _MOST_SHARE = 10.0, 0.02, 0.998
_CONTEXT_S, _ORDER_S, _MARGIN_S = 0.03, 0.004, 0.00012


Known = dict[tuple[object, ...], Share]
"""Shares by all that they hang on: what lies far from what was mended is not judged a second time."""


def find_mouth_clicks(audio: Audio, *, known: Known | None = None) -> tuple[MouthMoment, ...]:
    """Return the mouth clicks of a voice, in the order of time; what was judged before may be known, and is added to."""
    moments = find_mouth_moments(audio, least_score=LEAST_SCORE)
    return tuple(
        moment
        for moment, share in zip(moments, describe_shares(audio, moments, known=known), strict=True)
        if is_click(moment.score, share)
    )


def is_click(score: float, share: Share) -> bool:
    """Say whether a moment is taken for a click."""
    return float(weigh(score, share) @ (BIAS, SCORE_WEIGHT, SHARE_WEIGHT)) > LEAST_ODDS


def weigh(score: float, share: Share) -> NDArray[np.float64]:
    """Return what bears the weights: one, the score, and the logarithm of what ringings explain over what they leave."""
    score = min(_MOST_SCORE, max(-_MOST_SCORE, score))
    share = min(_MOST_SHARE, max(_LEAST_SHARE, share))
    return np.array([1.0, score, math.log(share / (1 - share))])


def describe_shares(audio: Audio, moments: Sequence[MouthMoment], *, known: Known | None = None) -> list[Share]:
    """Return how much ringings explain of what is not foretold at each moment; nothing is learnt from other moments."""
    known = {} if known is None else known
    lost = np.zeros((audio.channels, audio.frames), np.bool_)
    spans = [_span(moment, audio) for moment in moments]
    for moment, (first, last) in zip(moments, spans, strict=True):
        lost[moment.channel, first:last] = True
    return [
        _share(audio.samples[moment.channel], lost[moment.channel], span, audio.sample_rate_hz, known)
        for moment, span in zip(moments, spans, strict=True)
    ]


def _span(moment: MouthMoment, audio: Audio) -> tuple[int, int]:
    rate, margin = audio.sample_rate_hz, round(_MARGIN_S * audio.sample_rate_hz)
    return max(0, round(moment.start_s * rate) - margin), min(audio.frames, round(moment.end_s * rate) + margin)


def _share(
    samples: NDArray[np.float32], lost: NDArray[np.bool_], span: tuple[int, int], rate_hz: int, known: Known
) -> Share:
    reach = round(_CONTEXT_S * rate_hz)
    start, end = max(0, span[0] - reach), min(samples.size, span[1] + reach)
    first, last = span[0] - start, span[1] - start
    key = (rate_hz, first, last, samples[start:end].tobytes(), lost[start:end].tobytes())
    if key not in known:
        window, hidden = samples[start:end].astype(np.float64), still_ringing(lost[start:end], rate_hz)
        floor_power = floor_under(samples[span[0] : span[1]])
        learnt = learn_model(window, hidden, order=round(_ORDER_S * rate_hz), floor_power=floor_power)
        known[key] = 1.0 if learnt is None else share_of_ringings(window, first, last, learnt, rate_hz)
    return known[key]

"""The two sounds behind the players: the same part before and after, at one loudness, as MP3."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np

from tonmeister.analysis.loudness import BLOCK_S, measure_loudness
from tonmeister.analysis.true_peak import measure_true_peak
from tonmeister.audio import Audio
from tonmeister.deliver.figures import Excerpt
from tonmeister.files.encode import encode_audio
from tonmeister.files.resample import resample
from tonmeister.model import Db, Seconds

LONGEST_S = 30.0
"""More of the song is not embedded."""
MOST_BYTES = 1_900_000
"""Both files together; a third more as base64, so that a page stays below 3 MB."""
HEADROOM_DBTP = -1.0
"""No player is driven over this; MP3 overshoots by a few tenths."""
_COMPRESSIONS = (0.3, 0.5, 0.7, 0.9)  # of libsndfile's variable bit rate: about 170, 125, 105 and 80 kbit/s for noise


@dataclass(frozen=True, slots=True)
class Players:
    """Two MP3 files of one length and one loudness."""

    before_mp3: bytes
    after_mp3: bytes
    before_gain_db: Db
    """Gain that the excerpt before was given to match."""
    after_gain_db: Db
    """Gain that the excerpt after was given to match."""
    start_s: Seconds
    duration_s: Seconds


def encode_excerpt(excerpt: Excerpt) -> Players | None:
    """Return the excerpt at one loudness for both (BS.1770-5, of the excerpt itself), or None if it is under 400 ms."""
    rate_hz = 44_100 if excerpt.after.sample_rate_hz % 44_100 == 0 else 48_000  # MP3 has no higher ones
    before, after = _stereo(excerpt.before, rate_hz), _stereo(excerpt.after, rate_hz)
    frames = min(before.frames, after.frames, round(LONGEST_S * after.sample_rate_hz))
    if frames < BLOCK_S * after.sample_rate_hz:
        return None
    before, after = before.excerpt(0, frames), after.excerpt(0, frames)
    gains = _matching_gains_db(before, after)
    files = _encode_both(_with_gain(before, gains[0]), _with_gain(after, gains[1]))
    return Players(*files, *gains, excerpt.start_s, frames / after.sample_rate_hz)


def _stereo(audio: Audio, sample_rate_hz: int) -> Audio:
    samples = audio.samples if audio.channels == 2 else np.ascontiguousarray(np.repeat(audio.samples, 2, axis=0))
    return resample(Audio(samples, audio.sample_rate_hz), to_hz=sample_rate_hz)


def _matching_gains_db(before: Audio, after: Audio) -> tuple[Db, Db]:
    """Return the gains that make both equally loud: as loud as the master, or as headroom lets both be."""
    loudness = [measure_loudness(audio).integrated_lufs for audio in (before, after)]
    peaks = [measure_true_peak(audio) for audio in (before, after)]
    if loudness[0] is None or loudness[1] is None or peaks[0] is None or peaks[1] is None:
        return 0.0, 0.0
    most = [lufs + HEADROOM_DBTP - peak for lufs, peak in ((loudness[0], peaks[0]), (loudness[1], peaks[1]))]
    common = min(loudness[1], *most)
    return common - loudness[0], common - loudness[1]


def _with_gain(audio: Audio, gain_db: Db) -> Audio:
    return Audio(np.ascontiguousarray(audio.samples * np.float32(10 ** (gain_db / 20))), audio.sample_rate_hz)


def _encode_both(before: Audio, after: Audio) -> tuple[bytes, bytes]:
    """Encode side by side (the encoder lets go of the interpreter), smaller until both fit."""
    one = other = b""
    with ThreadPoolExecutor(2) as pool:
        for compression in _COMPRESSIONS:
            one, other = pool.map(partial(encode_audio, codec="mp3", compression=compression), (before, after))
            if len(one) + len(other) <= MOST_BYTES:
                break
    return one, other

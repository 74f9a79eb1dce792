"""How tracks sound after what they gave up for others: fixed cuts in every half second, keyed ones as far as their keys drive them."""

import numpy as np

from tonmeister.analysis.bands import ERB_CENTRES_HZ
from tonmeister.document.strip import Insert
from tonmeister.processing import Compressor, DynamicEqualiser, Equaliser
from tonmeister.processing.filter_design import magnitude_db
from tonmeister.tasks.masking.keyed import STEPS_PER_HALF, depth_10ms, depth_by_half
from tonmeister.tasks.masking.remedies import bell
from tonmeister.tasks.masking.scene import Floats
from tonmeister.tasks.work import Heard, Work


def give_way(work: Work) -> dict[str, Heard]:
    """Return every strip with the band powers that its cuts for the sake of others leave; its loudness stays as measured before them."""
    found = dict(work.heard)
    for track in work.mix.tracks:
        cuts = [insert for insert in track.strip.inserts if insert.slot == "masking"]
        if cuts and track.id in found:
            heard = found[track.id]
            gain = np.ones((len(heard.erb_power), ERB_CENTRES_HZ.size))
            for insert in cuts:
                gain *= _gain(work, insert, len(heard.erb_power))
            found[track.id] = Heard(heard.energies_100ms, (heard.erb_power * gain).astype(np.float32))
    return found


def _gain(work: Work, insert: Insert, halves: int) -> Floats:
    """Return (half seconds or 1, bands) the mean power gain of an insert."""
    processor = insert.processor
    if isinstance(processor, Equaliser):
        rate = work.facts.song.sample_rate_hz
        return np.asarray(10 ** (magnitude_db(processor.bands, ERB_CENTRES_HZ, rate)[None] / 10))
    if insert.key is None or not isinstance(processor, DynamicEqualiser | Compressor):
        return np.ones((1, ERB_CENTRES_HZ.size))
    depth = depth_10ms(work, work.facts[insert.key], processor)
    steps = depth_by_half(depth[: halves * STEPS_PER_HALF], (0, halves))
    if isinstance(processor, Compressor):
        shape = -np.ones(ERB_CENTRES_HZ.size)
    else:
        shape = bell(processor.bands[0].frequency_hz, processor.bands[0].q)
    return np.asarray((10 ** (shape[None, :, None] * steps[:, None, :] / 10)).mean(axis=2))

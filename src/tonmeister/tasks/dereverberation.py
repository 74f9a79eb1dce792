"""How much room to take out: settings of the dereverberation from the decay that the ear found, or none."""

from tonmeister.analysis.defects import Defects
from tonmeister.processing.dereverb import Dereverb

LIVE_S, LIVE_TAIL_DB = 0.72, -6.0
"""Voices in dry takes stop with decays of up to 0.71 s of their own (measured blind), or their tails are low; slower decays with
high tails are a room's."""
ROOM_OF_BLIND = 0.8
"""The blind figure counts the voice's own endings as well: a room of 0.63 s reads 0.8 s."""
LEAST_DECAYS = 3
"""Fewer free decays tell no room."""


def choose_dereverb(defects: Defects, *, voice: bool) -> Dereverb | None:
    """Return the settings that take a live room out of a voice; None where there is none, or what plays is no voice.

    Instruments ring by themselves: what they lose to this was theirs more often than the room's.
    """
    if not voice or defects.decay_s is None or defects.tail_db is None or defects.decays < LEAST_DECAYS:
        return None
    if defects.decay_s < LIVE_S or defects.tail_db < LIVE_TAIL_DB:
        return None
    return Dereverb(decay_s=round(ROOM_OF_BLIND * defects.decay_s, 2))

"""From files to facts: intake, measurement, roles and the song map; facts come from the cache where they are known."""

from tonmeister.files.rates import choose_rate
from tonmeister.listen.listening import Listened, listen
from tonmeister.listen.measure import Cancel, Progress, measure_sound
from tonmeister.listen.recall import recall_facts

__all__ = ["Cancel", "Listened", "Progress", "choose_rate", "listen", "measure_sound", "recall_facts"]

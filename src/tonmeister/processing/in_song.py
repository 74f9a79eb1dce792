"""Settings that speak of a file as it is, put into the words of a strip: the file comes later, louder, or upside down."""

from tonmeister.model import Db, Model, Seconds
from tonmeister.processing import Processor
from tonmeister.processing.debleed import Debleed
from tonmeister.processing.denoiser import Denoiser

_LOWEST_DB, _HIGHEST_DB = -240.0, 0.0


class Placing(Model):
    """How a file comes into its strip."""

    start_s: Seconds = 0.0
    """Where in the song it begins; negative where it begins before the song."""
    trim_db: Db = 0.0
    """Gain before the inserts."""
    inverted: bool = False
    """Whether it is upside down."""
    key_trim_db: Db = 0.0
    """Gain before the inserts of the track that is the key."""


def in_song(settings: Processor, placing: Placing) -> Processor:
    """Return settings that were made for the file as it is, as they hold for the strip."""
    if placing == Placing():
        return settings
    fields = type(settings).model_fields
    changed: dict[str, object] = {}
    if "start_s" in fields:
        changed["start_s"] = placing.start_s
    if "gain" in fields:
        changed["gain"] = 10 ** (placing.trim_db / 20) * (-1 if placing.inverted else 1)
    if isinstance(settings, Denoiser):
        changed["profile"] = tuple(
            (hz, min(_HIGHEST_DB, max(_LOWEST_DB, level + placing.trim_db))) for hz, level in settings.profile
        )
    if isinstance(settings, Debleed):
        difference_db = placing.trim_db - placing.key_trim_db
        changed["transfer_db"] = tuple(level + difference_db for level in settings.transfer_db)
    return settings.model_copy(update=changed) if changed else settings

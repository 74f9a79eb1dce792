"""Settings in words, so that a person can set by hand what a session cannot hold."""

from typing import Any

from tonmeister.document.strip import Insert
from tonmeister.model import Model

_TITLES = {
    "deesser": "de-esser", "remove_dc": "removal of DC", "unwow": "removal of wow", "multiband": "multiband compressor",
    "reinforcer": "drum reinforcement", "saturator": "saturation", "true_peak_limiter": "true-peak limiter",
}  # fmt: skip
_MOST_WORDS = 240


def title_of(insert: Insert) -> str:
    """Return what a processor is called, such as `dynamic equaliser`."""
    kind = insert.processor.kind
    return _TITLES.get(kind, kind.replace("_", " "))


def summary_of(settings: Model) -> str:
    """Return the settings in words; long lists are cut."""
    text = _in_words(settings.model_dump(mode="json", exclude={"kind"}))
    return text if len(text) <= _MOST_WORDS else f"{text[:_MOST_WORDS].rsplit(',', 1)[0]}, …"


def _in_words(values: Any) -> str:
    if isinstance(values, dict):
        return ", ".join(f"{key} {_in_words(value)}" for key, value in values.items())
    if isinstance(values, list):
        return " and ".join(f"({_in_words(value)})" for value in values)
    return f"{values:g}" if isinstance(values, int | float) and not isinstance(values, bool) else str(values)

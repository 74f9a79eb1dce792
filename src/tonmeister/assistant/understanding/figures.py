"""Decibels and frequencies that words name."""

import math
import re

_DB = re.compile(
    r"([+\-\u2212]?\d+(?:[.,]\d+)?)\s?-?\s?(?:db|dbs|decibels?|dezibel|decibelios?|decibels)\b", re.IGNORECASE
)
_SIGNED = re.compile(r"(?:^|[\s(:,])([+\-\u2212]|plus|minus|mas|menos|moins)\s?(\d+(?:[.,]\d+)?)\s?-?\s?(?:db|dbs|decibels?|dezibel|decibelios?)\b", re.IGNORECASE)  # fmt: skip
_BARE = re.compile(r"\b(?:around|near|about|at|um|bei|vers|autour de|alrededor de)\s(\d{2,5})\b(?!\s*(?:db|dbs|bpm|%|percent|s\b|sec|min|ms|:))", re.IGNORECASE)  # fmt: skip
_LOWEST_HZ, _HIGHEST_HZ = 40.0, 16000.0
"""A number without a unit is read as a frequency only inside this range."""
_HZ = re.compile(r"(\d+(?:[.,]\d+)?)\s?(?:-|to|bis|a)?\s?(\d+(?:[.,]\d+)?)?\s?(k?)\s?hz\b", re.IGNORECASE)
_KILO = re.compile(r"\b(\d{1,2}(?:[.,]\d)?)\s?k\b", re.IGNORECASE)


def find_figures(text: str) -> tuple[float | None, float | None]:
    """Return decibels and frequency; a range of frequencies gives its geometric middle."""
    decibels = _DB.search(text)
    return (None if decibels is None else abs(_number(decibels[1]))), _frequency_hz(text)


def signed_db(text: str) -> float | None:
    """Return decibels that were written with a sign, as `+1 dB` or `minus 2 dB`."""
    found = _SIGNED.search(text)
    if found is None:
        return None
    return (-1 if found[1].casefold() in ("-", "\u2212", "minus", "menos", "moins") else 1) * _number(found[2])


def _frequency_hz(text: str) -> float | None:
    found = _HZ.search(text)
    if found is not None:
        factor = 1000.0 if found[3] else 1.0
        low = _number(found[1]) * factor
        high = low if found[2] is None else _number(found[2]) * factor
        return round(math.sqrt(low * high), 1)
    kilo = _KILO.search(text)
    if kilo is not None:
        return _number(kilo[1]) * 1000
    bare = _BARE.search(text)
    return _number(bare[1]) if bare is not None and _LOWEST_HZ <= _number(bare[1]) <= _HIGHEST_HZ else None


def _number(said: str) -> float:
    return float(said.replace("\u2212", "-").replace(",", "."))

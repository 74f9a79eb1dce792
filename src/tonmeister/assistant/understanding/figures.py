"""Decibels and frequencies that words name."""

import math
import re

_DB = re.compile(
    r"([+\-\u2212]?\d+(?:[.,]\d+)?)\s?-?\s?(?:db|dbs|decibels?|dezibel|decibelios?|decibels)\b", re.IGNORECASE
)
_HZ = re.compile(r"(\d+(?:[.,]\d+)?)\s?(?:-|to|bis|a)?\s?(\d+(?:[.,]\d+)?)?\s?(k?)\s?hz\b", re.IGNORECASE)
_KILO = re.compile(r"\b(\d{1,2}(?:[.,]\d)?)\s?k\b", re.IGNORECASE)


def find_figures(text: str) -> tuple[float | None, float | None]:
    """Return decibels and frequency; a range of frequencies gives its geometric middle."""
    decibels = _DB.search(text)
    return (None if decibels is None else abs(_number(decibels[1]))), _frequency_hz(text)


def _frequency_hz(text: str) -> float | None:
    found = _HZ.search(text)
    if found is not None:
        factor = 1000.0 if found[3] else 1.0
        low = _number(found[1]) * factor
        high = low if found[2] is None else _number(found[2]) * factor
        return round(math.sqrt(low * high), 1)
    kilo = _KILO.search(text)
    return None if kilo is None else _number(kilo[1]) * 1000


def _number(said: str) -> float:
    return float(said.replace("\u2212", "-").replace(",", "."))

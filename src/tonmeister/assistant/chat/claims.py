"""Every number that a language model writes is held against what the tools returned, before a person sees it."""

import re
from collections.abc import Iterable

from tonmeister.model import Model

_NUMBER = re.compile(r"(?<![\w.,])[-−+±]?\d+(?:[.,]\d+)*(?![\w]*\d)")
_LISTED = re.compile(r"(?m)^\s*\d{1,2}[.)]\s")
"""Numbers of a list are no claims."""
_ORDINARY = frozenset({0.0, 1.0, 2.0, 3.0})
"""Counts that prose is made of (`one of two ways`, `step 3`); with a unit behind them they are claims all the same."""
_UNIT = re.compile(r"\s*(?:dB|Hz|kHz|ms|s\b|LU|%|:1|BPM|cents|samples|x\b)", re.IGNORECASE)
_SCALES = {"khz": (0.001,), "ms": (1000.0,), "s": (0.001,), "%": (100.0,)}
"""A number may stand in another unit than the tool told: kHz for Hz, ms for s and s for ms, per cent for a share."""
MARK = "[number withheld: no tool returned it]"


class Checked(Model):
    """A text after checking."""

    text: str
    """With numbers that nothing supports withheld."""
    unsupported: tuple[str, ...]
    """Numbers that no tool returned and the person did not say."""


def check_claims(text: str, evidence: Iterable[str]) -> Checked:
    """Return the text with every unsupported number withheld.

    A number is supported if a tool result or the person's own words hold it, at the precision in which it is written: -14.0 and -14
    stand for -13.98. Signs are not compared, since prose says `turns down by 3 dB`.
    """
    known = sorted({abs(value) for told in evidence for value in _values(told)})
    listed = {match.start() + len(match[0]) - len(match[0].lstrip()) for match in _LISTED.finditer(text)}
    unsupported: list[str] = []
    parts: list[str] = []
    last = 0
    for match in _NUMBER.finditer(text):
        unit = _UNIT.match(text, match.end())
        value = _value(match[0])
        if match.start() in listed or (value in _ORDINARY and unit is None):
            continue
        if _is_supported(match[0], value, known, unit[0].strip().lower() if unit else ""):
            continue
        unsupported.append(match[0])
        parts += [text[last : match.start()], MARK]
        last = match.end()
    return Checked(text="".join([*parts, text[last:]]), unsupported=tuple(unsupported))


def _is_supported(written: str, value: float, known: list[float], unit: str) -> bool:
    places = len(re.split(r"[.,]", written)[1]) if re.search(r"[.,]", written) else 0
    slack = 0.5 * 10.0**-places + 1e-9
    return any(abs(abs(value) - one * scale) <= slack for one in known for scale in (1.0, *_SCALES.get(unit, ())))


def _values(text: str) -> list[float]:
    return [_value(found) for found in re.findall(r"[-−+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?", text)]


def _value(written: str) -> float:
    cleaned = written.replace("−", "-").replace("±", "").replace("+", "")
    if cleaned.count(",") == 1 and "." not in cleaned and len(cleaned.split(",")[1]) != 3:
        cleaned = cleaned.replace(",", ".")
    cleaned = cleaned.replace(",", "")
    try:
        return float(cleaned)
    except ValueError:
        return float("nan")

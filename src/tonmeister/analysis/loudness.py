"""Loudness and loudness range (ITU-R BS.1770-5, EBU Tech 3341 and 3342)."""

from pydantic import Field

from tonmeister.model import Model


class Loudness(Model):
    """Loudness of a signal; None where there is too little sound to say (never minus infinity)."""

    integrated_lufs: float | None = None
    """Gated loudness of the whole; None for silence or less than 400 ms."""
    momentary_max_lufs: float | None = None
    """Loudest 400 ms; None for silence."""
    short_term_max_lufs: float | None = None
    """Loudest 3 s; None for silence or less than 3 s."""
    range_lu: float | None = Field(default=None, ge=0)
    """Loudness range (LRA); None for silence or less than 3 s."""

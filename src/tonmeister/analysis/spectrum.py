"""Long-term spectrum, band energies over time and onset strength from one short-time Fourier transform."""

from tonmeister.model import Db, Hz, Model


class Spectrum(Model):
    """What the long-term spectrum of the active parts says in a few numbers; None for silence."""

    centroid_hz: Hz | None = None
    """Centre of gravity of the power spectrum."""
    slope_db_per_octave: Db | None = None
    """Straight line through the power density per third octave, 100 Hz to 10 kHz, weighted by nothing."""
    low_edge_hz: Hz | None = None
    """Below this lies 1 % of the power."""
    high_edge_hz: Hz | None = None
    """Above this lies 1 % of the power."""
    flatness_db: Db | None = None
    """Geometric over arithmetic mean of the third-octave power density, 100 Hz to 10 kHz; 0 is flat noise."""

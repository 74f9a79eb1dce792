"""Second-order filters from analogue prototypes: bilinear (RBJ) and matched up to near Nyquist.

The matched designs follow Vicanek, "Matched Second Order Digital Filters" (2016): a squared magnitude is a ratio of two
quadratics in phi = sin^2(w/2). One side of the ratio comes from the prototype's roots by impulse invariance, the other
is solved so that the curve goes through the analogue one at zero and at two further frequencies. Ours differ in two
points: the two frequencies are the best of a short list (largest error on a fixed grid), and a cut is the exact
inverse of the boost, which is the better-behaved of the two. Below 0.8 x Nyquist they stay within 0.3 dB; only
high-passes above a third of Nyquist with a q over 1.3 and notches with a q under 0.4 miss by more.
"""

from collections.abc import Callable
from functools import lru_cache
from math import exp, expm1, pi, sin, sinh, sqrt, tan

import numpy as np
from numpy.typing import NDArray

from tonmeister.processing.band import Band, Shape

Floats = NDArray[np.float64]
Section = tuple[float, float, float, float, float]
"""b0, b1, b2, a1, a2 of a biquad whose a0 is 1."""
Quadratic = tuple[float, float, float]

HIGHEST_SHARE_OF_RATE = 0.49
"""Frequencies are held below this share of the sample rate; beyond it no second-order section is of use."""
LOWEST_DB = -200.0
"""Floor of reported magnitudes (the bottom of a notch)."""
_BUTTERWORTH_4 = (0.541196100146197, 1.3065629648763766)
"""Q of the two sections of a fourth-order Butterworth filter: 1 / (2 cos(pi / 8)) and 1 / (2 sin(pi / 8))."""
_GRID = np.geomspace(0.001, 0.4, 40)
"""Shares of the sample rate on which matched designs are compared."""
_AUDIBLE = 0.01
"""Where the prototype lies below -40 dB the choice of a matched design does not care."""


def design_sections(bands: tuple[Band, ...], sample_rate_hz: int) -> Floats:
    """Return the biquads of all bands, shape (sections, 5): b0, b1, b2, a1, a2; neutral bands give none."""
    rows = [section for band in bands for section in design_band(band, sample_rate_hz)]
    return np.array(rows, dtype=np.float64).reshape(-1, 5)


@lru_cache(maxsize=4096)
def design_band(band: Band, sample_rate_hz: int) -> tuple[Section, ...]:
    """Return the biquads of one band: none if it is neutral, two for a 24 dB pass filter, else one."""
    if band.is_neutral:
        return ()
    frequency = min(band.frequency_hz / sample_rate_hz, HIGHEST_SHARE_OF_RATE)
    steep = band.shape in ("high_pass", "low_pass") and band.slope_db_per_octave == 24
    design = design_matched if band.design == "matched" else design_rbj
    qs = _BUTTERWORTH_4 if steep else (band.q,)
    return tuple(design(band.shape, frequency=frequency, gain_db=band.gain_db, q=q) for q in qs)


def magnitude_db(bands: tuple[Band, ...], frequencies_hz: Floats, sample_rate_hz: int) -> Floats:
    """Return the gain of the bands in series at each frequency, in dB (at least -200)."""
    return sections_magnitude_db(design_sections(bands, sample_rate_hz), frequencies_hz, sample_rate_hz)


def sections_magnitude_db(sections: Floats, frequencies_hz: Floats, sample_rate_hz: int) -> Floats:
    """Return the gain of biquads in series (sections, 5) at each frequency, in dB (at least -200)."""
    delay = np.exp(-2j * np.pi * np.asarray(frequencies_hz, dtype=np.float64) / sample_rate_hz)
    gain_db: Floats = 20 * np.log10(np.maximum(np.prod(_magnitudes(sections, delay), axis=0), 10 ** (LOWEST_DB / 20)))
    return gain_db


def _magnitudes(sections: Floats, delay: NDArray[np.complex128]) -> Floats:
    """Return |H| of each section (rows) at each z^-1 (columns)."""
    b0, b1, b2, a1, a2 = (column[:, None] for column in sections.T)
    magnitudes: Floats = np.abs((b0 + delay * (b1 + delay * b2)) / (1 + delay * (a1 + delay * a2)))
    return magnitudes


def analogue_magnitude(shape: Shape, ratio: Floats, *, gain_db: float, q: float) -> Floats:
    """Return |H| of the analogue prototype (RBJ cookbook) at frequency / band frequency."""
    s = 1j * np.asarray(ratio, dtype=np.float64)
    numerator, denominator = _prototype(shape, gain_db=gain_db, q=q)
    magnitude: Floats = np.abs(np.polyval(numerator, s) / np.polyval(denominator, s))
    return magnitude


def _prototype(shape: Shape, *, gain_db: float, q: float) -> tuple[Quadratic, Quadratic]:
    """Return numerator and denominator in falling powers of s / w0 (RBJ Audio EQ Cookbook)."""
    a = 10 ** (gain_db / 40)
    damping = 1 / q
    shelf = sqrt(a) * damping
    match shape:
        case "peak":
            return (1, a * damping, 1), (1, damping / a, 1)
        case "low_shelf":
            return (a, a * shelf, a * a), (a, shelf, 1)
        case "high_shelf":
            return (a * a, a * shelf, a), (1, shelf, a)
        case "low_pass":
            return (0, 0, 1), (1, damping, 1)
        case "high_pass":
            return (1, 0, 0), (1, damping, 1)
        case "notch":
            return (1, 0, 1), (1, damping, 1)


def design_rbj(shape: Shape, *, frequency: float, gain_db: float, q: float) -> Section:
    """Return the bilinear transform of the prototype, pre-warped at `frequency`, a share of the sample rate."""
    warp = 1 / tan(pi * frequency)
    (n2, n1, n0), (d2, d1, d0) = _prototype(shape, gain_db=gain_db, q=q)
    scale = d2 * warp * warp + d1 * warp + d0
    return (
        (n2 * warp * warp + n1 * warp + n0) / scale,
        2 * (n0 - n2 * warp * warp) / scale,
        (n2 * warp * warp - n1 * warp + n0) / scale,
        2 * (d0 - d2 * warp * warp) / scale,
        (d2 * warp * warp - d1 * warp + d0) / scale,
    )


def design_matched(shape: Shape, *, frequency: float, gain_db: float, q: float) -> Section:
    """Return the section whose curve follows the analogue prototype; `frequency` is a share of the sample rate."""
    boost_db = abs(gain_db)
    if shape == "peak":
        boost = _best_match(shape, frequency=frequency, gain_db=boost_db, q=q)
        return boost if gain_db >= 0 else _inverse(boost)
    if shape in ("low_shelf", "high_shelf"):
        boost = _best_match("low_shelf", frequency=frequency, gain_db=boost_db, q=q)
        section = boost if (gain_db >= 0) == (shape == "low_shelf") else _inverse(boost)
        return section if shape == "low_shelf" else _scaled(section, 10 ** (gain_db / 20))
    return _best_match(shape, frequency=frequency, gain_db=0.0, q=q)


def _best_match(shape: Shape, *, frequency: float, gain_db: float, q: float) -> Section:
    """Return the candidate with the smallest largest error in dB on a fixed grid up to 0.8 x Nyquist."""
    candidates = _candidates(shape, frequency=frequency, gain_db=gain_db, q=q)
    candidates.append(design_rbj(shape, frequency=frequency, gain_db=gain_db, q=q))
    grid = np.append(_GRID, min(frequency, _GRID[-1]))
    wanted = analogue_magnitude(shape, grid / frequency, gain_db=gain_db, q=q)
    audible = wanted > _AUDIBLE
    got = _magnitudes(np.array(candidates), np.exp(-2j * np.pi * grid[audible]))
    errors = np.max(np.abs(np.log(np.maximum(got, 1e-10) / wanted[audible])), axis=1, initial=0.0)
    return candidates[int(np.argmin(errors))]


def _candidates(shape: Shape, *, frequency: float, gain_db: float, q: float) -> list[Section]:
    """Match at zero and at each pair of a short list of frequencies (radians per sample); keep what is stable."""
    w = 2 * pi * frequency
    pairs = (
        (min(w, 0.5 * pi), 0.8 * pi),
        (0.3 * pi, 0.75 * pi),
        (0.5 * w, w),
        (0.55 * pi, 0.8 * pi),
        (0.65 * pi, 0.8 * pi),
        (0.85 * w, 0.8 * pi if abs(w - 0.8 * pi) > 0.1 else 0.7 * pi),
        (min(w, 0.8 * pi), 0.95 * pi),
    )

    (n2, n1, n0), (d2, d1, d0) = _prototype(shape, gain_db=gain_db, q=q)

    def wanted_power(at: float) -> float:
        s = 1j * at / w
        return abs((n0 + s * (n1 + s * n2)) / (d0 + s * (d1 + s * d2))) ** 2

    found: list[Section | None]
    if shape in ("high_pass", "notch"):
        zero = 0.0 if shape == "high_pass" else sin(w / 2) ** 2
        at_zero = w**4 if shape == "high_pass" else 16 * zero * zero
        found = [_fit_denominator(zero, at_zero, pair, wanted_power) for pair in pairs]
        found += [_high_pass_by_poles(w, q)] if shape == "high_pass" else []
    else:
        a = 10 ** (gain_db / 40)
        w_pole, damping = {"peak": (w, 0.5 / (a * q)), "low_shelf": (w / sqrt(a), 0.5 / q)}.get(shape, (w, 0.5 / q))
        found = [_fit_numerator(w_pole, damping, pair, wanted_power) for pair in pairs]
    return [section for section in found if section is not None]


def _fit_numerator(
    w_pole: float, damping: float, pair: tuple[float, float], wanted_power: Callable[[float], float]
) -> Section | None:
    """Take the poles of the prototype by impulse invariance and solve the numerator."""
    denominator, d = _impulse_invariant_poles(w_pole, damping)
    phis = [sin(at / 2) ** 2 for at in pair]
    powers = [wanted_power(at) * (d[0] + phi * (d[1] + phi * d[2])) for at, phi in zip(pair, phis, strict=True)]
    numerator = _spectral_factor(_through(d[0] * wanted_power(0.0), phis, powers))
    return None if numerator is None else (*numerator, denominator[1], denominator[2])


def _fit_denominator(
    zero: float, at_zero: float, pair: tuple[float, float], wanted_power: Callable[[float], float]
) -> Section | None:
    """Keep the zeros where they are (phi is 0, or that of the notch) and solve the poles."""
    if any(wanted_power(at) < 1e-6 for at in pair):
        return None  # on the notch itself any pole would do
    phis = [sin(at / 2) ** 2 for at in pair]
    powers = [16 * (phi - zero) ** 2 / wanted_power(at) for at, phi in zip(pair, phis, strict=True)]
    poles = _spectral_factor(_through(at_zero, phis, powers))
    if poles is None or abs(poles[2]) >= poles[0]:
        return None
    a0, a1, a2 = poles
    return 1 / a0, (4 * zero - 2) / a0, 1 / a0, a1 / a0, a2 / a0


def _high_pass_by_poles(w: float, q: float) -> Section:
    """Vicanek's high-pass: prototype's poles, two zeros at zero frequency, exact gain q at w."""
    (_, a1, a2), d = _impulse_invariant_poles(w, 0.5 / q)
    phi = sin(w / 2) ** 2
    b0 = q * sqrt(d[0] + phi * (d[1] + phi * d[2])) / (4 * phi)
    return b0, -2 * b0, b0, a1, a2


def _impulse_invariant_poles(w: float, damping: float) -> tuple[Quadratic, Quadratic]:
    """Return (1, a1, a2) of the poles of s^2 + 2 damping w s + w^2, and |A|^2 as a quadratic in phi.

    Written without the cancellations that would spoil low frequencies (w is 3e-4 for 10 Hz at 192 kHz).
    """
    e = exp(-damping * w)
    if damping <= 1:
        below_one = 2 * sin(sqrt(1 - damping * damping) * w / 2) ** 2
    else:
        below_one = -2 * sinh(sqrt(damping * damping - 1) * w / 2) ** 2
    c, gap = 1 - below_one, -expm1(-damping * w)
    root_of_d0 = gap * gap + 2 * e * below_one
    d = (root_of_d0 * root_of_d0, 8 * e * (gap * gap * c - 2 * e * below_one), 16 * e * e)
    return (1.0, -2 * e * c, e * e), d


def _through(at_zero: float, phis: list[float], powers: list[float]) -> Quadratic:
    """Return the quadratic in phi through (0, at_zero) and two further points."""
    slopes = [(power - at_zero) / phi for phi, power in zip(phis, powers, strict=True)]
    square = (slopes[1] - slopes[0]) / (phis[1] - phis[0])
    return at_zero, slopes[0] - square * phis[0], square


def _spectral_factor(quadratic: Quadratic) -> Quadratic | None:
    """Return the minimum-phase x0 + x1 z^-1 + x2 z^-2 whose |.|^2 is the quadratic in phi; None if there is none."""
    c0, c1, c2 = quadratic
    if c0 < 0 or c0 + c1 + c2 < 0:
        return None
    at_zero, at_nyquist = sqrt(c0), sqrt(c0 + c1 + c2)
    difference_squared = 2 * c0 + c1 + 2 * at_zero * at_nyquist
    if difference_squared < 0:
        return None
    total, difference = (at_zero + at_nyquist) / 2, sqrt(difference_squared) / 2
    return (total + difference) / 2, (at_zero - at_nyquist) / 2, (total - difference) / 2


def _inverse(section: Section) -> Section:
    b0, b1, b2, a1, a2 = section
    return 1 / b0, a1 / b0, a2 / b0, b1 / b0, b2 / b0


def _scaled(section: Section, gain: float) -> Section:
    b0, b1, b2, a1, a2 = section
    return b0 * gain, b1 * gain, b2 * gain, a1, a2

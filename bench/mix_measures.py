"""What a mix must hold whatever the taste: the lead's place, the slope of the spectrum, what mono takes, what is left of the peaks.

Limits are those of the issue that asked for them; a genre may ask for others, and then the case says so.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from bench.case import Values
from bench.measures import block_lufs, gated_lufs, true_peak_db
from bench.sound import Sound

Floats = NDArray[np.float64]

LEAD_BAND_LU = (-4.5, -1.0)
"""Where the lead stands against the whole mix while it sings."""
ALONE_LU = -0.135
"""A lead with a higher place sings alone: 15 dB over the rest."""
SLOPE_DB = (-5.3, -3.7)
"""Slope of the power density from 100 Hz to 4 kHz, an octave."""
MONO_LOSS_LU = 1.5
LEAD_MONO_LOSS_LU = 1.0
CREST_LOSS_DB = 3.0
SUNG_SHARE = 0.8
_SINGS_LU = -10.0
"""The lead sings where its power in 100 ms is no further below its gated loudness."""
_WINDOW_S = 3
_WINDOW_STEPS, _HOP_STEPS, _LEAST_STEPS = 30, 10, 10


@dataclass(frozen=True)
class MixSound:
    """A mix, and its lead vocal as it stands in it."""

    mix: Sound
    lead: Sound | None
    rate_hz: int


def measure_mix(sound: MixSound, *, unity: Sound) -> Values:
    """Return the figures of a mix against the plain sum of the stems that it was made of."""
    place = lead_place_lu(sound)
    return {
        "lead_lu": None if place.size == 0 else round(float(np.median(place)), 2),
        "lead_in_band": None if place.size == 0 else round(float(_is_in(place, LEAD_BAND_LU).mean()), 3),
        "slope_db": round(slope_db_per_octave(sound.mix, sound.rate_hz), 2),
        "mono_loss_lu": round(mono_loss_lu(sound.mix, sound.rate_hz), 2),
        "lead_mono_loss_lu": None if sound.lead is None else round(mono_loss_lu(sound.lead, sound.rate_hz), 2),
        "plr_loss_db": round(plr_db(unity, sound.rate_hz) - plr_db(sound.mix, sound.rate_hz), 2),
        "crest_loss_db": round(short_crest_db(unity, sound.rate_hz) - short_crest_db(sound.mix, sound.rate_hz), 2),
    }


def bars_held(ours: Values, equal: Values) -> dict[str, bool]:
    """Say which limits hold; a lead outside its band counts where it is nearer to the artists' place than at equal loudness."""
    found = {
        "slope": _is_in(ours["slope_db"], SLOPE_DB),
        "mono": ours["mono_loss_lu"] <= MONO_LOSS_LU and (ours["lead_mono_loss_lu"] or 0.0) <= LEAD_MONO_LOSS_LU,
        "peaks": max(ours["plr_loss_db"], ours["crest_loss_db"]) < CREST_LOSS_DB,
    }
    if ours["lead_in_band"] is not None:
        found["lead"] = lead_held_by(ours, equal) != "neither"
    return {key: bool(value) for key, value in found.items()}


def lead_held_by(ours: Values, equal: Values) -> str | None:
    """Say by which clause the lead's bar holds: `band`, `nearer to the artists than equal`, or `neither`; None without a lead."""
    if ours["lead_in_band"] is None:
        return None
    if ours["lead_in_band"] >= SUNG_SHARE:
        return "band"
    mine, theirs = ours.get("lead_off_lu"), equal.get("lead_off_lu")
    nearer = mine is not None and theirs is not None and mine < theirs
    return "nearer to the artists than equal" if nearer else "neither"


def lead_place_lu(sound: MixSound) -> Floats:
    """Return the lead's loudness against the mix while it sings, in windows of 3 s, one each second; empty without a lead.

    Pauses take no part: a window counts only the blocks of 100 ms in which the lead sings, at least ten of them.
    """
    place = _places_lu(sound)
    return place[np.isfinite(place)]


def lead_in_band_with_others(sound: MixSound, truth: MixSound) -> float | None:
    """Return the share of the sung time in which the lead is in its band, without that in which the artists let it sing alone.

    What plays with it lies 15 dB under it there, so its place is near 0 LU in any mix.
    """
    mine, theirs = _places_lu(sound), _places_lu(truth)
    length = min(mine.size, theirs.size)
    counted = np.isfinite(mine[:length]) & (theirs[:length] <= ALONE_LU)
    return round(float(_is_in(mine[:length][counted], LEAD_BAND_LU).mean()), 3) if counted.any() else None


def lead_off_lu(sound: MixSound, truth: MixSound) -> float | None:
    """Return the mean distance of the lead's place from where the artists had it, while it sings in both."""
    mine, theirs = _places_lu(sound), _places_lu(truth)
    length = min(mine.size, theirs.size)
    off = np.abs(mine[:length] - theirs[:length])
    return round(float(off[np.isfinite(off)].mean()), 2) if np.isfinite(off).any() else None


def _places_lu(sound: MixSound) -> Floats:
    """Return a place for each window, NaN where the lead does not sing enough."""
    loudness = None if sound.lead is None else gated_lufs(sound.lead, sound.rate_hz)
    if sound.lead is None or loudness is None:
        return np.zeros(0)
    lead, mix = (_powers(samples, sound.rate_hz) for samples in (sound.lead, sound.mix))
    length = min(lead.size, mix.size)
    sings = lead[:length] > 10 ** ((loudness + _SINGS_LU + 0.691) / 10)
    places = []
    for start in range(0, max(1, length - _WINDOW_STEPS + 1), _HOP_STEPS):
        there = slice(start, start + _WINDOW_STEPS)
        sung = sings[there]
        enough = sung.sum() >= _LEAST_STEPS and mix[there][sung].sum() > 0
        places.append(10 * np.log10(lead[there][sung].sum() / mix[there][sung].sum()) if enough else np.nan)
    return np.array(places)


def _powers(samples: Sound, rate_hz: int) -> Floats:
    """Return the K-weighted power of each 100 ms."""
    return np.asarray(10 ** ((block_lufs(samples, rate_hz, block_s=0.1, hop_s=0.1) + 0.691) / 10))


def slope_db_per_octave(samples: Sound, rate_hz: int) -> float:
    """Return the slope of the power density, third octave by third octave from 100 Hz to 4 kHz."""
    frequencies, density = signal.welch(samples.astype(np.float64), rate_hz, nperseg=8192, axis=-1)
    total = density.sum(axis=0)
    centres = 1000 * 2 ** (np.arange(-10, 7) / 3)
    edges = [(f / 2 ** (1 / 6), f * 2 ** (1 / 6)) for f in centres]
    level = [10 * np.log10(total[(frequencies >= low) & (frequencies < high)].mean() + 1e-20) for low, high in edges]
    return float(np.polyfit(np.log2(centres), level, 1)[0])


def mono_loss_lu(samples: Sound, rate_hz: int) -> float:
    """Return what the loudness loses when both speakers play the mean of the channels."""
    mono = np.repeat(samples.mean(axis=0, keepdims=True), 2, axis=0)
    before, after = gated_lufs(samples, rate_hz), gated_lufs(mono, rate_hz)
    return 0.0 if before is None else before - (after if after is not None else -70.0)


def plr_db(samples: Sound, rate_hz: int) -> float:
    """Return true peak over integrated loudness."""
    loudness = gated_lufs(samples, rate_hz)
    return 0.0 if loudness is None else true_peak_db(samples) - loudness


def short_crest_db(samples: Sound, rate_hz: int) -> float:
    """Return the 99.9th percentile of peak over RMS in windows of 3 s, one each second; silence takes no part."""
    window, hop = _WINDOW_S * rate_hz, rate_hz
    crests = []
    for start in range(0, max(1, samples.shape[1] - window + 1), hop):
        part = samples[:, start : start + window]
        power = float(np.mean(np.square(part, dtype=np.float64)))
        if power > 1e-8:  # -80 dBFS
            crests.append(20 * np.log10(float(np.abs(part).max()) / np.sqrt(power)))
    return float(np.percentile(crests, 99.9)) if crests else 0.0


def _is_in(value: Floats | float, band: tuple[float, float]) -> NDArray[np.bool_]:
    return np.asarray((np.asarray(value) >= band[0]) & (np.asarray(value) <= band[1]))

"""Our reverb and delay on Ardour's: the nearest settings."""

from math import log10

import numpy as np

from tonmeister.processing import Reverb

_ROOMS = ((0.5, 0.67), (0.7324, 1.05), (0.8749, 1.54), (0.9657, 2.11), (1.0, 2.46))
"""Room size of Ardour's reverb → seconds in which its tail falls by 60 dB; measured on pink noise, Ardour 7.3, 48 kHz."""
_TAIL_DB = 5.5
"""How much louder our tail is than Ardour's for the same noise, without early reflections; measured at 0.6 to 4 s, within
1.5 dB."""
_NEAR_S = 0.1


def delay_ports(time_ms: float, *, feedback: float, high_cut_hz: float) -> dict[str, float]:
    """Return the ports of Ardour's delay, wet only."""
    return {
        "inv": 0.0, "sync": 0.0, "time": round(time_ms, 4), "div": 4.0, "drywet": 100.0, "feedback": round(100 * feedback, 4),
        "lpf": min(high_cut_hz, 20_000.0), "gain": 0.0, "enable": 1.0, "dot": 0.0,
    }  # fmt: skip


def reverb_ports(settings: Reverb) -> tuple[dict[str, float], float, list[str]]:
    """Return Ardour's ports, the gain in dB that gives its tail the level of ours, and what is different."""
    rooms, decays = zip(*_ROOMS, strict=True)
    room = round(float(np.interp(settings.decay_s, decays, rooms)), 4)
    reached_s = min(max(settings.decay_s, decays[0]), decays[-1])
    gain_db = _TAIL_DB + 10 * log10(1 + 10 ** (settings.early_db / 10))
    said = ["it is Ardour's, another room: without early reflections, size, damping and modulation of ours"]
    if abs(reached_s - settings.decay_s) > _NEAR_S:
        said.append(f"its decay is {reached_s:.1f} s instead of {settings.decay_s:.1f} s")
    return {"blend": settings.mix, "roomsz": room, "enable": 1.0}, round(gain_db, 2), said

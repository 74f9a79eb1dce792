"""Settings of EQ Eight and Compressor that a person's set already holds. No device is ever put in."""

from typing import Any

from tonmeister.daw.ableton.patch import Patch, automated, target_of
from tonmeister.daw.ableton.tree import Node
from tonmeister.daw.dynamics import peak_threshold_db, without_dry
from tonmeister.processing import Band, Compressor

BANDS = 8
_MODES = {"high_pass": 1, "low_shelf": 2, "peak": 3, "notch": 4, "high_shelf": 5, "low_pass": 6}
"""EQ Eight's numbers since Live 9; 0 and 7 are the steep cuts of 48 dB."""
_STEEP_QS = (0.541196100146197, 1.3065629648763766)
_PEAK, _RMS = 0, 1
"""Models of the Compressor since Live 9."""
_REACH = {"Freq": (10.0, 22_000.0), "Gain": (-15.0, 15.0), "Q": (0.1, 18.0)}


def eq_bands(bands: tuple[Band, ...]) -> list[tuple[int, float, float, float]]:
    """Return mode, frequency, gain and Q of each of EQ Eight's bands; a slope of 24 dB takes two."""
    found = []
    for band in bands:
        if band.is_neutral:
            continue
        steep = band.shape.endswith("_pass") and band.slope_db_per_octave == 24
        gain = band.gain_db if band.shape in ("peak", "low_shelf", "high_shelf") else 0.0
        found += [(_MODES[band.shape], band.frequency_hz, gain, q) for q in (_STEEP_QS if steep else (band.q,))]
    return found


def is_stereo(device: Node) -> bool:
    """Say whether an EQ Eight has one curve for both sides; else its bands are those of the left or the middle alone."""
    mode = device.child("Mode")
    return mode is None or mode.attributes.get("Value", "0") == "0"


def set_eq_eight(patch: Patch, track: Node, device: Node, bands: list[tuple[int, float, float, float]]) -> list[str]:
    """Set all eight bands, those without use switched off, and the device to play them as they are; return what could not be set."""
    taken = automated(track)
    plain = {"On": "true", "Scale": "1", "GlobalGain": "0"}
    missed = _set_all(patch, device, _there(device, plain), taken, "its EQ Eight")
    for place in range(BANDS):
        parameters = device.at(f"Bands.{place}", "ParameterA")
        if parameters is None:
            return [*missed, f"band {place + 1} of its EQ Eight is not there"]
        wanted: dict[str, str] = {"IsOn": "true" if place < len(bands) else "false"}
        if place < len(bands):
            mode, *values = bands[place]
            wanted["Mode"] = str(mode)
            for (name, (low, high)), value in zip(_REACH.items(), values, strict=True):
                wanted[name] = f"{min(max(value, low), high):.10g}"
        missed += _set_all(patch, parameters, wanted, taken, f"band {place + 1} of its EQ Eight")
    return missed


def set_compressor(patch: Patch, track: Node, device: Node, settings: Compressor, *, modern: bool) -> list[str]:
    """Set the compressor; return what could not be set.

    Since Live 9 it hears peaks or the mean by its model, and has a dry share; in Live 8 its models are others, and stay.
    """
    mixes = modern and device.child("DryWet") is not None
    hears = modern and device.child("Model") is not None
    ratio, makeup_db = (settings.ratio, settings.makeup_db) if settings.mix == 1 or mixes else without_dry(settings)
    threshold_db = settings.threshold_db if hears else peak_threshold_db(settings)
    gain = min(max(10 ** (threshold_db / 20), 0.0003162277571), 1.99526238)
    wanted = {
        "Threshold": f"{gain:.10g}", "Ratio": f"{ratio:.10g}",
        "Attack": f"{min(max(settings.attack_ms, 0.01), 1000):.10g}",
        "Release": f"{min(max(settings.release_ms, 1), 3000):.10g}", "Gain": f"{min(max(makeup_db, -36), 36):.10g}",
    }  # fmt: skip
    more = {"On": "true", "GainCompensation": "false", "Knee": f"{min(settings.knee_db, 18):.10g}"}
    if modern:
        more |= {"AutoReleaseControlOnOff": "false", "DryWet": f"{settings.mix:.10g}"}
        more["Model"] = str(_RMS if settings.detector == "rms" else _PEAK)
    return _set_all(patch, device, wanted | _there(device, more), automated(track), "its Compressor")


def _there(device: Node, wanted: dict[str, str]) -> dict[str, str]:
    """Return the values of those parameters that a device has: versions of Live differ."""
    return {name: value for name, value in wanted.items() if device.child(name) is not None}


def _set_all(patch: Patch, parent: Node, wanted: dict[str, str], taken: set[str], what: str) -> list[str]:
    missed = []
    for name, value in wanted.items():
        parameter: Any = parent.child(name)
        target = target_of(parameter)
        if target in taken and target is not None:
            missed.append(f"{name} of {what} is automated in your set and stays")
        elif not patch.set_value(parameter, value):
            missed.append(f"{name} of {what} could not be set")
    return missed

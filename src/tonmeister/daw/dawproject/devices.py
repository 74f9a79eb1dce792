"""Our processors as DAWproject's generic devices: equaliser, compressor, noise gate, limiter."""

from typing import Any
from xml.etree.ElementTree import Element

from tonmeister.daw.account import Account
from tonmeister.daw.curves import HEARD_DB, cookbook_error_db
from tonmeister.daw.dawproject.xml import FREQUENCY_REACH, Ids, add, add_bool, add_real, semitones, taken_percent
from tonmeister.daw.dynamics import compressor_notes, gate_ratio, peak_threshold_db, without_dry
from tonmeister.daw.words import title_of
from tonmeister.document.strip import Insert
from tonmeister.processing import Compressor, Equaliser, Expander, Gate, TruePeakLimiter

_BAND_TYPES = {
    "peak": "bell", "low_shelf": "lowShelf", "high_shelf": "highShelf", "low_pass": "lowPass", "high_pass": "highPass",
    "notch": "notch",
}  # fmt: skip
_GAIN_REACH_DB = -30.0, 30.0
_Q_REACH = 0.025, 40.0
"""As Bitwig's own equaliser writes them."""


def builds(insert: Insert, channels: int) -> bool:
    """Say whether a generic device makes an insert, at least nearly."""
    settings: Any = insert.processor
    if isinstance(settings, Equaliser):
        return settings.channels == "stereo" or (channels == 1 and settings.channels == "mid")
    return isinstance(settings, Compressor | Expander | Gate | TruePeakLimiter)


def add_device(parent: Element, ids: Ids, insert: Insert, *, owner: str, sample_rate_hz: int, account: Account) -> None:
    """Add the device of an insert that is built, and note what is different."""
    settings: Any = insert.processor
    said: list[str] = []
    match settings:
        case Equaliser():
            _add_equaliser(parent, ids, settings)
            account.counts["equalisers"] += 1
            error_db = cookbook_error_db(settings.bands, sample_rate_hz)
            account.errors_db[f"{owner}: equaliser ({insert.id}), if the DAW's is of the usual kind"] = error_db
            if settings.phase == "linear":
                said.append("it has the DAW's phase; ours is linear")
            if error_db > HEARD_DB:
                said.append(
                    f"its curve may differ by up to {error_db:.1f} dB near the top, where many DAWs cramp theirs"
                )
        case Compressor():
            _add_compressor(parent, ids, settings)
            account.counts["compressors"] += 1
            said += compressor_notes(settings, has_knee=False, has_rms=False)
        case Expander() | Gate():
            _add_gate(parent, ids, settings)
            account.counts["gates"] += 1
            said.append("depth, hold, hysteresis and look-ahead are the DAW's own")
        case TruePeakLimiter():
            _add_limiter(parent, ids, settings)
            account.counts["limiters"] += 1
            said.append("whether it holds peaks between the samples is up to the DAW")
    account.approximate += [f"{owner}: its {title_of(insert)} ({insert.id}): {sentence}." for sentence in said]


def _device(parent: Element, ids: Ids, tag: str, name: str) -> Element:
    what = {"deviceName": name, "deviceRole": "audioFX", "loaded": "true", "id": ids.take(), "name": name}
    device = add(parent, tag, what)
    add(device, "Parameters")
    add_bool(device, ids, "Enabled", value=True, name="On/Off")
    return device


def _add_equaliser(parent: Element, ids: Ids, settings: Equaliser) -> None:
    device = _device(parent, ids, "Equalizer", "Equalizer")
    for place, band in enumerate([band for band in settings.bands if not band.is_neutral], 1):
        order = 4 if band.shape.endswith("_pass") and band.slope_db_per_octave == 24 else 2
        element = add(device, "Band", {"type": _BAND_TYPES[band.shape], "order": str(order)})
        name = f"Band {place}"
        pitch = semitones(band.frequency_hz)
        add_real(element, ids, "Freq", pitch, "semitones", reach=FREQUENCY_REACH, name=f"{name} Frequency")
        add_real(element, ids, "Gain", band.gain_db, "decibel", reach=_GAIN_REACH_DB, name=f"{name} Gain")
        add_real(element, ids, "Q", band.q, "linear", reach=_Q_REACH, name=f"{name} Q")
        add_bool(element, ids, "Enabled", value=True, name=f"{name} On")
    add_real(device, ids, "InputGain", 0.0, "decibel")
    add_real(device, ids, "OutputGain", 0.0, "decibel")


def _add_compressor(parent: Element, ids: Ids, settings: Compressor) -> None:
    ratio, makeup_db = (settings.ratio, settings.makeup_db) if settings.mix == 1 else without_dry(settings)
    device = _device(parent, ids, "Compressor", "Compressor")
    add_real(device, ids, "Attack", settings.attack_ms / 1000, "seconds", reach=(0.0001, 1.0), name="Attack")
    add_bool(device, ids, "AutoMakeup", value=False, name="Auto Makeup")
    add_real(device, ids, "InputGain", 0.0, "decibel", name="Input Gain")
    add_real(device, ids, "OutputGain", makeup_db, "decibel", name="Output Gain")
    add_real(device, ids, "Ratio", taken_percent(ratio), "percent", reach=(0.0, 100.0), name="Ratio")
    add_real(device, ids, "Release", settings.release_ms / 1000, "seconds", reach=(0.001, 5.0), name="Release")
    add_real(device, ids, "Threshold", peak_threshold_db(settings), "decibel", reach=(-80.0, 0.0), name="Threshold")


def _add_gate(parent: Element, ids: Ids, settings: Gate | Expander) -> None:
    threshold_db = peak_threshold_db(settings) if isinstance(settings, Expander) else settings.threshold_db
    device = _device(parent, ids, "NoiseGate", "Gate")
    add_real(device, ids, "Attack", settings.attack_ms / 1000, "seconds", reach=(0.0, 1.0), name="Attack")
    add_real(device, ids, "Range", -settings.range_db, "decibel", reach=(-100.0, 0.0), name="Range")
    add_real(device, ids, "Ratio", taken_percent(gate_ratio(settings)), "percent", reach=(0.0, 100.0), name="Ratio")
    add_real(device, ids, "Release", settings.release_ms / 1000, "seconds", reach=(0.001, 5.0), name="Release")
    add_real(device, ids, "Threshold", threshold_db, "decibel", reach=(-100.0, 0.0), name="Threshold")


def _add_limiter(parent: Element, ids: Ids, settings: TruePeakLimiter) -> None:
    device = _device(parent, ids, "Limiter", "Limiter")
    add_real(device, ids, "Attack", settings.lookahead_ms / 1000, "seconds", reach=(0.0, 1.0), name="Attack")
    add_real(device, ids, "InputGain", settings.drive_db, "decibel", name="Input Gain")
    add_real(device, ids, "OutputGain", 0.0, "decibel", name="Output Gain")
    add_real(device, ids, "Release", settings.release_ms / 1000, "seconds", reach=(0.001, 5.0), name="Release")
    add_real(device, ids, "Threshold", settings.ceiling_dbtp, "decibel", reach=(-20.0, 0.0), name="Threshold")

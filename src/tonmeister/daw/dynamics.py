"""Our dynamics in the words that most DAWs have: threshold, ratio, attack, release, makeup of a detector of peaks."""

from math import log10

from tonmeister.processing import Compressor, Expander, Gate

SINE_DB = 3.01
"""Peak of a sine above its RMS: where an RMS threshold lies for a detector of peaks."""
_GATE_REACH_DB = 20.0
"""How far below its threshold the stand-in of a gate has turned down by the gate's range."""
_TYPICAL_EXCESS_DB = 10.0
"""Level above the threshold at which a parallel compressor and its stand-in agree."""


def compressor_notes(settings: Compressor, *, has_knee: bool, has_rms: bool) -> list[str]:
    """Return what a plain compressor leaves out, in sentences."""
    said = []
    if settings.lookahead_ms > 0:
        said.append(f"it does not look {settings.lookahead_ms:g} ms ahead")
    if settings.knee_db and not has_knee:
        said.append(f"its knee is the DAW's own; ours is {settings.knee_db:g} dB wide")
    if settings.detector == "rms" and not has_rms:
        said.append("it hears peaks instead of the mean; its threshold is set 3 dB higher for it")
    if settings.mix < 1:
        said.append(f"its {100 * settings.mix:.0f} % share is one gentler compressor")
    return said


def peak_threshold_db(settings: Compressor | Expander) -> float:
    """Return the threshold for a detector of peaks."""
    is_mean = isinstance(settings, Expander) or settings.detector == "rms"
    return min(0.0, settings.threshold_db + (SINE_DB if is_mean else 0.0))


def gate_ratio(settings: Gate | Expander) -> float:
    """Return the ratio of an expander that does the work: a gate is one that has turned down by its range 20 dB below."""
    return settings.ratio if isinstance(settings, Expander) else 1 + settings.range_db / _GATE_REACH_DB


def without_dry(settings: Compressor) -> tuple[float, float]:
    """Return ratio and makeup of a compressor without dry share that agrees below and 10 dB above the threshold."""

    def out_db(reduction_db: float) -> float:
        wet = settings.mix * 10 ** ((settings.makeup_db - reduction_db) / 20)
        return 20 * log10(1 - settings.mix + wet)

    makeup_db = out_db(0.0)
    lowered_db = makeup_db - out_db(_TYPICAL_EXCESS_DB * (1 - 1 / settings.ratio))
    return 1 / (1 - min(lowered_db / _TYPICAL_EXCESS_DB, 0.95)), makeup_db

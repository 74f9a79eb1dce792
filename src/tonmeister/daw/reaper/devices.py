"""Our processors as plugins that come with REAPER."""

from dataclasses import dataclass
from typing import Any

from tonmeister.daw.account import Account
from tonmeister.daw.curves import HEARD_DB, cookbook_error_db
from tonmeister.daw.dynamics import compressor_notes
from tonmeister.daw.reaper.state import (
    EQ_TYPES,
    REACOMP,
    READELAY,
    REAEQ,
    REALIMIT,
    REAVERBATE,
    EqBand,
    Plugin,
    octaves_of,
    reacomp,
    readelay,
    reaeq,
    realimit,
    reaverbate,
)
from tonmeister.daw.sections import USUAL_BPM
from tonmeister.daw.words import title_of
from tonmeister.document.mix import Song
from tonmeister.document.strip import Insert
from tonmeister.processing import Band, Compressor, Delay, Equaliser, Reverb, TruePeakLimiter

SKETCHES = frozenset({"reverb", "delay"})
"""What is put into a muted effect bus for a person to go on with; the printed return plays."""
_STEEP_QS = (0.541196100146197, 1.3065629648763766)
"""Of the two sections of a fourth-order Butterworth filter."""
_LONGEST_ROOM_S = 4.0
"""Decay that stands for ReaVerbate's largest room; a guess, as nothing was measured."""
_MOST_ATTACK_MS, _MOST_RELEASE_MS = 500.0, 5000.0


@dataclass(frozen=True, slots=True)
class Device:
    """A plugin and its data."""

    plugin: Plugin
    data: bytes


def builds(insert: Insert, channels: int) -> bool:
    """Say whether a plugin of REAPER makes an insert, at least nearly."""
    settings: Any = insert.processor
    if isinstance(settings, Equaliser):
        return settings.channels == "stereo" or (channels == 1 and settings.channels == "mid")
    return isinstance(settings, Compressor | TruePeakLimiter)


def device_of(insert: Insert, *, owner: str, song: Song, account: Account) -> Device:
    """Return the plugin of an insert that is built or sketched, and note what is different."""
    settings: Any = insert.processor
    said: list[str] = []
    match settings:
        case Equaliser():
            made = Device(REAEQ, reaeq([one for band in settings.bands if not band.is_neutral for one in _bands(band)]))
            account.counts["equalisers"] += 1
            error_db = cookbook_error_db(settings.bands, song.sample_rate_hz)
            account.errors_db[f"{owner}: equaliser ({insert.id}), if ReaEQ's curves are the cookbook's"] = error_db
            if settings.phase == "linear":
                said.append("it has minimum phase there; ours is linear")
            if error_db > HEARD_DB:
                said.append(f"its curve may differ by up to {error_db:.1f} dB near the top")
        case Compressor():
            made = Device(REACOMP, _compressor(settings))
            account.counts["compressors"] += 1
            said += [one for one in compressor_notes(settings, has_knee=True, has_rms=True) if "share" not in one]
        case TruePeakLimiter():
            threshold_db = settings.ceiling_dbtp - settings.drive_db
            made = Device(REALIMIT, realimit(threshold_db=threshold_db, ceiling_db=settings.ceiling_dbtp))
            account.counts["limiters"] += 1
            said.append("its release is ReaLimit's own")
        case Reverb():
            room = min(1.0, settings.decay_s / _LONGEST_ROOM_S)
            data = reaverbate(
                room=room, damping=settings.damping, pre_delay_ms=settings.pre_delay_ms, low_cut_hz=settings.low_cut_hz
            )
            made = Device(REAVERBATE, data)
            account.counts["sketched reverbs"] += 1
        case Delay():
            made = Device(READELAY, _delay(settings, song))
            account.counts["sketched delays"] += 1
        case _:
            raise ValueError(f"REAPER has no plugin for {settings.kind}; it should have been printed")
    account.approximate += [f"{owner}: its {title_of(insert)} ({insert.id}): {sentence}." for sentence in said]
    return made


def _bands(band: Band) -> list[EqBand]:
    steep = band.shape.endswith("_pass") and band.slope_db_per_octave == 24
    gain_db = 0.0 if band.shape.endswith("_pass") or band.shape == "notch" else band.gain_db
    qs = _STEEP_QS if steep else (band.q,)
    return [EqBand(EQ_TYPES[band.shape], band.frequency_hz, gain_db, octaves_of(q)) for q in qs]


def _compressor(settings: Compressor) -> bytes:
    wet = settings.mix * 10 ** (settings.makeup_db / 20)
    return reacomp(
        threshold_db=settings.threshold_db,
        ratio=settings.ratio,
        attack_ms=min(settings.attack_ms, _MOST_ATTACK_MS),
        release_ms=min(settings.release_ms, _MOST_RELEASE_MS),
        knee_db=settings.knee_db,
        rms_ms=settings.rms_window_ms if settings.detector == "rms" else 0.0,
        wet=wet,
        dry=1 - settings.mix if settings.mix < 1 else None,
    )


def _delay(settings: Delay, song: Song) -> bytes:
    eighth_ms = 30_000 / (song.tempo_bpm or USUAL_BPM)
    return readelay(
        eighths=settings.time_ms / eighth_ms, feedback=settings.feedback, high_cut_hz=min(settings.high_cut_hz, 20_000.0),
        low_cut_hz=settings.low_cut_hz,
    )  # fmt: skip

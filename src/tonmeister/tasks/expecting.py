"""What a move promises where the task that made it said nothing: told from its settings and from what was heard.

A promise is made only where verify can measure it, and where it comes to half a decibel or more.
"""

from collections.abc import Callable, Mapping
from functools import cache

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.bands import ERB_CENTRES_HZ
from tonmeister.analysis.loudness import integrated_from_energies
from tonmeister.document.fold import still_fader_db
from tonmeister.document.mix import Mix
from tonmeister.document.move import (
    BandChange,
    BusChange,
    Change,
    Expectation,
    InsertChange,
    Move,
    PanChange,
    SendChange,
    WidthChange,
)
from tonmeister.document.strip import MASTER, Bus, Insert
from tonmeister.processing import Band, Compressor
from tonmeister.processing.filter_design import magnitude_db
from tonmeister.tasks.effects import EffectGains, measure_effect
from tonmeister.tasks.prediction import compressor_gain_db, k_weight
from tonmeister.tasks.work import Work

LEAST_DB = 0.5
"""A smaller change is no promise."""
NEAR_LOUDEST_DB = 8.0
"""Verify listens where a track is within this of its own loudest; what is promised of an effect holds there."""
FAR_DB = 40.0
"""A side that is further below the other counts as empty."""
_PAN_TOLERANCE_DB = 1.0
_SEND_TOLERANCE_LU = 3.0  # an excerpt is not the whole song, and an effect fills up over time
_SINE_CREST_DB = 3.01
_PAN_LAW_DB = -3.01
_LOUD_STEPS = 300  # as long as what verify listens to


def promise_rest(work: Work) -> Mix:
    """Return the mix in which the engine's moves promise what can be measured of them."""
    promiser = _Promiser(work)

    def promised(move: Move) -> Move:
        if move.expects is not None or move.state not in ("accepted", "locked") or move.set_by != "engine":
            return move
        return move.model_copy(update={"expects": promiser.promise(move)})

    return work.mix.model_copy(update={"moves": tuple(promised(move) for move in work.mix.moves)})


def pan_gains(pan: float, channels: int) -> tuple[float, float]:
    """Return the gains of left and right: constant power for one channel, balance for two (processing.fader)."""
    angle = (pan + 1) * np.pi / 4
    left, right = float(np.cos(angle)), float(np.sin(angle))
    if channels == 1:
        return left, right
    return min(1.0, np.sqrt(2) * left), min(1.0, np.sqrt(2) * right)


def balance_db(left_power: float, right_power: float) -> float:
    """Return right against left, limited to where a side counts as empty."""
    least = 10 ** (-FAR_DB / 10)
    whole = max(left_power, right_power, 1e-20)
    return float(10 * np.log10(max(right_power, least * whole) / max(left_power, least * whole)))


class _Promiser:
    """Promises of one mix; what several moves need is worked out once."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._buses = {bus.id: bus for bus in work.mix.buses}
        self._power = {track.id: _mean_power(work, track.id) for track in work.facts.tracks}
        self._loudness = {name: integrated_from_energies(work.heard[name].energies_100ms) for name in self._power}
        self._halves = max((len(work.heard[name].erb_power) for name in self._power), default=0)
        self._effect = cache(self._measure_effect)
        self._rules: Mapping[type[Change], Callable[[Move], Expectation | None]] = {
            PanChange: self._pan,
            WidthChange: self._width,
            SendChange: self._send,
            BusChange: self._effect_bus,
            BandChange: self._band,
            InsertChange: self._insert,
        }

    def promise(self, move: Move) -> Expectation | None:
        """Return the promise of a move; None where nothing can be measured, or too little."""
        rule = self._rules.get(type(move.change))
        known = move.where.track is None or move.where.track in self._power
        return rule(move) if rule is not None and known else None

    def _pan(self, move: Move) -> Expectation | None:
        change, name = move.change, move.where.track
        if not isinstance(change, PanChange) or name is None or not change.pan.is_constant:
            return None
        track = self._work.facts[name]
        left, right = pan_gains(change.pan.points[0].value, track.track.channels)
        # `Stereo.balance_db` is left over right.
        before = -(track.figures.stereo.balance_db or 0.0) if track.track.channels == 2 else 0.0
        after = balance_db(left**2, right**2 * 10 ** (before / 10))
        tolerance = min(_PAN_TOLERANCE_DB, abs(after - before) / 2)
        return _expects(
            metric="pan_balance_db", value=after, before=before, tolerance=tolerance, unit="dB", scope="strip"
        )

    def _width(self, move: Move) -> Expectation | None:
        change, name = move.change, move.where.track
        width = None if name is None else self._work.facts[name].figures.stereo.width
        if not isinstance(change, WidthChange) or not change.width.is_constant:
            return None
        if width is None or not 0.001 < width < 0.999:
            return None
        before = 10 * np.log10(width / (1 - width))
        after = max(before + 20 * np.log10(max(change.width.points[0].value, 1e-6)), -FAR_DB)
        tolerance = min(_PAN_TOLERANCE_DB, abs(after - before) / 2)
        return _expects(
            metric="width", value=after, before=float(before), tolerance=tolerance, unit="dB", scope="strip"
        )

    def _send(self, move: Move) -> Expectation | None:
        change, name = move.change, move.where.track
        if not isinstance(change, SendChange) or name is None or not change.send.level_db.is_constant:
            return None
        wet = self._wet_db(name, change.send.bus)
        if wet is None:
            return None
        value = change.send.level_db.points[0].value + wet
        return _expects(
            metric="reverb_level_lu", value=value, before=None, tolerance=_SEND_TOLERANCE_LU, unit="LU", scope="strip"
        )

    def _effect_bus(self, move: Move) -> Expectation | None:
        bus = self._buses.get(move.where.bus or "")
        if bus is None or bus.kind != "effect":
            return None
        returned, whole = np.zeros(self._halves), np.zeros(self._halves)
        for name in self._power:
            placed = self._over_time(name)
            whole += placed
            for send in self._work.mix.track(name).strip.sends:
                wet = self._wet_db(name, send.bus) if send.bus == bus.id else None
                returned += 0.0 if wet is None else placed * 10 ** ((send.level_db.points[0].value + wet) / 10)
        plays = returned > returned.max(initial=0.0) * 10 ** (-NEAR_LOUDEST_DB / 10)
        if not plays.any():
            return None
        value = float(10 * np.log10(returned[plays].sum() / whole[plays].sum()))
        return _expects(
            metric="reverb_level_lu", value=value, before=None, tolerance=_SEND_TOLERANCE_LU, unit="LU", scope="mix"
        )

    def _over_time(self, name: str) -> NDArray[np.float64]:
        """Return the K-weighted power of a strip behind its fader in each half second."""
        heard = self._work.heard[name].erb_power.astype(np.float64) @ k_weight() * 10 ** (self._fader_db(name) / 10)
        return np.pad(heard, (0, self._halves - len(heard)))

    def _band(self, move: Move) -> Expectation | None:
        """Promise what a band on the master or on a bus does where it works."""
        if not isinstance(move.change, BandChange) or move.where.bus is None:
            return None
        power = self._bus_power(move.where.bus)
        low_hz, high_hz = reach_hz(move.change.band)
        inside = (low_hz <= ERB_CENTRES_HZ) & (high_hz >= ERB_CENTRES_HZ)
        if power is None or not power[inside].sum() > 0:
            return None
        shaped = power * 10 ** (magnitude_db((move.change.band,), ERB_CENTRES_HZ, self._rate) / 10)
        value = float(10 * np.log10(shaped[inside].sum() / power[inside].sum()))
        promise = _expects(
            metric="band_level_db", value=value, before=0.0, tolerance=abs(value) / 2, unit="dB", scope="mix"
        )
        return None if promise is None else promise.model_copy(update={"low_hz": low_hz, "high_hz": high_hz})

    def _insert(self, move: Move) -> Expectation | None:
        """Promise what a compressor on the master or on a bus takes while it works."""
        change = move.change
        if not isinstance(change, InsertChange) or not isinstance(change.insert.processor, Compressor):
            return None
        if move.where.bus is None or self._is_taken_over(change.insert, move.where.bus):
            return None
        level_db = self._bus_level_db(move.where.bus)
        if level_db is None:
            return None
        gain = _moving_gain_db(change.insert.processor, level_db[_loudest(level_db)])
        working = gain[gain < -0.1]
        value = float(-working.mean()) if working.size else 0.0
        return _expects(
            metric="gain_reduction_db", value=value, before=0.0, tolerance=value / 2, unit="dB", scope="mix"
        )

    def _is_taken_over(self, insert: Insert, bus_id: str) -> bool:
        """Say whether a later move gave this processor other settings: then it is that one's to promise."""
        chain = self._work.mix.master if bus_id == MASTER else self._buses.get(bus_id)
        there = () if chain is None else chain.inserts
        return any(one.id == insert.id and one.processor != insert.processor for one in there)

    @property
    def _rate(self) -> int:
        return self._work.facts.song.sample_rate_hz

    def _fader_db(self, name: str) -> float:
        return still_fader_db(self._work.mix, name)

    def _members(self, bus_id: str) -> list[str]:
        """Return the tracks that go into a group, or all for the master."""
        return [
            track.id
            for track in self._work.mix.tracks
            if track.id in self._power and bus_id in (MASTER, track.strip.output)
        ]

    def _bus_power(self, bus_id: str) -> NDArray[np.float64] | None:
        members = self._members(bus_id)
        work = self._work
        powers = [
            work.heard[n].erb_power.astype(np.float64).sum(axis=0) * 10 ** (self._fader_db(n) / 10) for n in members
        ]
        return np.sum(powers, axis=0) if powers else None

    def _bus_level_db(self, bus_id: str) -> NDArray[np.float64] | None:
        """Return the level of each 10 ms of a bus, powers added, in dBFS of a channel."""
        parts = []
        for name in self._members(bus_id):
            track = self._work.facts[name]
            came, now = track.figures.loudness.integrated_lufs, self._loudness[name]
            if came is not None and now is not None:
                side_db = _PAN_LAW_DB if track.track.channels == 1 else 0.0
                gain_db = now - came + self._fader_db(name) + side_db
                parts.append(track.curves.rms_10ms.astype(np.float64) ** 2 * 10 ** (gain_db / 10))
        if not parts:
            return None
        total = np.zeros(max(len(part) for part in parts))
        for part in parts:
            total[: len(part)] += part
        return 10 * np.log10(np.maximum(total, 1e-14))

    def _wet_db(self, name: str, bus_id: str) -> float | None:
        """Return how loud an effect is against what a track sends there."""
        bus = self._buses.get(bus_id)
        if bus is None or bus.kind != "effect" or name not in self._power:
            return None
        track = self._work.facts[name]
        pan = self._work.mix.track(name).strip.pan.points[0].value
        left, right = pan_gains(pan, track.track.channels)
        width = track.figures.stereo.width or 0.0
        middle = (left + right) ** 2 / (2 * (left**2 + right**2)) if track.track.channels == 1 else 1 - width
        return self._effect(bus_id).gain_db(self._power[name], middle_share=middle) + bus.fader_db.points[0].value

    def _measure_effect(self, bus_id: str) -> EffectGains:
        bus: Bus = self._buses[bus_id]
        return measure_effect(bus.inserts, sample_rate_hz=self._rate)


def reach_hz(band: Band) -> tuple[float, float]:
    """Return where a band does most of what it does."""
    if band.shape in ("high_shelf", "low_pass"):
        return band.frequency_hz, 16000.0
    if band.shape in ("low_shelf", "high_pass"):
        return 30.0, band.frequency_hz
    half = 2 ** (1 / (2 * max(band.q, 0.3)))
    return round(band.frequency_hz / half, 1), round(band.frequency_hz * half, 1)


def _loudest(level_db: NDArray[np.float64]) -> slice:
    """Return the loudest seconds of a level in steps of 10 ms."""
    total = np.concatenate([[0.0], np.cumsum(10 ** (level_db / 10))])
    start = int(np.argmax(total[_LOUD_STEPS:] - total[:-_LOUD_STEPS])) if len(level_db) > _LOUD_STEPS else 0
    return slice(start, start + _LOUD_STEPS)


def _moving_gain_db(settings: Compressor, level_db: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the gain in steps of 10 ms with attack and release; the level is an RMS, a peak detector reads a sine's peak."""
    over_db = _SINE_CREST_DB if settings.detector == "rms" else 0.0
    plain = settings.model_copy(
        update={"makeup_db": 0.0, "detector": "peak", "threshold_db": settings.threshold_db + over_db}
    )
    wanted = compressor_gain_db(plain, level_db + _SINE_CREST_DB)
    fall, rise = (np.exp(-10 / max(time_ms, 0.1)) for time_ms in (settings.attack_ms, settings.release_ms))
    gain, here = np.zeros_like(wanted), 0.0
    for step, goal in enumerate(wanted):
        here = goal + (here - goal) * (fall if goal < here else rise)
        gain[step] = here
    return gain


def _mean_power(work: Work, name: str) -> NDArray[np.float64]:
    """Return (40,) K-weighted power of a strip over the whole song."""
    power: NDArray[np.float64] = work.heard[name].erb_power.astype(np.float64).sum(axis=0) * k_weight()
    return power


def _expects(
    *, metric: str, value: float, before: float | None, tolerance: float, unit: str, scope: str
) -> Expectation | None:
    """Return the promise; None where it would be too small a change."""
    if before is not None and abs(value - before) < LEAST_DB:
        return None
    return Expectation.model_validate(
        {
            "metric": metric, "value": round(value, 2), "before": None if before is None else round(before, 2),
            "tolerance": round(tolerance, 2), "unit": unit, "scope": scope,
        }
    )  # fmt: skip

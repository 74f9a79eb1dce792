"""Recipes that place: faders, sends, effects, pan, width, sections, the loudness of the master."""

from collections.abc import Iterator, Mapping
from functools import partial

import numpy as np

from tonmeister.assistant.readings.planning import Recipe, Wanted, insert, on_bus, on_track, open_tracks, planned_insert
from tonmeister.assistant.readings.scene import Scene, effect_buses
from tonmeister.document.lane import Lane, Point, constant
from tonmeister.document.move import (
    BusChange,
    FaderChange,
    InsertChange,
    PanChange,
    SendChange,
    TargetChange,
    Where,
    WidthChange,
)
from tonmeister.document.strip import MASTER, Bus, Insert, Send
from tonmeister.engineer.whatif_plans import Planned
from tonmeister.processing import Compressor, Delay, Reverb, Width

RAMP_S = 0.05
_FIRST_SEND_DB = -16.0
_LEAST_PAN = 0.15
_PAN_STEP = 0.12
"""Pan a decibel of width stands for, about."""
_MIDDLE_ROLES = frozenset({"kick", "snare", "bass", "lead vocal"})


def lane(scene: Scene, value: float) -> Lane:
    """Return a lane in decibels: everywhere, or only where it is meant, with short ramps."""
    spans = [span for span in scene.spans_s if span[1] - span[0] > 4 * RAMP_S]
    if not spans:
        return constant(round(value, 2))
    points: dict[float, float] = {0.0: 0.0}
    for start_s, end_s in spans:
        if start_s > RAMP_S:
            points[round(start_s - RAMP_S, 3)] = 0.0
        points[round(max(start_s, 0.0), 3)] = value
        points[round(end_s - RAMP_S, 3)] = value
        points[round(end_s, 3)] = 0.0
    return Lane(points=tuple(Point(time_s=time_s, value=round(points[time_s], 2)) for time_s in sorted(points)))


def _fader(wanted: Wanted) -> Iterator[Planned]:
    change = FaderChange(change_db=lane(wanted.scene, wanted.signed_db))
    for name in open_tracks(wanted.scene):
        yield on_track(wanted.scene, name, change, f"fader {wanted.signed_db:+.1f} dB")


def _duck(wanted: Wanted) -> Iterator[Planned]:
    scene = wanted.scene
    leads = [t.id for t in scene.mix.tracks if t.used and t.role == "lead vocal" and t.id not in scene.tracks]
    if not leads:
        return
    settings = Compressor(
        threshold_db=-45, ratio=20, knee_db=6, attack_ms=30, release_ms=300, mix=float(np.clip(1 - 10 ** (-wanted.db / 20), 0.05, 0.6)),
    )  # fmt: skip
    yield from insert(
        wanted, "duck", "masking", settings, f"up to {wanted.db:.1f} dB less while the lead plays", key=leads[0]
    )


def _send(wanted: Wanted) -> Iterator[Planned]:
    scene, found = wanted.scene, False
    for name in open_tracks(scene):
        for send in scene.mix.track(name).strip.sends:
            found = True
            points = tuple(
                p.model_copy(update={"value": round(p.value + wanted.signed_db, 2)}) for p in send.level_db.points
            )
            level = send.level_db.model_copy(update={"points": points})
            yield on_track(
                scene,
                name,
                SendChange(send=send.model_copy(update={"level_db": level})),
                f"{send.bus} {wanted.signed_db:+.1f} dB",
            )
    if found or wanted.sign < 0:
        return
    buses = effect_buses(scene.mix, "reverb")
    if not buses:
        yield _new_bus(wanted, "words-room", "Room", Reverb(decay_s=0.9, pre_delay_ms=15, size=0.4))
    bus = buses[0].id if buses else "words-room"
    yield from _new_sends(wanted, bus, _FIRST_SEND_DB + wanted.db)


def _new_bus(wanted: Wanted, bus_id: str, name: str, processor: Reverb | Delay) -> Planned:
    bus = Bus(
        id=bus_id, name=name, kind="effect", inserts=(Insert(id=processor.kind, slot="tone", processor=processor),)
    )
    return on_bus(wanted.scene, bus_id, BusChange(bus=bus), "a new return")


def _new_sends(wanted: Wanted, bus: str, level_db: float) -> Iterator[Planned]:
    send = Send(bus=bus, level_db=constant(round(level_db, 1)))
    for name in open_tracks(wanted.scene):
        yield on_track(wanted.scene, name, SendChange(send=send), f"to {bus} at {level_db:.0f} dB")


def _delay(wanted: Wanted) -> Iterator[Planned]:
    scene = wanted.scene
    buses = effect_buses(scene.mix, "delay")
    if not buses:
        beat_ms = 60000 / (scene.mix.song.tempo_bpm or 110)
        yield _new_bus(wanted, "words-delay", "Delay", Delay(time_ms=round(min(4000, beat_ms / 2), 1), feedback=0.25))
    bus = buses[0].id if buses else "words-delay"
    there = {
        n: s.level_db.points[0].value for n in scene.tracks for s in scene.mix.track(n).strip.sends if s.bus == bus
    }
    for name in open_tracks(scene):
        level = there.get(name, _FIRST_SEND_DB - 2) + wanted.db
        yield on_track(
            scene, name, SendChange(send=Send(bus=bus, level_db=constant(round(level, 1)))), f"{bus} at {level:.0f} dB"
        )


def _effects(scene: Scene) -> list[Bus]:
    """Return the effects that the part feeds."""
    fed = {send.bus for name in scene.tracks for send in scene.mix.track(name).strip.sends}
    return [bus for bus in scene.mix.buses if bus.kind == "effect" and bus.id in fed]


def _returns(wanted: Wanted) -> Iterator[Planned]:
    for bus in _effects(wanted.scene):
        yield on_bus(
            wanted.scene,
            bus.id,
            FaderChange(change_db=constant(wanted.signed_db)),
            f"return {wanted.signed_db:+.1f} dB",
        )


def _returns_duck(wanted: Wanted) -> Iterator[Planned]:
    scene = wanted.scene
    share = float(np.clip(1 - 10 ** (-wanted.db / 20), 0.1, 0.8))
    settings = Compressor(threshold_db=-50, ratio=20, attack_ms=20, release_ms=350, mix=share)
    for bus in _effects(scene):
        says = f"up to {wanted.db:.1f} dB less while {scene.mix.track(scene.tracks[0]).name} plays"
        yield planned_insert(
            wanted, Where(bus=bus.id), bus.name, "duck", "dynamics", settings, says, key=scene.tracks[0]
        )


def _reverb(wanted: Wanted, *, what: str) -> Iterator[Planned]:
    for bus in _effects(wanted.scene):
        for one in bus.inserts:
            if not isinstance(one.processor, Reverb):
                continue
            now = one.processor
            share = 10 ** (-wanted.db / 20)
            new: dict[str, dict[str, float]] = {
                "shorter": {"decay_s": round(max(0.2, now.decay_s * share**1.5), 2)},
                "dark": {"high_cut_hz": round(max(1500.0, now.high_cut_hz * share**2), 0)},
                "thin": {"low_cut_hz": round(min(900.0, now.low_cut_hz / share**2), 0)},
            }
            settings = now.model_copy(update=new[what])
            ((field, value),) = new[what].items()
            says = f"{field.rsplit('_', 1)[0].replace('_', ' ')} {getattr(now, field):g} → {value:g} {field.rsplit('_', 1)[1]}"
            yield on_bus(
                wanted.scene, bus.id, InsertChange(insert=one.model_copy(update={"processor": settings})), says
            )


def _wider(wanted: Wanted, *, in_section: bool = False) -> Iterator[Planned]:
    """Scale the side of stereo tracks; a single channel has none."""
    scene = wanted.scene
    ratio = 10 ** (wanted.signed_db / 20)
    if scene.is_whole and not in_section:
        width = float(np.clip(ratio, 0, 2))
        yield from insert(wanted, "width", "tone", Width(width=round(width, 2)), f"width {width:.2f}")
        return
    for name in open_tracks(scene):
        track = scene.mix.track(name)
        if track.channels != 2 or (in_section and track.role in _MIDDLE_ROLES):
            continue
        there = track.strip.width.points[0].value
        wide = round(float(np.clip(there * ratio, 0, 2)), 3)
        yield on_track(
            scene,
            name,
            WidthChange(width=_width_lane(scene, there, wide, in_section=in_section)),
            f"width {there:.2f} → {wide:.2f}",
        )
    if in_section:
        yield from _wider_pan(wanted)


def _width_lane(scene: Scene, there: float, wide: float, *, in_section: bool) -> Lane:
    shape = lane(scene, 1.0)
    if not in_section or shape.is_constant:
        return constant(wide, law="linear_gain")
    points = tuple(Point(time_s=p.time_s, value=round(there + p.value * (wide - there), 3)) for p in shape.points)
    return Lane(law="linear_gain", points=points)


def _wider_pan(wanted: Wanted) -> Iterator[Planned]:
    scene = wanted.scene
    sides = (-1.0, 1.0)
    turn = 0
    for name in open_tracks(scene):
        track = scene.mix.track(name)
        if scene.is_whole and track.role in _MIDDLE_ROLES:
            continue
        there = track.strip.pan.points[0].value
        if abs(there) < _LEAST_PAN:
            if wanted.sign < 0 or len(scene.tracks) < 2:
                continue
            side, turn = sides[turn % 2], turn + 1
            pan = side * _PAN_STEP * wanted.db
        else:
            pan = there * (1 + wanted.signed_db * _PAN_STEP / max(abs(there), 0.3))
        pan = round(float(np.clip(pan, -1, 1)), 2)
        if pan != there:
            yield on_track(
                scene, name, PanChange(pan=constant(pan, law="linear_gain")), f"pan {there:+.2f} → {pan:+.2f}"
            )


def _pan(wanted: Wanted) -> Iterator[Planned]:
    for name in open_tracks(wanted.scene):
        there = wanted.scene.mix.track(name).strip.pan.points[0].value
        pan = round(float(np.clip(there + wanted.sign * _PAN_STEP * wanted.db, -1, 1)), 2)
        if pan != there:
            yield on_track(
                wanted.scene, name, PanChange(pan=constant(pan, law="linear_gain")), f"pan {there:+.2f} → {pan:+.2f}"
            )


def _mono_low(wanted: Wanted) -> Iterator[Planned]:
    yield from insert(wanted, "mono-lows", "tone", Width(mono_below_hz=150), "mono below 150 Hz")


def _loudness(wanted: Wanted) -> Iterator[Planned]:
    master = wanted.scene.mix.master
    if master.target_lufs is None:
        return
    lufs = round(min(master.target_lufs + wanted.signed_db, wanted.scene.mix.budget.loudest_master_lufs), 1)
    if lufs != master.target_lufs:
        change = TargetChange(target_lufs=lufs, ceiling_dbtp=master.ceiling_dbtp)
        yield Planned(where=Where(bus=MASTER), change=change, title=f"Master: {master.target_lufs:g} → {lufs:g} LUFS")


def _section_lift(wanted: Wanted) -> Iterator[Planned]:
    """Lift everything at once where it is meant; without a place there is nothing to lift it over."""
    scene = wanted.scene
    shape = lane(scene, wanted.signed_db)
    if shape.is_constant:
        return
    for name in open_tracks(scene):
        yield on_track(scene, name, FaderChange(change_db=shape), f"fader {wanted.signed_db:+.1f} dB there")


RECIPES: Mapping[str, Recipe] = {
    "fader": _fader, "fader_low": _fader, "fader_rhythm": _fader, "duck": _duck, "send": _send, "delay": _delay, "returns": _returns,
    "returns_duck": _returns_duck, "reverb_shorter": partial(_reverb, what="shorter"), "reverb_dark": partial(_reverb, what="dark"),
    "reverb_thin": partial(_reverb, what="thin"), "wider": _wider, "section_width": partial(_wider, in_section=True), "wider_pan": _wider_pan,
    "pan_left": _pan, "pan_right": _pan, "mono_low": _mono_low, "loudness": _loudness, "section_lift": _section_lift,
}  # fmt: skip
"""By the name that the table of readings uses."""

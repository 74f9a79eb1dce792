"""What may be done about a cover: bells, fixed or keyed, high-passes, levels, side-chains; and how far each may go."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.bands import ERB_CENTRES_HZ
from tonmeister.document.facts import TrackFacts
from tonmeister.document.fold import still_fader_db
from tonmeister.knowledge import number
from tonmeister.processing.filter_design import analogue_magnitude
from tonmeister.tasks.masking.harm import harmful_cells, stand
from tonmeister.tasks.masking.lows import owner_of
from tonmeister.tasks.masking.scene import Covered, Floats, Scene, is_of_pair
from tonmeister.tasks.work import Work

Kind = Literal["cut", "keyed", "high_pass", "level", "side_chain", "rise"]
_LOW_HZ = 250.0  # a high-pass makes room below this
_NEAR_OCTAVES = 0.25
_AUDIBLE = (ERB_CENTRES_HZ >= 50) & (ERB_CENTRES_HZ <= 16_000)


@dataclass(frozen=True, slots=True, eq=False)
class Remedy:
    """Something that makes room for a covered track; `depth_db` at most."""

    kind: Kind
    masker: int
    covered: Covered
    shape_db: Floats
    """(bands,) change for each decibel of depth: 0 or below, but for what rises."""
    depth_db: float
    centre_hz: float = 0.0
    q: float = 0.0
    cost_per_db: float = 0.0
    """Change of the track's tone or place for each decibel, in dB."""

    @property
    def gains(self) -> Floats:
        """(bands,) power gains while it works."""
        return np.asarray(10 ** (self.shape_db * self.depth_db / 10))

    @property
    def cost_db(self) -> float:
        """What it costs."""
        return self.cost_per_db * self.depth_db


def remedies(work: Work, scene: Scene, one: Covered, place: int, found: NDArray[np.bool_]) -> Iterator[Remedy]:
    """Yield what may be done to one track against a covered one, each as deep as it may be.

    `found` (tracks, bands) says who is the offender in which band.
    """
    bands = found[place]
    track, maskee = scene.tracks[place], scene.tracks[one.place]
    if maskee.track.role == "kick" and track.track.family != "bass":
        yield from _high_passes(scene, one, place, bands)
        return
    share = 0.5 if work.facts.is_premixed else 1.0
    for band in np.flatnonzero(bands):
        kind = _style(scene, one, place, int(band))
        if kind == "keyed" and is_of_pair(maskee):
            continue  # a bass sounds all the time: the kick would be cut for good where it is strongest
        most = number("masking.cut_most_db" if kind == "cut" else "masking.keyed_most_db").value
        for q in (number("masking.cut_q").value, number("masking.wide_q").value):
            shape = bell(float(ERB_CENTRES_HZ[band]), q)
            yield Remedy(
                kind, place, one, shape, min(most, work.budget.eq_gain_db) * share, round(float(ERB_CENTRES_HZ[band])), q,
                float(np.abs(shape[_AUDIBLE] - np.median(shape[_AUDIBLE])).mean()),
            )  # fmt: skip
    if maskee.track.role != "kick":
        yield from _high_passes(scene, one, place, bands)
    is_free = not track.track.keep_level and not work.facts.is_premixed and not is_of_pair(maskee)
    if is_free and bands.sum() >= number("masking.broad_share").value * found.any(axis=0).sum() and bands.sum() >= 3:
        yield _broad(scene, one, place)


def rise(work: Work, scene: Scene, one: Covered, found: NDArray[np.bool_]) -> Remedy | None:
    """Return the covered lead's own fader where several tracks cover it together, no further than its place in the mix allows.

    A lead vocal whose stem comes produced stays where the balance has it: rides and sections are printed as its makers wanted them.
    """
    track = scene.tracks[one.place]
    is_free = track.is_touchable and not track.track.keep_level and not work.facts.is_premixed
    is_placed = work.facts.is_produced and track.track.family == "vocal"
    if track not in work.facts.leads or not is_free or is_placed or found.any(axis=1).sum() < 2:
        return None
    room_db = work.aim("lead_high_lu").value - _place_lu(work, scene, one.place)
    most = float(np.floor(2 * min(number("masking.rise_most_db").value, room_db)) / 2)
    if most < 0.5:
        return None
    shape = np.ones(len(ERB_CENTRES_HZ))
    return Remedy("rise", one.place, one, shape, most, cost_per_db=number("masking.rise_cost").value)


def _place_lu(work: Work, scene: Scene, place: int) -> float:
    """Return the loudness of a track against all tracks together while it sounds."""
    faders = [still_fader_db(work.mix, track.id) for track in scene.tracks]
    energies = [
        work.heard[track.id].energies_100ms * 10 ** (db / 10) for track, db in zip(scene.tracks, faders, strict=True)
    ]
    total = np.zeros(max(part.size for part in energies))
    for part in energies:
        total[: part.size] += part
    own = energies[place]
    sounds = own > 0.1 * own[own > 1e-3 * own.max()].mean()
    return float(10 * np.log10(own[sounds].sum() / max(float(total[: own.size][sounds].sum()), 1e-20)))


def may_give_way(masker: TrackFacts, maskee: TrackFacts) -> bool:
    """Say whether one track gives way to the other: in the kick's lows all but drums, else everything that matters less."""
    if not masker.is_touchable:
        return False
    if is_of_pair(maskee):
        return masker.track.role == "kick"
    return maskee.track.role == "kick" or masker.track.priority < maskee.track.priority


def bell(centre_hz: float, q: float) -> Floats:
    """Return (bands,) the change of a bell for each decibel of its depth (that of a cut of 3 dB)."""
    magnitude = analogue_magnitude("peak", ERB_CENTRES_HZ / centre_hz, gain_db=-3.0, q=q)
    return np.asarray(20 * np.log10(magnitude) / 3.0)


def high_pass_shape(corner_hz: float) -> Floats:
    """Return (bands,) the change of a high-pass."""
    magnitude = analogue_magnitude("high_pass", ERB_CENTRES_HZ / corner_hz, gain_db=0.0, q=0.7071)
    return np.asarray(20 * np.log10(np.maximum(magnitude, 1e-3)))


def is_own_range(scene: Scene, place: int, band: int) -> bool:
    """Say whether a track needs a band itself (Hafezi and Reiss 2015: a contender there keeps it)."""
    return bool(scene.own_db[place, band] >= -number("masking.own_range_db").value)


def _style(scene: Scene, one: Covered, place: int, band: int) -> Literal["cut", "keyed"]:
    """Choose a fixed cut, or one that works only while the covered track sounds.

    Fixed where the track does not need the band itself and mostly sounds together with what it covers; a bass is cut for
    good only in an octave that the kick owns.
    """
    if is_own_range(scene, place, band):
        return "keyed"
    if scene.tracks[one.place].track.role == "kick":
        owner = owner_of(scene.own_db[one.place], scene.own_db[place], float(ERB_CENTRES_HZ[band]))
        return "cut" if owner == "kick" else "keyed"
    together = together_share(scene, one, place, band)
    return "cut" if together >= number("masking.together_share").value else "keyed"


def together_share(scene: Scene, one: Covered, place: int, band: int | None = None) -> float:
    """Return the part of a track's power, in a band or in all, that sounds together with a covered track."""
    power = (
        scene.power[place].sum(axis=1, dtype=np.float64) if band is None else scene.power[place, :, band].astype(float)
    )
    own = scene.power[one.place].sum(axis=1, dtype=np.float64)
    return float(power[own > 1e-3 * own.max()].sum() / max(float(power.sum()), 1e-20))


def _high_passes(scene: Scene, one: Covered, place: int, bands: NDArray[np.bool_]) -> Iterator[Remedy]:
    """Yield a high-pass below a track's own range where it covers something low; it costs nothing that the track needs."""
    low = np.flatnonzero(bands & (ERB_CENTRES_HZ < _LOW_HZ))
    if not low.size or scene.tracks[place].track.family in ("bass", "drums"):
        return
    needed = np.flatnonzero(scene.own_db[place] > -number("masking.needs_band_db").value)
    corner_hz = 0.75 * float(ERB_CENTRES_HZ[needed[0]]) if needed.size else 0.0
    if corner_hz < float(ERB_CENTRES_HZ[low[0]]) or corner_hz < 30.0:
        return
    yield Remedy("high_pass", place, one, high_pass_shape(corner_hz), 1.0, round(corner_hz, 1), 0.7071, 0.1)


def _broad(scene: Scene, one: Covered, place: int) -> Remedy:
    """Return what turns the whole track down: its fader, or a compressor that the kick drives."""
    shape = -np.ones(len(ERB_CENTRES_HZ))
    if scene.tracks[one.place].track.role == "kick":
        most, cost = number("masking.side_chain_most_db").value, number("masking.side_chain_cost").value
        return Remedy("side_chain", place, one, shape, most, cost_per_db=cost)
    return Remedy(
        "level",
        place,
        one,
        shape,
        number("masking.level_most_db").value,
        cost_per_db=number("masking.level_cost").value,
    )


def region(scene: Scene, remedy: Remedy) -> NDArray[np.bool_]:
    """Return (bands,) where a remedy is heard: around a bell, else from the lowest to the highest band that is covered."""
    if remedy.kind in ("cut", "keyed"):
        near = np.abs(np.log2(ERB_CENTRES_HZ / remedy.centre_hz))
        return np.asarray((near <= _NEAR_OCTAVES) | (near == near.min()))
    one = remedy.covered
    ones = np.ones((len(scene.tracks), ERB_CENTRES_HZ.size))
    covered = np.flatnonzero(
        harmful_cells(one, stand(one, ones).excess_db).any(axis=0) & (np.abs(remedy.shape_db) > 0.1)
    )
    found = np.zeros(ERB_CENTRES_HZ.size, bool)
    found[covered[0] : covered[-1] + 1] = True
    return found

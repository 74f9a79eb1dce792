"""Places in the stereo field: low and leading sources in the centre, the rest spread evenly, wider the brighter."""

from collections.abc import Iterator

import numpy as np

from tonmeister.analysis.loudness import integrated_from_energies
from tonmeister.document.facts import TrackFacts
from tonmeister.document.fold import still_fader_db
from tonmeister.document.lane import constant
from tonmeister.document.move import Evidence, Move, PanChange, Where
from tonmeister.knowledge import number, role
from tonmeister.tasks.voices.parts import part_of
from tonmeister.tasks.work import Work, evidence


def propose(work: Work) -> Iterator[Move]:
    """Honour wishes first; then spread the mono sources that may be spread, alternating sides by energy."""
    energy = {-1: 0.0, 1: 0.0}
    wished = [track for track in work.facts.tracks if track.is_touchable and _is_wished(track, work)]
    for track in wished:
        pan = track.track.pan_wish or 0.0
        if pan:
            energy[1 if pan > 0 else -1] += _power(work, track) * abs(pan)
            wish = Evidence(
                what="where it belongs by its name or a person's wish", value=pan, unit="pan", source="the person"
            )
            yield _move(track, pan, (wish,))
    if work.facts.is_premixed:
        return
    for track in work.facts.tracks:  # what stepped aside for another is where it is
        pan = work.mix.track(track.id).strip.pan.points[0].value
        if pan and track.is_touchable and track not in wished:
            energy[1 if pan > 0 else -1] += _power(work, track) * abs(pan)
    for track in sorted(_spreadable(work), key=lambda track: (-_power(work, track), track.track.sha256)):
        side = -1 if energy[-1] <= energy[1] else 1
        centroid = track.figures.spectrum.centroid_hz or 0.0
        pan = round(side * max(_distance(centroid), _layer_distance(work, track)), 2)
        energy[side] += _power(work, track) * abs(pan)
        yield _move(track, pan, (evidence("spectral centroid", centroid, against="panning.centre_below_hz"),))


def _is_wished(track: TrackFacts, work: Work) -> bool:
    """Say whether a place was asked for; a balanced stereo stem whose name ends in L or R is on its side already."""
    wish = track.track.pan_wish
    is_there = work.facts.is_premixed and track.track.channels == 2 and wish in (-1, 1)
    return wish is not None and not is_there


def _spreadable(work: Work) -> Iterator[TrackFacts]:
    """Yield single-channel tracks whose role may be spread and that are not low."""
    for track in work.facts.tracks:
        centroid = track.figures.spectrum.centroid_hz or 0.0
        placed = work.mix.track(track.id).strip.pan.points[0].value != 0
        if not track.is_touchable or track.track.pan_wish is not None or track.track.channels != 1 or placed:
            continue
        if role(track.track.role).pan == "spread" and centroid >= number("panning.centre_below_hz").value:
            yield track


def _distance(centroid_hz: float) -> float:
    """Return the distance from the centre: it grows with the spectral centroid, from 150 Hz to 5 kHz."""
    near, far = number("panning.narrowest").value, number("panning.widest").value
    share = np.clip(np.log2(max(centroid_hz, 150.0) / 150.0) / np.log2(5000.0 / 150.0), 0, 1)
    return float(near + (far - near) * share)


def _layer_distance(work: Work, track: TrackFacts) -> float:
    """Return how far from the centre a double or harmony stands at least."""
    part = part_of(work.facts, track)
    return number("voices.layer_pan_least").value if part is not None and part.is_layer else 0.0


def _power(work: Work, track: TrackFacts) -> float:
    fader_db = still_fader_db(work.mix, track.id)
    lufs = integrated_from_energies(work.heard[track.id].energies_100ms)
    return 0.0 if lufs is None else float(10 ** ((lufs + fader_db) / 10))


def _move(track: TrackFacts, pan: float, because: tuple[Evidence, ...]) -> Move:
    side = "left" if pan < 0 else "right"
    return Move(
        id=f"panning.{track.id}.pan", task="panning", title=f"{track.track.name} to the {side} ({abs(pan):.0%})",
        where=Where(track=track.id), change=PanChange(pan=constant(pan, law="linear_gain")), because=because, confidence=0.6,
    )  # fmt: skip

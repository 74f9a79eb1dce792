"""What is wrong with the recordings themselves, mended before anything else is done to them.

The repairs were prepared by listening, in the order in which they are done; here is decided which of them become moves.
"""

from collections.abc import Iterator, Sequence

from tonmeister.document.facts import TrackFacts
from tonmeister.document.move import Alternative, Evidence, Expectation, InsertChange, Move, Nothing, Where
from tonmeister.document.repair import Repair
from tonmeister.document.strip import Insert, Slot
from tonmeister.knowledge import number
from tonmeister.processing import Declick
from tonmeister.tasks.work import Work, evidence

_TITLES = {
    "clipping": "Rebuild the clipped peaks of {}", "offset": "Bring {} back to its zero line", "clicks": "Take the clicks out of {}",
    "hum": "Take the hum out of {}", "noise": "Turn the noise of {} down", "plosives": "Soften the plosives of {}",
    "breaths": "Turn the loud breaths of {} down", "bleed": "Turn {} down where only bleed is heard",
}  # fmt: skip
_PROMISED_DB = 0.5
_LIMITS = {"noise": "cleanup.noise_least_db", "hum": "cleanup.hum_least_db"}
"""From where on a listener of the mix would hear it."""


def propose(work: Work) -> Iterator[Move]:
    """Mend what listening found; say which recordings are clean."""
    clean: list[TrackFacts] = []
    for track in work.facts.tracks:
        if not track.is_touchable:
            continue
        moves = [move for repair in track.repairs if (move := _decide(track, repair)) is not None]
        yield from moves
        heard = [] if moves else list(_heard(track))
        if heard:
            yield _in_vain(track, heard)
        elif not moves:
            clean.append(track)
    if clean:
        yield _nothing(clean)


def _decide(track: TrackFacts, repair: Repair) -> Move | None:
    """Return the move of a repair, a note why it was stopped, or nothing where it would change too little."""
    if repair.is_stopped:
        return _note(track, repair, "does more harm than good", "stopped")
    if isinstance(repair.processor, Declick) and len(repair.processor.regions) > number("cleanup.regions_most").value:
        return _note(track, repair, "has too many places for a mix: clean the file first", "too-many")
    changed_db = _change_db(repair)
    if changed_db is not None and changed_db < number("cleanup.change_least_db").value:
        return None
    return _mend(track, repair)


def _change_db(repair: Repair) -> float | None:
    if repair.before_dbfs is None or repair.after_dbfs is None:
        return None
    return abs(repair.after_dbfs - repair.before_dbfs)


def _mend(track: TrackFacts, repair: Repair) -> Move:
    slot: Slot = "corrective" if repair.kind == "bleed" else "cleanup"  # keys tap behind cleanup
    name = repair.kind.replace("_", "-")
    return Move(
        id=f"cleanup.{track.id}.{name}", task="cleanup", title=_TITLES[repair.kind].format(track.track.name),
        where=Where(track=track.id),
        change=InsertChange(insert=Insert(id=name, slot=slot, processor=repair.processor, key=repair.key)),
        because=tuple(_reasons(track, repair)), expects=_promise(repair),
        confidence=round(repair.amount * (0.9 if repair.amount == 1 else 0.7), 2),
        alternatives=(Alternative(title="Leave it as it is", trade_off=f"{repair.title} stay, at {_told(repair.before_dbfs)}"),),
    )  # fmt: skip


def _reasons(track: TrackFacts, repair: Repair) -> Iterator[Evidence]:
    """Cite what was found, what the harm test found, and how strong the defect is where it is strongest."""
    start_s = track.track.start_frame / track.figures.sample_rate_hz
    placed = {"start_s": repair.start_s + start_s, "end_s": repair.end_s + start_s} if repair.end_s > 0 else {}
    yield Evidence(
        what=repair.title, value=repair.found, unit=repair.unit, source="measured on the recording", **placed
    )
    if repair.kind == "bleed":
        yield evidence("how sure the bleed is", repair.found, against="cleanup.bleed_confidence_least")
    against = f"cleanup.{repair.kind}_harm_most_db"
    yield evidence("wanted sound in what is taken away, relative to what stays", repair.harm_db, against=against)
    if (
        repair.kind == "bleed" and repair.before_dbfs is not None and repair.after_dbfs is not None
    ):  # no strip alone shows it
        change_db = round(repair.after_dbfs - repair.before_dbfs, 2)
        yield Evidence(
            what="change of the level in the quiet parts", value=change_db, unit="dB", source="tried on both tracks"
        )


def _promise(repair: Repair) -> Expectation | None:
    changed_db = None if repair.kind == "bleed" else _change_db(repair)
    if changed_db is None or changed_db < _PROMISED_DB or repair.before_dbfs is None or repair.after_dbfs is None:
        return None
    return Expectation(
        metric="defect_dbfs", value=repair.after_dbfs, before=repair.before_dbfs, tolerance=round(changed_db / 2, 2),
        unit="dBFS", scope="strip",
    )  # fmt: skip


def _note(track: TrackFacts, repair: Repair, why: str, mark: str) -> Move:
    found = Evidence(what=repair.title, value=repair.found, unit=repair.unit, source="measured on the recording")
    harm = evidence(
        "wanted sound in what would be taken away", repair.harm_db, against=f"cleanup.{repair.kind}_harm_most_db"
    )
    return Move(
        id=f"cleanup.{track.id}.{repair.kind.replace('_', '-')}-{mark}", task="cleanup",
        title=f"{track.track.name}: the repair of {repair.title} {why}", where=Where(track=track.id), change=Nothing(),
        because=(found, harm), confidence=0.5,
    )  # fmt: skip


def _heard(track: TrackFacts) -> Iterator[Evidence]:
    """Yield what the ear found that a listener of the mix would hear."""
    for fault in track.figures.faults:
        if fault.kind in _LIMITS and fault.value >= number(_LIMITS[fault.kind]).value:
            yield evidence(f"{fault.kind} against the music", fault.value, against=_LIMITS[fault.kind])
        elif fault.kind == "clicks":
            a_minute = round(60 * fault.count / max(1.0, track.figures.duration_s), 1)
            if a_minute >= number("cleanup.clicks_least").value:
                yield evidence("clicks a minute", a_minute, against="cleanup.clicks_least")
        elif fault.kind in ("clipping", "dc_offset"):
            yield Evidence(what=fault.sentence, value=fault.value, limit=fault.limit, unit=fault.unit, source="the ear")


def _in_vain(track: TrackFacts, heard: Sequence[Evidence]) -> Move:
    """Say that a closer look found nothing that could be mended for certain: only a person can tell."""
    return Move(
        id=f"cleanup.{track.id}.nothing", task="cleanup",
        title=f"{track.track.name}: what the ear heard is no defect on a closer look, or cannot be told from the music",
        where=Where(track=track.id), change=Nothing(), because=tuple(heard), confidence=0.5,
    )  # fmt: skip


def _nothing(clean: Sequence[TrackFacts]) -> Move:
    """Say that nothing is to be done, and what says so: what stands nearest to a defect among the clean recordings."""
    who = clean[0].track.name if len(clean) == 1 else f"{len(clean)} recordings"
    found = [Evidence(what="recordings looked at", value=float(len(clean)), unit="recordings", source="the ear")]
    for kind, limit in _LIMITS.items():
        values = [(fault.value, track) for track in clean for fault in track.figures.faults if fault.kind == kind]
        if values:
            value, track = max(values, key=lambda pair: pair[0])
            found.append(evidence(f"most {kind} against the music, in {track.track.name}", value, against=limit))
    return Move(
        id="cleanup.nothing", task="cleanup", title=f"{who} {'is' if len(clean) == 1 else 'are'} clean: nothing to do",
        where=Where(), change=Nothing(), because=tuple(found),
    )  # fmt: skip


def _told(level_dbfs: float | None) -> str:
    return "an unmeasured level" if level_dbfs is None else f"{level_dbfs:.0f} dBFS"

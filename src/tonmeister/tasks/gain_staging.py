"""Every track to one working level before its inserts, with headroom."""

from collections.abc import Iterator

from tonmeister.document.facts import TrackFacts
from tonmeister.document.lane import constant
from tonmeister.document.move import Expectation, FaderChange, Move, TrimChange, Where
from tonmeister.document.strip import Strip
from tonmeister.knowledge import number
from tonmeister.tasks.work import Work, evidence


def propose(work: Work) -> Iterator[Move]:
    """Trim each track to the staging level; a level that is a human's gets the trim back at the fader."""
    for track in work.facts.tracks:
        loudness = track.figures.loudness.integrated_lufs
        if not track.is_touchable or loudness is None:
            continue
        if _is_of_session(track, kept=work.facts.is_premixed):
            continue
        change_db = round(staging_db(track, loudness), 2)
        if abs(change_db) < number("gain_staging.change_least_db").value:
            continue
        yield Move(
            id=f"staging.{track.id}.trim",
            task="gain_staging",
            title=f"Bring {track.track.name} to the working level ({change_db:+.1f} dB)",
            where=Where(track=track.id),
            change=TrimChange(trim_db=change_db),
            because=(evidence("gated loudness of the source", loudness, against="gain_staging.level_lufs"),),
            expects=Expectation(
                metric="strip_loudness_lu",
                value=loudness + change_db,
                before=loudness,
                tolerance=0.25,
                unit="LUFS",
                scope="strip",
            ),
        )
        if work.facts.is_premixed or track.track.keep_level:
            yield _give_back(track, change_db, loudness)


def _is_of_session(track: TrackFacts, *, kept: bool) -> bool:
    """Say whether a person's session set this strip: another level would change what its devices do, or its faders for nothing."""
    base = track.track.base
    return bool(base.inserts) or (kept and base != Strip())


def staging_db(track: TrackFacts, loudness_lufs: float) -> float:
    """Return the trim that reaches the staging level without passing the peak limit."""
    wanted = number("gain_staging.level_lufs").value - loudness_lufs
    peak = track.figures.true_peak_dbtp
    return wanted if peak is None else min(wanted, number("gain_staging.peak_dbtp").value - peak - _rebuilt_db(track))


def _rebuilt_db(track: TrackFacts) -> float:
    """Return how much higher the peaks stand once what was clipped is rebuilt."""
    rise = 0.0
    for repair in track.repairs:
        if repair.kind != "clipping" or repair.is_stopped or repair.after_dbfs is None or repair.before_dbfs is None:
            continue
        rise = max(rise, repair.after_dbfs - repair.before_dbfs)
    return rise


def _give_back(track: TrackFacts, change_db: float, loudness_lufs: float) -> Move:
    return Move(
        id=f"staging.{track.id}.keep-balance",
        task="gain_staging",
        title=f"Keep the level that {track.track.name} came with",
        where=Where(track=track.id),
        change=FaderChange(change_db=constant(-change_db)),
        because=(evidence("trim to undo at the fader", change_db, against="gain_staging.change_least_db"),),
        expects=Expectation(
            metric="strip_loudness_lu",
            value=loudness_lufs,
            before=loudness_lufs + change_db,
            tolerance=min(1.0, abs(change_db) / 2),
            unit="LUFS",
            scope="mix",
        ),
        depends_on=(f"staging.{track.id}.trim",),
    )

"""Tools that read: mixes, tracks, sections, moves, measurements, differences."""

from pathlib import Path
from typing import TYPE_CHECKING

from tonmeister.assistant.tools.places import Opened, one_line
from tonmeister.assistant.tools.results import (
    Changed,
    Comparison,
    EvidenceRow,
    HeardFolder,
    HeardTrackRow,
    MeasuredSound,
    MixSummary,
    MoveRow,
    MoveStory,
    SectionRow,
    TrackRow,
)
from tonmeister.document.diff import Difference
from tonmeister.document.mix import Mix, Section
from tonmeister.document.move import Move
from tonmeister.engineer import diff, list_moves, load_mix
from tonmeister.errors import InputError

if TYPE_CHECKING:
    from tonmeister.files.sound import SoundReader

_MOST_CHANGES = 40
"""Values that a comparison lists; the count tells of the rest."""
_LIVE = frozenset({"accepted", "locked"})


def summarise_mix(opened: Opened, name: str) -> MixSummary:
    """Return a mix in figures."""
    out = opened.mix(name)
    mix = load_mix(out)
    live = [move for move in mix.moves if move.state in _LIVE]
    judged = [move.measured for move in live if move.measured is not None]
    return MixSummary(
        mix=name_of(opened, out),
        title=one_line(mix.song.title),
        duration_s=round(mix.song.duration_s, 3),
        tempo_bpm=mix.song.tempo_bpm,
        key=mix.song.key,
        genre=mix.brief.genre,
        target=mix.brief.target,
        sections=_sections(mix.song.sections),
        tracks=sum(track.used for track in mix.tracks),
        moves=len(live),
        promises=len(judged),
        promises_kept=sum(measured.kept for measured in judged),
        figures={use.budget: use.used for use in mix.budget_use},
        over_budget=tuple(use.budget for use in mix.budget_use if not use.held),
        direction=_direction(mix),
        rendered=(out / "mix.wav").is_file(),
    )


def _direction(mix: Mix) -> tuple[str, ...]:
    """Return references, moods and figures as data, a line each."""
    if mix.direction is None:
        return ()
    names = [f"reference {one.name}, weight {one.weight:g}" for one in mix.brief.references]
    names += [f"mood {name}" for name in mix.brief.moods]
    told = [
        f"{one.dimension}, {one.what}: {one.mix} {one.unit}, aim {one.aim}, now {one.after}"
        + (f"; {one.out_of_reach}" if one.out_of_reach else "")
        for one in mix.direction.figures
    ]
    return tuple(one_line(line) for line in (*names, *told))


def name_of(opened: Opened, out: Path) -> str:
    """Return the name under which the tools know a mix."""
    return next(name for name, path in opened.mixes().items() if path == out)


def _sections(sections: tuple[Section, ...]) -> tuple[SectionRow, ...]:
    return tuple(
        SectionRow(id=s.id, label=s.label, start_s=s.start_s, end_s=s.end_s, confidence=s.confidence) for s in sections
    )


def track_rows(opened: Opened, name: str) -> tuple[TrackRow, ...]:
    """Return the tracks of a mix."""
    mix = load_mix(opened.mix(name))
    return tuple(
        TrackRow(
            id=track.id,
            name=one_line(track.name),
            role=track.role,
            used=track.used,
            fader_db=track.strip.fader_db.points[0].value if track.strip.fader_db.points else None,
            moves=sum(move.where.track == track.id and move.state in _LIVE for move in mix.moves),
        )
        for track in mix.tracks
    )


def move_rows(opened: Opened, name: str, *, track: str, task: str, state: str, limit: int) -> tuple[MoveRow, ...]:
    """Return moves of a mix, of a track, a task and a state where these are given."""
    found = [
        move
        for move in list_moves(opened.mix(name))
        if (not track or move.where.track == track)
        and (not task or move.task == task)
        and (not state or move.state == state)
    ]
    return tuple(
        MoveRow(
            id=move.id,
            task=move.task,
            title=one_line(move.title),
            state=move.state,
            promise_kept=None if move.measured is None else move.measured.kept,
        )
        for move in found[: max(1, limit)]
    )


def move_story(opened: Opened, name: str, move_id: str) -> MoveStory:
    """Return a move with its reason, settings, promise and effect.

    Raises:
        InputError: If there is no such move.
    """
    move = next((one for one in load_mix(opened.mix(name)).moves if one.id == move_id), None)
    if move is None:
        raise InputError(f"{one_line(move_id)!r}: no such move; the tool list_moves lists them.")
    return MoveStory(
        id=move.id,
        task=move.task,
        title=one_line(move.title),
        state=move.state,
        set_by=move.set_by,
        where={key: value for key, value in move.where.model_dump().items() if value is not None},
        change=move.change.model_dump(mode="json", exclude_defaults=True) | {"kind": move.change.kind},
        because=tuple(
            EvidenceRow(what=one_line(e.what), value=e.value, limit=e.limit, unit=e.unit, source=one_line(e.source))
            for e in move.because
        ),
        promised=_promise(move),
        measured=_effect(move),
        confidence=move.confidence,
        alternatives=tuple(one_line(f"{other.title}: {other.trade_off}") for other in move.alternatives),
    )


def _promise(move: Move) -> str | None:
    wanted = move.expects
    return None if wanted is None else f"{wanted.metric} {wanted.value:g} {wanted.unit} within {wanted.tolerance:g}"


def _effect(move: Move) -> str | None:
    if move.measured is None or move.expects is None:
        return None
    kept = "kept" if move.measured.kept else "not kept"
    return f"{move.expects.metric} {move.measured.value:g} {move.expects.unit}: {kept}"


def measure_file(opened: Opened, name: str, *, master: bool, start_s: float, end_s: float | None) -> MeasuredSound:
    """Measure a rendered file, or a part of it.

    Raises:
        InputError: If it is not rendered, or the part lies outside.
    """
    from tonmeister.analysis.loudness import measure_loudness
    from tonmeister.analysis.true_peak import measure_true_peak

    with open_rendered(opened.mix(name), master=master) as reader:
        end = reader.duration_s if end_s is None else end_s
        if not 0 <= start_s < end <= reader.duration_s + 0.5:
            raise InputError(f"{start_s:g}-{end:g} s: no part of the sound; it lasts {reader.duration_s:.1f} s.")
        rate = reader.sample_rate_hz
        from tonmeister.audio import Audio

        audio = Audio(reader.read(round(start_s * rate), round((end - start_s) * rate)), rate)
    is_long = audio.duration_s >= 0.4
    loudness = measure_loudness(audio) if is_long else None
    return MeasuredSound(
        file="master" if master else "mix",
        start_s=start_s,
        end_s=round(end, 3),
        integrated_lufs=_rounded(loudness.integrated_lufs if loudness else None),
        range_lu=_rounded(loudness.range_lu if loudness else None),
        true_peak_dbtp=_rounded(measure_true_peak(audio)),
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), 2)


def open_rendered(out: Path, *, master: bool) -> "SoundReader":
    """Return a reader of mix.wav or master.wav.

    Raises:
        InputError: If it is not there.
    """
    from tonmeister.files.sound import open_sound

    path = out / ("master.wav" if master else "mix.wav")
    if not path.is_file() or path.is_symlink():
        raise InputError(f"{path.name} is not there; render the mix first.")
    return open_sound(path)


def compare_mixes(opened: Opened, before: str, after: str) -> Comparison:
    """Return what differs between two mixes.

    Raises:
        InputError: If one of them is not there.
    """
    found = diff(opened.mix(before), opened.mix(after))
    return Comparison(before=before, after=after, changed=changes(found), changed_count=len(found))


def compare_with_last(opened: Opened, name: str) -> Comparison:
    """Return what the last change did.

    Raises:
        InputError: If there is no earlier document.
    """
    out = opened.mix(name)
    versions = sorted((out / "history").glob("mix-*.json")) if (out / "history").is_dir() else []
    if not versions:
        raise InputError(f"{one_line(name)}: there is no earlier document to compare with.")
    found = diff(versions[-1], out)
    return Comparison(
        before=versions[-1].name, after=name_of(opened, out), changed=changes(found), changed_count=len(found)
    )


def changes(found: tuple[Difference, ...]) -> tuple[Changed, ...]:
    """Return differences as rows, the first ones, with strangers' words cut."""
    return tuple(
        Changed(where=one_line(one.where), before=_short(one.before), after=_short(one.after))
        for one in found[:_MOST_CHANGES]
    )


def _short(value: object) -> object:
    if isinstance(value, str):
        return one_line(value)
    return value if isinstance(value, int | float | bool) or value is None else one_line(str(value))


def heard_folder(opened: Opened, source: str) -> HeardFolder:
    """Listen to a folder of stems."""
    from tonmeister.engineer import listen

    heard = listen(opened.source(source))
    return HeardFolder(
        source=source,
        tempo_bpm=heard.song.tempo_bpm,
        key=heard.song.key,
        sections=_sections(heard.song.sections),
        tracks=tuple(
            HeardTrackRow(id=t.id, name=one_line(t.name), role=t.role, confidence=t.role_confidence)
            for t in heard.tracks
        ),
    )

"""Logic projects (.logicx) and Pro Tools sessions (.ptx), read by `logic2ableton`: clips, levels, pans, mutes, groups, tempo.

Neither program documents its format; what that package does not decode is not read here either.
"""

from pathlib import Path
from typing import Any

from tonmeister.daw.opening import SessionError
from tonmeister.daw.reading import USUAL_BPM, Beat, TempoMap, held, meters_of, seconds, tempo_map
from tonmeister.daw.session import Clip, DawSession, Marker, SessionTrack
from tonmeister.document.lane import constant
from tonmeister.errors import MissingExtraError

_NOT_READ = "Plugins, sends, fades and automation of Logic are not read; bounce in place what must be heard."
_LEVELS_NOT_READ = (
    "Of a Pro Tools session only tracks and clips are read: faders, pans, plugins and automation are not."
)


def read_logic(path: Path) -> DawSession:
    """Read a Logic project.

    Raises:
        MissingExtraError: If logic2ableton is not installed.
        SessionError: If it is no Logic project, or cannot be decoded.
    """
    try:
        from logic2ableton.logic_parser import parse_logic_project  # noqa: PLC0415 - comes with the extra `logic`
    except ImportError as error:
        raise MissingExtraError(what="Reading a Logic project", extra="logic") from error
    try:
        return logic_session(parse_logic_project(path, smpte_start_seconds=None))
    except Exception as error:  # the package raises whatever a broken project makes it stumble over
        advice = "Open and save it in Logic as a package, or export AAF and give that."
        raise SessionError(path, "It cannot be decoded as a Logic project", advice) from error


def read_protools(path: Path) -> DawSession:
    """Read a Pro Tools session.

    Raises:
        MissingExtraError: If logic2ableton is not installed.
        SessionError: If it is no Pro Tools session, or cannot be decoded.
    """
    try:
        from logic2ableton.protools_parser import parse_protools_session  # noqa: PLC0415 - comes with the extra `logic`
    except ImportError as error:
        raise MissingExtraError(what="Reading a Pro Tools session", extra="logic") from error
    try:
        return protools_session(parse_protools_session(path))
    except Exception as error:  # as above
        advice = "Export AAF from Pro Tools and give that."
        raise SessionError(path, "It cannot be decoded as a Pro Tools session", advice) from error


def logic_session(project: Any) -> DawSession:
    """Return the session of a decoded Logic project."""
    timeline = project.timeline
    events = [] if timeline is None else timeline.tempo_events
    marks = [Beat(0.0, float(project.tempo or USUAL_BPM)), *(Beat(event.beat, event.bpm) for event in events)]
    tempo = tempo_map(marks)
    names = list(dict.fromkeys([*project.track_names, *(ref.track_name for ref in project.audio_files)]))
    groups = dict(project.track_groups)
    tracks = [_logic_track(name, project, tempo) for name in names]
    tracks += [_group(name, group) for name, group in groups.items()]
    notes = [f"The track {track.name!r} plays notes (MIDI): bounce it in Logic." for track in project.midi_tracks]
    markers = (
        ()
        if timeline is None
        else tuple(Marker(time_s=round(tempo.seconds(marker.beat), 6), name=marker.name) for marker in timeline.markers)
    )
    rate = int(project.sample_rate or 0)
    return DawSession(
        format="logic",
        title=project.name,
        sample_rate_hz=rate if 1000 <= rate <= 1_000_000 else None,
        tracks=tuple(tracks),
        tempos=tempo.tempos,
        meters=meters_of([(0.0, project.time_sig_numerator, project.time_sig_denominator)]),
        markers=markers,
        unread=(*dict.fromkeys((_NOT_READ, *notes, *project.compatibility_warnings)),),
    )


def _logic_track(name: str, project: Any, tempo: TempoMap) -> SessionTrack:
    state = (project.mixer_state or {}).get(name)
    group = project.track_group.get(name)
    return SessionTrack(
        id=name,
        name=name,
        fader_db=constant(0.0 if state is None else held(state.volume_db, -120.0, 48.0)),
        pan=constant(0.0 if state is None else held(state.pan, -1.0, 1.0), law="linear_gain"),
        mute=constant(float(state is not None and state.is_muted), law="hold"),
        is_soloed=state is not None and state.is_soloed,
        output=None if group is None else f"bus:{group}",
        clips=tuple(_logic_clip(ref, project, tempo) for ref in project.audio_files if ref.track_name == name),
    )


def _group(name: str, group: Any) -> SessionTrack:
    return SessionTrack(
        id=f"bus:{name}",
        name=name,
        kind="group",
        fader_db=constant(held(group.mixer.volume_db, -120.0, 48.0)),
        pan=constant(held(group.mixer.pan, -1.0, 1.0), law="linear_gain"),
        mute=constant(float(group.mixer.is_muted), law="hold"),
        output=None if group.parent is None else f"bus:{group.parent}",
    )


def _logic_clip(ref: Any, project: Any, tempo: TempoMap) -> Clip:
    rate = float(ref.timeline_sample_rate or project.sample_rate or 48_000)
    start_s = ref.start_position_samples / rate if ref.start_beats is None else tempo.seconds(float(ref.start_beats))
    frames = ref.content_duration_samples
    return Clip(
        name=ref.clip_name or ref.filename,
        start_s=seconds(start_s),
        length_s=0.0 if frames is None else seconds(frames / rate),
        is_whole=frames is None,
        offset_s=seconds(ref.content_offset_samples / rate),
        media=str(ref.file_path),
    )


def protools_session(session: Any) -> DawSession:
    """Return the session of a decoded Pro Tools session."""
    rate = int(session.sample_rate or 0)
    per_s = float(rate) if rate > 0 else 48_000.0
    files = {file.index: file.filename for file in session.audio_files}
    tracks = tuple(
        SessionTrack(
            id=f"{track.index}:{track.name}",
            name=track.name,
            clips=tuple(
                Clip(
                    name=region.name,
                    start_s=seconds(region.start_samples / per_s),
                    length_s=max(0.0, seconds(region.length_samples / per_s)),
                    offset_s=seconds(region.offset_samples / per_s),
                    media=_in_audio_files(region.filename or files.get(region.wav_index, "")),
                )
                for region in track.regions
            ),
        )
        for track in session.tracks
    )
    notes = [f"The track {track.name!r} plays notes (MIDI): commit it in Pro Tools." for track in session.midi_tracks]
    return DawSession(
        format="protools",
        program=f"Pro Tools {session.version}",
        title=session.name,
        sample_rate_hz=rate if 1000 <= rate <= 1_000_000 else None,
        tracks=tracks,
        unread=(*dict.fromkeys((_LEVELS_NOT_READ, *notes, *session.compatibility_warnings)),),
    )


def _in_audio_files(name: str) -> str | None:
    """Return where Pro Tools keeps a sound file, beside the session."""
    return f"Audio Files/{name}" if name else None

"""A session that was read, as text for a terminal."""

from typing import TYPE_CHECKING

from tonmeister.apps.cli.tables import say

if TYPE_CHECKING:  # what is shown is there already; importing its types here would cost every `--help` a second
    from tonmeister.daw.session import DawSession, SessionTrack
    from tonmeister.document.lane import Lane
    from tonmeister.engineer.session_reading import ReadSession

_SILENT_DB = -120.0
_KINDS = {"audio": "", "notes": " (notes)", "group": " (group)", "return": " (return)", "master": " (master)"}


def show_session(read: "ReadSession") -> None:
    """Say what a session holds."""
    session = read.session
    made = f", written by {session.program}" if session.program else ""
    rate = f", {session.sample_rate_hz} Hz" if session.sample_rate_hz else ""
    say(f"{read.path.name}: {session.format}{made}{rate}.")
    say(_time(session))
    balance = "its balance is set and would be kept" if read.carries_balance else "its balance would be made"
    say(f"{len(session.tracks)} tracks, {read.heard} of them would be heard; {balance}.")
    for track in session.tracks:
        say(_track(session, track), indent=2)
    for marker in session.markers:
        say(f"marker at {marker.time_s:.2f} s: {marker.name}", indent=2)
    for name in read.missing:
        say(f"sound not found: {name}", indent=2)
    for sentence in session.unread:
        say(f"not read: {sentence}", indent=2)


def _time(session: "DawSession") -> str:
    tempos = ", ".join(f"{tempo.bpm:g}" for tempo in session.tempos[:4]) or "none said"
    more = f" and {len(session.tempos) - 4} more" if len(session.tempos) > 4 else ""
    meter = f", {session.meters[0].numerator}/{session.meters[0].denominator}" if session.meters else ""
    return f"Tempo {tempos}{more}{meter}; {len(session.markers)} markers."


def _track(session: "DawSession", track: "SessionTrack") -> str:
    parts = [f"{_level(track.fader_db)}", f"pan {_value(track.pan)}"]
    if track.trim_db:
        parts.append(f"trim {track.trim_db:+.1f} dB")
    if all(point.value >= 1 for point in track.mute.points):
        parts.append("muted")
    elif not track.mute.is_constant:
        parts.append("mute moves")
    if track.polarity_inverted:
        parts.append("polarity turned")
    if track.clips:
        cannot = sum(clip.cannot is not None for clip in track.clips)
        parts.append(f"{len(track.clips)} clips" + (f" ({cannot} cannot be played)" if cannot else ""))
    out = session.track(track.output) if track.output is not None else None
    if out is not None and out.kind != "master":
        parts.append(f"to {out.name}")
    for send in track.sends:
        to = session.track(send.to)
        if send.is_on and _level(send.level_db) != "off":
            parts.append(f"send to {to.name if to else '?'} {_level(send.level_db)}")
    devices = [f"{d.name}{'' if d.is_on else ' (off)'}{'' if d.processor is None else '*'}" for d in track.devices]
    if devices:
        parts.append(f"devices: {', '.join(devices)}")
    return f"{track.name}{_KINDS[track.kind]}: {', '.join(parts)}"


def _level(lane: "Lane") -> str:
    if not lane.is_constant:
        low, high = min(p.value for p in lane.points), max(p.value for p in lane.points)
        return f"moves {max(low, _SILENT_DB):.1f} to {high:.1f} dB"
    value = lane.points[0].value
    return "off" if value <= _SILENT_DB else f"{value:.1f} dB"


def _value(lane: "Lane") -> str:
    if not lane.is_constant:
        return "moves"
    value = lane.points[0].value
    return "centre" if abs(value) < 0.005 else f"{abs(value):.0%} {'left' if value < 0 else 'right'}"

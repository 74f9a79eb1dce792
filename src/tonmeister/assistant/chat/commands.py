"""A chat of plain commands over the tools, for those who have no language model."""

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tonmeister.assistant.tools import Toolbox
from tonmeister.errors import InputError

HELP = """What you can say:
  tracks, sections, moves [TRACK], describe      look
  why MOVE                                       a move, its evidence and effect
  measure [START END]                            loudness and true peak of the master
  wish TEXT                                      propose a change, such as: wish LdVox +1 dB
  accept|reject|lock MOVE…                       propose a new state of moves
  yes                                            do what was proposed last
  undo, render, compare                          take back, make heard, what the last change did
  excerpt START END                              write a part as WAV
  export FORMAT                                  write a DAW session
  help, quit
Anything else is a question to the knowledge, such as: what attack for a snare?"""


class CommandChat:
    """Understands commands and questions about one mix; keeps the last proposal until it is done or replaced."""

    def __init__(self, out: Path) -> None:
        self._tools = Toolbox(out)
        self._mix = next(iter(self._tools.opened.mixes()), "")
        if not self._mix:
            raise InputError(f"{out}: there is no mix; give the folder that `tonmeister mix` wrote.")
        self._proposed: dict[str, Any] | None = None

    def answer(self, line: str) -> str:
        """Return the answer to a line; what cannot be done is said in a sentence."""
        word, _, rest = line.strip().partition(" ")
        command = _COMMANDS.get(word.lower().rstrip("?"))
        if (
            command is None
            or (word.lower() in _NEEDS_NOTHING and rest.strip())
            or (word.lower() == "why" and "." not in rest)
        ):
            return self._tools.ask(line, self._mix).text
        try:
            return command(self, rest.strip())
        except InputError as error:
            return str(error)

    def tracks(self, _: str) -> str:
        """List the tracks."""
        rows = self._tools.list_tracks(self._mix)
        return "\n".join(f"{row.id:<20} {row.role:<18} {_db(row.fader_db)}  {row.moves} moves" for row in rows)

    def sections(self, _: str) -> str:
        """List the sections."""
        rows = self._tools.list_sections(self._mix)
        return (
            "\n".join(f"{row.id:<16} {row.start_s:7.1f} - {row.end_s:.1f} s" for row in rows)
            or "No sections were found."
        )

    def moves(self, rest: str) -> str:
        """List the moves."""
        rows = self._tools.list_moves(self._mix, track=rest)
        return "\n".join(f"{row.id:<40} {row.state:<9} {row.title}" for row in rows) or "No such moves."

    def describe(self, _: str) -> str:
        """Describe the mix."""
        mix = self._tools.describe_mix(self._mix)
        figures = "\n".join(f"  {name.replace('_', ' ')}: {value:g}" for name, value in mix.figures.items())
        tempo = f"{mix.tempo_bpm:g} BPM" if mix.tempo_bpm else "tempo not found"
        return (
            f"{mix.duration_s:.1f} s, {tempo}, {mix.key or 'key not found'}; {mix.tracks} tracks, {mix.moves} moves, "
            f"{mix.promises_kept} of {mix.promises} promises kept.\n{figures}"
        )

    def why(self, rest: str) -> str:
        """Explain a move."""
        story = self._tools.explain_move(rest, self._mix)
        lines = [f"{story.title} [{story.id}, {story.state}]"]
        lines += [
            f"  because: {e.what} {e.value:g} {e.unit}"
            + (f" (limit {e.limit:g})" if e.limit is not None else "")
            + f"; {e.source}"
            for e in story.because
        ]
        lines += [f"  promised: {story.promised}"] if story.promised else []
        lines += [f"  measured: {story.measured}"] if story.measured else []
        return "\n".join([*lines, *(f"  or: {other}" for other in story.alternatives)])

    def measure(self, rest: str) -> str:
        """Measure the master, or a part of it."""
        times = _numbers(rest, most=2)
        start, end = [*times, None, None][:2] if times else (0.0, None)
        found = self._tools.measure(self._mix, start_s=start or 0.0, end_s=end)
        return f"{_shown(found.integrated_lufs, 'LUFS')}, range {_shown(found.range_lu, 'LU')}, true peak {_shown(found.true_peak_dbtp, 'dBTP')}"

    def wish(self, rest: str) -> str:
        """Propose a wish."""
        return self._propose({"wish": rest})

    def accept(self, rest: str) -> str:
        """Propose to accept moves."""
        return self._propose({"state": "accept", "moves": rest.split()})

    def reject(self, rest: str) -> str:
        """Propose to reject moves."""
        return self._propose({"state": "reject", "moves": rest.split()})

    def lock(self, rest: str) -> str:
        """Propose to lock moves."""
        return self._propose({"state": "lock", "moves": rest.split()})

    def _propose(self, change: dict[str, Any]) -> str:
        self._proposed = None
        found = self._tools.propose(self._mix, **change)
        self._proposed = {**change, "ticket": found.ticket}
        would = "\n".join(f"  {line}" for line in found.would) or "  nothing"
        return f"It would:\n{would}\nSay yes to do it."

    def yes(self, _: str) -> str:
        """Do what was proposed last."""
        if self._proposed is None:
            return "Nothing is proposed; say what you wish, such as: wish LdVox +1 dB."
        change, self._proposed = self._proposed, None
        done = self._tools.apply(mix=self._mix, **change)
        told = "\n".join(f"  {one.where}: {one.before} -> {one.after}" for one in done.changed[:8])
        after = "" if change.get("wish") else " Say render to hear it."
        return f"Done: {done.changed_count} values changed, read back.{after}\n{told}"

    def undo(self, _: str) -> str:
        """Take the last change back."""
        done = self._tools.undo(self._mix, dry_run=False)
        return f"Taken back: {done.changed_count} values changed. Say render to hear it."

    def render(self, _: str) -> str:
        """Render again."""
        done = self._tools.render(self._mix)
        return f"Rendered {', '.join(done.files)}." + "".join(f"\n  missed: {line}" for line in done.misses)

    def compare(self, _: str) -> str:
        """Say what the last change did."""
        found = self._tools.compare(self._mix)
        lines = [f"  {one.where}: {one.before} -> {one.after}" for one in found.changed[:20]]
        return f"{found.changed_count} values differ from {found.before}:\n" + "\n".join(lines)

    def excerpt(self, rest: str) -> str:
        """Write a part of the master."""
        times = _numbers(rest, most=2)
        if len(times) != 2:
            return "Say excerpt START END, in seconds."
        done = self._tools.render_excerpt(times[0] or 0.0, times[1] or 0.0, self._mix, dry_run=False)
        return f"Wrote {', '.join(done.files)}."

    def export(self, rest: str) -> str:
        """Write a session."""
        done = self._tools.export(rest or "ardour", self._mix, dry_run=False)
        return f"Wrote {len(done.files)} files, such as {done.files[0] if done.files else 'none'}."

    def help(self, _: str) -> str:
        """Say what can be said."""
        return HELP


_COMMANDS: dict[str, Callable[[CommandChat, str], str]] = {
    "tracks": CommandChat.tracks,
    "sections": CommandChat.sections,
    "moves": CommandChat.moves,
    "describe": CommandChat.describe,
    "why": CommandChat.why,
    "measure": CommandChat.measure,
    "wish": CommandChat.wish,
    "accept": CommandChat.accept,
    "reject": CommandChat.reject,
    "lock": CommandChat.lock,
    "yes": CommandChat.yes,
    "undo": CommandChat.undo,
    "render": CommandChat.render,
    "compare": CommandChat.compare,
    "excerpt": CommandChat.excerpt,
    "export": CommandChat.export,
    "help": CommandChat.help,
}
_NEEDS_NOTHING = frozenset({"tracks", "sections", "describe", "yes", "undo", "render", "compare", "help"})
"""Commands that stand alone: with more words behind them they begin a question."""


def _numbers(text: str, *, most: int) -> list[float | None]:
    try:
        return [float(word) for word in shlex.split(text)[:most]]
    except ValueError:
        raise InputError(f"{text[:40]!r}: give times in seconds, such as 10 25.5.") from None


def _db(value: float | None) -> str:
    return "      -" if value is None else f"{value:+6.1f} dB"


def _shown(value: float | None, unit: str) -> str:
    return "none" if value is None else f"{value:.2f} {unit}"

"""Results as tables for a terminal."""

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tonmeister.document.diff import Difference
from tonmeister.document.move import Move
from tonmeister.engineer import HeardSong, MasterResult, MixResult


def show_mix(result: MixResult) -> None:
    """Say what came in, what was made and what was missed."""
    console = Console()
    if result.incoming:
        used = sum(item.state == "mixed" for item in result.incoming)
        console.print(f"{len(result.incoming)} files came in, {used} are in the mix.")
    for item in result.incoming:
        for fault in item.faults:
            console.print(f"  {escape(item.name)}: {escape(fault)}")
        if item.state not in ("mixed", "not sound"):
            console.print(f"  {escape(item.name)}: {item.state}. {escape(item.why)}")
    moves = result.moves
    console.print(f"{moves.total} moves; {moves.kept} of {moves.promised} promises kept.")
    _show_master(console, result.master)
    for miss in result.misses:
        console.print(f"missed: {escape(miss)}", style="bold")
    console.print(f"→ {escape(str(result.out))}: {', '.join(name for name in result.files if '/' not in name)}")


def show_master(result: MasterResult) -> None:
    """Say what was measured on the master."""
    console = Console()
    _show_master(console, result.master)
    for miss in result.misses:
        console.print(f"missed: {escape(miss)}", style="bold")
    console.print(f"→ {escape(str(result.out))}")


def _show_master(console: Console, figures: Any) -> None:
    if figures is None:
        return
    console.print(
        f"master: {_number(figures.integrated_lufs)} LUFS (target {figures.target_lufs:.1f}), "
        f"true peak {_number(figures.true_peak_dbtp, 2)} dBTP (ceiling {figures.ceiling_dbtp:.1f}), "
        f"LRA {_number(figures.range_lu)} LU, PLR {_number(figures.plr_db)} dB, "
        f"limiter takes {figures.max_gain_reduction_db:.1f} dB at most"
    )


def show_heard(heard: HeardSong) -> None:
    """Print the facts of a song."""
    console = Console()
    song = heard.song
    tempo = f"{song.tempo_bpm:.1f} bpm" if song.tempo_bpm else "no steady tempo"
    console.print(f"{song.duration_s:.1f} s at {song.sample_rate_hz} Hz, {tempo}, {song.key or 'no clear key'}")
    table = Table("track", "role", "sure", "LUFS", "dBTP", "crest", "active", "faults")
    for track in heard.tracks:
        table.add_row(
            escape(track.name), track.role, f"{track.role_confidence:.0%}", _number(track.integrated_lufs), _number(track.true_peak_dbtp),
            _number(track.crest_db), f"{track.active_share:.0%}", escape("; ".join(track.faults)),
        )  # fmt: skip
    console.print(table)
    for item in heard.incoming:
        if item.state != "mixed":
            console.print(f"{escape(item.name)}: {item.state}. {escape(item.why)}")
    for pair in heard.pairs:
        console.print(escape(pair))
    for section in song.sections:
        console.print(f"{section.start_s:7.1f} – {section.end_s:.1f} s  {section.id} ({section.confidence:.0%} sure)")


def show_moves(moves: Sequence[Move]) -> None:
    """Print moves with reason, promise and effect."""
    table = Table("id", "what", "because", "promised", "measured", "state")
    for move in moves:
        because = move.because[0]
        limit = "" if because.limit is None else f" (limit {because.limit:g})"
        promised = (
            "" if move.expects is None else f"{move.expects.value:g} ± {move.expects.tolerance:g} {move.expects.unit}"
        )
        found = "" if move.measured is None else f"{move.measured.value:g}{'' if move.measured.kept else ' ✗'}"
        table.add_row(
            move.id,
            escape(move.title),
            escape(f"{because.what}: {because.value:.4g} {because.unit}{limit}"),
            promised,
            found,
            move.state,
        )
    Console().print(table)


def show_differences(found: Sequence[Difference]) -> None:
    """Print what differs."""
    console = Console()
    if not found:
        console.print("Nothing differs.")
    for difference in found:
        if difference.what == "changed":
            console.print(escape(f"{difference.where}: {_short(difference.before)} → {_short(difference.after)}"))
        else:
            console.print(escape(f"{difference.where}: {difference.what}"))


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _number(value: float | None, decimals: int = 1) -> str:
    return "–" if value is None else f"{value:.{decimals}f}"

"""Results as text for a terminal: wrapped to its width there, one line a thing in a pipe."""

import shutil
import sys
from collections.abc import Sequence
from textwrap import wrap
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # what is shown is there already; importing its types here would cost every `--help` a second
    from tonmeister.analysis.difference import ReferenceGap
    from tonmeister.analysis.speech_flow import Break
    from tonmeister.deliver.chains import Chain
    from tonmeister.document.diff import Difference
    from tonmeister.document.direction import Direction
    from tonmeister.document.mix import Brief
    from tonmeister.document.move import Evidence, Move
    from tonmeister.engineer import (
        CleanResult,
        DoctorResult,
        ExportResult,
        HeardSong,
        MasterResult,
        MixResult,
        MovePreview,
    )
    from tonmeister.engineer.asking import WhatIf
    from tonmeister.engineer.clean_result import DoneRepair

_LONGEST_VALUE = 60
_SHORTEST_NAME = 12
_COVERS_SHOWN = 8


def show_mix(result: "MixResult") -> None:
    """Say what came in, what was made and what was missed."""
    if result.incoming:
        used = sum(item.state == "mixed" for item in result.incoming)
        say(f"{len(result.incoming)} files came in, {used} are in the mix.")
    for item in result.incoming:
        for fault in item.faults:
            say(f"{item.name}: {fault}", indent=2)
        if item.state not in ("mixed", "not sound"):
            say(f"{item.name}: {item.state}. {item.why}", indent=2)
    say(f"Mixed as: {result.brief.told_genre}.")
    if result.direction is not None:
        _say_direction(result.brief, result.direction)
    moves = result.moves
    say(f"{moves.total} moves; {moves.kept} of {moves.promised} promises kept.")
    for name in moves.missed:
        say(f"not kept: {name}", indent=2)
    for sentence in result.lessened:
        say(f"to hold a budget: {sentence}", indent=2)
    if result.master is not None:
        say(_master(result.master))
    for look in result.artefacts:
        if look.is_over:
            say(f"listen to this: {look.title}, {look.value:g} {look.unit}, limit {look.limit:g}", indent=2)
    _say_missed(result.misses)
    places = dict.fromkeys(f"{first}{slash}" for first, slash, _ in (name.partition("/") for name in result.files))
    say(f"In {result.out}: {', '.join(places)}")


def _say_direction(brief: "Brief", direction: "Direction") -> None:
    """Say what the mix was to be like, where it was, and where it is now."""
    names = [f"{one.name} (weight {one.weight:g})" for one in brief.references] + [
        f"mood {name}" for name in brief.moods
    ]
    say(f"Direction: {', '.join(names)}.")
    for one in direction.figures:
        where = "" if one.low_hz is None else f" at {one.low_hz:.0f} to {one.high_hz:.0f} Hz"
        if one.out_of_reach:
            say(f"out of reach: {one.what}{where}: {one.out_of_reach}", indent=2)
        elif one.aim is not None and one.mix is not None:
            unit = "" if one.unit == "share" else f" {one.unit}"
            after = "" if one.after is None else f", now {one.after:g}"
            say(
                f"{one.what}{where if one.dimension == 'tone' else ''}: {one.mix:g}, aim {one.aim:g}{after}{unit}",
                indent=2,
            )


def show_master(result: "MasterResult") -> None:
    """Say what was done and why, how references differ, and what was measured on the master."""
    say(result.verdict)
    for move in result.moves:
        if move.id not in _ALWAYS:
            found = "; ".join(_found(one) for one in move.because)
            say(f"{'left: ' if move.state == 'rejected' else ''}{move.title} ({found})", indent=2)
    for one in result.differences:
        say(f"reference: {_gap(one)}", indent=2)
    say(_master(result.master))
    _say_missed(result.misses)
    say(f"Written: {result.out}")


_ALWAYS = ("mastering.target", "mastering.clip", "mastering.limiter")
"""What every master has, and its figures tell."""


def _found(evidence: "Evidence") -> str:
    limit = "" if evidence.limit is None else f", limit {evidence.limit:g}"
    return f"{evidence.what} {evidence.value:g} {evidence.unit}{limit}"


def _gap(one: "ReferenceGap") -> str:
    where = "" if one.low_hz is None else f" at {one.low_hz:.0f} to {one.high_hz:.0f} Hz"
    return f"{one.what}{where} {one.value:+.1f} {one.unit}" + (
        f"; out of reach: {one.out_of_reach}" if one.out_of_reach else ""
    )


def show_cleaned(result: "CleanResult") -> None:
    """Say of each recording what was mended, or why nothing was."""
    for file in result.files:
        done = sum(repair.amount > 0 for repair in file.repairs)
        count = "clean, nothing to do" if not done else "1 repair" if done == 1 else f"{done} repairs"
        say(f"{file.source.name}: {count} (heard as {file.role})")
        for sentence in (*file.evidence, *map(_repair, file.repairs), *map(_break, file.breaks)):
            say(sentence, indent=2)
        if file.levelled:
            say(f"levelled: {_number(file.lufs_before)} → {_number(file.lufs_after)} LUFS", indent=2)
        if file.gain_db:
            say(f"the whole {file.gain_db:+.1f} dB, so that rebuilt peaks fit", indent=2)
    for sentence in result.skipped:
        say(f"left out: {sentence}")
    _say_missed(result.misses)
    say(f"Written: {result.out}")


def _repair(repair: "DoneRepair") -> str:
    places = "" if repair.places is None else f", {repair.places} places"
    change = ""
    if repair.before_dbfs is not None and repair.after_dbfs is not None:
        change = f": {repair.before_dbfs:.1f} → {repair.after_dbfs:.1f} dBFS"
    return f"{repair.title}{places}{change}" + ("" if repair.amount else "; left as it is, the repair would harm")


def _break(found: "Break") -> str:
    what = "long pause" if found.kind == "pause" else f"perhaps a filled pause ({found.confidence:.0%} sure)"
    return f"{found.start_s:7.2f} - {found.end_s:.2f} s  {what}"


def show_export(result: "ExportResult") -> None:
    """Say where the sessions are, what is printed in them and what they could not carry."""
    for session in result.sessions:
        say(f"Written: {session.folder}")
        for what, sentences in (("printed", session.printed), ("not carried", session.lost)):
            for sentence in sentences:
                say(f"{what}: {sentence}", indent=2)


def show_doctor(result: "DoctorResult") -> None:
    """Print which parts are there, and the notes of session formats."""
    for part in result.parts:
        state = "installed" if part.installed else f"not installed: {part.install}"
        say(f"{part.purpose}: {state}")
    for name, notes in result.sessions.items():
        print()
        say(f"{name}: {notes.title}")
        say(f"open {notes.opens}", indent=2)
        for what, sentences in (
            ("validated", notes.validated),
            ("only the DAW can tell", notes.only_the_daw),
            ("check", notes.check),
        ):
            for sentence in sentences:
                say(f"{what}: {sentence}", indent=2)


def show_heard(heard: "HeardSong") -> None:
    """Print the facts of a song."""
    from tonmeister.deliver.hearing import tell_defects

    song = heard.song
    tempo = f"{song.tempo_bpm:.1f} bpm" if song.tempo_bpm else "no steady tempo"
    stems = "balanced by a person" if heard.is_premixed else "raw"
    say(
        f"{song.duration_s:.1f} s at {song.sample_rate_hz} Hz, {tempo}{f' in {song.meter}' if song.meter else ''}, "
        f"{song.key or 'no clear key'}; the stems are {stems}."
    )
    for section in song.sections:
        sure = "" if section.label == "section" else f" ({section.confidence:.0%} sure)"
        music = f"{section.group:<2} " if section.group else ""
        say(f"{section.start_s:6.1f} - {section.end_s:6.1f} s  {music}{section.id}{sure}", indent=2)
    print()
    print_columns(
        ("track", "role", "sure", "LUFS", "dBTP", "crest dB", "active"),
        [
            (track.name, track.role, f"{track.role_confidence:.0%}", _number(track.integrated_lufs),
             _number(track.true_peak_dbtp), _number(track.crest_db), f"{track.active_share:.0%}")
            for track in heard.tracks
        ],
    )  # fmt: skip
    print()
    for track in heard.tracks:
        for fault in track.faults:
            say(f"{track.name}: {fault.sentence}")
    for item in heard.incoming:
        if item.state != "mixed":
            say(f"{item.name}: {item.state}. {item.why}")
    names = {track.id: track.name for track in heard.tracks}
    for pair in heard.pairs:
        turned = ", upside down" if pair.polarity < 0 else ""
        both = f"{names[pair.other]} hears what {names[pair.reference]} hears"
        say(f"{both}, {pair.delay_ms:+.2f} ms{turned} ({pair.confidence:.0%} sure)")
    for copy in heard.duplicates:
        say(f"{names[copy.second]} is a copy of {names[copy.first]} ({copy.level_difference_db:+.1f} dB)")
    for bleed in heard.bleed:
        heard_in = f"{names[bleed.source]} is heard in {names[bleed.heard_in]}"
        say(f"{heard_in}, {bleed.delay_ms:.1f} ms later ({bleed.shared:.0%} shared)")
    for track in heard.tracks:
        found = tell_defects(track.family, track.defects)
        if found:
            say(f"{track.name}: {'; '.join(found)}")
    _show_words(heard)
    _show_masking(heard)
    if heard.report is not None:
        say(f"Written: {heard.report}")


def _show_words(heard: "HeardSong") -> None:
    if heard.words:
        hidden = min(heard.words, key=lambda phrase: phrase.index)
        mean = sum(phrase.index for phrase in heard.words) / len(heard.words)
        say(
            f"Words: {len(heard.words)} phrase{'s' * (len(heard.words) != 1)}, consonants {mean:.0%} audible; least at {hidden.start_s:.1f} s "
            f"({hidden.index:.0%}, voice {hidden.ratio_db:+.1f} dB to the rest)."
        )


def _show_masking(heard: "HeardSong") -> None:
    masking, names = heard.masking, {track.id: track.name for track in heard.tracks}
    if masking.harmful:
        say(
            f"{masking.harmful} harmful covers, {masking.overlaps} mere overlaps, at the levels that the stems came with:"
        )
    elif masking.margin_db is not None:
        say(f"No harmful masking; {masking.margin_db:.1f} dB to the nearest. {masking.overlaps} mere overlaps.")
    for cover in [cover for cover in masking.findings if cover.harmful][:_COVERS_SHOWN]:
        say(
            f"{names[cover.masker]} covers {names[cover.maskee]} at {cover.centre_hz:.0f} Hz from {cover.start_s:.1f} to "
            f"{cover.end_s:.1f} s, {cover.excess_db:.0f} dB over it",
            indent=2,
        )


def show_moves(moves: Sequence["Move"]) -> None:
    """Print moves with reason, promise and effect, each under its id."""
    for move in moves:
        print(f"{move.id}  [{move.state}]")
        say(move.title, indent=2)
        for evidence in move.because:
            limit = "" if evidence.limit is None else f", limit {evidence.limit:g}"
            say(f"because {evidence.what}: {evidence.value:.4g} {evidence.unit}{limit} ({evidence.source})", indent=2)
        promise = move.expects
        if promise is not None:
            of = f" of {promise.track}" if promise.track else ""
            found = (
                ""
                if move.measured is None
                else f"; measured {move.measured.value:g}, {'kept' if move.measured.kept else 'NOT KEPT'}"
            )
            say(
                f"promises {promise.metric}{of} {promise.value:g} ± {promise.tolerance:.3g} {promise.unit}{found}",
                indent=2,
            )


def show_preview(preview: "MovePreview") -> None:
    """Say where the two files are, which bars they hold, and how they were matched."""
    say(preview.title)
    say(f"{preview.start_s:.2f} - {preview.end_s:.2f} s of the song, both equally loud", indent=2)
    say(f"with it ({preview.with_gain_db:+.1f} dB): {preview.with_move}", indent=2)
    say(f"without ({preview.without_gain_db:+.1f} dB): {preview.without_move}", indent=2)


def show_what_if(found: "WhatIf") -> None:
    """Print what a wish would take, its price, and what else would serve."""
    price = found.plan.price
    for planned in found.plan.changes:
        say(planned.title)
    print()
    rows = [
        ("all changes together", f"{price.total_db:.1f} dB"),
        ("loudness before the master", f"{price.loudness_lu:+.2f} LU"),
        ("drive into the limiter", f"{price.drive_db:+.2f} dB"),
        ("spectrum change, most of a track", f"{price.eq_total_db:.2f} of {price.eq_limit_db:g} dB"),
        *((f"{name} against the rest", f"{value:+.1f} dB") for name, value in price.others_db.items()),
    ]
    print_columns(("price, as predicted", ""), rows)
    for other in found.others:
        say(f"or, for {other.price.total_db:.1f} dB: {'; '.join(planned.title for planned in other.changes)}")
    if found.moves:
        say(f"Applied as {', '.join(found.moves)}; `tonmeister undo` takes it back.")
    else:
        say("Nothing was changed; add --apply to have it.")
    _say_missed(found.misses)


def show_chains(chains: Sequence["Chain"]) -> None:
    """Print what happens to each voice, in order."""
    if not chains:
        say("There is no voice in this mix.")
    for chain in chains:
        print(f"{chain.name}  ({chain.role})")
        for place, step in enumerate(chain.steps, 1):
            say(f"{place}. {step.what}", indent=2)
            if step.why:
                say(f"because {step.why}", indent=5)


def show_differences(found: Sequence["Difference"]) -> None:
    """Print what differs."""
    if not found:
        say("Nothing differs.")
    for difference in found:
        if difference.what == "changed":
            say(f"{difference.where}: {_short(difference.before)} → {_short(difference.after)}")
        else:
            say(f"{difference.where}: {difference.what}")


def say(sentence: str, *, indent: int = 0) -> None:
    """Print a sentence; a terminal gets it in its width, a pipe gets one line."""
    start, further = " " * indent, " " * (indent + 2)
    lines = wrap(sentence, _columns(), initial_indent=start, subsequent_indent=further, break_on_hyphens=False)
    print("\n".join(lines) if sys.stdout.isatty() else start + sentence)


def _say_missed(misses: Sequence[str]) -> None:
    for miss in misses:
        say(f"missed: {miss}")


def _master(figures: Any) -> str:
    return (
        f"Master: {_number(figures.integrated_lufs)} LUFS (target {figures.target_lufs:.1f}), "
        f"true peak {_number(figures.true_peak_dbtp, 2)} dBTP (ceiling {figures.ceiling_dbtp:.1f}), "
        f"LRA {_number(figures.range_lu)} LU, PLR {_number(figures.plr_db)} dB, "
        f"limiter takes {figures.max_gain_reduction_db:.1f} dB at most."
    )


def print_columns(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows under their titles; in a narrow terminal the first column gives way, the numbers never break."""
    widths = [max(len(row[column]) for row in (titles, *rows)) for column in range(len(titles))]
    if sys.stdout.isatty():
        widths[0] = min(widths[0], max(_SHORTEST_NAME, _columns() - sum(widths[1:]) - 2 * (len(widths) - 1)))
    for row in (titles, *rows):
        name = row[0] if len(row[0]) <= widths[0] else row[0][: widths[0] - 1] + "…"
        numbers = [f"{text:>{width}}" for text, width in zip(row[2:], widths[2:], strict=True)]
        print("  ".join([f"{name:<{widths[0]}}", f"{row[1]:<{widths[1]}}", *numbers]).rstrip())


def _columns() -> int:
    return max(40, shutil.get_terminal_size().columns)


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 3]}…"


def _number(value: float | None, decimals: int = 1) -> str:
    return "-" if value is None else f"{value:.{decimals}f}"

"""The written parts of the report besides the moves: verdict, tracks, budgets, files, stages."""

from collections import Counter

from tonmeister.deliver.figures import MasterFigures, ReductionFigures, ReportFigures, TrackOutcome
from tonmeister.deliver.markup import Markup, bar, join, table, tag
from tonmeister.deliver.words import (
    SPACE,
    tell_insert,
    tell_lane,
    tell_name,
    tell_pan,
    tell_share,
    tell_time,
    tell_value,
)
from tonmeister.document.fold import applied_moves
from tonmeister.document.inventory import Incoming
from tonmeister.document.lane import Lane
from tonmeister.document.mix import Budget, BudgetUse, Mix, Track
from tonmeister.document.move import Move
from tonmeister.document.strip import MASTER, Strip
from tonmeister.model import field_meanings

_LOUDNESS_TOLERANCE_LU = 0.1  # what EBU Tech 3341 allows a meter
_NONE = "–"


def render_facts(mix: Mix) -> Markup:
    """Return one line on the song and on what was asked for."""
    song, brief = mix.song, mix.brief
    facts = [tell_time(song.duration_s), tell_value(song.sample_rate_hz, "Hz")]
    if song.tempo_bpm is not None:
        facts.append(f"{song.tempo_bpm:.1f} bpm ({song.tempo_confidence * 100:.0f} % sure)")
    facts += [fact for fact in (song.key, brief.told_genre) if fact]
    facts += [f"target {brief.target}", f"budget {mix.budget.name}"]
    return join(tag("li", fact) for fact in facts)


def render_tiles(mix: Mix, figures: ReportFigures) -> Markup:
    """Return the master's four figures, each with what was asked for and what it was before."""
    after, before = figures.after or MasterFigures(), figures.before or MasterFigures()
    target, ceiling = mix.master.target_lufs, mix.master.ceiling_dbtp
    loud = after.integrated_lufs
    peak = after.true_peak_dbtp
    reached = None if loud is None or target is None else round(abs(loud - target), 2) <= _LOUDNESS_TOLERANCE_LU
    held = None if peak is None else round(peak, 2) <= ceiling
    asked = "no target" if target is None else f"target {tell_value(target, 'LUFS')}"
    return join([
        _tile("Loudness", loud, "LUFS", before.integrated_lufs, asked=asked, reached=reached),
        _tile("True peak", peak, "dBTP", before.true_peak_dbtp, asked=f"ceiling {tell_value(ceiling, 'dBTP')}", reached=held),
        _tile("Loudness range", after.range_lu, "LU", before.range_lu, asked="LRA", reached=None),
        _tile("Peak to loudness", after.plr_db, "dB", before.plr_db, asked="PLR", reached=None),
    ])  # fmt: skip


def _tile(
    name: str, value: float | None, unit: str, before: float | None, *, asked: str, reached: bool | None
) -> Markup:
    shown = "not measured" if value is None else tell_value(value, unit).removesuffix(f"{SPACE}{unit}")
    mark = {None: "", True: " ✓ reached", False: " ✗ missed"}[reached]
    came = "" if before is None else f"came in at {tell_value(before, unit)}"
    return tag(
        "div", tag("dt", name),
        tag("dd", tag("strong", shown), " ", tag("span", "" if value is None else unit, class_="unit")),
        tag("dd", asked, tag("span", mark, class_="missed" if reached is False else "kept"), class_="asked"),
        tag("dd", came, class_="came"),
        class_="tile",
    )  # fmt: skip


def render_verdict(mix: Mix, figures: ReportFigures) -> Markup:
    """Return what missed, said plainly, and the counts of files and moves."""
    over = [use for use in mix.budget_use if not use.held]
    missed = [move for move in mix.moves if move.measured is not None and not move.measured.kept]
    lines = list(figures.misses)
    lines += [
        f"Budget exceeded: {tell_name(use.budget)}, {_tell_use(use.budget, use.used, use.limit)}." for use in over
    ]
    if lines:
        verdict = tag(
            "div", tag("h3", "What missed"), tag("ul", *(tag("li", line) for line in lines)), class_="notice bad"
        )
    else:
        verdict = tag("p", "No target, budget or track was missed.", class_="notice good")
    return join([verdict, _render_promises(missed, mix), tag("p", _tell_counts(mix, figures), class_="counts")])


def _render_promises(missed: list[Move], mix: Mix) -> Markup:
    measured = sum(move.measured is not None for move in mix.moves)
    if not missed:
        kept = (
            f"All {measured} measured promises of single moves were kept."
            if measured
            else "No promise of a single move was measured."
        )
        return tag("p", kept, class_="counts")
    items = [tag("li", tag("a", move.title, href=f"#move-{move.id}", class_="to-move")) for move in missed]
    said = f"{len(missed)} of {measured} measured promises of single moves were missed"
    return tag("details", tag("summary", said), tag("ul", *items), class_="notice plainly")


def _tell_counts(mix: Mix, figures: ReportFigures) -> str:
    states = Counter(move.state for move in mix.moves)
    counts = ", ".join(
        f"{states[state]} {state}" for state in ("accepted", "locked", "proposed", "rejected") if states[state]
    )
    moves = f"{len(mix.moves)} moves ({counts})" if counts else "No moves"
    mixed = sum(item.state == "mixed" for item in figures.incoming)
    files = f"{len(figures.incoming)} came in, {mixed} are in the mix. " if figures.incoming else ""
    return f"{files}{moves}."


def render_tracks(mix: Mix, figures: ReportFigures) -> Markup:
    """Return every track of the document with its strip, its level in the mix and what its dynamics took away."""
    outcomes = {track.id: track for track in figures.tracks}
    moves = Counter(move.where.track for move in applied_moves(mix.moves))
    headings = (
        "Track",
        "Loudness",
        "Peak",
        "Fader",
        "Pan",
        "Width",
        "Chain, and what its dynamics took away",
        "Goes to",
        "Moves",
    )
    rows = []
    for track in mix.tracks:
        heard = outcomes.get(track.id, TrackOutcome(track.id))
        rows.append([
            _track_name(track), _or_none(heard.loudness_lufs, "LUFS"), _or_none(heard.peak_dbfs, "dBFS"),
            *_strip_cells(track.strip), _tell_chain(track, mix, figures.reductions), _tell_outputs(track.strip, mix),
            _link_to_moves(track, moves[track.id]),
        ])  # fmt: skip
    return table(headings, rows, label="Tracks", numbers=frozenset({1, 2, 3, 4, 5, 8}))


def _track_name(track: Track) -> Markup:
    why = "" if track.used else tag("span", f"not in the mix: {track.why_unused or 'no reason given'}", class_="missed")
    wish = "left alone, as asked" if track.leave_alone else "level kept, as asked" if track.keep_level else ""
    role = f"{track.role}, {track.role_confidence * 100:.0f}{SPACE}% sure, weight {track.priority:g}"
    notes = [tag("span", note, class_="quiet") for note in (role, wish) if note]
    return join([tag("b", track.name), *notes, why])


def _strip_cells(strip: Strip) -> list[str]:
    return [_tell_fader(strip.fader_db), tell_lane(strip.pan, tell_pan), tell_lane(strip.width, tell_share)]


def _tell_fader(lane: Lane) -> str:
    return tell_lane(lane, lambda value: tell_value(value, "dB", signed=True))


def _tell_chain(track: Track, mix: Mix, reductions: tuple[ReductionFigures, ...]) -> Markup:
    """Return what happens to the source in order, with the gain reduction that was measured at each insert."""
    strip, took = track.strip, {one.insert: _tell_reduction(one) for one in reductions if one.where == track.id}
    told: list[str] = []
    if strip.polarity_inverted:
        told.append("Polarity turned over")
    if strip.delay_frames:
        told.append(f"Delay {tell_value(strip.delay_frames, 'frames', signed=True)}")
    if strip.trim_db:
        told.append(f"Trim {tell_value(strip.trim_db, 'dB', signed=True)}")
    for insert in strip.inserts:
        measured = tag("span", f"took {took[insert.id]}", class_="quiet") if insert.id in took else ""
        told.append(join([tell_insert(insert, mix), measured]))
    return join(tag("span", line, class_="insert") for line in told) if told else join([_NONE])


def _tell_reduction(one: ReductionFigures) -> str:
    mean, most = tell_value(one.mean_reduction_db, "dB"), tell_value(one.max_reduction_db, "dB")
    return f"{mean} on average, {most} at most, at work {one.active_share * 100:.0f}{SPACE}% of the time"


def render_bus_reductions(mix: Mix, figures: ReportFigures) -> Markup:
    """Return what the dynamics of buses and master took away, as a list; empty without any."""
    places = [(MASTER, "Master"), *((bus.id, bus.name) for bus in mix.buses)]
    items = [
        tag("li", tag("b", f"{name}, {one.insert}"), f" took {_tell_reduction(one)}")
        for place, name in places for one in figures.reductions if one.where == place
    ]  # fmt: skip
    return tag("ul", *items, class_="plain") if items else Markup()


def _tell_outputs(strip: Strip, mix: Mix) -> Markup:
    sends = [f"{_bus_name(send.bus, mix)} {_tell_fader(send.level_db)}" for send in strip.sends]
    return join(tag("span", line, class_="output") for line in (_bus_name(strip.output, mix), *sends))


def _bus_name(name: str, mix: Mix) -> str:
    return "Master" if name == MASTER else next((bus.name for bus in mix.buses if bus.id == name), name)


def _link_to_moves(track: Track, count: int) -> Markup:
    return tag("a", str(count), href="#moves", class_="to-track", data_track=track.id, title=f"Moves of {track.name}")


def _or_none(value: float | None, unit: str) -> str:
    return _NONE if value is None else tell_value(value, unit).removesuffix(f"{SPACE}{unit}")


def render_budgets(mix: Mix) -> Markup:
    """Return how much of every measured budget was used."""
    if not mix.budget_use:
        return tag("p", "Budgets were not measured for this mix.", class_="absent")
    rows = [
        [
            join([tag("b", _capital(tell_name(use.budget))), tag("span", _tell_budget(use.budget), class_="quiet")]),
            tell_value(use.used, _budget_unit(use.budget)), tell_value(use.limit, _budget_unit(use.budget)),
            _budget_bar(use),
            tag("span", "✓ held" if use.held else "✗ exceeded", class_="kept" if use.held else "missed"),
        ]
        for use in mix.budget_use
    ]  # fmt: skip
    return table(("Budget", "Used", "Limit", "", ""), rows, label="Budgets", numbers=frozenset({1, 2}))


def _budget_bar(use: BudgetUse) -> Markup:
    """Return a bar, or nothing where a share makes no sense (loudness in LUFS, a limit of 0)."""
    if use.limit <= 0:
        return Markup()
    return bar(use.used / use.limit, label=_tell_use(use.budget, use.used, use.limit), warns=not use.held)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _tell_budget(name: str) -> str:
    return field_meanings(Budget).get(name, "")


def _budget_unit(name: str) -> str:
    return next((unit for ending, unit in (("_db", "dB"), ("_lufs", "LUFS")) if name.endswith(ending)), "")


def _tell_use(name: str, used: float, limit: float) -> str:
    return f"{tell_value(used, _budget_unit(name))} of {tell_value(limit, _budget_unit(name))}"


def render_artefacts(figures: ReportFigures) -> Markup:
    """Return what was looked for in the finished sound: figure, limit and where that comes from."""
    if not figures.artefacts:
        return tag("p", "The finished sound was not searched for harm.", class_="absent")
    rows = [
        [
            tag("b", look.title), tell_value(look.value, look.unit), tell_value(look.limit, look.unit),
            tag("span", "✗ over its limit" if look.is_over else "✓ well", class_="missed" if look.is_over else "kept"),
            tag("span", look.source, class_="quiet"),
        ]
        for look in figures.artefacts
    ]  # fmt: skip
    return table(
        ("Looked for", "Found", "Limit", "", "The limit's source"), rows, label="Artefacts", numbers=frozenset({1, 2})
    )


def render_incoming(incoming: tuple[Incoming, ...], mix: Mix) -> Markup:
    """Return everything that came in and what became of it."""
    if not incoming:
        return tag("p", "No list of what came in was handed to this report.", class_="absent")
    moves = Counter(move.where.track for move in applied_moves(mix.moves))
    tracks = {track.id: track for track in mix.tracks}
    rows = []
    for item in incoming:
        track = tracks.get(item.track or "")
        done = _link_to_moves(track, moves[track.id]) if track is not None else join([_NONE])
        rows.append([
            tag("b", item.name), tag("span", item.state, class_=f"badge {'accepted' if item.state == 'mixed' else 'proposed'}"),
            join([item.why, *(tag("span", fault, class_="missed") for fault in item.faults)]),
            _tell_format(item), done, tag("code", (item.sha256 or _NONE)[:12], title=item.sha256),
        ])  # fmt: skip
    headings = ("File", "What became of it", "Why, and what is wrong with it", "Format", "Moves", "SHA-256")
    return table(headings, rows, label="What came in", numbers=frozenset({4}))


def _tell_format(item: Incoming) -> str:
    channels = {None: None, 1: "mono", 2: "stereo"}.get(item.channels, f"{item.channels} channels")
    rate = None if item.sample_rate_hz is None else tell_value(item.sample_rate_hz, "Hz")
    length = None if item.duration_s is None else tell_time(item.duration_s)
    return " · ".join(part for part in (rate, channels, length) if part) or _NONE


def render_timings(figures: ReportFigures) -> Markup:
    """Return how long each stage took."""
    if not figures.timings:
        return tag("p", "No timings were kept.", class_="absent")
    total = sum(stage.duration_s for stage in figures.timings)
    rows = [
        [stage.name, f"{stage.duration_s:.2f} s", bar(stage.duration_s / (total or 1.0), label=f"{stage.duration_s:.2f} s")]
        for stage in figures.timings
    ]  # fmt: skip
    rows.append([tag("b", "Together"), tag("b", f"{total:.2f} s"), ""])
    return table(("Stage", "Time", ""), rows, label="Stages", numbers=frozenset({1}))

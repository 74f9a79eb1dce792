"""The page of a master: what was done and why, before, after and reference at one loudness, spectra, loudness and gain reduction."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.loudness import measure_loudness
from tonmeister.analysis.true_peak import measure_true_peak
from tonmeister.audio import Audio
from tonmeister.deliver.charts import COLOURS, Axes, Line, draw_chart
from tonmeister.deliver.excerpt import HEADROOM_DBTP
from tonmeister.deliver.frame import Page, fill_page
from tonmeister.deliver.markup import Markup, join, table, tag
from tonmeister.deliver.tones import draw_tones
from tonmeister.deliver.words import tell_number, tell_time, tell_value
from tonmeister.files.encode import encode_audio
from tonmeister.files.resample import resample

Floats = NDArray[np.float64]
_STEP_S = 0.1
_PAGE = Page(
    "master.html", kind="The master", suffix="the master", skip_to="what was done", foot="The file itself was not changed.",
    links=(("done", "What was done"), ("sound", "Listen"), ("pictures", "Pictures"), ("figures", "Figures")),
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class MasterPage:
    """What the page shows."""

    name: str
    figures: Mapping[str, Any]
    """The fields of the result."""
    before: Audio
    """An excerpt of the file."""
    after: Audio
    """The same of the master."""
    reference: Audio | None
    """The loudest part of a reference, where it is a recording."""
    start_s: float
    loudness_before_lufs: Floats
    """(steps,) short-term loudness every 100 ms."""
    loudness_after_lufs: Floats
    reduction_db: Floats
    """(steps,) what the limiter took in each 100 ms."""
    reference_tone_db: tuple[float, ...] = ()


def write_master_page(page: MasterPage) -> str:
    """Return the page as HTML text: equal input gives equal bytes, names are text and nothing else."""
    figures = page.figures
    parts = {
        "title": join([page.name]), "facts": _facts(figures), "verdict": _verdict(figures), "moves": _moves(figures["moves"]),
        "gaps": _gaps(figures["differences"]), "numbers": _numbers(figures), "listen": _players(page), "tone": _tone(page),
        "loudness": _loudness(page), "reduction": _reduction(page), "sections": _sections(figures),
    }  # fmt: skip
    return fill_page(_PAGE, parts)


def _facts(figures: Mapping[str, Any]) -> Markup:
    master = figures["master"]
    said = [
        tell_time(figures["before"]["duration_s"]), f"character {figures['character']}",
        f"{tell_number(master['integrated_lufs'])} LUFS, asked for {tell_number(master['target_lufs'])}",
        f"true peak {tell_number(master['true_peak_dbtp'])} dBTP, ceiling {tell_number(master['ceiling_dbtp'])}",
    ]  # fmt: skip
    return join(tag("li", line) for line in said)


def _verdict(figures: Mapping[str, Any]) -> Markup:
    misses = [tag("p", line, class_="notice bad") for line in figures["misses"]]
    return join([tag("p", figures["verdict"], class_="notice good"), *misses])


def _moves(moves: Sequence[Mapping[str, Any]]) -> Markup:
    rows = [
        [tag("b", move["title"]), _why(move["because"]), _state(move)]
        for move in moves
        if move["id"] != "mastering.target"
    ]
    return table(("What", "Why", "Done"), rows, label="What was done", numbers=frozenset())


def _why(because: Sequence[Mapping[str, Any]]) -> Markup:
    return join(
        tag(
            "p",
            f"{one['what']}: {tell_value(one['value'], one['unit'])}",
            _limit(one),
            tag("small", f" {one['source']}"),
        )
        for one in because
    )


def _limit(one: Mapping[str, Any]) -> str:
    return "" if one["limit"] is None else f" (limit {tell_value(one['limit'], one['unit'])})"


def _state(move: Mapping[str, Any]) -> str:
    if move["change"]["kind"] == "nothing":
        return "told"
    return "left" if move["state"] == "rejected" else "yes"


def _gaps(gaps: Sequence[Mapping[str, Any]]) -> Markup:
    if not gaps:
        return Markup()
    rows = [
        [
            one["dimension"], one["what"], "" if one["low_hz"] is None else f"{one['low_hz']:.0f}–{one['high_hz']:.0f} Hz",
            tell_value(one["value"], one["unit"], signed=True), one["out_of_reach"] or "in reach",
        ]
        for one in gaps
    ]  # fmt: skip
    heading = tag("h3", "How the reference differs from the file")
    return join(
        [
            heading,
            table(
                ("Dimension", "What", "Where", "Reference has", "Reach"),
                rows,
                label="Reference",
                numbers=frozenset({3}),
            ),
        ]
    )


def _numbers(figures: Mapping[str, Any]) -> Markup:
    before, after = figures["before"], figures["after"]
    names = (
        ("Integrated loudness, LUFS", "integrated_lufs"), ("Loudness range, LU", "range_lu"), ("True peak, dBTP", "true_peak_dbtp"),
        ("True peak over loudness (PLR), dB", "plr_db"), ("Crest of half seconds, dB", "crest_db"),
    )  # fmt: skip
    rows = [[name, _number(before[key]), _number(after[key])] for name, key in names]
    rows.append(["Largest change of a band at one level, dB", "–", tell_number(figures["tone_change_db"])])
    rows.append(
        ["Limiter at most (99.9 % of the time), dB", "–", tell_number(figures["master"]["max_gain_reduction_db"])]
    )
    return table(("Figure", "Before", "After"), rows, label="Figures", numbers=frozenset({1, 2}))


def _players(page: MasterPage) -> Markup:
    sounds = [("before", "Before", page.before), ("after", "After", page.after)]
    sounds += [] if page.reference is None else [("reference", "Reference", page.reference)]
    levels = [measure_loudness(audio).integrated_lufs for _, _, audio in sounds]
    peaks = [measure_true_peak(audio) for _, _, audio in sounds]
    known = [(lufs, peak) for lufs, peak in zip(levels, peaks, strict=True) if lufs is not None and peak is not None]
    if len(known) < len(sounds):
        return tag("p", "It is too short or too quiet for a player.", class_="absent")
    common = min(known[1][0], *(lufs + HEADROOM_DBTP - peak for lufs, peak in known))
    players = []
    for (name, label, audio), (lufs, _) in zip(sounds, known, strict=True):
        gain_db = common - lufs
        mp3 = encode_audio(_at(audio, gain_db), codec="mp3", compression=0.5)
        source = "data:audio/mpeg;base64," + base64.b64encode(mp3).decode("ascii")
        player = tag("audio", id=f"sound-{name}", controls="", preload="none", src=source, aria_label=label)
        players.append(tag("p", tag("span", f"{label} ({tell_number(gain_db, signed=True)} dB)"), player))
    end_s = page.start_s + page.after.duration_s
    caption = f"{tell_time(page.start_s)}–{tell_time(end_s)}, the loudest part, all at {tell_number(common)} LUFS: louder never wins here."
    return join([tag("p", caption, class_="caption"), tag("div", *players, id="sounds")])


def _at(audio: Audio, gain_db: float) -> Audio:
    rate = 44_100 if audio.sample_rate_hz % 44_100 == 0 else 48_000
    return resample(
        Audio(np.ascontiguousarray(audio.samples * np.float32(10 ** (gain_db / 20))), audio.sample_rate_hz), to_hz=rate
    )


def _tone(page: MasterPage) -> Markup:
    told = [("Before", page.figures["before"]["tone_db"]), ("After", page.figures["after"]["tone_db"])]
    told += [("Reference", page.reference_tone_db)] if page.reference_tone_db else []
    return draw_tones(told)


def _times(steps: int) -> tuple[Floats, tuple[tuple[float, str], ...]]:
    times: Floats = np.arange(max(steps, 2), dtype=np.float64) * _STEP_S
    apart = next((step for step in (5, 10, 15, 30, 60, 120, 300) if times[-1] / step <= 10), 600)
    return times, tuple((float(at), tell_time(float(at))) for at in np.arange(0, times[-1] + 1e-9, apart))


def _loudness(page: MasterPage) -> Markup:
    curves = (("Before", page.loudness_before_lufs), ("After", page.loudness_after_lufs))
    times, ticks = _times(max(len(curve) for _, curve in curves))
    lines = [
        Line(name, times[: len(curve)], curve, colour)
        for (name, curve), colour in zip(curves, COLOURS, strict=False)
        if len(curve) > 1
    ]
    if not lines:
        return tag("p", "It is too short for a loudness curve.", class_="absent")
    chart = draw_chart(lines, Axes(-40, 0, 5, "LUFS", ticks), label="Short-term loudness")
    return _figure("Loudness", chart, "Short-term loudness (3 s) over the song.")


def _reduction(page: MasterPage) -> Markup:
    if len(page.reduction_db) < 2:
        return Markup()
    times, ticks = _times(len(page.reduction_db))
    most = max(3.0, float(np.ceil(page.reduction_db.max())))
    line = Line("Limiter", times, -page.reduction_db, COLOURS[1])
    chart = draw_chart([line], Axes(-most, 0, 1 if most <= 8 else 2, "dB", ticks), label="Gain reduction")
    return _figure("Gain reduction", chart, "What the limiter takes of the loudness in each tenth of a second.")


def _sections(figures: Mapping[str, Any]) -> Markup:
    before, after = figures["before"]["sections"], figures["after"]["sections"]
    if len(before) < 2 or len(before) != len(after):
        return Markup()
    rows = [
        [
            f"{tell_time(one['start_s'])}–{tell_time(one['end_s'])}", one["group"], tell_number(one["level_lu"], signed=True),
            tell_number(two["level_lu"], signed=True), tell_number(one["crest_db"]), tell_number(two["crest_db"]),
        ]
        for one, two in zip(before, after, strict=True)
    ]  # fmt: skip
    headings = ("Section", "Music", "Level before, LU", "After", "Crest before, dB", "After")
    return join([tag("h3", "By sections"), table(headings, rows, label="Sections", numbers=frozenset({2, 3, 4, 5}))])


def _figure(title: str, chart: Markup, caption: str) -> Markup:
    return tag("figure", tag("h3", title), chart, tag("figcaption", caption))


def _number(value: float | None) -> str:
    return "–" if value is None else tell_number(value)

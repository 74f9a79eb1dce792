"""The page of a cleaned recording: before, after and what was removed, as pictures, as sound and in figures."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tonmeister.analysis.energy_steps import busiest_excerpt_s
from tonmeister.audio import Audio
from tonmeister.deliver.excerpt import LONGEST_S, encode_excerpt
from tonmeister.deliver.figures import Excerpt
from tonmeister.deliver.frame import Page, fill_page
from tonmeister.deliver.markup import Markup, join, table, tag
from tonmeister.deliver.spectrogram import draw_spectrogram, spectrogram_db
from tonmeister.deliver.words import tell_number, tell_time, tell_value

_NOTHING_DB = -200.0
_PAGE = Page(
    "clean.html", kind="What was cleaned", suffix="what was cleaned", skip_to="the repairs", foot="The recording itself was not changed.",
    links=(("repairs", "Repairs"), ("sound", "Listen"), ("pictures", "Pictures"), ("breaks", "Pauses")),
)  # fmt: skip


def write_cleaning(before: Audio, after: Audio, figures: Mapping[str, Any]) -> str:
    """Return the page as HTML text: equal input gives equal bytes, names are text and nothing else.

    Args:
        before: What came in.
        after: What it became, at the same level.
        figures: The fields of the cleaned file.
    """
    removed = Audio(before.samples - after.samples, before.sample_rate_hz)
    name = str(figures["source"]).replace("\\", "/").rpartition("/")[2]
    parts = {
        "title": join([name]), "facts": _facts(figures), "verdict": _verdict(figures), "repairs": _repairs(figures["repairs"]),
        "pictures": _pictures(before, after, removed), "listen": _players(before, after, removed),
        "breaks": _breaks(figures["breaks"]),
    }  # fmt: skip
    return fill_page(_PAGE, parts)


def _facts(figures: Mapping[str, Any]) -> Markup:
    said = [
        tell_time(figures["duration_s"]), f"{figures['sample_rate_hz']} Hz", "mono" if figures["channels"] == 1 else "stereo",
        f"heard as {figures['role']}",
        f"{_number(figures['lufs_before'])} LUFS before, {_number(figures['lufs_after'])} after",
        f"true peak {_number(figures['true_peak_dbtp'])} dBTP",
    ]  # fmt: skip
    return join(tag("li", line) for line in said)


def _verdict(figures: Mapping[str, Any]) -> Markup:
    done = [repair for repair in figures["repairs"] if repair["amount"] > 0]
    if not done:
        evidence = tag("ul", *(tag("li", line) for line in figures["evidence"]))
        return tag("div", tag("p", "Clean: nothing to do."), evidence, class_="notice good")
    taken = figures["residual_db"]
    level = "" if taken is None else f" What was removed lies {tell_number(-taken)} dB below the recording."
    count = "1 repair" if len(done) == 1 else f"{len(done)} repairs"
    return tag("p", f"{count}, in the order of the work.{level}", class_="notice good")


def _repairs(repairs: Sequence[Mapping[str, Any]]) -> Markup:
    if not repairs:
        return Markup()
    headings = ("Repair", "Found", "Before dBFS", "After dBFS", "Change dB", "Harm at most dB", "Done")
    rows = [
        [
            tag("b", repair["title"]), _found(repair), _number(repair["before_dbfs"]), _number(repair["after_dbfs"]),
            _change(repair), _number(repair["harm_db"]), f"{repair['amount']:.0%}" if repair["amount"] else "stopped: it would harm",
        ]
        for repair in repairs
    ]  # fmt: skip
    note = tag(
        "p", "Levels are those of the defect, in the part of the recording in which most was done; harm is the wanted sound in "
        "what was taken away, relative to what stays, estimated from above.", class_="caption",
    )  # fmt: skip
    return join([note, table(headings, rows, label="Repairs", numbers=frozenset({2, 3, 4, 5}))])


def _found(repair: Mapping[str, Any]) -> str:
    if repair["places"] is not None:
        return f"{repair['places']} places"
    return tell_value(repair["found"], repair["unit"])


def _change(repair: Mapping[str, Any]) -> str:
    if repair["before_dbfs"] is None or repair["after_dbfs"] is None:
        return "–"
    return tell_number(repair["after_dbfs"] - repair["before_dbfs"], signed=True)


def _pictures(before: Audio, after: Audio, removed: Audio) -> Markup:
    levels = [spectrogram_db(sound) for sound in (before, after, removed)]
    top = float(levels[0].max(initial=_NOTHING_DB))
    about = ("Before", "After", "Removed: what was taken away, on the same scale")
    figures = [
        tag(
            "figure", tag("h3", title),
            draw_spectrogram(
                picture, top_db=top, duration_s=before.duration_s, highest_hz=before.sample_rate_hz / 2, label=f"Spectrogram: {title}"
            ),
        )
        for title, picture in zip(about, levels, strict=True)
    ]  # fmt: skip
    return join(figures)


def _players(before: Audio, after: Audio, removed: Audio) -> Markup:
    """Return players of the part in which most was done: before and after at one loudness, removed as it is beside them."""
    start_s, end_s = busiest_excerpt_s(removed if removed.samples.any() else before, length_s=LONGEST_S)
    first, last = (round(time_s * before.sample_rate_hz) for time_s in (start_s, end_s))
    cut = [
        Audio(np.ascontiguousarray(sound.samples[:, first:last]), sound.sample_rate_hz)
        for sound in (before, after, removed)
    ]
    made = encode_excerpt(Excerpt(before=cut[0], after=cut[1], start_s=start_s))
    if made is None:
        return tag("p", "It is too short for a player.", class_="absent")
    players = [_sound("before", "Before", made.before_mp3), _sound("after", "After", made.after_mp3)]
    taken = encode_excerpt(Excerpt(before=cut[2], after=cut[2], start_s=start_s)) if removed.samples.any() else None
    players += [_sound("removed", "Removed", taken.after_mp3)] if taken is not None else []
    gains = f"{tell_number(made.before_gain_db, signed=True)} dB and {tell_number(made.after_gain_db, signed=True)} dB"
    caption = (
        f"{tell_time(start_s)}–{tell_time(end_s)}, where most was done; before and after at one loudness ({gains})."
    )
    return join([tag("p", caption, class_="caption"), tag("div", *players, id="sounds")])


def _sound(name: str, label: str, mp3: bytes) -> Markup:
    source = "data:audio/mpeg;base64," + base64.b64encode(mp3).decode("ascii")
    audio = tag("audio", id=f"sound-{name}", controls="", preload="none", src=source, aria_label=label)
    return tag("p", tag("span", label), audio)


def _breaks(breaks: Sequence[Mapping[str, Any]]) -> Markup:
    if not breaks:
        return tag("p", "None were looked for, or none found.", class_="absent")
    names = {"pause": "long pause", "filler": "perhaps a filled pause"}
    rows = [
        [names[item["kind"]], f"{item['start_s']:.2f} s", f"{item['end_s']:.2f} s", f"{item['confidence']:.0%}"]
        for item in breaks
    ]
    return table(("What", "From", "To", "Sure"), rows, label="Pauses", numbers=frozenset({1, 2, 3}))


def _number(value: float | None) -> str:
    return "–" if value is None else tell_number(value)

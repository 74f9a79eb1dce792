"""The page of a check: findings with their evidence, platforms, loudspeakers and codecs in tables, the sound in pictures."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tonmeister.analysis.bands import THIRD_OCTAVE_CENTRES_HZ
from tonmeister.analysis.loudness import short_term_curve
from tonmeister.analysis.track_meter import TrackCurves
from tonmeister.audio import Audio
from tonmeister.deliver.curves import Line, draw_lines
from tonmeister.deliver.frame import Page, fill_page
from tonmeister.deliver.markup import Markup, join, table, tag
from tonmeister.deliver.spectrogram import draw_spectrogram, spectrogram_db
from tonmeister.deliver.words import tell_number, tell_time
from tonmeister.knowledge import number

_GRADES = {"fault": "✗ fault", "note": "note", "good": "✓"}
_FLOOR_LUFS = -60.0
_SLOPE_FROM_HZ, _SLOPE_TO_HZ = 89.0, 4500.0
_PAGE = Page(
    "check.html", kind="Check of a finished file", suffix="check", skip_to="the findings", foot="The file itself was not changed.",
    links=(("findings", "Findings"), ("platforms", "Platforms"), ("translation", "Loudspeakers"), ("pictures", "Pictures"), ("compared", "Versions")),
)  # fmt: skip


def write_check(figures: Mapping[str, Any], curves: TrackCurves, audio: Audio) -> str:
    """Return the page as HTML text: equal input gives equal bytes, names are text and nothing else.

    Args:
        figures: The fields of the result of a check.
        curves: What was measured over time and frequency.
        audio: The sound, for its spectrogram.
    """
    file = figures["file"]
    parts = {
        "title": join([str(file["path"]).replace("\\", "/").rpartition("/")[2]]), "facts": _facts(file),
        "verdict": _verdict(figures["findings"]), "findings": _findings(figures["findings"]),
        "platforms": _platforms(figures["platforms"]), "codecs": _codecs(figures["codecs"]), "devices": _devices(figures["devices"]),
        "pictures": _pictures(curves, audio), "compared": _compared(figures["compared"]),
    }  # fmt: skip
    return fill_page(_PAGE, parts)


def _facts(file: Mapping[str, Any]) -> Markup:
    bits = f"{file['bits']} bits" if file["bits"] else "lossy"
    said = [
        tell_time(file["duration_s"]), f"{file['sample_rate_hz']} Hz", "mono" if file["channels"] == 1 else "stereo",
        f"{file['codec']}, {bits}", f"{_number(file['integrated_lufs'])} LUFS", f"true peak {_number(file['true_peak_dbtp'])} dBTP",
        f"LRA {_number(file['range_lu'])} LU", f"PLR {_number(file['plr_db'])} dB",
    ]  # fmt: skip
    return join(tag("li", line) for line in said)


def _verdict(findings: Sequence[Mapping[str, Any]]) -> Markup:
    faults = [found for found in findings if found["grade"] == "fault"]
    notes = sum(found["grade"] == "note" for found in findings)
    told = f"{notes} note{'s' * (notes != 1)} below." if notes else "Nothing to note either."
    if not faults:
        return tag("p", f"No fault found. {told}", class_="notice good")
    lines = tag("ul", *(tag("li", f"{found['title']}: {found['sentence']} {found['remedy']}") for found in faults))
    return tag("div", tag("p", f"{len(faults)} fault{'s' * (len(faults) != 1)}. {told}"), lines, class_="notice bad")


def _findings(findings: Sequence[Mapping[str, Any]]) -> Markup:
    ranked = sorted(findings, key=lambda found: ("fault", "note", "good").index(found["grade"]))
    rows = [
        [
            tag("span", _GRADES[found["grade"]], class_={"fault": "missed", "good": "kept"}.get(found["grade"])), tag("b", found["title"]),
            join([found["sentence"], _where(found["spans"])]), _value(found["value"], found["unit"]), _value(found["limit"], found["unit"]),
            found["remedy"] or "–", tag("span", found["source"], class_="quiet"),
        ]
        for found in ranked
    ]  # fmt: skip
    headings = ("", "What", "Found", "Value", "Limit", "Smallest remedy", "Where the limit is from")
    return table(headings, rows, label="Findings", numbers=frozenset({3, 4}))


def _where(spans: Sequence[Mapping[str, float]]) -> str:
    if not spans:
        return ""
    more = " …" if len(spans) > 5 else ""
    return " At " + ", ".join(tell_time(span["start_s"]) for span in spans[:5]) + more + "."


def _value(value: float | None, unit: str) -> str:
    if value is None:
        return "–"
    return f"{value:.0%}" if unit == "share" else f"{value:g} {unit}"


def _platforms(rows: Sequence[Mapping[str, Any]]) -> Markup:
    if not rows:
        return tag("p", "There is no sound to play.", class_="absent")
    cells = [
        [
            tag("b", row["title"]), row["does"], tell_number(row["gain_db"], signed=True), tell_number(row["played_lufs"]),
            tell_number(row["played_true_peak_dbtp"]), tell_number(row["limited_db"]) if row["limited_db"] else "–",
            f"{row['asks_dbtp']:g}" + (f", over by {row['over_db']:.1f}" if row["over_db"] else ""), tag("span", row["source"], class_="quiet"),
        ]
        for row in rows
    ]  # fmt: skip
    headings = (
        "Platform",
        "Does",
        "Gain dB",
        "Plays at LUFS",
        "True peak dBTP",
        "Limited dB",
        "Asks for dBTP",
        "Source",
    )
    return table(headings, cells, label="Platforms", numbers=frozenset({2, 3, 4, 5}))


def _codecs(rows: Sequence[Mapping[str, Any]]) -> Markup:
    if not rows:
        return tag("p", "No codec was tried; `--codecs` does.", class_="absent")
    cells = [
        [
            row["codec"], str(row["kbps"]), f"{row['measured_kbps']:.0f}", str(row["sample_rate_hz"]), _number(row["true_peak_dbtp"], 2),
            _number(row["overshoot_db"], 2),
        ]
        for row in rows
    ]  # fmt: skip
    headings = ("Codec", "kbit/s", "came out", "Hz", "True peak dBTP", "Higher by dB")
    note = tag(
        "p", "True peak after encoding and decoding, 8x oversampled, nothing held at full scale.", class_="caption"
    )
    return join(
        [tag("h3", "Through codecs"), note, table(headings, cells, label="Codecs", numbers=frozenset(range(1, 6)))]
    )


def _devices(rows: Sequence[Mapping[str, Any]]) -> Markup:
    if not rows:
        return tag("p", "There is no sound to play.", class_="absent")
    regions = tuple(rows[0]["region_db"])
    cells = [
        [
            tag("b", row["title"]), f"{row['bass_left']:.0%}",
            *(f"{row['region_db'][name]:+.0f} ({row['loudness_share'][name]:.0%})" for name in regions),
            _number(row["mono_loss_db"]), tag("span", row["source"], class_="quiet"),
        ]
        for row in rows
    ]  # fmt: skip
    note = tag(
        "p", "Simulated by typical responses: level of each region against the middle in dB, and in brackets its part of the loudness. "
        "Single devices differ by several decibels.", class_="caption",
    )  # fmt: skip
    headings = ("Where", "Bass left", *(name.capitalize() for name in regions), "Mono costs dB", "Response from")
    return join([note, table(headings, cells, label="Loudspeakers", numbers=frozenset(range(1, 3 + len(regions))))])


def _pictures(curves: TrackCurves, audio: Audio) -> Markup:
    drawn = [tag("h3", "Loudness over time (short-term, LUFS)"), _loudness(curves)]
    drawn += [tag("h3", "Level of each third octave, dBFS"), _spectrum(curves), tag("h3", "Spectrogram")]
    levels = spectrogram_db(audio)
    top = float(levels.max(initial=-200.0))
    drawn.append(
        draw_spectrogram(
            levels, top_db=top, duration_s=audio.duration_s, highest_hz=audio.sample_rate_hz / 2, label="Spectrogram"
        )
    )
    return join(drawn)


def _loudness(curves: TrackCurves) -> Markup:
    short = short_term_curve(curves.energies_100ms, floor_lufs=_FLOOR_LUFS)
    if short.size == 0:
        return tag("p", "It is shorter than three seconds.", class_="absent")
    time_s = np.arange(short.size, dtype=np.float64) / 10 + 3.0
    end_s = float(time_s[-1])
    step = next((size for size in (5, 10, 30, 60, 120) if end_s / size <= 12), 300)
    ticks = [(float(at), tell_time(at)) for at in range(step, int(end_s) + 1, step)]
    top = float(np.ceil(short.max() + 1))
    return draw_lines(
        [Line("short-term loudness", time_s, short)], ticks=ticks, bounds=(top - 30, top), log_x=False, label="Loudness over time"
    )  # fmt: skip


def _spectrum(curves: TrackCurves) -> Markup:
    level = curves.third_octave_db.astype(np.float64)
    hz = THIRD_OCTAVE_CENTRES_HZ
    inside = (hz >= _SLOPE_FROM_HZ) & (hz <= _SLOPE_TO_HZ)
    # The slope is one of density; a third octave holds 3 dB an octave more.
    slope = number("mastering.tilt_db_per_octave").value + 10 * float(np.log10(2))
    line = slope * np.log2(hz[inside] / 1000)
    line += float((level[inside] - line).mean())
    top = float(np.ceil(level.max() + 3))
    ticks = [
        (float(at), f"{at / 1000:g} kHz" if at >= 1000 else f"{at} Hz")
        for at in (50, 100, 200, 500, 1000, 2000, 5000, 10_000)
    ]
    lines = [Line("this file", hz, level), Line("mean of released music", hz[inside], line, kind="target")]
    return draw_lines(lines, ticks=ticks, bounds=(top - 60, top), log_x=True, label="Spectrum")


def _compared(compared: Mapping[str, Any] | None) -> Markup:
    if compared is None:
        return tag("p", "No other version was given; `--against FILE` compares.", class_="absent")
    name = str(compared["against"]).replace("\\", "/").rpartition("/")[2]
    said = f"{name}, turned {'up' if compared['gain_db'] >= 0 else 'down'} by {abs(compared['gain_db']):.1f} dB to be as loud"
    said += f"; its music comes {compared['offset_s']:+.3f} s later" if compared["offset_s"] else ""
    said += (
        ""
        if compared["residual_db"] is None
        else f"; their difference lies {-compared['residual_db']:.0f} dB below this one"
    )
    rows = [
        [one["where"], tag("b", one["what"]), f"{one['value']:+g} {one['unit']}", one["sentence"]]
        for one in compared["differences"]
    ]
    if not rows:
        return tag("p", f"{said}. Nothing else differs that could be heard.", class_="notice good")
    shown = table(("Where", "What", "Difference", "In words"), rows, label="Differences", numbers=frozenset({2}))
    return join([tag("p", f"{said}.", class_="caption"), shown])


def _number(value: float | None, decimals: int = 1) -> str:
    return "–" if value is None else tell_number(value, digits=decimals)

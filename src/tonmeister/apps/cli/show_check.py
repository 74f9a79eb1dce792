"""The result of a check as text for a terminal."""

from typing import TYPE_CHECKING

from tonmeister.apps.cli.tables import print_columns, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tonmeister.engineer.check_result import CheckResult, Compared, DevicePlay, Finding, PlatformPlay
    from tonmeister.engineer.codecs import CodecPeak

_MARKS = {"fault": "✗", "note": "!", "good": "✓"}


def show_check(result: "CheckResult") -> None:
    """Say what was found, then what the platforms and loudspeakers make of it."""
    file = result.file
    bits = f"{file.bits} bits" if file.bits else "lossy"
    say(
        f"{file.path.name}: {file.duration_s:.1f} s, {file.sample_rate_hz} Hz, {file.codec}, {bits}; {_number(file.integrated_lufs)} LUFS, "
        f"true peak {_number(file.true_peak_dbtp)} dBTP, LRA {_number(file.range_lu)} LU, PLR {_number(file.plr_db)} dB"
    )
    print()
    _show_findings(result.findings)
    print()
    _show_platforms(result.platforms)
    show_codecs(result.codecs)
    _show_devices(result.devices)
    if result.compared is not None:
        _show_compared(result.compared)
    faults, notes = len(result.misses), sum(found.grade == "note" for found in result.findings)
    told = f"{notes} note{'s' * (notes != 1)}" if notes else "nothing to note"
    say(f"{faults} fault{'s' * (faults != 1)}, {told}." if faults else f"No fault found; {told}.")
    for path in (*result.previews, *([result.report] if result.report else ())):
        say(f"Written: {path}")


def _show_findings(findings: "Sequence[Finding]") -> None:
    for found in sorted(findings, key=lambda one: ("fault", "note", "good").index(one.grade)):
        say(f"{_MARKS[found.grade]} {found.title}: {found.sentence}")
        if found.grade == "good":
            continue
        if found.value is not None and found.limit is not None:
            say(f"{found.value:g} {found.unit}, limit {found.limit:g} ({found.source})", indent=4)
        if found.spans:
            say("at " + ", ".join(f"{span.start_s:.1f}" for span in found.spans[:8]) + " s", indent=4)
        if found.remedy:
            say(f"→ {found.remedy}", indent=4)


def _show_platforms(rows: "Sequence[PlatformPlay]") -> None:
    if rows:
        shown = [
            (row.title, row.does, f"{row.gain_db:+.1f}", f"{row.played_lufs:.1f}", f"{row.played_true_peak_dbtp:.1f}",
             f"{row.limited_db:.1f}" if row.limited_db else "-", f"{row.over_db:.1f}" if row.over_db else "-")
            for row in rows
        ]  # fmt: skip
        print_columns(("platform", "does", "gain dB", "LUFS", "dBTP", "limits dB", "over its ceiling dB"), shown)
        print()


def show_codecs(rows: "Sequence[CodecPeak]") -> None:
    """Print the true peak after each codec."""
    if rows:
        shown = [
            (row.codec, str(row.kbps), f"{row.measured_kbps:.0f}", str(row.sample_rate_hz), _number(row.true_peak_dbtp, 2),
             "-" if row.overshoot_db is None else f"{row.overshoot_db:+.2f}")
            for row in rows
        ]  # fmt: skip
        print_columns(("codec", "kbit/s", "came out", "Hz", "dBTP after", "higher by dB"), shown)
        print()


def _show_devices(rows: "Sequence[DevicePlay]") -> None:
    if rows:
        regions = tuple(rows[0].region_db)
        shown = [
            (row.title, f"{row.bass_left:.0%}", *(f"{row.region_db[name]:+.0f}" for name in regions), _number(row.mono_loss_db))
            for row in rows
        ]  # fmt: skip
        print_columns(("heard on", "bass left", *regions, "mono costs dB"), shown)
        print()


def _show_compared(compared: "Compared") -> None:
    turned = "up" if compared.gain_db >= 0 else "down"
    said = f"Against {compared.against.name}, turned {turned} by {abs(compared.gain_db):.1f} dB to be as loud"
    said += f"; its music comes {compared.offset_s:+.3f} s later" if compared.offset_s else ""
    said += "" if compared.residual_db is None else f"; the difference lies {-compared.residual_db:.0f} dB below"
    say(f"{said}:")
    if not compared.differences:
        say("nothing differs that could be heard.", indent=2)
    for one in compared.differences:
        say(f"{one.where}: {one.sentence}", indent=2)
    print()


def _number(value: float | None, decimals: int = 1) -> str:
    return "-" if value is None else f"{value:.{decimals}f}"

"""What is wrong with a finished file, what is only worth knowing, and what was looked at and is good."""

from collections.abc import Iterator

import numpy as np

from tonmeister.analysis.bands import ERB_CENTRES_HZ, THIRD_OCTAVE_CENTRES_HZ
from tonmeister.analysis.role_sound import hear_role
from tonmeister.analysis.spans import Span
from tonmeister.analysis.stereo import WIDTH_EDGES_HZ
from tonmeister.analysis.track_meter import TrackMeasurement
from tonmeister.analysis.translation import k_weighted_mono_loss_db, mono_share, region_levels
from tonmeister.engineer.check_result import Finding, Grade
from tonmeister.engineer.check_sound import CheckedSound
from tonmeister.files.fault import Fault
from tonmeister.files.probe import SoundFile
from tonmeister.knowledge import number
from tonmeister.knowledge.rows import source_text
from tonmeister.knowledge.tone import released_curve_db
from tonmeister.tasks.mastering import slope_db_per_octave

_TOLD = 20
_CD_BITS = 16
_FILLED_HZ = (50.0, 10_000.0)
_PANNED = "It sounds like one instrument, panned: right for a stem, not for a song."
_AS_STEM = "Nothing, if it is a stem; a song has to be exported again."


def judge(heard: CheckedSound, file: SoundFile, faults: tuple[Fault, ...]) -> tuple[Finding, ...]:
    """Return every finding on the file itself, in the order of the work."""
    if heard.lufs is None:
        said = "There is no sound in it: silent, or shorter than 0.4 s."
        return (
            *_file(faults),
            Finding(id="file.silent", title="Sound", grade="fault", sentence=said, remedy="Export it again."),
        )
    return (
        *_file(faults), *_clipping(heard, file), *_peaks(heard, file), *_offset(heard), *_channels(heard), *_mono(heard),
        *_tone(heard), *_dynamics(heard), *_edges(heard), *_words(heard, file),
    )  # fmt: skip


def grade_over(value: float, note: str, fault: str | None = None) -> tuple[Grade, float, str]:
    """Return the grade of a value that may not be over two limits of knowledge/, the limit that counts, and its source."""
    if fault is not None and value > number(fault).value:
        return "fault", number(fault).value, _source(fault)
    grade: Grade = "note" if value > number(note).value else "good"
    return grade, number(note).value, _source(note)


def grade_under(value: float, note: str, fault: str | None = None) -> tuple[Grade, float, str]:
    """Return the same for a value that may not be under two limits."""
    if fault is not None and value < number(fault).value:
        return "fault", number(fault).value, _source(fault)
    grade: Grade = "note" if value < number(note).value else "good"
    return grade, number(note).value, _source(note)


def _source(name: str) -> str:
    return f"{name}: {source_text(number(name).source)}"


def _file(faults: tuple[Fault, ...]) -> Iterator[Finding]:
    for fault in faults:
        yield Finding(
            id="file.broken",
            title="File",
            grade="fault",
            sentence=fault.text,
            remedy="Export it again and copy it whole.",
        )
    if not faults:
        yield Finding(
            id="file.broken", title="File", grade="good", sentence="It is whole: every promised frame is there."
        )


def _clipping(heard: CheckedSound, file: SoundFile) -> Iterator[Finding]:
    found, minutes = heard.clipping, max(file.duration_s / 60, 1e-3)
    lasting = 1000 * found.samples_s / minutes
    grade, limit, source = grade_over(lasting, "check.clipped_ms_per_minute_most")
    long = found.longest > number("check.clipped_run_most").value
    real: Grade = "fault" if grade != "good" and long else "note" if found.runs >= 3 else "good"
    said = "No flat tops."
    if real != "good":
        said = f"{found.samples} samples in {found.runs} places are cut off at {found.level_dbfs:.1f} dBFS, up to {found.longest} in a row."
    yield Finding(
        id="peaks.clipping", title="Clipping", grade=real, sentence=said, value=round(lasting, 2), limit=limit, unit="ms a minute",
        source=source, spans=tuple(Span(start_s=at, end_s=at + 0.01) for at in found.starts_s[:_TOLD]) if real != "good" else (),
        remedy="" if real == "good" else "Go back to the mix or master before the clipping and turn it down there"
        + ("." if real == "fault" else ", if the edge is not meant so."),
    )  # fmt: skip


def _peaks(heard: CheckedSound, file: SoundFile) -> Iterator[Finding]:
    peak = heard.true_peak_dbtp
    if peak is None:
        return
    is_lossy = file.bits == 0
    note = "check.true_peak_decoded_note_dbtp" if is_lossy else "check.true_peak_note_dbtp"
    grade, limit, source = grade_over(round(peak, 2), note, "check.true_peak_fault_dbtp")
    between = (
        ""
        if heard.measured.figures.levels.sample_peak_dbfs is None
        else (f", {peak - heard.measured.figures.levels.sample_peak_dbfs:.1f} dB over the highest sample")
    )
    remedy = ""
    if grade != "good":
        down = peak - number("check.true_peak_note_dbtp").value
        remedy = f"Turn it down by {down:.1f} dB, or master it again with a ceiling of -1 dBTP."
        if is_lossy:
            remedy = (
                f"Encode it again from the master, turned down by {down:.1f} dB; this file is decoded, not clipped."
            )
    yield Finding(
        id="peaks.true-peak", title="True peak", grade=grade, sentence=f"The true peak is {peak:+.2f} dBTP{between}.",
        value=round(peak, 2), limit=limit, unit="dBTP", source=source, remedy=remedy,
    )  # fmt: skip


def _offset(heard: CheckedSound) -> Iterator[Finding]:
    found = next((fault for fault in heard.measured.figures.faults if fault.kind == "dc_offset"), None)
    grade: Grade = "good"
    if found is not None:
        grade = "fault" if found.value > number("check.offset_fault_dbfs").value else "note"
    yield Finding(
        id="file.offset", title="DC offset", grade=grade,
        sentence="The wave stands on its zero line." if found is None else found.sentence,
        value=None if found is None else round(found.value, 1), limit=number("check.offset_fault_dbfs").value, unit="dBFS",
        source=_source("check.offset_fault_dbfs"), remedy="" if found is None else "A high-pass at 5 Hz takes it out unheard.",
    )  # fmt: skip


def is_one_instrument(measured: TrackMeasurement) -> bool:
    """Say whether a sound is plainly one instrument: it does not sound like a mixture, and leaves much of the spectrum empty."""
    over = measured.curves.third_octave_db - released_curve_db(THIRD_OCTAVE_CENTRES_HZ)
    inside = (_FILLED_HZ[0] <= THIRD_OCTAVE_CENTRES_HZ) & (_FILLED_HZ[1] >= THIRD_OCTAVE_CENTRES_HZ)
    filled = over[inside] > over[inside].max() - number("check.filled_under_db").value
    return float(filled.mean()) < number("check.filled_instrument_most").value and hear_role(measured).role != "mixture"


def _channels(heard: CheckedSound) -> Iterator[Finding]:
    stereo = heard.measured.figures.stereo
    if stereo.correlation is None and stereo.one_sided is None:
        yield Finding(id="stereo.balance", title="Channels", grade="good", sentence="It is mono.")
        return
    if stereo.one_sided is not None:
        said, remedy = f"Only the {stereo.one_sided} channel sounds.", "Export it again, or make it mono."
        grade: Grade = "fault"
        if is_one_instrument(heard.measured):
            grade, said, remedy = "note", f"{said} {_PANNED}", _AS_STEM
        yield Finding(id="stereo.balance", title="Channels", grade=grade, sentence=said, remedy=remedy)
        return
    lean = stereo.balance_db or 0.0
    grade, limit, source = grade_over(abs(lean), "check.balance_note_db", "check.balance_fault_db")
    side = "left" if lean > 0 else "right"
    said = (
        "Both channels hold the same samples: it is mono in a stereo file."
        if stereo.dual_mono
        else (f"The {side} channel is {abs(lean):.1f} dB stronger over the whole song.")
    )
    panned = grade == "fault" and is_one_instrument(heard.measured)
    if panned:
        grade, said = "note", f"{said} {_PANNED}"
    yield Finding(
        id="stereo.balance", title="Channels", grade=grade, sentence=said, value=round(lean, 2), limit=limit, unit="dB", source=source,
        remedy="" if grade == "good" else _AS_STEM if panned else f"Turn the {side} channel down by {abs(lean) / 2:.1f} dB and the other up by as much.",
    )  # fmt: skip
    phase = heard.phase
    grade, limit, source = grade_over(phase.against_share, "check.against_note_share", "check.against_fault_share")
    lowest = "" if phase.lowest is None else f"; the lowest correlation of 3 s is {phase.lowest:+.2f}"
    said = f"The channels work against each other in {phase.against_share:.0%} of the time{lowest}."
    upside = (
        "Turn one channel upside down (polarity)."
        if grade == "fault"
        else "Narrow what is wide there, or leave it if mono does not matter."
    )
    yield Finding(
        id="stereo.phase", title="Phase", grade=grade, sentence=said, value=round(phase.against_share, 3), limit=limit, unit="share",
        source=source, spans=phase.spans if grade != "good" else (), remedy="" if grade == "good" else upside,
    )  # fmt: skip


def _mono(heard: CheckedSound) -> Iterator[Finding]:
    stereo = heard.measured.figures.stereo
    if not stereo.width_by_band or stereo.one_sided is not None:
        return
    kept = mono_share(stereo)
    loss = k_weighted_mono_loss_db(heard.mean_power, kept)
    grade, limit, source = grade_over(round(loss, 2), "check.mono_note_db", "check.mono_fault_db")
    yield Finding(
        id="stereo.mono", title="Mono", grade=grade, sentence=f"In mono it is {loss:.1f} dB softer.", value=round(loss, 2),
        limit=limit, unit="dB", source=source, remedy="" if grade == "good" else "Narrow it; a side of -3 dB gets half of that back.",
    )  # fmt: skip
    loudness = heard.mean_power**0.3
    worst, where, share = 0.0, (0.0, 0.0), 0.0
    for low, high, width in zip(WIDTH_EDGES_HZ[:-1], WIDTH_EDGES_HZ[1:], stereo.width_by_band, strict=True):
        inside = (low <= ERB_CENTRES_HZ) & (high > ERB_CENTRES_HZ)
        part = float(loudness[inside].sum() / max(float(loudness.sum()), 1e-12))
        lost = 0.0 if width is None else -10 * float(np.log10(max(1 - width, 1e-6)))
        if part >= number("check.mono_band_share_least").value and lost > worst:
            worst, where, share = lost, (low, high), part
    grade, limit, source = grade_over(round(worst, 2), "check.mono_band_note_db", "check.mono_band_fault_db")
    said = (
        "No band loses anything in mono."
        if worst == 0
        else (
            f"{where[0]:.0f} to {where[1]:.0f} Hz loses most in mono, {worst:.1f} dB; it holds {share:.0%} of the loudness."
        )
    )
    yield Finding(
        id="stereo.mono-band", title="Mono by band", grade=grade, sentence=said, value=round(worst, 2), limit=limit, unit="dB",
        source=source, remedy="" if grade == "good" else f"Narrow {where[0]:.0f} to {where[1]:.0f} Hz with a mid/side equaliser, the side first by 3 dB.",
    )  # fmt: skip


def _tone(heard: CheckedSound) -> Iterator[Finding]:
    tilt = slope_db_per_octave(heard.mean_power)
    if tilt is not None:
        dark, bright = number("check.tilt_dark_db").value, number("check.tilt_bright_db").value
        grade: Grade = "good" if dark <= tilt <= bright else "note"
        word = "darker" if tilt < dark else "brighter"
        usual = number("mastering.tilt_db_per_octave").value
        said = f"The spectrum {'falls' if tilt < 0 else 'rises'} by {abs(tilt):.1f} dB an octave; released music falls by {-usual:.1f} in the mean."
        yield Finding(
            id="tone.tilt", title="Tonal balance", grade=grade, sentence=said, value=round(tilt, 2), limit=dark if tilt < usual else bright,
            unit="dB/octave", source=_source("check.tilt_dark_db" if tilt < usual else "check.tilt_bright_db"),
            remedy="" if grade == "good" else f"It is {word} than finished songs: try a shelf of {'+' if tilt < dark else '-'}2 dB above 2.5 kHz.",
        )  # fmt: skip
    levels = region_levels(heard.mean_power)
    rows = (
        ("sub", "check.sub_high_db", "20 to 60 Hz", True), ("bass", "check.bass_high_db", "60 to 160 Hz", True),
        ("bass", "check.bass_low_db", "60 to 160 Hz", False), ("low mids", "check.mud_high_db", "160 to 500 Hz", True),
        ("presence", "check.presence_high_db", "2 to 5 kHz", True), ("air", "check.air_high_db", "5 to 16 kHz", True),
    )  # fmt: skip
    for region, name, band, is_high in rows:
        value = round(levels[region], 2)
        grade, limit, source = grade_over(value, name) if is_high else grade_under(value, name)
        if grade != "good":
            yield Finding(
                id=f"tone.{name.removeprefix('check.').removesuffix('_db').replace('_', '-')}", title="Tonal balance", grade=grade,
                sentence=f"{band} lies {value:+.1f} dB against the middle; finished songs stop at {limit:+.0f}.", value=value, limit=limit,
                unit="dB", source=source, remedy=f"{'Cut' if is_high else 'Raise'} {band} by {min(abs(value - limit), 3.0):.1f} dB, broadly.",
            )  # fmt: skip


def _dynamics(heard: CheckedSound) -> Iterator[Finding]:
    if heard.plr_db is None:
        return
    loudness, levels = heard.measured.figures.loudness, heard.measured.figures.levels
    grade, limit, source = grade_under(round(heard.plr_db, 2), "check.plr_note_db", "check.plr_fault_db")
    said = f"Peak to loudness (PLR) {heard.plr_db:.1f} dB"
    said += "" if loudness.range_lu is None else f", loudness range (LRA) {loudness.range_lu:.1f} LU"
    said += "" if levels.crest_db is None else f", crest {levels.crest_db:.1f} dB"
    yield Finding(
        id="dynamics.plr", title="Dynamics", grade=grade, sentence=f"{said}.", value=round(heard.plr_db, 2), limit=limit, unit="dB",
        source=source, remedy="" if grade == "good" else f"Take {limit - heard.plr_db:.1f} dB less from the limiter; the platforms turn it down anyway.",
    )  # fmt: skip


def _edges(heard: CheckedSound) -> Iterator[Finding]:
    edges = heard.edges
    if edges.head_s is None or edges.tail_s is None or edges.start_db is None or edges.end_db is None:
        return
    for name, title, length, limit_name in (
        ("head", "Silence before", edges.head_s, "check.head_most_s"), ("tail", "Silence after", edges.tail_s, "check.tail_most_s"),
    ):  # fmt: skip
        grade, limit, source = grade_over(round(length, 2), limit_name)
        yield Finding(
            id=f"edges.{name}", title=title, grade=grade, sentence=f"{length:.2f} s below -60 dBFS.", value=round(length, 2), limit=limit,
            unit="s", source=source, remedy="" if grade == "good" else f"Cut {length - limit:.1f} s away, if it is not meant so.",
        )  # fmt: skip
    for name, title, level, limit_name, remedy in (
        (
            "start",
            "Start",
            edges.start_db,
            "check.start_cut_db",
            "Begin a few milliseconds earlier, or fade in over 5 ms.",
        ),
        ("end", "End", edges.end_db, "check.end_cut_db", "Let the sound ring out, or fade it."),
    ):
        grade, limit, source = grade_over(round(level, 1), limit_name)
        where = "first" if name == "start" else "last"
        said = f"The {where} 30 ms lie {abs(level):.0f} dB {'below' if level < 0 else 'above'} the level of the song"
        said += "." if grade == "good" else ": it sounds as if cut. In an excerpt that is as it should be."
        yield Finding(
            id=f"edges.cut-{name}", title=title, grade=grade, sentence=said, value=round(level, 1), limit=limit, unit="dB",
            source=source, remedy="" if grade == "good" else remedy,
        )  # fmt: skip


def _words(heard: CheckedSound, file: SoundFile) -> Iterator[Finding]:
    words = heard.words
    if file.bits == 0:
        said = f"Lossy ({file.codec}): it has no word length, and what it lost does not come back."
        yield Finding(id="file.bits", title="Word length", grade="good", sentence=said)
        return
    if file.codec.startswith(("float", "double")) and words.over:
        said = f"{words.over} samples are over full scale: they live in float, and are cut off in any file of whole numbers."
        yield Finding(
            id="file.bits", title="Word length", grade="note", sentence=said, value=words.over, limit=0, unit="samples",
            source="IEC 60958, whole-number formats", remedy=f"Turn it down by {max(heard.true_peak_dbtp or 0.0, 0.0) + 1:.1f} dB before it is delivered.",
        )  # fmt: skip
        return
    used = words.used_bits
    padded = used is not None and file.bits > _CD_BITS >= used
    said = (
        f"{file.bits} bits, all in use."
        if not padded
        else (f"The file says {file.bits} bits, but every sample fits into {used}: it was made from {used}-bit sound.")
    )
    said += f" {words.zeros_share:.1%} of it is digital silence." if words.zeros_share > 0 else ""
    yield Finding(
        id="file.bits", title="Word length", grade="note" if padded else "good", sentence=said, value=used, limit=file.bits, unit="bits",
        source="every sample of the file", remedy="Export it from the 24-bit session, if there is one." if padded else "",
    )  # fmt: skip

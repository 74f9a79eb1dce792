"""The ear's page: song map, activity, masking and spectra in pictures, and everything that was found in words."""

from collections.abc import Iterator, Sequence
from math import isfinite
from typing import Any

from tonmeister.analysis.defects import Defects
from tonmeister.deliver.frame import Page, fill_page
from tonmeister.deliver.hearing_data import collect_hearing, tell_cover
from tonmeister.deliver.island import to_island
from tonmeister.deliver.markup import Markup, join, picture, table, tag
from tonmeister.deliver.words import tell_number, tell_time
from tonmeister.document.facts import SongFacts, TrackFacts
from tonmeister.document.inventory import Incoming

_SCRIPTS = ("arithmetic.js", "painting.js", "pictures.js", "hearing.js")
_PAGE = Page(
    "listen.html", kind="What the ear heard", suffix="what the ear heard", skip_to="the song", foot="The stems were heard as they came; nothing was changed.", scripts=_SCRIPTS,
    links=(("song", "Song"), ("activity", "Activity"), ("covering", "Masking"), ("spectra", "Spectra"), ("tracks", "Tracks"), ("files", "Files")),
)  # fmt: skip
_COVERS_TOLD = 40
_SHARP_DB, _BREATHY, _ROOMY_S = -6.0, 0.03, 0.8
"""From here on a vocal's sibilance, breaths and room are worth a line."""


def write_hearing(facts: SongFacts, incoming: Sequence[Incoming], *, title: str) -> str:
    """Return the page as HTML text: equal input gives equal bytes, names are text and nothing else."""
    data = collect_hearing(facts)
    parts = {
        "title": join([title]), "facts": _facts(facts), "song": _song(facts, data),
        "activity": picture(
            "activity", title="When each track plays",
            caption="The stronger the colour, the louder against the track's own usual level; lines are the sections.",
            absent=None if data["activity"]["tracks"] else "No track sounds.",
        ),
        "masking": _masking(facts, data),
        "spectra": picture(
            "spectra", title="Level of each third octave",
            caption="Mean over the parts in which the track plays, in dBFS, all on one scale.",
            absent=None if data["spectra"] else "No track sounds.",
        ),
        "tracks": _tracks(facts), "relations": _relations(facts), "incoming": _incoming(incoming),
    }  # fmt: skip
    return fill_page(_PAGE, parts, data=to_island(data))


def tell_defects(family: str, defects: Defects) -> list[str]:
    """Say what repair may work on; pops, consonants, breaths and room where somebody sings."""
    told: list[str] = []
    if family == "vocal":
        if defects.pops:
            told.append(f"{len(defects.pops)} pops, up to {_number(defects.pop_db)} dB over its level")
        if defects.sibilance_db is not None and defects.sibilance_db > _SHARP_DB:
            told.append(f"sharp consonants, {defects.sibilance_db:+.0f} dB, {len(defects.sibilants)} places")
        if defects.breath_share > _BREATHY:
            told.append(f"breaths {defects.breath_share:.0%} of the time")
        if defects.decay_s is not None and defects.decay_s > _ROOMY_S:
            told.append(f"dies away in {defects.decay_s:.1f} s (60 dB)")
    if defects.resonances:
        peaks = ", ".join(f"{r.frequency_hz:.0f} Hz {r.over_db:+.0f} dB" for r in defects.resonances)
        told.append(f"narrow peaks {peaks}")
    return told


def _facts(facts: SongFacts) -> Markup:
    song = facts.song
    steady = len(song.tempo_changes) <= 1
    tempo = "no steady tempo" if song.tempo_bpm is None else f"{song.tempo_bpm:.1f} bpm{'' if steady else ', changing'}"
    said = [
        tell_time(song.duration_s), f"{song.sample_rate_hz} Hz", tempo, song.meter or "no meter", song.key or "no clear key",
        f"{len(facts.tracks)} tracks", "balanced by a person" if facts.is_premixed else "raw stems",
    ]  # fmt: skip
    return join(tag("li", line) for line in said)


def _song(facts: SongFacts, data: dict[str, Any]) -> Markup:
    without = "No bars were found, so this picture is left out."
    rows = [
        [tell_time(section.start_s), tell_time(section.end_s), section.label, section.group or "–",
         "–" if section.label == "section" else f"{section.confidence:.0%}"]
        for section in facts.song.sections
    ]  # fmt: skip
    form = tag("p", "No form was found with confidence.", class_="absent")
    headings = ("From", "To", "Name", "Same music", "Sure")
    return join([
        picture(
            "song", title="The song map",
            caption="Sections (equal letters hold the same music), the energy of each bar, and where voices sing.",
            absent=None if data["energy"] else without,
        ),
        picture(
            "lanes", title="What the energy is made of", caption="Bar by bar, each on its own scale.",
            absent=None if data["lanes"] else without,
        ),
        table(headings, rows, label="Sections", numbers=frozenset({4})) if rows else form,
    ])  # fmt: skip


def _masking(facts: SongFacts, data: dict[str, Any]) -> Markup:
    names = [track.track.name for track in facts.tracks]
    found = () if facts.conflicts is None else facts.conflicts.findings
    harmful = [cover for cover in found if cover.harmful]
    rows = [
        [names[cover.masker], names[cover.maskee], f"{tell_time(cover.start_s)}–{tell_time(cover.end_s)}", tell_cover(cover)]
        for cover in harmful[:_COVERS_TOLD]
    ]  # fmt: skip
    return join([
        tag("p", _verdict(facts, len(harmful)), class_=f"notice {'bad' if harmful else 'good'}"),
        picture(
            "masking", title="Who covers whom",
            caption="Row over column: the worst harmful cover. What merely overlaps is blank.",
            absent=None if data["masking"] else "No pair does harm, so this picture is left out.",
        ),
        picture(
            "covers", title="When tracks are covered",
            caption="By the covered track; strong where it does harm, grey where it merely overlaps. Point at a bar to read it.",
            absent=None if data["covers"] else "No track is covered.",
        ),
        table(("Covers", "Is covered", "When", "Band, by how much"), rows, label="Harmful covers", numbers=frozenset())
        if rows else Markup(),
    ])  # fmt: skip


def _verdict(facts: SongFacts, harmful: int) -> str:
    if facts.conflicts is None:
        return "Nobody looked for masking."
    overlaps = len(facts.conflicts.findings) - harmful
    if harmful:
        harm = "1 harmful cover" if harmful == 1 else f"{harmful} harmful covers"
        return f"{harm}, {overlaps} mere overlaps, at the levels that the stems came with."
    margin = facts.conflicts.margin_db
    near = f" {tell_number(margin)} dB to the nearest." if isfinite(margin) else ""
    return f"No harmful masking.{near} {overlaps} mere overlaps."


def _tracks(facts: SongFacts) -> Markup:
    headings = (
        "Track",
        "Role",
        "Sure",
        "LUFS",
        "dBTP",
        "Crest dB",
        "Active",
        "What is wrong, and what repair may work on",
    )
    rows = [
        [
            tag("b", track.track.name), track.track.role, f"{track.track.role_confidence:.0%}",
            _number(track.figures.loudness.integrated_lufs), _number(track.figures.true_peak_dbtp),
            _number(track.figures.levels.crest_db), f"{track.figures.levels.active_share:.0%}", join(_notes(track)),
        ]
        for track in facts.tracks
    ]  # fmt: skip
    return table(headings, rows, label="Tracks", numbers=frozenset(range(2, 7)))


def _notes(track: TrackFacts) -> Iterator[Markup]:
    for fault in track.figures.faults:
        yield tag("span", fault.sentence, class_="missed")
    for sentence in tell_defects(track.track.family, track.figures.defects):
        yield tag("span", sentence, class_="quiet")


def _relations(facts: SongFacts) -> Markup:
    """Return what the tracks have to do with each other, as a list."""
    named = {track.id: track.track.name for track in facts.tracks}
    told = []
    for pair in facts.pairs:
        turned = ", upside down" if pair.alignment.polarity < 0 else ""
        told.append(
            f"{named[pair.other]} hears what {named[pair.reference]} hears, {pair.alignment.delay_ms:+.2f} ms{turned} "
            f"({pair.alignment.confidence:.0%} sure)"
        )
    for copy in facts.duplicates:
        told.append(f"{facts.tracks[copy.second].track.name} is a copy of {facts.tracks[copy.first].track.name}")
    for pair in facts.bleed:
        told.append(f"{named[pair.reference]} is heard in {named[pair.other]}, {pair.alignment.delay_ms:.1f} ms later")
    if facts.words:
        hidden = min(facts.words, key=lambda phrase: phrase.index)
        told.append(
            f"{len(facts.words)} sung phrases; the words of the one at {tell_time(hidden.start_s)} come through least: "
            f"{hidden.index:.0%} of its consonants, voice {tell_number(hidden.ratio_db, signed=True)} dB to the rest"
        )
    return tag("ul", *(tag("li", line) for line in told), class_="plain") if told else Markup()


def _incoming(incoming: Sequence[Incoming]) -> Markup:
    rows = [
        [tag("b", item.name), item.state, join([item.why, *(tag("span", fault, class_="missed") for fault in item.faults)])]
        for item in incoming
    ]  # fmt: skip
    return table(("File", "What it is", "Why, and what is wrong"), rows, label="What came in", numbers=frozenset())


def _number(value: float | None) -> str:
    return "–" if value is None else tell_number(value)

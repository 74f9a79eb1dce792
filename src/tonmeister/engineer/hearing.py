"""Facts only: what came in and how the song goes, for a person to read."""

from errno import ENOENT
from math import isfinite
from pathlib import Path
from typing import Any

from tonmeister.analysis.energy import PARTS
from tonmeister.document.facts import SongFacts, TimeLine
from tonmeister.document.wishes import read_wishes
from tonmeister.engineer.heard import HeardBleed, HeardCopy, HeardCover, HeardMasking, HeardPair, HeardSong, HeardTrack
from tonmeister.engineer.options import Cancel, Tell, tell_nobody
from tonmeister.engineer.stages import Stages
from tonmeister.errors import InputError
from tonmeister.files.atomic import output_error, write_text
from tonmeister.files.cache import open_cache
from tonmeister.listen import listen as listen_to

PAGE = "listen.html"
"""Name of the page in a folder."""
_TOLD = 200


def listen(
    source: Path,
    *,
    roles_file: Path | None = None,
    report: Path | None = None,
    progress: Tell = tell_nobody,
    cancel: Cancel | None = None,
) -> HeardSong:
    """Listen to a song's stems without mixing them; `report` gets a page with pictures (a folder gets listen.html).

    Raises:
        InputError: If the source or the roles cannot be used.
        OutputError: If the page cannot be written.
    """
    try:
        wishes = {} if roles_file is None else read_wishes(roles_file.read_text("utf-8"), where=str(roles_file))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"--roles {roles_file}: cannot be read; give a TOML or JSON file.") from error
    page = None if report is None else _place(report)
    stages = Stages(progress)
    with stages.stage("listen") as tell:
        found = listen_to(source, wishes=wishes, cache=open_cache(), progress=tell, cancel=cancel)
    if page is not None:
        from tonmeister.deliver.hearing import write_hearing  # noqa: PLC0415 - only a page needs the drawing

        title = found.facts.song.title or source.absolute().name
        write_text(page, write_hearing(found.facts, found.incoming, title=title))
    return HeardSong(
        song=found.facts.song,
        is_premixed=found.facts.is_premixed,
        incoming=found.incoming,
        tracks=_tracks(found.facts),
        pairs=_pairs(found.facts),
        duplicates=_copies(found.facts),
        **_when(found.facts.time_line),
        bleed=tuple(
            HeardBleed(
                source=pair.reference,
                heard_in=pair.other,
                delay_ms=pair.alignment.delay_ms,
                shared=pair.alignment.coherence,
            )
            for pair in found.facts.bleed
        ),
        words=found.facts.words,
        masking=_masking(found.facts),
        report=page,
        stages=stages.times,
    )


def _place(report: Path) -> Path:
    """Return the page's path; said before the work, not after it, where there is no folder for it."""
    page = report / PAGE if report.is_dir() else report
    if not page.parent.is_dir():
        raise output_error(page, FileNotFoundError(ENOENT, ""))
    return page


def _when(line: TimeLine | None) -> dict[str, Any]:
    if line is None:
        return {}
    energy = {name: getattr(line.energy, name) for name in ("energy", *PARTS)}
    return {
        "beats_s": tuple(round(float(beat), 3) for beat in line.beats_s),
        "bars_s": tuple(round(float(bar), 3) for bar in line.bars_s),
        "downbeats_s": tuple(round(float(beat), 3) for beat in line.downbeats_s),
        "energy": {name: tuple(round(float(value), 2) for value in curve) for name, curve in energy.items()},
        "phrases": dict(line.phrases),
    }


def _tracks(facts: SongFacts) -> tuple[HeardTrack, ...]:
    return tuple(
        HeardTrack(
            id=track.id,
            name=track.track.name,
            role=track.track.role,
            family=track.track.family,
            role_confidence=track.track.role_confidence,
            integrated_lufs=track.figures.loudness.integrated_lufs,
            true_peak_dbtp=track.figures.true_peak_dbtp,
            crest_db=track.figures.levels.crest_db,
            active_share=track.figures.levels.active_share,
            centroid_hz=track.figures.spectrum.centroid_hz,
            width=track.figures.stereo.width,
            channels=track.track.channels,
            faults=track.figures.faults,
            defects=track.figures.defects,
            sha256=track.track.sha256,
        )
        for track in facts.tracks
    )


def _pairs(facts: SongFacts) -> tuple[HeardPair, ...]:
    return tuple(
        HeardPair(
            reference=pair.reference,
            other=pair.other,
            delay_ms=pair.alignment.delay_ms,
            polarity=pair.alignment.polarity,
            confidence=pair.alignment.confidence,
        )
        for pair in facts.pairs
    )


def _masking(facts: SongFacts) -> HeardMasking:
    conflicts = facts.conflicts
    if conflicts is None:
        return HeardMasking(findings=(), harmful=0, overlaps=0, margin_db=None)
    harmful = sum(cover.harmful for cover in conflicts.findings)
    ids = [track.id for track in facts.tracks]
    return HeardMasking(
        findings=tuple(
            HeardCover(**{**cover.model_dump(), "masker": ids[cover.masker], "maskee": ids[cover.maskee]})
            for cover in conflicts.findings[:_TOLD]
        ),
        harmful=harmful,
        overlaps=len(conflicts.findings) - harmful,
        margin_db=conflicts.margin_db if isfinite(conflicts.margin_db) else None,
    )


def _copies(facts: SongFacts) -> tuple[HeardCopy, ...]:
    return tuple(
        HeardCopy(
            first=facts.tracks[copy.first].id,
            second=facts.tracks[copy.second].id,
            kind=copy.kind,
            level_difference_db=copy.level_difference_db,
        )
        for copy in facts.duplicates
    )

"""What the page of a master shows, gathered: excerpts, curves and figures."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tonmeister.analysis.energy_steps import loudest_span_s
from tonmeister.analysis.loudness import short_term_curve
from tonmeister.audio import Audio
from tonmeister.deliver.mastering import MasterPage, write_master_page
from tonmeister.errors import TonmeisterError
from tonmeister.files.atomic import write_text
from tonmeister.files.cache import open_cache
from tonmeister.files.sound import open_sound

if TYPE_CHECKING:
    from tonmeister.engineer.master_file import FinishedMaster
    from tonmeister.engineer.master_options import MasterOptions

EXCERPT_S = 20.0
"""Length of the players."""


def write_page(path: Path, file: Path, out: Path, finished: "FinishedMaster", wanted: "MasterOptions") -> None:
    """Write the page of a master.

    Raises:
        OutputError: If it cannot be written.
    """
    energies = finished.before.curves.energies_100ms
    start_s, end_s = loudest_span_s(energies, length_s=EXCERPT_S)
    reference = finished.reference
    page = MasterPage(
        name=file.name,
        figures=finished.result.model_dump(mode="json"),
        before=_excerpt(file, start_s, end_s),
        after=_excerpt(out, start_s, end_s),
        reference=_of_reference(wanted),
        start_s=start_s,
        loudness_before_lufs=short_term_curve(energies),
        loudness_after_lufs=short_term_curve(finished.after.curves.energies_100ms),
        reduction_db=np.asarray(finished.mastered.gain_reduction_db, np.float64),
        reference_tone_db=() if reference is None else reference.tone_db,
    )
    write_text(path, write_master_page(page))


def _excerpt(path: Path, start_s: float, end_s: float) -> Audio:
    with open_sound(path, cache=open_cache()) as sound:
        first = round(start_s * sound.sample_rate_hz)
        return Audio(sound.read(first, round(end_s * sound.sample_rate_hz) - first), sound.sample_rate_hz)


def _of_reference(wanted: "MasterOptions") -> Audio | None:
    """Return the middle of the first reference that is a recording; a saved portrait has no sound."""
    for words in (*wanted.references, *([] if wanted.like is None else [str(wanted.like)])):
        path = Path(words) if Path(words).exists() else Path(words.rpartition("=")[0])
        if path.suffix.lower() == ".json":
            continue
        try:
            with open_sound(path, cache=open_cache()) as sound:
                middle, length = sound.frames // 2, round(EXCERPT_S * sound.sample_rate_hz)
                return Audio(sound.read(max(0, middle - length // 2), length), sound.sample_rate_hz)
        except TonmeisterError:
            continue
    return None

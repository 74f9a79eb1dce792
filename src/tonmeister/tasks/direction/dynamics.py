"""How dense the whole is: the mix bus compressor works more or less, as the direction asks; nothing is raised that is not there."""

from collections.abc import Iterator

import numpy as np

from tonmeister.document.move import Evidence, InsertChange, Move, Where
from tonmeister.document.strip import MASTER, Insert
from tonmeister.knowledge import number
from tonmeister.processing import Compressor
from tonmeister.tasks.direction.aims import Aims, MixSound, told_source
from tonmeister.tasks.work import Work

GLUE = "glue"
"""Id of the mix bus compressor."""


def propose(work: Work, sound: MixSound, aims: Aims) -> Iterator[Move]:
    """Yield the compressor of the mix bus as the direction wants it, where that differs by what can be heard."""
    if not work.follows("dynamics") and not any(mood.crest_db for mood in work.moods.values()):
        return
    if abs(aims.crest_db) < number("direction.crest_least_db").value or sound.portrait.crest_db is None:
        return
    there = next((one.processor for one in work.mix.master.inserts if one.id == GLUE), None)
    glue = there if isinstance(there, Compressor) else None
    settings = _denser(work, sound, aims.crest_db, glue) if aims.crest_db < 0 else _livelier(aims.crest_db, glue)
    if settings is None or settings == glue:
        return
    found = Evidence(
        what="crest of half seconds of the mix; the limit is where it is to go, what the limiter takes later counted in",
        value=round(sound.portrait.crest_db, 2), limit=round(sound.portrait.crest_db + aims.crest_db, 2), unit="dB",
        source=told_source(work, "dynamics"),
    )  # fmt: skip
    say = "holds more" if aims.crest_db < 0 else "holds less"
    yield Move(
        id="direction.dynamics", task="direction", title=f"Direction: the mix bus compressor {say}, for hits that stand out {aims.crest_db:+.1f} dB",
        where=Where(bus=MASTER), change=InsertChange(insert=Insert(id=GLUE, slot="dynamics", processor=settings)), because=(found,),
        confidence=0.5,
    )  # fmt: skip


def _denser(work: Work, sound: MixSound, crest_db: float, glue: Compressor | None) -> Compressor | None:
    """Return a compressor that takes so much from the loud parts, as far as the budget goes; its ratio stays where an arc eased it."""
    size = min(-crest_db, number("direction.held_most_db").value, 0.75 * work.budget.gain_reduction_db)
    base = glue or Compressor(ratio=number("mastering.bus_ratio").value, knee_db=9, release_ms=250, rms_window_ms=20)
    over = size / max(1 - 1 / base.ratio, 0.05)
    loud_db = float(10 * np.log10(np.percentile(sound.energies_100ms, 90) / 2 + 1e-12))
    threshold = round(float(np.clip(loud_db - min(over, 12.0), -60, -1)), 1)
    if glue is not None and threshold >= glue.threshold_db:
        return None
    return base.model_copy(update={"threshold_db": threshold, "attack_ms": 10.0, "detector": "rms"})


def _livelier(crest_db: float, glue: Compressor | None) -> Compressor | None:
    """Return the compressor with less ratio; none is needed to leave alone."""
    if glue is None:
        return None
    return glue.model_copy(update={"ratio": round(1 + (glue.ratio - 1) * max(0.0, 1 - crest_db / 3), 2)})

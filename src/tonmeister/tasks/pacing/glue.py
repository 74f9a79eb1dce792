"""A mix bus compressor takes from every lift what its ratio says: with an arc it works more softly."""

from collections.abc import Iterator

from tonmeister.document.move import InsertChange, Move, Where
from tonmeister.document.strip import MASTER
from tonmeister.knowledge import number
from tonmeister.processing import Compressor
from tonmeister.tasks.work import Work, evidence


def ease_glue(work: Work, contrast_lu: float) -> Iterator[Move]:
    """Yield the compressors of the mix bus at a ratio that leaves an arc its lifts."""
    most = number("pacing.glue_ratio_most").value
    for insert in work.mix.master.inserts:
        if isinstance(insert.processor, Compressor) and insert.processor.ratio > most:
            softer = insert.model_copy(update={"processor": insert.processor.model_copy(update={"ratio": most})})
            taken_lu = contrast_lu * (1 - 1 / insert.processor.ratio)
            if taken_lu <= number("pacing.glue_taken_most_lu").value:
                continue
            yield Move(
                id=f"pacing.master.{insert.id}", task="pacing",
                title=f"The mix bus compressor leaves the arc its lifts: ratio {most:g} instead of {insert.processor.ratio:g}",
                where=Where(bus=MASTER), change=InsertChange(insert=softer),
                because=(evidence("contrast of the arc that its ratio would take", taken_lu, against="pacing.glue_taken_most_lu"),),
                confidence=0.6,
            )  # fmt: skip

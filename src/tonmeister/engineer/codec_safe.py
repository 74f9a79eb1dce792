"""A master that holds its ceiling through lossy codecs: written again, under a lower one, until every codec does."""

from collections.abc import Callable
from pathlib import Path

from tonmeister.engineer.codecs import hold_through_codecs
from tonmeister.engineer.options import Cancel, Tell, tell_nobody
from tonmeister.engineer.result import MasterResult
from tonmeister.model import Db


def master_codec_safe(
    write: Callable[[Db], MasterResult],
    out: Path,
    *,
    ceiling_dbtp: Db,
    progress: Tell = tell_nobody,
    cancel: Cancel | None = None,
) -> MasterResult:
    """Return the result of the master that holds, with its codec table; the loudness that was asked for stays.

    Args:
        write: Writes the master under a ceiling in dBTP.
        out: Where it writes.
        ceiling_dbtp: True peak that must hold after decoding.
        progress: Is told what is being done.
        cancel: Is asked whether to stop.
    """
    held = hold_through_codecs(
        write, out, ceiling_dbtp=ceiling_dbtp, progress=lambda share: progress("codecs", "", share), cancel=cancel
    )
    figures = held.made.master.model_copy(update={"ceiling_dbtp": ceiling_dbtp})
    misses = (*held.made.misses, *held.misses)
    return held.made.model_copy(
        update={"master": figures, "codecs": held.codecs, "limit_dbtp": held.limit_dbtp, "misses": misses}
    )

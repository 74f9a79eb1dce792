"""What a person means by a delivery target."""

from tonmeister.errors import InputError
from tonmeister.knowledge.rows import source_text, targets


def resolve_target(words: str, ceiling_dbtp: float | None = None) -> tuple[float, float, str]:
    """Return loudness, ceiling and source of a target given by name or in LUFS.

    Raises:
        InputError: If the words are neither a known target nor a number between -40 and -5.
    """
    if words in targets():
        row = targets()[words]
        return (
            row.lufs,
            row.ceiling_dbtp if ceiling_dbtp is None else ceiling_dbtp,
            f"targets.{words}: {source_text(row.source)}",
        )
    try:
        lufs = float(words.lower().removesuffix("lufs").strip())
    except ValueError:
        lufs = 0.0
    if not -40 <= lufs <= -5:
        raise InputError(
            f"--target {words}: no such target; use one of {', '.join(targets())} or a loudness from -40 to -5 LUFS."
        )
    return lufs, -1.0 if ceiling_dbtp is None else ceiling_dbtp, "the person"

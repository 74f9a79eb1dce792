"""Times of notes from a tempo."""

_NOTES = (
    ("1/4", 1.0),
    ("dotted 1/8", 0.75),
    ("1/8", 0.5),
    ("1/8 triplet", 1 / 3),
    ("1/16", 0.25),
    ("1/32", 0.125),
    ("1/64", 0.0625),
)
"""Notes in beats, for a quarter as the beat."""
_MINUTE_MS = 60_000


def note_times_ms(bpm: float) -> dict[str, float]:
    """Return how long each note lasts, in milliseconds."""
    return {name: beats * _MINUTE_MS / bpm for name, beats in _NOTES}


def times_sentence(bpm: float) -> str:
    """Return the note lengths of a tempo in a sentence."""
    shown = ", ".join(f"{name} {shown_number(time)} ms" for name, time in note_times_ms(bpm).items())
    return f"At {shown_number(bpm)} BPM a beat lasts 60000/{shown_number(bpm)} = {shown_number(_MINUTE_MS / bpm)} ms: {shown}."


def shown_number(value: float) -> str:
    """Return a number with as many figures as matter: four."""
    if value == 0:
        return "0"
    rounded = float(f"{value:.4g}") if abs(value) < 1000 else round(value)
    return f"{rounded:.6g}"

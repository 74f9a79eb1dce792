"""The order of the work: listen, decide, render, verify; the functions behind every door.

Each is loaded when it is first used: who renders again needs neither ear nor report.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tonmeister.engineer.asking import WhatIf as WhatIf
    from tonmeister.engineer.asking import what_if as what_if
    from tonmeister.engineer.check_result import CheckResult as CheckResult
    from tonmeister.engineer.checking import check as check
    from tonmeister.engineer.clean_options import CleanOptions as CleanOptions
    from tonmeister.engineer.clean_result import CleanResult as CleanResult
    from tonmeister.engineer.cleaning import clean as clean
    from tonmeister.engineer.deliver_options import DeliverOptions as DeliverOptions
    from tonmeister.engineer.deliver_options import DeliverResult as DeliverResult
    from tonmeister.engineer.delivering import deliver as deliver
    from tonmeister.engineer.direction_brief import NewDirection as NewDirection
    from tonmeister.engineer.documents import STATES as STATES
    from tonmeister.engineer.documents import diff as diff
    from tonmeister.engineer.documents import list_moves as list_moves
    from tonmeister.engineer.documents import load_mix as load_mix
    from tonmeister.engineer.documents import set_moves as set_moves
    from tonmeister.engineer.documents import undo as undo
    from tonmeister.engineer.exporting import export as export
    from tonmeister.engineer.heard import HeardSong as HeardSong
    from tonmeister.engineer.hearing import listen as listen
    from tonmeister.engineer.installation import doctor as doctor
    from tonmeister.engineer.master_file import master as master
    from tonmeister.engineer.master_options import MasterOptions as MasterOptions
    from tonmeister.engineer.mixing import mix as mix
    from tonmeister.engineer.options import Cancel as Cancel
    from tonmeister.engineer.options import MixOptions as MixOptions
    from tonmeister.engineer.options import Tell as Tell
    from tonmeister.engineer.previewing import MovePreview as MovePreview
    from tonmeister.engineer.previewing import preview_move as preview_move
    from tonmeister.engineer.replacing import replace as replace
    from tonmeister.engineer.rerender import render as render
    from tonmeister.engineer.result import DoctorResult as DoctorResult
    from tonmeister.engineer.result import ExportResult as ExportResult
    from tonmeister.engineer.result import MasterResult as MasterResult
    from tonmeister.engineer.result import MixResult as MixResult
    from tonmeister.engineer.session_reading import ReadSession as ReadSession
    from tonmeister.engineer.session_reading import read_session as read_session
    from tonmeister.engineer.solving import solve as solve

_PLACES = {
    "STATES": "documents",
    "Cancel": "options",
    "CheckResult": "check_result",
    "CleanOptions": "clean_options",
    "CleanResult": "clean_result",
    "DoctorResult": "result",
    "DeliverOptions": "deliver_options",
    "DeliverResult": "deliver_options",
    "ExportResult": "result",
    "HeardSong": "heard",
    "MasterOptions": "master_options",
    "MasterResult": "result",
    "MixOptions": "options",
    "NewDirection": "direction_brief",
    "MixResult": "result",
    "MovePreview": "previewing",
    "ReadSession": "session_reading",
    "Tell": "options",
    "WhatIf": "asking",
    "check": "checking",
    "clean": "cleaning",
    "deliver": "delivering",
    "diff": "documents",
    "doctor": "installation",
    "export": "exporting",
    "list_moves": "documents",
    "listen": "hearing",
    "load_mix": "documents",
    "master": "master_file",
    "mix": "mixing",
    "preview_move": "previewing",
    "read_session": "session_reading",
    "render": "rerender",
    "replace": "replacing",
    "set_moves": "documents",
    "solve": "solving",
    "undo": "documents",
    "what_if": "asking",
}
"""Names that other rooms may use, and the module in which each is made."""

__all__ = [*_PLACES]  # noqa: PLE0604 - names of a table, all strings


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
    globals()[name] = value
    return value

"""The order of the work: listen, decide, render, verify; the functions behind every door.

Each is loaded when it is first used: who renders again needs neither ear nor report.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tonmeister.engineer.asking import WhatIf as WhatIf
    from tonmeister.engineer.asking import what_if as what_if
    from tonmeister.engineer.clean_options import CleanOptions as CleanOptions
    from tonmeister.engineer.clean_result import CleanResult as CleanResult
    from tonmeister.engineer.cleaning import clean as clean
    from tonmeister.engineer.documents import STATES as STATES
    from tonmeister.engineer.documents import diff as diff
    from tonmeister.engineer.documents import list_moves as list_moves
    from tonmeister.engineer.documents import load_mix as load_mix
    from tonmeister.engineer.documents import set_moves as set_moves
    from tonmeister.engineer.documents import undo as undo
    from tonmeister.engineer.exporting import export as export
    from tonmeister.engineer.heard import HeardSong as HeardSong
    from tonmeister.engineer.hearing import listen as listen
    from tonmeister.engineer.master_file import master as master
    from tonmeister.engineer.master_options import MasterOptions as MasterOptions
    from tonmeister.engineer.mixing import mix as mix
    from tonmeister.engineer.options import Cancel as Cancel
    from tonmeister.engineer.options import MixOptions as MixOptions
    from tonmeister.engineer.options import Tell as Tell
    from tonmeister.engineer.replacing import replace as replace
    from tonmeister.engineer.rerender import render as render
    from tonmeister.engineer.result import ExportResult as ExportResult
    from tonmeister.engineer.result import MasterResult as MasterResult
    from tonmeister.engineer.result import MixResult as MixResult
    from tonmeister.engineer.solving import solve as solve

_PLACES = {
    "STATES": "documents",
    "Cancel": "options",
    "CleanOptions": "clean_options",
    "CleanResult": "clean_result",
    "ExportResult": "result",
    "HeardSong": "heard",
    "MasterOptions": "master_options",
    "MasterResult": "result",
    "MixOptions": "options",
    "MixResult": "result",
    "Tell": "options",
    "WhatIf": "asking",
    "clean": "cleaning",
    "diff": "documents",
    "export": "exporting",
    "list_moves": "documents",
    "listen": "hearing",
    "load_mix": "documents",
    "master": "master_file",
    "mix": "mixing",
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

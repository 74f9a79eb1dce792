"""The order of the work: listen, decide, render, verify; the functions behind every door."""

from tonmeister.engineer.documents import STATES, diff, list_moves, load_mix, set_moves, undo
from tonmeister.engineer.hearing import listen
from tonmeister.engineer.master_file import master
from tonmeister.engineer.mixing import mix
from tonmeister.engineer.options import Cancel, MixOptions, Tell
from tonmeister.engineer.rerender import export, render, solve
from tonmeister.engineer.result import ExportResult, HeardSong, MasterResult, MixResult

__all__ = [
    "STATES",
    "Cancel",
    "ExportResult",
    "HeardSong",
    "MasterResult",
    "MixOptions",
    "MixResult",
    "Tell",
    "diff",
    "export",
    "list_moves",
    "listen",
    "load_mix",
    "master",
    "mix",
    "render",
    "set_moves",
    "solve",
    "undo",
]

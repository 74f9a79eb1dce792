"""Tonmeister: an open, local mixing engineer.

    result = tonmeister.mix(Path("song"), Path("out"))
    print(result.master, result.misses)

The names in `__all__` are public; each is loaded when it is first used, so that importing the package costs nothing.
"""

import os
import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from tonmeister import errors as errors

# Before NumPy is loaded: threads of its linear algebra cost more than our small matrices gain, and how many there are would
# decide about the last bit of a result. Who has set it means it.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

if TYPE_CHECKING:
    from tonmeister.assistant.guidance import Answer as Answer
    from tonmeister.assistant.guidance import Translation as Translation
    from tonmeister.assistant.guidance import ask as ask
    from tonmeister.assistant.guidance import own_plugins as own_plugins
    from tonmeister.assistant.guidance import owned_plugins as owned_plugins
    from tonmeister.assistant.guidance import read_settings as read_settings
    from tonmeister.assistant.guidance import translate_settings as translate_settings
    from tonmeister.assistant.revising import revise as revise
    from tonmeister.assistant.revision import Revision as Revision
    from tonmeister.document.diff import Difference as Difference
    from tonmeister.document.mix import Mix as Mix
    from tonmeister.document.move import Move as Move
    from tonmeister.engineer import CheckResult as CheckResult
    from tonmeister.engineer import CleanOptions as CleanOptions
    from tonmeister.engineer import CleanResult as CleanResult
    from tonmeister.engineer import DeliverOptions as DeliverOptions
    from tonmeister.engineer import DeliverResult as DeliverResult
    from tonmeister.engineer import ExportResult as ExportResult
    from tonmeister.engineer import HeardSong as HeardSong
    from tonmeister.engineer import MasterOptions as MasterOptions
    from tonmeister.engineer import MasterResult as MasterResult
    from tonmeister.engineer import MixOptions as MixOptions
    from tonmeister.engineer import MixResult as MixResult
    from tonmeister.engineer import MovePreview as MovePreview
    from tonmeister.engineer import NewDirection as NewDirection
    from tonmeister.engineer import ReadSession as ReadSession
    from tonmeister.engineer import WhatIf as WhatIf
    from tonmeister.engineer import check as check
    from tonmeister.engineer import clean as clean
    from tonmeister.engineer import deliver as deliver
    from tonmeister.engineer import diff as diff
    from tonmeister.engineer import doctor as doctor
    from tonmeister.engineer import export as export
    from tonmeister.engineer import list_moves as list_moves
    from tonmeister.engineer import listen as listen
    from tonmeister.engineer import load_mix as load_mix
    from tonmeister.engineer import master as master
    from tonmeister.engineer import mix as mix
    from tonmeister.engineer import preview_move as preview_move
    from tonmeister.engineer import read_session as read_session
    from tonmeister.engineer import render as render
    from tonmeister.engineer import replace as replace
    from tonmeister.engineer import set_moves as set_moves
    from tonmeister.engineer import solve as solve
    from tonmeister.engineer import undo as undo
    from tonmeister.engineer import what_if as what_if

_PLACES = {
    "CheckResult": "engineer",
    "Answer": "assistant.guidance",
    "Translation": "assistant.guidance",
    "ask": "assistant.guidance",
    "own_plugins": "assistant.guidance",
    "owned_plugins": "assistant.guidance",
    "read_settings": "assistant.guidance",
    "translate_settings": "assistant.guidance",
    "CleanOptions": "engineer",
    "CleanResult": "engineer",
    "DeliverOptions": "engineer",
    "DeliverResult": "engineer",
    "Difference": "document.diff",
    "ExportResult": "engineer",
    "HeardSong": "engineer",
    "MasterOptions": "engineer",
    "MasterResult": "engineer",
    "Mix": "document.mix",
    "MixOptions": "engineer",
    "MixResult": "engineer",
    "Move": "document.move",
    "MovePreview": "engineer",
    "NewDirection": "engineer",
    "ReadSession": "engineer",
    "Revision": "assistant.revision",
    "WhatIf": "engineer",
    "check": "engineer",
    "clean": "engineer",
    "deliver": "engineer",
    "diff": "engineer",
    "doctor": "engineer",
    "export": "engineer",
    "list_moves": "engineer",
    "listen": "engineer",
    "load_mix": "engineer",
    "master": "engineer",
    "mix": "engineer",
    "preview_move": "engineer",
    "read_session": "engineer",
    "render": "engineer",
    "replace": "engineer",
    "revise": "assistant.revising",
    "set_moves": "engineer",
    "solve": "engineer",
    "undo": "engineer",
    "what_if": "engineer",
}
"""Public names, and the module in which each is made."""

__all__ = [*_PLACES, "errors"]  # noqa: PLE0604 - names of a table, all strings


class _Package(ModuleType):
    """This package: `tonmeister.render` is the function, although a package of that name makes the sound."""

    def __getattr__(self, name: str) -> Any:
        if name not in _PLACES:
            raise AttributeError(f"module 'tonmeister' has no attribute {name!r}")
        value = getattr(import_module(f"tonmeister.{_PLACES[name]}"), name)
        setattr(self, name, value)
        return value

    def __setattr__(self, name: str, value: Any) -> None:
        """Keep public names: importing the package `tonmeister.render` would put it in the place of the function."""
        if not (name in _PLACES and isinstance(value, ModuleType)):
            super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *__all__})


sys.modules[__name__].__class__ = _Package

"""Guidance: questions to answers with numbers, ranges and the control names of the asked processor.

Each name is loaded when it is first used: an answer needs no kernel, a translation needs the processors.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tonmeister.assistant.guidance.answer import Answer as Answer
    from tonmeister.assistant.guidance.answer import Depth as Depth
    from tonmeister.assistant.guidance.asking import ask as ask
    from tonmeister.assistant.guidance.owned import Owned as Owned
    from tonmeister.assistant.guidance.owned import own_plugins as own_plugins
    from tonmeister.assistant.guidance.owned import owned_plugins as owned_plugins
    from tonmeister.assistant.guidance.owned import scan_plugins as scan_plugins
    from tonmeister.assistant.guidance.translating import Translation as Translation
    from tonmeister.assistant.guidance.translating import read_settings as read_settings
    from tonmeister.assistant.guidance.translating import translate_settings as translate_settings

_PLACES = {
    "Answer": "answer",
    "Depth": "answer",
    "Owned": "owned",
    "Translation": "translating",
    "ask": "asking",
    "own_plugins": "owned",
    "owned_plugins": "owned",
    "read_settings": "translating",
    "scan_plugins": "owned",
    "translate_settings": "translating",
}
"""Names that other rooms may use, and the module in which each is made."""

__all__ = [*_PLACES]  # noqa: PLE0604 - names of a table, all strings


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
    globals()[name] = value
    return value

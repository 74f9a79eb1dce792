"""What can go wrong, as a tree.

TonmeisterError
├── InputError                 the person's input; exit 2, HTTP 422
│   ├── AudioFormatError       samples that are not sound as we define it
│   ├── AudioTooShortError     shorter than the measurement needs
│   ├── UnreadableFileError    a file that cannot be decoded
│   ├── MissingExtraError      a format or feature that needs an optional package
│   ├── NoTracksError          a folder without any usable stem
│   ├── DocumentError          a mix document that does not hold together
│   └── OutputError            a place that cannot be written (folder, rights, full disk)
├── CancelledError             the person stopped the work; nothing half-written is left
└── TargetMissedError          finished, but a target, budget or track was missed; exit 3
"""

from pathlib import Path


class TonmeisterError(Exception):
    """Base of everything this package raises on purpose."""


class InputError(TonmeisterError):
    """The input cannot be used; the message says what, where and what to do."""


class AudioFormatError(InputError):
    """Samples that are not (channels, frames) of finite float32."""


class AudioTooShortError(InputError):
    """The audio is shorter than the measurement needs."""

    def __init__(self, *, got_s: float, need_s: float) -> None:
        super().__init__(f"The audio lasts {got_s:.2f} s; give at least {need_s:.2f} s.")
        self.got_s, self.need_s = got_s, need_s


class UnreadableFileError(InputError):
    """A file that no reader understands, or that breaks off."""

    def __init__(self, path: Path, *, reason: str, advice: str) -> None:
        super().__init__(f"{path}: {reason}. {advice}")
        self.path, self.reason, self.advice = path, reason, advice


class MissingExtraError(InputError):
    """A feature needs an optional package that is not installed."""

    def __init__(self, *, what: str, extra: str, command: str | None = None) -> None:
        """Name the extra, or the command for a package that cannot be one."""
        how = command or f"pip install 'tonmeister[{extra}]'"
        super().__init__(f"{what} needs an optional part; install it with: {how}")
        self.what, self.extra = what, extra


class NoTracksError(InputError):
    """A source without a single usable stem."""


class DocumentError(InputError):
    """A mix document that does not hold together."""


class OutputError(InputError):
    """A result that cannot be written where it was asked for."""

    def __init__(self, path: Path, *, reason: str, advice: str) -> None:
        super().__init__(f"{path}: {reason}. {advice}")
        self.path, self.reason, self.advice = path, reason, advice


class CancelledError(TonmeisterError):
    """The person stopped the work."""


class TargetMissedError(TonmeisterError):
    """The work is finished, but a target, a budget or a track was missed."""

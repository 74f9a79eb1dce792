"""What the tests with the real command line share."""

import sys
from typing import Any

import pytest

from tonmeister.apps.cli import main


class Ran:
    """What a command ended with."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def last(self) -> str:
        return self.err.rstrip("\n").rsplit("\n", 1)[-1]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Return a function that runs the command line in this process: the same code without a second of start."""

    def run_here(*arguments: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["tonmeister", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return Ran(int(ended.value.code or 0), out, err)

    return run_here

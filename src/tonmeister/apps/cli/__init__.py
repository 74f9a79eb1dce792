"""The command line: parse, call, show; what goes wrong becomes an exit code in one place."""

from tonmeister.apps.cli.main import main

__all__ = ["main"]

"""`tonmeister mcp`: the tools for agents, over MCP."""

from pathlib import Path
from typing import Annotated

import typer

from tonmeister.errors import MissingExtraError

HttpPort = Annotated[
    int | None,
    typer.Option(
        "--http", metavar="PORT", min=1, max=65535, help="Serve streamable HTTP at http://127.0.0.1:PORT/mcp instead."
    ),
]
Root = Annotated[
    Path,
    typer.Option(
        "--root", metavar="FOLDER", help="The folder with your mixes and stems; nothing outside it is touched."
    ),
]


def mcp(http: HttpPort = None, root: Root = Path()) -> None:
    """Serve the tools to an agent over MCP: standard input and output, or HTTP on this machine only.

    An agent can listen, mix, explain, propose, apply, compare, undo, render excerpts, measure, ask and export. What writes is a dry
    run unless it says otherwise, and every change is read back. Example, in a client's settings: tonmeister mcp --root ~/Music/songs
    """
    try:
        from tonmeister.apps.mcp import serve
    except ImportError as error:
        raise MissingExtraError(what="The tool server", extra="mcp") from error
    serve(root, http_port=http)

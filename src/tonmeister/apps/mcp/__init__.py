"""The door for agents: the tools over MCP, on standard input and output or over HTTP."""

from tonmeister.apps.mcp.server import make_server as make_server
from tonmeister.apps.mcp.server import serve as serve

__all__ = ["make_server", "serve"]

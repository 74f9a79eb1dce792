"""Tools: one set of typed functions over the document, for the command line chat, MCP and language models alike."""

from tonmeister.assistant.tools.toolbox import TOOLS as TOOLS
from tonmeister.assistant.tools.toolbox import Toolbox as Toolbox
from tonmeister.assistant.tools.toolbox import ToolRow as ToolRow
from tonmeister.assistant.tools.toolbox import tool_functions as tool_functions

__all__ = ["TOOLS", "ToolRow", "Toolbox", "tool_functions"]

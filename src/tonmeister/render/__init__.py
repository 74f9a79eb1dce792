"""Document and sound in, sound out: graph, blocks, cache of strips and sums."""

from tonmeister.render.executor import Cancel, Progress
from tonmeister.render.graph import Graph, Node, build_graph
from tonmeister.render.master import Sound, Span, hear_master, write_master
from tonmeister.render.renderer import Rendered, Renderer, render
from tonmeister.render.source import SourceFile, Sources
from tonmeister.render.steps import Listener

__all__ = [
    "Cancel",
    "Graph",
    "Listener",
    "Node",
    "Progress",
    "Rendered",
    "Renderer",
    "Sound",
    "SourceFile",
    "Sources",
    "Span",
    "build_graph",
    "hear_master",
    "render",
    "write_master",
]

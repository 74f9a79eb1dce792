"""The demo song, made by code: no samples. A band plays, a voice sings, and the recording has known faults."""

from tonmeister.demo.score import FULL_FORM, SHORT_FORM, Form
from tonmeister.demo.song import DemoSong, Progress, render_song
from tonmeister.demo.truth import Fault, Truth
from tonmeister.demo.write import TRUTH_NAME, write_demo

__all__ = [
    "FULL_FORM", "SHORT_FORM", "TRUTH_NAME", "DemoSong", "Fault", "Form", "Progress", "Truth", "render_song", "write_demo",
]  # fmt: skip

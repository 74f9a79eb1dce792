"""Draw the arcs of results as pictures for the pages: `python docs/draw_arcs.py NAME=OUT…`."""  # noqa: INP001 - run by its path, imported by nobody

import sys
from pathlib import Path

from tonmeister.analysis.loudness import LoudnessMeter
from tonmeister.deliver.arc import draw_arc
from tonmeister.engineer.arc_figures import arc_figures
from tonmeister.engineer.decide import predict_all
from tonmeister.engineer.documents import load_mix, load_sources
from tonmeister.files.cache import open_cache
from tonmeister.files.sound import open_sound
from tonmeister.listen import recall_facts

IMAGES = Path(__file__).parent / "images"
INK = "#6b7079"
"""A grey that can be read on white and on black: pictures do not know the page they are on."""


def main(words: list[str]) -> None:
    """Write a picture for each result."""
    for word in words:
        name, _, place = word.partition("=")
        out = Path(place)
        mix = load_mix(out)
        facts = recall_facts(mix, load_sources(out, mix), cache=open_cache())
        with open_sound(out / "mix.wav") as sound:
            meter = LoudnessMeter(sound.sample_rate_hz, sound.channels)
            for block in sound.blocks():
                meter.add(block)
        sections = arc_figures(mix, facts, predict_all(mix, facts), meter.energies_100ms())
        svg = draw_arc(mix, sections).replace("<svg ", f'<svg color="{INK}" ', 1)
        (IMAGES / f"arc-{name}.svg").write_text(svg + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(sys.argv[1:])

"""Draw the arcs of results as pictures for the pages: `python docs/draw_arcs.py [--arc NAME] NAME=OUT…`.

With `--arc` each song is drawn as that arc would have it, rendered for the picture alone; the results stay as they are.
"""  # noqa: INP001 - run by its path, imported by nobody

import argparse
from pathlib import Path

from tonmeister.deliver.arc import draw_arc
from tonmeister.document.facts import SongFacts
from tonmeister.document.fold import fold
from tonmeister.document.mix import Mix
from tonmeister.document.text import canonical
from tonmeister.engineer.arc_figures import Floats, arc_figures
from tonmeister.engineer.decide import predict_all
from tonmeister.engineer.documents import load_mix, load_sources
from tonmeister.engineer.listeners import LoudnessListener
from tonmeister.engineer.passes import open_renderer
from tonmeister.files.cache import open_cache
from tonmeister.listen import recall_facts
from tonmeister.tasks import Work, pacing

IMAGES = Path(__file__).parent / "images"
INK = "#6b7079"
"""A grey that can be read on white and on black: pictures do not know the page they are on."""
LAST = 10_000
"""Behind all other moves."""


def main() -> None:
    """Write a picture for each result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--arc", help="draw this arc in place of the one that was chosen")
    parser.add_argument("results", nargs="+", metavar="NAME=OUT")
    options = parser.parse_args()
    for word in options.results:
        name, _, place = word.partition("=")
        svg = draw(Path(place), options.arc).replace("<svg ", f'<svg color="{INK}" ', 1)
        (IMAGES / f"arc-{name}.svg").write_text(svg + "\n", encoding="utf-8", newline="\n")


def draw(out: Path, arc: str | None) -> str:
    """Return the picture of a result, as it is or with another arc."""
    cache, mix = open_cache(), load_mix(out)
    sources = load_sources(out, mix)
    facts = recall_facts(mix, sources, cache=cache)
    mix = mix if arc is None else with_arc(mix, facts, arc)
    with open_renderer(sources, cache=cache) as renderer:
        ear = LoudnessListener(mix.song.sample_rate_hz, 2)
        renderer.render(mix, listeners={"mix": [ear]})
    energies: Floats = ear.meter.energies_100ms()
    return str(draw_arc(mix, arc_figures(mix, facts, predict_all(mix, facts), energies)))


def with_arc(mix: Mix, facts: SongFacts, arc: str) -> Mix:
    """Return the mix with another arc in place of its own."""
    brief = mix.brief.model_copy(update={"arc": arc})
    still = tuple(move for move in mix.moves if move.task != "pacing")
    asked = fold(mix.model_copy(update={"brief": brief, "moves": still}))
    moves = pacing.propose(Work(facts=facts, mix=asked, heard=predict_all(asked, facts)))
    placed = tuple(move.model_copy(update={"order": LAST}) for move in moves)
    return canonical(fold(canonical(asked.model_copy(update={"moves": (*still, *placed)}))))


if __name__ == "__main__":
    main()

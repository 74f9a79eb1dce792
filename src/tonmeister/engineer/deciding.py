"""All decisions of one mix: strips first, tried on excerpts; then the mix, placed by what the rendered strips measure."""

from collections.abc import Mapping
from dataclasses import dataclass

from tonmeister.document.facts import SongFacts
from tonmeister.document.fold import fold
from tonmeister.document.mix import Mix
from tonmeister.document.text import canonical
from tonmeister.engineer.decide import decide_mix, decide_strips, place_again, predict_all
from tonmeister.engineer.directing import direct
from tonmeister.engineer.options import Cancel
from tonmeister.engineer.rings import find_rings
from tonmeister.engineer.stages import Stages
from tonmeister.engineer.strips import hear_strips
from tonmeister.engineer.tone_budgets import hold_tone
from tonmeister.engineer.trial import try_strips
from tonmeister.files.cache import Cache
from tonmeister.files.probe import SoundFile
from tonmeister.processing.dynamics import Reduction
from tonmeister.render import Renderer
from tonmeister.tasks import Heard, masking


@dataclass(frozen=True, slots=True, eq=False)
class Decided:
    """A mix with all its moves, and what they were decided by."""

    mix: Mix
    facts: SongFacts
    heard: Mapping[str, Heard]
    """Every strip before its fader."""
    reductions: Mapping[str, Reduction]
    """What each compressor takes on its track's loudest excerpt, by move id."""
    lessened: tuple[str, ...] = ()
    """What was lessened so that a budget holds, in sentences."""


def decide_all(
    opened: Mix,
    facts: SongFacts,
    sources: Mapping[str, SoundFile],
    renderer: Renderer,
    stages: Stages,
    *,
    with_strips: bool,
    cache: Cache,
    cancel: Cancel | None,
) -> Decided:
    """Make all moves; without `with_strips` nothing is rendered and strips stay as predicted (for a preview)."""
    with stages.stage("decide"):
        facts = find_rings(facts, sources, cache=cache)
        mix = decide_strips(opened, facts)
        mix, reductions = try_strips(mix, facts, sources, cache=cache, tune=True)
        # Who covers whom is decided once, by the strips as they sound; without them, as predicted.
        but = (masking.propose,) if with_strips else ()
        mix, lessened = hold_tone(decide_mix(canonical(fold(canonical(mix))), facts, None, but=but), facts)
        heard = predict_all(mix, facts)
    if not with_strips:
        mix, again = _directed(mix, facts, heard, renderer, stages, cancel=cancel)
        return Decided(mix, facts, heard, reductions, (*lessened, *again))
    with stages.stage("strips") as tell:
        heard = hear_strips(mix, heard, renderer, progress=lambda share: tell("", share), cancel=cancel)
        mix, again = hold_tone(place_again(mix, facts, heard), facts)
    mix, last = _directed(mix, facts, heard, renderer, stages, cancel=cancel)
    return Decided(mix, facts, heard, reductions, tuple(dict.fromkeys((*lessened, *again, *last))))


def _directed(
    mix: Mix, facts: SongFacts, heard: Mapping[str, Heard], renderer: Renderer, stages: Stages, *, cancel: Cancel | None
) -> tuple[Mix, tuple[str, ...]]:
    """Return the mix on its way to references and moods, inside the budgets of tone, and what was lessened for that."""
    if not mix.brief.has_direction:
        return mix, ()
    with stages.stage("direction"):
        return hold_tone(direct(mix, facts, heard, renderer, cancel=cancel), facts)


def look_again(
    mix: Mix,
    facts: SongFacts,
    sources: Mapping[str, SoundFile],
    renderer: Renderer,
    stages: Stages,
    *,
    cache: Cache,
    cancel: Cancel | None,
) -> Decided:
    """Measure what every move does, and decide nothing: the mix is as a person left it."""
    with stages.stage("strips") as tell:
        mix, reductions = try_strips(mix, facts, sources, cache=cache, tune=False)
        heard = predict_all(mix, facts)
        heard = hear_strips(mix, heard, renderer, progress=lambda share: tell("", share), cancel=cancel)
        return Decided(mix, facts, heard, reductions)

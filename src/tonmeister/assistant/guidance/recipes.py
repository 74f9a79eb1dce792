"""Where a named processor starts for what a question is about."""

from tonmeister.assistant.guidance.answer import Setting
from tonmeister.assistant.guidance.controls import missing, place, shown_range
from tonmeister.assistant.guidance.situation import Situation
from tonmeister.knowledge.cards import Recipe, recipes
from tonmeister.knowledge.plugins import PluginFacts

_KINDS = {"bus_compressor": "compressor", "channel_strip": "compressor", "dynamics": "compressor"}
"""Kinds that start as another kind does."""
_ORDER = (
    "ratio", "attack", "release", "hold", "ceiling", "lookahead", "frequency", "range", "pre_delay", "decay", "time", "feedback",
    "high_pass", "low_pass", "retune", "drive", "mix", "transient_attack", "transient_sustain",
)  # fmt: skip


def find_recipe(kind: str, situation: Situation) -> Recipe | None:
    """Return the start for a kind of processor on the source and in the style of a question, the most special that there is."""
    wanted = _KINDS.get(kind, kind)
    source = situation.source
    if kind == "bus_compressor" and source in {None, "master"}:
        source = "mix bus"
    fitting = [recipe for recipe in recipes() if recipe.kind == wanted and recipe.source in {source, "any"}]
    styled = [recipe for recipe in fitting if recipe.style is not None and recipe.style == situation.style]
    plain = [recipe for recipe in fitting if recipe.style is None]
    return next(iter(styled or plain), None)


def settings_for(facts: PluginFacts, situation: Situation) -> tuple[tuple[Setting, ...], Recipe | None]:
    """Return settings in the controls of a processor, and the start they come from."""
    recipe = find_recipe(facts.kind, situation)
    if recipe is None:
        return (), None
    wanted = [role for role in _ORDER if role in recipe.values]
    asked = [role for role in situation.roles if role in recipe.values or role in facts.fixed]
    found: list[Setting] = []
    for role in [*asked, *(role for role in wanted if role not in asked)]:
        control = facts.control(role)
        if control is None:
            if role in asked or role in facts.fixed:
                found.append(Setting(processor=facts.name, control=None, value=missing(facts, role), exact=False))
            continue
        low, high = recipe.values.get(role, (None, None))
        if low is not None and high is not None:
            placed = place(control, low, high)
            found.append(Setting(processor=facts.name, control=control.name, value=placed.text, exact=placed.exact))
    if "reduction" in recipe.values:
        found.append(_amount(facts, recipe))
    return tuple(found), recipe


def _amount(facts: PluginFacts, recipe: Recipe) -> Setting:
    """Return the control that decides how much is taken, and until when to turn it."""
    low, high = recipe.values["reduction"]
    until = f"until the meter shows about {shown_range(low, high, 'dB')} of reduction in the loudest places"
    for role, verb in (("threshold", "lower it"), ("amount", "raise it"), ("input", "raise it")):
        control = facts.control(role)
        if control is not None:
            return Setting(processor=facts.name, control=control.name, value=f"{verb} {until}")
    return Setting(
        processor=facts.name,
        control=None,
        value=f"aim at about {shown_range(low, high, 'dB')} of reduction",
        exact=False,
    )

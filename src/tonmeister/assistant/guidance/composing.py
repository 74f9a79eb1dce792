"""From ranked cards and facts of processors to the parts of an answer."""

from collections.abc import Sequence

from tonmeister.assistant.guidance.answer import AnswerDraft, Point, Setting
from tonmeister.assistant.guidance.clauses import of_one_subject, sentence
from tonmeister.assistant.guidance.controls import missing, place, shown_control, shown_range, wish_unit
from tonmeister.assistant.guidance.naming import Named
from tonmeister.assistant.guidance.ranking import Ranked, question_weights
from tonmeister.assistant.guidance.recipes import find_recipe, settings_for
from tonmeister.assistant.guidance.situation import Situation
from tonmeister.assistant.guidance.words import terms
from tonmeister.knowledge.cards import Card, Recipe
from tonmeister.knowledge.plugins import Control, PluginFacts

_SECOND = 0.45
"""A further card speaks too if it scores at least so much of the first."""
_FURTHER_CARDS = 2
_FURTHER_POINTS = (8, 4)
"""Points that the second and the third card add, those nearest to the question first."""
_PART_POINTS = 6
"""Points of a card that answers one part of the question."""
_MOST_PLUGINS = 3
_MOST_CONTROLS = 12
_SOURCES = frozenset({"vocal", "rap", "drums", "kick", "snare", "bass", "guitar", "acoustic", "piano"})
"""Words of sources: what a processor does on another one than is asked about is not told."""
_MOST_LEADING = 4
"""Controls that are named before what the processor does, because the question names them."""


def draft(ranked: list[Ranked], question: list[str], parts: Sequence[tuple[Ranked, list[str]]] = ()) -> AnswerDraft:
    """Return the parts that cards give: all points of the first, of further ones those nearest to the question.

    Cards of `parts` answer one part of a question each and come before others that fit the whole; of those only such speak as are
    about the same subject.
    """
    if not ranked:
        return AnswerDraft()
    first = ranked[0].card
    points = [Point(text=text, card=first.id, status=first.status) for text in first.points]
    used, avoid, why = [first], list(first.avoid), [first.why]
    near, near_why = [], []
    for item, words in parts[:_FURTHER_CARDS]:
        used.append(item.card)
        points += _nearest(item, words, {point.text for point in points}, _PART_POINTS)
        avoid += item.card.avoid
        why.append(_reason(item.card))
    for item in ranked[1:]:
        if len(used) > _FURTHER_CARDS or item.score < _SECOND * ranked[0].score:
            break
        against = not set(first.against).isdisjoint(terms(item.card.title))  # its recipe would contradict the advice
        if against or item.card in used or not of_one_subject(item.card, question):
            continue
        used.append(item.card)
        near.append(item.card.id)
        points += _nearest(item, question, {point.text for point in points}, _FURTHER_POINTS[len(used) - 2])
        near_why.append(_reason(item.card))
    return AnswerDraft(
        points=tuple(points),
        why=tuple(why),
        near_why=tuple(near_why),
        avoid=tuple(dict.fromkeys(avoid)),
        exercise=tuple(card.exercise for card in used if card.exercise)[:1],
        sources=tuple(dict.fromkeys(source for card in used for source in card.sources)),
        topics=tuple(card.id for card in used),
        near=tuple(near),
        title=first.title,
        against=first.against,
        short=first.short,
        measures=tuple(dict.fromkeys(measure for card in used for measure in card.measures)),
        general=any(not card.sources for card in used),
    )


def _nearest(item: Ranked, question: list[str], told: set[str], most: int) -> list[Point]:
    """Return the points of a further card that share most with the question; its sentence where none does."""
    weights = question_weights(question)
    card = item.card
    scored = []
    for rank_of, text in enumerate(card.points):
        score = sum(weights.get(word, 0.0) for word in set(terms(text)))
        scored.append((-score, rank_of, text))
    chosen = [text for _, _, text in sorted(scored)[:most]]
    steps = card.steps
    if not steps.isdisjoint(chosen):  # a numbered list is told whole or not at all
        chosen = [text for text in card.points if text in steps or text in chosen]
    return [Point(text=text, card=card.id, status=card.status) for text in (card.short, *chosen) if text not in told]


def _reason(card: Card) -> str:
    """Return the reason of a further card, with what it is about: alone it would be read as one of the first."""
    return f"{card.title}: {card.why}"


def plugin_parts(
    named: Named, situation: Situation, question: list[str], against: Sequence[str] = ()
) -> tuple[tuple[Setting, ...], tuple[Point, ...], str, str]:
    """Return settings and facts for the processors of a question, a sentence on where the settings come from, and their reason.

    Processors of a kind that the card of the answer is `against` get no settings.
    """
    settings: list[Setting] = []
    facts: list[Point] = []
    basis = reason = ""
    chosen = named.plugins[:_MOST_PLUGINS]
    for plugin in chosen:
        found, recipe = settings_for(plugin, situation)
        if (
            plugin.kind not in against
            and recipe is not None
            and _asks_settings(situation, len(chosen))
            and _is_its_job(plugin, situation)
        ):
            settings += found
            basis, reason = start_sentence(recipe), start_reason(recipe)
            for other in _other_styles(plugin, situation, recipe):
                second, theirs = settings_for(plugin, other)
                settings += [one.model_copy(update={"processor": f"{plugin.name} ({other.style})"}) for one in second]
                basis += f" {start_sentence(theirs)}" if theirs is not None else ""
        facts += _facts(plugin, situation, question, brief=bool(settings) and len(chosen) > 1)
    return tuple(settings), tuple(facts), basis, reason


def _other_styles(plugin: PluginFacts, situation: Situation, first: Recipe) -> list[Situation]:
    """Return the situation for each further style that is named and has a start of its own: `ballad versus hook`."""
    others = [situation._replace(style=style) for style in situation.styles if style != situation.style]
    found = [(other, find_recipe(plugin.kind, other)) for other in others]
    told: list[tuple[str | None, dict[str, tuple[float, float]]]] = [(first.style, first.values)]
    kept = []
    for other, recipe in found:
        if recipe is not None and recipe.style == other.style and (recipe.style, recipe.values) not in told:
            told.append((recipe.style, recipe.values))
            kept.append(other)
    return kept[:1]


def _is_its_job(plugin: PluginFacts, situation: Situation) -> bool:
    """Say whether the question is about the usual job of the processor: a compressor as limiter has other settings."""
    return not (situation.kind == "limiter" and plugin.kind != "limiter")


def _asks_settings(situation: Situation, plugins: int) -> bool:
    return (situation.source is not None or situation.style is not None) and (situation.asks_to_set or plugins == 1)


def type_facts(named: Named, question: list[str]) -> tuple[Point, ...]:
    """Return what families of compressors do, where no product was named."""
    if named.plugins or "compressor" not in question:
        return ()
    families = [family for family in named.types if family.kind == "compressor"]
    return tuple(point for family in families[:2] for point in _behaviour(family, question, 3))


def general_start(situation: Situation) -> tuple[str, str]:
    """Return where such a processor starts on the source that is asked about, and why, where settings are asked for."""
    if situation.kind is None or situation.source is None or not situation.roles:
        return "", ""
    recipe = find_recipe(situation.kind, situation)
    if recipe is None or not set(situation.roles) & recipe.values.keys():
        return "", ""
    return start_sentence(recipe), start_reason(recipe)


def start_reason(recipe: Recipe) -> str:
    """Return why a starting setting is as it is, in a sentence of its own."""
    return sentence(f"The start: {recipe.why}")


def start_sentence(recipe: Recipe) -> str:
    """Return a starting setting in a sentence."""
    style = f", {recipe.style}" if recipe.style else ""
    source = "any source" if recipe.source == "any" else recipe.source
    values = ", ".join(
        f"{role.replace('_', ' ')} {shown_range(*span, wish_unit(role))}" for role, span in recipe.values.items()
    )
    return f"Start for {source}{style}: {values} (common practice: a starting point)."


def _facts(plugin: PluginFacts, situation: Situation, question: list[str], *, brief: bool) -> list[Point]:
    points = _behaviour(plugin, question, 2 if brief else 5)
    asked = [control for role in situation.roles if (control := plugin.control(role)) is not None]
    words = set(question) - set(terms(" ".join((plugin.name, plugin.kind, *plugin.aliases))))
    named = [c for c in plugin.controls if words & set(terms(c.name))]
    lead = list({control.name: control for control in [*asked, *named]}.values())[:_MOST_LEADING]
    others = [] if lead and brief else [control for control in plugin.controls if control not in lead]
    if lead:
        told = ". ".join(_shown_or_unknown(control) for control in lead)
        points.insert(0, Point(text=f"{plugin.name}: {told}.", card=plugin.name, status=plugin.status))
    if others:
        told = ". ".join(shown_control(control) for control in others[: _MOST_CONTROLS - len(lead)])
        label = "further controls" if lead else "controls"
        points.append(Point(text=f"{plugin.name} {label}: {told}.", card=plugin.name, status=plugin.status))
    wishes = [_reached(plugin, *target) for target in situation.targets]
    points[:0] = [Point(text=text, card=plugin.name, status=plugin.status) for text in wishes]
    fixed = [f"{role}: {text}" for role, text in plugin.fixed.items()]
    if fixed:
        told = f"{plugin.name} has no control for {'; '.join(fixed)}."
        is_asked = not plugin.fixed.keys().isdisjoint(situation.roles)
        points.insert(0 if is_asked else len(points), Point(text=told, card=plugin.name, status=plugin.status))
    return points


def _shown_or_unknown(control: Control) -> str:
    shown = shown_control(control)
    return f"{shown}: no figures known here" if shown == control.name else shown


def _reached(plugin: PluginFacts, role: str, low: float, high: float) -> str:
    """Say where a value that the question names lies on the processor, or that it has no such control."""
    control = plugin.control(role)
    wish = f"{role.replace('_', ' ')} {shown_range(low, high, wish_unit(role))}"
    told = missing(plugin, role) if control is None else f"{control.name} {place(control, low, high).text}"
    return f"{plugin.name}, {wish}: {told}."


def _behaviour(plugin: PluginFacts, question: list[str], most: int) -> list[Point]:
    words = set(question)
    asked = words & _SOURCES
    own = [text for text in plugin.behaviour if not asked or not (told := _SOURCES & set(terms(text))) or told & asked]
    ranked = sorted(enumerate(own), key=lambda item: (-len(words & set(terms(item[1]))), item[0]))
    chosen = sorted(ranked[:most])
    return [Point(text=f"{plugin.name}: {text}", card=plugin.name, status=plugin.status) for _, text in chosen]


def owned_settings(owned: tuple[PluginFacts, ...], situation: Situation) -> tuple[Setting, ...]:
    """Return settings in the first processor that the person owns and that fits, where none was named."""
    if situation.kind is None or situation.source is None:
        return ()
    for plugin in owned:
        if find_recipe(plugin.kind, situation) is not None and _kind_fits(plugin, situation.kind):
            return settings_for(plugin, situation)[0]
    return ()


def _kind_fits(plugin: PluginFacts, kind: str) -> bool:
    families = {"bus_compressor": "compressor", "preamp_eq": "eq"}
    return families.get(plugin.kind, plugin.kind) == kind

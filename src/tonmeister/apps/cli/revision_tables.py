"""Revisions, versions and taste as text for a terminal."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tonmeister.apps.cli.tables import say

if TYPE_CHECKING:  # what is shown is there already; importing its types here would cost every `--help` a second
    from tonmeister.assistant.readings.reading import Reading
    from tonmeister.assistant.revision import Revision
    from tonmeister.assistant.taste import Taste
    from tonmeister.assistant.versions import Version


def show_revision(found: "Revision") -> None:
    """Print the list of actions with their readings, and the draft of the reply once something was made."""
    for action in found.actions:
        say(f"{action.number}. {action.said.strip()} [{action.state}]")
        if action.intent is not None:
            say(_intent_words(action.intent), indent=3)
        if action.reason:
            say(action.reason, indent=3)
        for number in action.readings:
            _show_reading(found.reading(number))
    for line in found.report:
        say(f"changed: {line}")
    for path in found.excerpts:
        say(f"to compare: {path}")
    if found.question is not None:
        say(f"Worth asking: {found.question}")
    if found.chosen:
        print()
        print(found.reply, end="")
        say(f"Version {found.version}; `tonmeister undo` takes it back.")
    elif found.readings:
        say("Nothing was changed; --choose N makes a reading.")
    for miss in found.misses:
        say(f"missed: {miss}")


def _intent_words(intent: object) -> str:
    where = getattr(intent, "section", None)
    words = [getattr(intent, name) for name in ("target", "attribute", "direction", "strength")]
    opened = (
        "perhaps meant (no vocabulary holds these words): " if getattr(intent, "is_guess", False) else "understood as: "
    )
    return opened + " ".join(str(word).replace("_", " ") for word in words) + (f", {where}" if where else "")


def _show_reading(reading: "Reading") -> None:
    say(f"{reading.number}) {reading.says} ({reading.mechanism})", indent=3)
    say(f"{reading.evidence}; protects {reading.protects}", indent=6)


def show_versions(versions: Sequence["Version"]) -> None:
    """Print the versions, oldest first."""
    if not versions:
        say(
            "No version yet; `tonmeister revise` makes them, `tonmeister versions OUT --name NAME` names the mix as it is."
        )
    for version in versions:
        approved = f", approved by {', '.join(version.approved_by)}" if version.approved_by else ""
        title = f" {version.name}" if version.name else ""
        say(f"{version.number}.{title}{approved}")
        if version.words:
            say(f"asked: {' '.join(version.words.split())}", indent=3)
        for line in version.done:
            say(f"done: {line}", indent=3)


def show_taste(taste: "Taste") -> None:
    """Print where the taste is kept, and what it says."""
    from tonmeister.assistant.taste import taste_path

    say(f"{taste_path()}: {taste.choices} choices")
    for key, one in sorted(taste.leanings.items(), key=lambda item: -item[1].score):
        amount = "" if one.scale == 1 else f", {one.scale:.2f} of the usual amount"
        say(f"{key}: taken {one.accepted:g}, passed over {one.refused:g}{amount}", indent=2)

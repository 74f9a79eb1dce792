"""The chain of a voice, in the order in which it runs."""

from tests.facts import ask, open_song, song_facts, tiny_tracks
from tonmeister.deliver.chains import render_chains, vocal_chains
from tonmeister.document.fold import fold
from tonmeister.document.mix import Mix
from tonmeister.document.move import Move
from tonmeister.tasks import MIX_TASKS, STRIP_TASKS


def mixed(*names: str) -> Mix:
    facts = song_facts([tiny_tracks()[name] for name in names])
    mix = open_song(facts)
    for place, task in enumerate((*STRIP_TASKS, *MIX_TASKS)):
        new: list[Move] = [m.model_copy(update={"order": place}) for m in ask(task, facts, mix=mix)]
        mix = fold(mix.model_copy(update={"moves": (*mix.moves, *new)}))
    return mix


def test_every_step_of_a_voice_stands_in_its_order_with_its_reason() -> None:
    mix = mixed("lead-vox", "keys", "kick")
    (chain,) = vocal_chains(mix)
    assert chain.track == "lead-vox"
    kinds = [step.what.partition(":")[0].split(" ")[0] for step in chain.steps]
    assert kinds[0] == "Trim"
    assert kinds.index("Compressor") < kinds.index("Fader")
    strip = mix.track("lead-vox").strip
    places = [step.what for step in chain.steps if step.what.startswith(("Compressor", "De-esser", "Upward"))]
    assert len(places) == sum(insert.slot == "dynamics" for insert in strip.inserts)
    assert all(step.why for step in chain.steps if step.move is not None)
    ids = {move.id for move in mix.moves if move.where.track == "lead-vox"}
    assert {step.move for step in chain.steps if step.move} <= ids


def test_a_song_without_voices_has_no_chains() -> None:
    mix = mixed("keys", "kick")
    assert vocal_chains(mix) == ()
    assert render_chains(mix) == ""

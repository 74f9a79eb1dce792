"""Processed stems that lie side by side from the first sample on, and a recipe page a track for the plugins of other DAWs."""

import json
from collections.abc import Sequence

from tonmeister.daw.account import Account
from tonmeister.daw.handback import Handback
from tonmeister.daw.media import Place, place_file
from tonmeister.daw.names import clean_name, unique_names, without_ending
from tonmeister.daw.prepare import Prepared, Print
from tonmeister.daw.stems.recipes import recipe_page, recipes_of
from tonmeister.document.lane import Lane
from tonmeister.document.mix import Mix
from tonmeister.document.strip import MASTER, Bus, Strip
from tonmeister.files.atomic import output_errors
from tonmeister.files.probe import SoundFile


def prepare_stems(mix: Mix) -> Prepared:
    """Return the mix with a print of every track and of every effect as they go to their bus, and of every group's sum."""
    prints = [Print(f"track:{track.id}", f"track:{track.id}") for track in mix.tracks if track.used]
    prints += [Print(f"bus:{bus.id}", f"bus:{bus.id}") for bus in mix.buses]
    return Prepared(mix.model_copy(update={"moves": ()}), tuple(prints))


def write_stems_files(mix: Mix, prints: dict[str, SoundFile], place: Place, *, name: str) -> Handback:
    """Write the stems and the recipes.

    Args:
        mix: The mix.
        prints: The printed sounds, by `track:ID` and `bus:ID`.
        place: Name inside the session's folder → where to write that file.
        name: Name of the song.

    Raises:
        OutputError: If a file cannot be written.
    """
    account = Account()
    owners: list[tuple[str, str, Strip | Bus]] = [
        (f"track:{track.id}", track.name, track.strip) for track in mix.tracks if track.used
    ]
    owners += [(f"bus:{bus.id}", bus.name, bus) for bus in mix.buses]
    names = unique_names([without_ending(owner[1]) for owner in owners], otherwise="Track", taken=())
    typed = {}
    for (key, said, owner), file_name in zip(owners, names, strict=True):
        is_group = isinstance(owner, Bus) and owner.kind == "group"
        stem = f"{'Groups' if is_group else 'Stems'}/{file_name}.wav"
        target = place(stem)
        with output_errors(target):
            place_file(prints[key].path, target)
        account.counts["group stems" if is_group else "stems"] += 1
        recipes = recipes_of(owner.inserts, stem=stem)
        _write(place, f"Recipes/{file_name}.md", recipe_page(said, owner, recipes, stem=stem))
        typed[file_name] = [recipe.model_dump(mode="json") for recipe in recipes]
        account.counts["recipe pages"] += 1
    _write(place, "Recipes/recipes.json", json.dumps(typed, indent=1, ensure_ascii=False, sort_keys=True) + "\n")
    recipes = recipes_of(mix.master.inserts, stem="master.wav")
    _write(
        place,
        "Recipes/Master chain.md",
        _master_page(recipe_page("Master", Bus(id=MASTER, name="Master"), recipes, stem="master.wav")),
    )
    account.approximate += _sums(mix)
    path = place("README.txt")
    song = clean_name(name, otherwise="Mix")
    with output_errors(path):
        path.write_text(
            f"{song}: put all of Stems/ at the start of the song, faders at 0 dB, pans in the middle.\n", "utf-8"
        )
    return account.handback(path, mix)


def _master_page(page: str) -> str:
    return page.replace("To build it anew, start with the sound as it came.", "It runs on the sum.")


def _sums(mix: Mix) -> Sequence[str]:
    groups = [bus for bus in mix.buses if bus.kind == "group" and not _passes(bus)]
    told = "The sum of Stems/ is the mix before the master chain"
    if not groups:
        return (f"{told}.",)
    names = ", ".join(bus.name for bus in groups)
    return (f"{told}, but for what {names} do to theirs; Groups/ has those sums.",)


def _passes(bus: Bus) -> bool:
    """Say whether a group leaves its sum as it is."""

    def still(lane: Lane, value: float) -> bool:
        return all(point.value == value for point in lane.points)

    return not bus.inserts and still(bus.fader_db, 0) and still(bus.width, 1) and still(bus.mute, 0)


def _write(place: Place, name: str, text: str) -> None:
    path = place(name)
    with output_errors(path):
        path.write_bytes(text.encode("utf-8"))

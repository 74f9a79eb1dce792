"""Which DAW sessions can be written: one table, by hand."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from tonmeister.daw.aaf.write import write_aaf_files
from tonmeister.daw.ableton.write import takes, write_ableton_files
from tonmeister.daw.ardour.plugins import SKETCHES as ARDOUR_SKETCHES
from tonmeister.daw.ardour.plugins import builds as ardour_builds
from tonmeister.daw.ardour.write import write_ardour_files
from tonmeister.daw.changes import SessionLink
from tonmeister.daw.dawproject.devices import builds as dawproject_builds
from tonmeister.daw.dawproject.write import write_dawproject_files
from tonmeister.daw.handback import Handback, joined
from tonmeister.daw.media import MediaWay
from tonmeister.daw.order import Order
from tonmeister.daw.prepare import Abilities, Prepared, Print, prepare
from tonmeister.daw.reaper.devices import SKETCHES as REAPER_SKETCHES
from tonmeister.daw.reaper.devices import builds as reaper_builds
from tonmeister.daw.reaper.write import write_reaper_files
from tonmeister.daw.stems.write import prepare_stems, write_stems_files
from tonmeister.document.mix import Mix
from tonmeister.document.strip import Insert
from tonmeister.engineer.handing_back import SAME, hand_back, is_live_set, new_takes, unbuilt_returns
from tonmeister.engineer.printing import Key, key_of, print_sounds
from tonmeister.errors import InputError
from tonmeister.files.cache import open_cache
from tonmeister.files.output_folder import OutputFolder
from tonmeister.files.probe import SoundFile
from tonmeister.render.executor import Cancel, Progress

Place = Callable[[str], Path]
"""Name inside a session's folder → where to write that file."""


@dataclass(frozen=True, slots=True)
class Writing:
    """What every writer is told, beside the mix."""

    name: str
    """Name of the song."""
    way: MediaWay = "copy"
    """Whether a session holds the sound or plays it where it is."""
    own_set: Path | None = None
    """The person's own Live set, for `ableton`."""
    folder: Path = Path()
    """Where the result will be."""
    back: SessionLink | None = None
    """The session that the mix came from, which is handed back as well."""


@dataclass(frozen=True, slots=True)
class SessionFormat:
    """A kind of session: what its DAW can build, and who writes it."""

    prepare: Callable[[Mix], Prepared]
    write: Callable[[Prepared, Mapping[str, SoundFile], Place, Writing], Handback]


def _order(prepared: Prepared, sources: Mapping[str, SoundFile], place: Place, told: Writing) -> Order:
    return Order(prepared.mix, sources, place, told.name, open_cache(), told.way, _printed(prepared))


def _ardour(prepared: Prepared, sources: Mapping[str, SoundFile], place: Place, told: Writing) -> Handback:
    return write_ardour_files(_order(prepared, sources, place, told))


def _dawproject(prepared: Prepared, sources: Mapping[str, SoundFile], place: Place, told: Writing) -> Handback:
    order = _order(prepared, sources, place, told)
    return write_dawproject_files(order, notes=(*prepared.printed, *prepared.lost))


def _reaper(prepared: Prepared, sources: Mapping[str, SoundFile], place: Place, told: Writing) -> Handback:
    return write_reaper_files(_order(prepared, sources, place, told))


def _aaf(prepared: Prepared, sources: Mapping[str, SoundFile], place: Place, told: Writing) -> Handback:
    order = _order(prepared, sources, place, told)
    return write_aaf_files(order, final_folder=told.folder.resolve() / "sessions" / "aaf")


def _ableton(prepared: Prepared, sources: Mapping[str, SoundFile], place: Place, told: Writing) -> Handback:
    if told.own_set is None:
        raise InputError("The mix goes into your own Live set; give it with --set FILE.als.")
    return write_ableton_files(
        prepared.mix, told.own_set, place, sources=sources, printed=_printed(prepared), cache=open_cache()
    )


def _stems(prepared: Prepared, sources: Mapping[str, SoundFile], place: Place, told: Writing) -> Handback:
    return write_stems_files(prepared.mix, dict(sources), place, name=told.name)


def _prepare_ableton(mix: Mix) -> Prepared:
    """Return the mix with trims in thresholds and faders; chains that no device of Live's takes are printed as a whole."""
    prepared = prepare(mix, Abilities(_builds_all, keys=True, width=True, trim=False))
    prints = [
        Print(track.id, f"strip:{track.id}")
        for track in prepared.mix.tracks
        if track.used and not all(takes(insert) for insert in track.strip.inserts)
    ]
    return replace(prepared, prints=tuple(prints))


def _builds_all(insert: Insert, channels: int) -> bool:
    return insert.id != "" or channels > 0


def _builds_nothing(insert: Insert, channels: int) -> bool:
    return insert.id == "" and channels == 0


def _printed(prepared: Prepared) -> frozenset[str]:
    return frozenset(one.track_id for one in prepared.prints)


def _for(abilities: Abilities) -> Callable[[Mix], Prepared]:
    return lambda mix: prepare(mix, abilities)


SESSION_FORMATS: dict[str, SessionFormat] = {
    "ardour": SessionFormat(_for(Abilities(ardour_builds, width=True, sketches=ARDOUR_SKETCHES)), _ardour),
    "dawproject": SessionFormat(_for(Abilities(dawproject_builds, trim=False, polarity=False)), _dawproject),
    "reaper": SessionFormat(_for(Abilities(reaper_builds, sketches=REAPER_SKETCHES)), _reaper),
    "ableton": SessionFormat(_prepare_ableton, _ableton),
    "aaf": SessionFormat(_for(Abilities(_builds_nothing, trim=False, polarity=False, takes=False, sends=False)), _aaf),
    "stems": SessionFormat(prepare_stems, _stems),
}
"""Format → how to write it."""
_MAIN_FILES = (".ardour", ".dawproject", ".rpp", ".aaf")
"""Endings of the files that a DAW opens."""


def written_sessions(out: Path) -> tuple[str, ...]:
    """Return the formats of which a result has a session that can be written again without being told more."""
    return tuple(name for name in SESSION_FORMATS if name != "ableton" and (out / "sessions" / name).is_dir())


def check_formats(
    names: Iterable[str], *, option: str, own_set: Path | None = None, needs_set: bool = True
) -> tuple[str, ...]:
    """Return the formats of these names, each once.

    Raises:
        InputError: If there is no such format, or it needs a set that was not given.
    """
    wanted = tuple(dict.fromkeys(name.strip() for name in names if name.strip()))
    unknown = [name for name in wanted if name not in SESSION_FORMATS]
    if unknown or not wanted:
        there = ", ".join(SESSION_FORMATS)
        raise InputError(f"{option} {', '.join(unknown) or '(nothing)'}: no such format; there are {there}.")
    if needs_set and "ableton" in wanted and own_set is None:
        raise InputError(
            f"{option} ableton puts the mix into your own Live set: `tonmeister export OUT --to ableton --set FILE.als`."
        )
    return wanted


def account(handback: Handback) -> str:
    """Return the text that lies beside a session: what it carries, what is printed, what sounds different, what it lost."""
    lines = ["In this session:", *(f"  {count} {what}" for what, count in handback.carried.items())]
    lines += ["", "Printed as sound, as the DAW has no device for it:"]
    lines += [f"  {sentence}" for sentence in handback.printed or ("nothing",)]
    lines += ["", "Not exactly as in the mix:", *(f"  {sentence}" for sentence in handback.approximate or ("nothing",))]
    if handback.errors_db:
        lines += ["", "Largest differences that can be computed, in dB (curves: 20 Hz to 16 kHz):"]
        lines += [f"  {error_db:.2f}  {what}" for what, error_db in handback.errors_db.items()]
    lines += ["", "Not carried:", *(f"  {sentence}" for sentence in handback.lost or ("nothing",))]
    return "\n".join(lines) + "\n"


def write_sessions(
    mix: Mix,
    sources: Mapping[str, SoundFile],
    folder: OutputFolder,
    formats: Iterable[str],
    told: Writing,
    *,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> tuple[list[str], dict[str, Handback]]:
    """Write the sessions that were asked for, each with an account of what it carries; return names and accounts.

    Raises:
        InputError: If a sound is not there, or a session cannot be written.
        CancelledError: If cancel was set.
    """
    wanted_formats, told = _with_own_set(tuple(formats), told)
    prepared = {wanted: SESSION_FORMATS[wanted].prepare(mix) for wanted in wanted_formats}
    wanted_prints = [one for those in prepared.values() for one in those.prints]
    wanted_prints += () if told.back is None else unbuilt_returns(mix, told.back)
    prints = print_sounds(
        mix, sources, wanted_prints, folder.scratch, cache=open_cache(), progress=progress, cancel=cancel
    )
    names: list[str] = []
    written: dict[str, Handback] = {}
    for wanted, those in prepared.items():
        place = f"sessions/{wanted}"

        def stage(inside: str, place: str = place) -> Path:
            names.append(f"{place}/{inside}")
            return folder.path(f"{place}/{inside}")

        heard = with_prints(those, sources, prints)
        named = replace(told, name=_settled_name(folder.folder / place, told.name))
        made = SESSION_FORMATS[wanted].write(those, heard, stage, named)
        written[wanted] = joined(made, printed=those.printed, lost=those.lost + _takes_lost(mix, told, wanted))
        folder.write_text(f"{place}/about.txt", account(written[wanted]))
        names.append(f"{place}/about.txt")
    if told.back is not None:
        sounds = {one.track_id: prints[key_of(one)] for one in unbuilt_returns(mix, told.back)}
        _hand_back(mix, told.back, folder, (names, written), sources, sounds)
    return names, written


def _takes_lost(mix: Mix, told: Writing, wanted: str) -> tuple[str, ...]:
    """Return what a person's own set does not play: nothing is put into it but values."""
    takes = new_takes(mix, told.back) if wanted == "ableton" and told.back is not None else ()
    return tuple(
        f"{track.name}: its new take; the set plays the clips that it has. Put the take in their place."
        for track in takes
    )


def _with_own_set(formats: tuple[str, ...], told: Writing) -> tuple[tuple[str, ...], Writing]:
    """Return what is to be written: a mix that came from a Live set goes back into that set, too."""
    if told.back is None or told.own_set is not None or not is_live_set(told.back):
        return formats, told
    return tuple(dict.fromkeys((*formats, "ableton"))), replace(told, own_set=Path(told.back.path))


def _hand_back(
    mix: Mix,
    link: SessionLink,
    folder: OutputFolder,
    told: tuple[list[str], dict[str, Handback]],
    sources: Mapping[str, SoundFile],
    prints: Mapping[str, SoundFile],
) -> None:
    """Write the session that the mix came from, and note its files and its account."""
    names, written = told

    def stage(inside: str) -> Path:
        names.append(f"sessions/{SAME}/{inside}")
        return folder.path(f"sessions/{SAME}/{inside}")

    made = hand_back(mix, link, stage, sources=sources, prints=prints)
    if made is not None:
        written[SAME] = made
        folder.write_text(f"sessions/{SAME}/about.txt", account(made))
        names.append(f"sessions/{SAME}/about.txt")


def _settled_name(folder: Path, name: str) -> str:
    """Return the name that a session of this folder has already.

    Under another one its files would lie beside the former; Ardour then refuses both.
    """
    there = sorted(path.stem for path in folder.glob("*") if path.suffix in _MAIN_FILES) if folder.is_dir() else []
    return there[0] if there else name


def with_prints(
    prepared: Prepared, sources: Mapping[str, SoundFile], prints: Mapping[Key, SoundFile]
) -> dict[str, SoundFile]:
    """Return the sound of every track of a prepared mix."""
    heard = dict(sources)
    heard |= {take: sources[track] for take, track in prepared.same_sound}
    return heard | {one.track_id: prints[key_of(one)] for one in prepared.prints}

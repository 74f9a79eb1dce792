"""The processors of a track in the controls of another processor."""

from pathlib import Path

from tonmeister.assistant.guidance.translating import Translation, find_plugin, ours_for, translate_settings
from tonmeister.engineer import load_mix
from tonmeister.errors import InputError


def translate_track(out: Path, track: str, plugin: str) -> tuple[Translation, ...]:
    """Return each processor of a track's strip that the other one can stand for, in its controls.

    Raises:
        InputError: If there is no such track, or nothing on it fits.
        DocumentError: If there is no mix.
    """
    mix = load_mix(out)
    wanted = track.strip().lower()
    found = [one for one in mix.tracks if wanted in {one.id.lower(), one.name.lower(), one.role.lower()}]
    if len(found) != 1:
        names = ", ".join(one.id for one in mix.tracks)
        raise InputError(f"--track {track[:80]}: give one track of {out}: {names}.")
    kinds = ours_for(find_plugin(plugin))
    fitting = [insert.processor for insert in found[0].strip.inserts if insert.processor.kind in kinds]
    if not fitting:
        raise InputError(
            f"Nothing on {found[0].id} is a {' or '.join(sorted(kinds)) or 'processor'} that {plugin[:80]} can stand for."
        )
    return tuple(translate_settings(processor, plugin) for processor in fitting)

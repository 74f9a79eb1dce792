"""`tonmeister plugins`: which plug-ins a person owns, what they can do, and settings in their own controls."""

from pathlib import Path
from typing import Annotated, Any

import typer

from tonmeister.apps.cli.options import AsJson
from tonmeister.apps.cli.show import hand_over, show_json
from tonmeister.errors import InputError

Action = Annotated[
    str | None,
    typer.Argument(
        metavar="ACTION",
        help="show: what a processor has and does; translate: settings in its controls; read: its controls as settings of ours; "
        "leave it out to list.",
    ),
]
Names = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="NAME", help="The processor; then settings such as ratio=3 attack_ms=10, or Attack=3 for read."
    ),
]
Scan = Annotated[
    bool, typer.Option("--scan", help="Look for plug-ins by name in the usual VST3, CLAP, LV2 and Audio Unit folders.")
]
Own = Annotated[
    str | None, typer.Option("--own", metavar="NAMES", help="Remember that you own these, with commas between.")
]
In = Annotated[Path | None, typer.Option("--in", metavar="OUT", help="translate: take the settings of a mix.")]
Track = Annotated[str | None, typer.Option("--track", metavar="TRACK", help="translate: of this track's strip.")]


def plugins(
    action: Action = None,
    names: Names = None,
    scan: Scan = False,
    own: Own = None,
    mix: In = None,
    track: Track = None,
    as_json: AsJson = False,
) -> None:
    """Say which plug-ins you own, what a processor can do, and translate settings into its controls and back.

    What you own is kept on this machine only, and answers of `tonmeister ask` prefer it. Nothing is opened or run by --scan.
    Example: tonmeister plugins translate "CL 1B" ratio=3 attack_ms=20 release_ms=500
    """
    words = list(names or ())
    if action in {"show", "translate", "read"}:
        if not words:
            raise InputError(f'tonmeister plugins {action}: name the processor, such as "CL 1B".')
        _act(action, words, mix, track, as_json=as_json)
        return
    if action is not None:
        raise InputError(f"{action}: no such action; use show, translate or read, or none to list.")
    from tonmeister.assistant.guidance.owned import own_plugins, owned_plugins, scan_plugins

    found = (*(scan_plugins() if scan else ()), *(own.split(",") if own else ()))
    owned = own_plugins(found) if found else owned_plugins()
    hand_over(owned, _show_owned, as_json=as_json)


def _act(action: str, words: list[str], mix: Path | None, track: str | None, *, as_json: bool) -> None:
    from tonmeister.assistant.guidance.translating import find_plugin, read_settings, translate_settings

    name, rest = words[0], words[1:]
    if action == "show":
        hand_over(find_plugin(name), _show_facts, as_json=as_json)
    elif action == "read":
        hand_over(read_settings(name, _pairs(rest)), _show_translation, as_json=as_json)
    elif mix is None:
        hand_over(translate_settings(_settings(rest), name), _show_translation, as_json=as_json)
    else:
        from tonmeister.assistant.guidance.translating_mix import translate_track

        results = translate_track(mix, track or "", name)
        if as_json:
            show_json([result.model_dump(mode="json") for result in results])
        else:
            for result in results:
                _show_translation(result)


def _pairs(words: list[str]) -> dict[str, str]:
    wrong = [word for word in words if "=" not in word]
    if wrong or not words:
        raise InputError(f"{wrong[0] if wrong else 'no setting given'}: write NAME=VALUE, such as Attack=3 or ratio=4.")
    return dict(word.split("=", 1) for word in words)


def _settings(words: list[str]) -> dict[str, Any]:
    """Return settings of ours: of a compressor unless `kind=` says otherwise."""
    values: dict[str, Any] = {"kind": "compressor"}
    for key, text in _pairs(words).items():
        try:
            values[key] = float(text)
        except ValueError:
            values[key] = text
    return values


def _show_owned(owned: Any) -> None:
    if not owned.names:
        print('No plug-ins are known to be yours; use --scan, or --own "CL 1B, Pro-Q 3".')
        return
    print(f"{len(owned.names)} plug-ins, {len(owned.known)} of them in the table:")
    for name in owned.known:
        print(f"  {name}")
    from tonmeister.assistant.guidance.naming import find_names

    strange = [name for name in owned.names if not find_names(f"my {name}").plugins]
    if strange:
        print(f"Not in the table, so nothing is said about their controls: {', '.join(strange)}")


def _show_facts(facts: Any) -> None:
    from tonmeister.assistant.guidance.controls import shown_control

    print(f"{facts.name} ({facts.kind.replace('_', ' ')}; facts: {facts.status})")
    for line in facts.behaviour:
        print(f"  {line}")
    for role, text in facts.fixed.items():
        print(f"  no {role} control: {text}")
    for control in facts.controls:
        print(f"  - {shown_control(control)}")


def _plain(value: Any) -> str:
    """Return a value of our settings as people read it; the bands of an equaliser one after the other."""
    if isinstance(value, list | tuple):
        return "; ".join(_plain(one) for one in value)
    if isinstance(value, dict):
        return " ".join(f"{key.replace('_', ' ')} {one}" for key, one in value.items() if key != "design")
    return str(value)


def _show_translation(translation: Any) -> None:
    print(translation.processor)
    for setting in translation.settings:
        print(f"  {setting.control}: {setting.value}")
    for line in translation.lost:
        print(f"  not the same: {line}")
    shown = ", ".join(f"{key} {_plain(value)}" for key, value in translation.ours.items() if key != "kind")
    print(f"  as our {str(translation.ours.get('kind', '')).replace('_', ' ')}: {shown}")
    print(f"  {translation.caveat}")

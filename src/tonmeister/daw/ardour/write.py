"""The mix as an Ardour session that opens with every fader, pan, send and plugin in place.

Our tests let Ardour 7.3 read and render what is written here. The format's version is 7002; newer Ardours convert it.
"""

from collections.abc import Sequence
from pathlib import Path
from xml.etree.ElementTree import Element, ElementTree, indent

from tonmeister.daw.account import Account
from tonmeister.daw.ardour.lanes import SENDS_TOLD
from tonmeister.daw.ardour.regions import Clip, add_playlists, add_regions, add_sources, make_clip
from tonmeister.daw.ardour.route_xml import add_route
from tonmeister.daw.ardour.routes import Desk, Route, build_routes
from tonmeister.daw.ardour.time_line import add_locations, add_tempo_map, tail_frames
from tonmeister.daw.ardour.xml import Numbers, add
from tonmeister.daw.handback import Handback
from tonmeister.daw.names import clean_name, unique_names
from tonmeister.daw.order import Order
from tonmeister.document.mix import Mix, Track
from tonmeister.document.strip import MASTER, Bus, Strip
from tonmeister.files.atomic import output_errors

_OPTIONS = {"use-region-fades": "1", "native-file-data-format": "FormatFloat", "native-file-header-format": "WAVE"}


def write_ardour_files(order: Order) -> Handback:
    """Write the mix as an Ardour session; the same mix gives the same bytes.

    Raises:
        NoTracksError: If the sources do not hold a track.
        UnreadableFileError: If a sound cannot be read.
        OutputError: If a file cannot be written.
    """
    session = clean_name(order.name, otherwise="Mix")
    mix, numbers = order.mix, Numbers()
    desk = _set_up(mix, order.tracks, numbers)
    clips = {}
    for track, file, span in order.sounds(f"interchange/{session}/audiofiles", order.place):
        key = f"track:{track.id}"
        clips[key] = make_clip(track, file, span, name=desk.names[key], track_id=desk.ids[key], numbers=numbers)
    routes = build_routes(mix, order.tracks, desk)
    path = order.place(f"{session}.ardour")
    _write(_session(session, mix, routes, clips, numbers), path)
    return _hand_back(path, mix, routes)


def _set_up(mix: Mix, tracks: Sequence[Track], numbers: Numbers) -> Desk:
    owners: dict[str, Strip | Bus] = {f"track:{track.id}": track.strip for track in tracks}
    owners |= {f"bus:{bus.id}": bus for bus in mix.buses}
    names = unique_names([*(track.name for track in tracks), *(bus.name for bus in mix.buses)], otherwise="Track")
    sends = [(key, send.bus) for key, owner in owners.items() for send in owner.sends]
    return Desk(
        sample_rate_hz=mix.song.sample_rate_hz,
        names={**dict(zip(owners, names, strict=True)), f"bus:{MASTER}": "Master"},
        ids={key: numbers.take() for key in (f"bus:{MASTER}", *owners)},
        slots={send: slot for slot, send in enumerate(sends, 1)},
    )


def _session(name: str, mix: Mix, routes: Sequence[Route], clips: dict[str, Clip], numbers: Numbers) -> Element:
    rate = mix.song.sample_rate_hz
    root = Element("Session")
    config = add(root, "Config")
    for option, value in _OPTIONS.items():
        add(config, "Option", {"name": option, "value": value})
    add(root, "Metadata")
    add_sources(root, list(clips.values()))
    add_regions(root, numbers, list(clips.values()), sample_rate_hz=rate)
    ends = [clip.start_frame + clip.frames for clip in clips.values()]
    add_locations(root, numbers, mix.song, end_frame=max([mix.song.frames, *ends]) + tail_frames(mix))
    add(root, "Bundles")
    add(root, "VCAManager")
    desk = add(root, "Routes")
    for order, route in enumerate(routes):
        clip = clips.get(route.key)
        add_route(desk, numbers, route, order=order, playlist_id=None if clip is None else clip.playlist_id)
    add_playlists(root, numbers, list(clips.values()), sample_rate_hz=rate)
    add(root, "UnusedPlaylists")
    add(root, "RouteGroups")
    add_tempo_map(root, mix.song)
    root.attrib.update({
        "version": "7002", "name": name, "sample-rate": str(rate), "session-range-is-free": "0",
        "id-counter": str(numbers.last + 1), "name-counter": "1", "event-counter": "0", "vca-counter": "1",
    })  # fmt: skip
    return root


def _write(root: Element, path: Path) -> None:
    indent(root)
    with output_errors(path), path.open("wb") as file:
        ElementTree(root).write(file, encoding="UTF-8", xml_declaration=True)
        file.write(b"\n")


def _hand_back(path: Path, mix: Mix, routes: Sequence[Route]) -> Handback:
    account = Account()
    for route in routes:
        account.counts.update(route.counts)
        account.errors_db |= {f"{route.name}: {what}": error_db for what, error_db in route.errors_db.items()}
        name = f"{route.name} (muted, its print plays)" if route.muted and route.is_return else route.name
        account.approximate += [f"{name}: {what}." for what in route.approximate]
        account.lost += [f"{route.name}: {what}." for what in route.lost]
    if account.counts["send lanes"]:
        account.approximate.append(SENDS_TOLD)
    account.counts["sections"] += len(mix.song.sections)
    return account.handback(path, mix)

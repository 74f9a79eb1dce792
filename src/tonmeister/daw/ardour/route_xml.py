"""A route as XML."""

from xml.etree.ElementTree import Element

from tonmeister.daw.ardour.plugins import add_plugin
from tonmeister.daw.ardour.routes import Route, SendOut
from tonmeister.daw.ardour.xml import (
    Numbers,
    add,
    add_automation,
    add_control,
    add_gain,
    add_pannable,
    add_panner,
    add_ports,
    add_processor,
)
from tonmeister.daw.names import printable_text


def add_route(parent: Element, numbers: Numbers, route: Route, *, order: int, playlist_id: str | None) -> None:
    """Add a route; tracks have a playlist."""
    element = add(parent, "Route", _attributes(route, playlist_id))
    add(element, "PresentationInfo", {"order": str(order), "flags": f"{route.flags},OrderSet", "color": "0"})
    solo = {"self_solo": "0", "soloed_by_upstream": "0", "soloed_by_downstream": "0"}
    add_control(element, numbers, "solo", 0, flags="Toggle,RealTime", **solo)
    inputs = 2 if playlist_id is None else route.channels
    add_ports(element, numbers, route.name, inputs=inputs, outputs=_outputs(route))
    add(element, "MuteMaster", {"mute-point": "PostFader,Listen,Main", "muted": str(int(route.muted))})
    add_control(element, numbers, "mute", route.muted, flags="Toggle,RealTime")
    turned = str(int(route.inverted)) * inputs
    add_control(element, numbers, "phase", route.inverted, flags="Toggle", phase_invert=turned)
    _add_comment(element, route)
    add_pannable(element, numbers, azimuth=route.azimuth, channels=inputs, points=route.azimuth_points)
    _add_processors(element, numbers, route, is_track=playlist_id is not None)
    add(element, "Slavable")


def _attributes(route: Route, playlist_id: str | None) -> dict[str, str]:
    is_master = route.to is None
    found = {
        "version": "7002", "id": route.id, "name": route.name, "default-type": "audio", "strict-io": str(int(is_master)),
        "active": "1", "denormal-protection": "0", "meter-point": "MeterPostFader", "disk-io-point": "DiskIOPreFader",
        "meter-type": "MeterPeak",
    }  # fmt: skip
    if is_master:
        found["volume-applies-to-output"] = "1"
    if playlist_id is not None:
        found |= {"audio-playlist": playlist_id, "mode": "Normal"}
    return found


def _outputs(route: Route) -> list[str]:
    if route.to is None:
        return ["system:playback_1", "system:playback_2"]
    return [f"{route.to}/audio_in 1", f"{route.to}/audio_in 2"]


def _add_comment(element: Element, route: Route) -> None:
    said = [f"Not carried: {what}" for what in route.lost] + [f"Only nearly: {what}" for what in route.approximate]
    if said:
        add(element, "Comment").text = printable_text("\n".join(said))


def _add_processors(element: Element, numbers: Numbers, route: Route, *, is_track: bool) -> None:
    if route.is_return:  # Ardour 7.3 crashes when a send leads to a bus without it
        add_processor(element, numbers, "Return", "intreturn")
    if is_track:
        add_processor(element, numbers, f"recorder:{route.name}", "diskwriter", record_safe="0")
        add_processor(element, numbers, f"player:{route.name}", "diskreader")
    add_processor(element, numbers, "Polarity", "polarity")
    add_gain(element, numbers, kind="trim", gain=route.trim, points=[])
    for plugin in route.plugins:
        add_plugin(element, numbers, plugin)
    add_gain(element, numbers, kind="amp", gain=route.fader.gain, points=route.fader.points)
    for send in route.sends:
        add_send(element, numbers, send)
    add_processor(element, numbers, f"meter-{route.name}", "meter")
    main = add_processor(
        element, numbers, route.name, "main-outs", own_input="1", own_output="0", output=route.name, role="Main"
    )
    add_panner(main)


def add_send(element: Element, numbers: Numbers, send: SendOut) -> None:
    """Add a send as the last processor of a route."""
    processor = add_processor(
        element, numbers, send.name, "intsend", own_input="1", own_output="1", role="Aux",
        bitslot=str(send.slot), selfdestruct="0", target=send.target_id, allow_feedback="0",
    )  # fmt: skip
    add_automation(add(processor, "Automation"), numbers, "send", points=send.level.points, style="Exponential")
    add_panner(processor)
    add_control(processor, numbers, "gaincontrol", send.level.gain, flags="GainLike,InlineControl")

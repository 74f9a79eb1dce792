"""Edits of a Live set: values, fader automation; as exchanges of bytes.

Live 9 and later keep a value in `Manual` and automation in envelopes that point at its `AutomationTarget`; Live 8 keeps both in the
events of an `ArrangerAutomation`. What a person has automated stays.
"""

from collections import Counter
from dataclasses import dataclass, field

from tonmeister.daw.ableton.tree import LiveSet, Node
from tonmeister.daw.lanes import Line

_FIRST = -63072000
"""Time of the event that holds what stands before the song, in beats."""
_POINTEES = (
    "AutomationTarget",
    "ModulationTarget",
    "Pointee",
    "VolumeModulationTarget",
    "TranspositionModulationTarget",
)


@dataclass(slots=True)
class Patch:
    """Exchanges of bytes, collected."""

    live: LiveSet
    edits: list[tuple[int, int, bytes]] = field(default_factory=list)

    def set_value(self, parameter: Node | None, value: str) -> bool:
        """Exchange the value of a parameter that stands still; say whether it was there and free."""
        if parameter is None:
            return False
        manual = parameter.child("Manual")
        if manual is not None:
            self._exchange(manual, "Value", value)
            return True
        events = parameter.at("ArrangerAutomation", "Events")
        if events is None or len(events.children) != 1:
            return False
        self._exchange(events.children[0], "Value", value)
        return True

    def set_events(self, parameter: Node, line: Line) -> bool:
        """Give a parameter of Live 8 its events; say whether it stood still before."""
        events = parameter.at("ArrangerAutomation", "Events")
        if events is None or len(events.children) != 1:
            return False
        first = self.live.text[events.children[0].start : events.children[0].end]
        indent = self._indent(events.children[0])
        made = [_event(None, at, value) for at, value in _with_first(line)]
        self.edits.append((events.children[0].start, events.children[0].end, (b"\n" + indent).join(made)))
        return bool(first)

    def add_envelope(self, track: Node, target: str, line: Line) -> bool:
        """Add an envelope to a track of Live 9 or later; say whether there was a place for it."""
        envelopes = track.at("AutomationEnvelopes", "Envelopes")
        if envelopes is None:
            return False
        number = 1 + max((int(one.attributes.get("Id", -1)) for one in envelopes.children), default=-1)
        events = "".join(_event(place, at, value).decode() for place, (at, value) in enumerate(_with_first(line)))
        made = (
            f'<AutomationEnvelope Id="{number}"><EnvelopeTarget><PointeeId Value="{target}" /></EnvelopeTarget><Automation><Events>'
            f'{events}</Events><AutomationTransformViewState><IsTransformPending Value="false" /><TimeAndValueTransforms />'
            "</AutomationTransformViewState></Automation></AutomationEnvelope>"
        ).encode()
        if envelopes.inner_end == envelopes.start:
            self.edits.append((envelopes.start, envelopes.end, b"<Envelopes>" + made + b"</Envelopes>"))
        else:
            self.edits.append((envelopes.inner_end, envelopes.inner_end, made))
        return True

    def applied(self) -> bytes:
        """Return the text with all exchanges made."""
        text = self.live.text
        pieces, at = [], 0
        for start, end, new in sorted(self.edits):
            pieces += [text[at:start], new]
            at = end
        return b"".join([*pieces, text[at:]])

    def _exchange(self, node: Node, attribute: str, value: str) -> None:
        """Exchange the value of an attribute within the element's own tag."""
        tag = self.live.text[node.start : node.end]
        head = f'{attribute}="'.encode()
        begin = node.start + tag.index(head) + len(head)
        self.edits.append((begin, self.live.text.index(b'"', begin), value.encode()))

    def _indent(self, node: Node) -> bytes:
        line = self.live.text.rfind(b"\n", 0, node.start) + 1
        return self.live.text[line : node.start] if self.live.text[line : node.start].strip() == b"" else b""


def automated(track: Node) -> set[str]:
    """Return the ids of what a track's envelopes move."""
    envelopes = track.at("AutomationEnvelopes", "Envelopes")
    found = [] if envelopes is None else [one.at("EnvelopeTarget", "PointeeId") for one in envelopes.children]
    return {one.attributes.get("Value", "") for one in found if one is not None}


def target_of(parameter: Node | None) -> str | None:
    """Return the id by which envelopes point at a parameter; None in Live 8."""
    target = None if parameter is None else parameter.child("AutomationTarget")
    return None if target is None else target.attributes.get("Id")


def broken_ids(live: LiveSet) -> list[str]:
    """Return what is wrong with the ids that envelopes and controllers point at: doubled, too high, or leading nowhere."""
    ids = [one.attributes["Id"] for one in live.root.walk() if one.tag in _POINTEES and "Id" in one.attributes]
    problems = [f"id {one} is there twice" for one in sorted(one for one, times in Counter(ids).items() if times > 1)]
    ceiling = live.set.child("NextPointeeId")
    if ceiling is not None and ids and max(int(one) for one in ids) >= int(ceiling.attributes["Value"]):
        problems.append("an id is not below NextPointeeId")
    known = set(ids)
    for track in live.root.walk():
        if track.child("AutomationEnvelopes") is not None:
            problems += [f"an envelope points at {one}, which is not there" for one in automated(track) - known]
    return problems


def _with_first(line: Line) -> Line:
    return [(_FIRST, line[0][1]), *line]


def _event(number: int | None, at: float, value: float) -> bytes:
    mark = "" if number is None else f'Id="{number}" '
    return f'<FloatEvent {mark}Time="{at:.10g}" Value="{value:.10g}" />'.encode()

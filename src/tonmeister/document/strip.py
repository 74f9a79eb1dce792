"""The channel strip, the buses and the master chain: what the renderer runs."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer

from tonmeister.document.lane import Lane, constant
from tonmeister.model import Db, Model
from tonmeister.processing import Processor, TruePeakLimiter

MASTER = "master"
"""The name of the mix bus as an output."""
DRIVE = "limiter.drive_db"
"""The gain into the master's limiter, as `derived` names it."""

Slot = Literal["cleanup", "corrective", "dynamics", "tone", "masking", "output"]
"""Where an insert sits in its chain; slots run in this order. Side-chain keys tap a track after `cleanup`."""
SLOTS: tuple[Slot, ...] = ("cleanup", "corrective", "dynamics", "tone", "masking", "output")


def _to_width(value: Any) -> Any:
    """Return a lane for the plain number that older documents and hands write."""
    return constant(float(value), law="linear_gain") if isinstance(value, int | float) else value


def _check_width(lane: Lane) -> Lane:
    if not all(0 <= point.value <= 2 for point in lane.points) or lane.law == "linear_db":
        raise ValueError("widths lie between 0 and 2 and move as plain values (law linear_gain or hold)")
    return lane


def _from_width(lane: Lane) -> Any:
    """Write a width that never moves as the plain number that it is."""
    return lane.points[0].value if lane == _to_width(lane.points[0].value) else lane.model_dump()


WidthLane = Annotated[
    Lane,
    BeforeValidator(_to_width, json_schema_input_type=float | Lane),
    AfterValidator(_check_width),
    PlainSerializer(_from_width),
]
"""Width over the song; a plain number is a constant."""


def _check_amount(lane: Lane) -> Lane:
    if not all(0 <= point.value <= 1 for point in lane.points) or lane.law == "linear_db":
        raise ValueError("amounts lie between 0 and 1 and move as plain values (law linear_gain or hold)")
    return lane


AmountLane = Annotated[Lane, AfterValidator(_check_amount)]
"""How much of a processor is heard over the song."""


class Insert(Model):
    """One processor in a chain."""

    id: str
    """Name within its chain, such as `corrective` or `compressor`."""
    slot: Slot
    """Its place in the order of the chain."""
    processor: Annotated[Processor, Field(discriminator="kind")]
    """The settings; `kind` says which processor."""
    key: str | None = None
    """Track that drives the detector (side-chain), tapped after its cleanup; None listens to itself."""
    amount: AmountLane | None = None
    """How much of it is heard over the song: 0 passes the sound as it is, 1 is all of it; None is all of it, always."""


class Send(Model):
    """A copy of the strip, after its fader and pan, to an effect bus."""

    bus: str
    """Id of the effect bus."""
    level_db: Lane
    """Level relative to the strip's output, in dB."""


class Strip(Model):
    """Everything between a source and its output."""

    polarity_inverted: bool = False
    """Whether the source is turned over."""
    delay_frames: int = 0
    """Shift against the song, in frames at the song's rate; negative is earlier."""
    trim_db: Db = 0.0
    """Gain before the inserts, in dB."""
    inserts: tuple[Insert, ...] = ()
    """The chain, in the order in which it runs."""
    fader_db: Lane = constant(0.0)
    """Fader, in dB; at or below -120 dB it is off."""
    pan: Lane = constant(0.0, law="linear_gain")
    """-1 left, 0 centre, +1 right; mono sources by constant power (-3 dB), stereo sources by balance."""
    width: WidthLane = constant(1.0, law="linear_gain")
    """Stereo width of a stereo source: 0 mono, 1 as it is, 2 side only doubled."""
    mute: Lane = constant(0.0, law="hold")
    """1 is muted, 0 is heard."""
    sends: tuple[Send, ...] = ()
    """Post-fader sends to effect buses."""
    output: str = MASTER
    """Id of the bus it goes to, or `master`."""


class Bus(Model):
    """A group of strips, or an effect that strips send to."""

    id: str
    """Stable id, such as `drums` or `reverb-short`."""
    name: str
    """What a person reads."""
    kind: Literal["group", "effect"] = "group"
    """Groups sum strips; effects receive sends and run 100 % wet."""
    inserts: tuple[Insert, ...] = ()
    """The chain, in the order in which it runs."""
    fader_db: Lane = constant(0.0)
    """Fader, in dB."""
    width: WidthLane = constant(1.0, law="linear_gain")
    """Stereo width, as of a strip."""
    mute: Lane = constant(0.0, law="hold")
    """1 is muted."""
    sends: tuple[Send, ...] = ()
    """Sends of a group bus to effect buses."""
    output: str = MASTER
    """Id of a group bus, or `master`."""


class MasterChain(Model):
    """What runs on the sum, up to the file."""

    inserts: tuple[Insert, ...] = ()
    """The chain; the last is usually the true-peak limiter, whose drive is derived from the target."""
    target_lufs: float | None = None
    """Integrated loudness to reach, in LUFS; None leaves the level alone."""
    ceiling_dbtp: Db = -1.0
    """True peak never exceeded, in dBTP."""
    bits: Literal[16, 24] = 24
    """Word length of master.wav; dithered by TPDF."""
    derived: tuple[str, ...] = (DRIVE,)
    """Fields that are solved again after an edit; everything else stays as written."""

    @property
    def drive_db(self) -> float | None:
        """Gain into the limiter; None without one."""
        limiters = (i.processor for i in self.inserts if isinstance(i.processor, TruePeakLimiter))
        return next((limiter.drive_db for limiter in limiters), None)

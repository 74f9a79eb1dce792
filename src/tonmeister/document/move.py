"""A move: a small, addressable, reversible change with its reason and its promise."""

from typing import Annotated, Literal

from pydantic import Field

from tonmeister.document.lane import Lane
from tonmeister.document.strip import AmountLane, Bus, Insert, MasterChain, Send, Slot, Strip, WidthLane
from tonmeister.model import Db, Model, Seconds, Share
from tonmeister.processing import Band
from tonmeister.processing.equaliser import Phase

State = Literal["proposed", "accepted", "rejected", "locked"]
Author = Literal["engine", "person", "agent"]
Task = Literal[
    "alignment", "gain_staging", "cleanup", "masking", "equalisation", "dynamics", "balance", "vocal_balance", "panning",
    "space", "automation", "direction", "pacing", "mastering", "album", "communication", "hand_edit",
]  # fmt: skip


class Where(Model):
    """What a move touches, and when."""

    track: str | None = None
    """Track id."""
    bus: str | None = None
    """Bus id; `master` is the mix bus."""
    section: str | None = None
    """Section id; None is the whole song."""
    start_s: Seconds | None = None
    """Start of a time range."""
    end_s: Seconds | None = None
    """End of a time range."""


class PolarityChange(Model):
    """Turn the source over."""

    kind: Literal["polarity"] = "polarity"
    inverted: bool
    """The new polarity."""


class DelayChange(Model):
    """Shift the source in time."""

    kind: Literal["delay"] = "delay"
    delay_frames: int
    """Frames at the song's rate; negative is earlier."""


class TrimChange(Model):
    """Set the gain before the inserts."""

    kind: Literal["trim"] = "trim"
    trim_db: Db
    """The new trim."""


class BandChange(Model):
    """Add one equaliser band; bands of one slot share an equaliser."""

    kind: Literal["band"] = "band"
    slot: Slot
    """The slot whose equaliser takes the band."""
    band: Band
    """The band."""
    phase: Phase = "minimum"
    """Phase of the equaliser that takes it; the last band of a slot that asks says so for all of them."""


class InsertChange(Model):
    """Add a processor to a chain, or replace the one of the same id."""

    kind: Literal["insert"] = "insert"
    insert: Insert
    """The processor and its place."""


class FaderChange(Model):
    """Move the fader: added, in dB, to what other moves ask."""

    kind: Literal["fader"] = "fader"
    change_db: Lane
    """Change over the song; one point for a constant."""


class PanChange(Model):
    """Set the pan."""

    kind: Literal["pan"] = "pan"
    pan: Lane
    """-1 left … +1 right."""


class WidthChange(Model):
    """Set the stereo width."""

    kind: Literal["width"] = "width"
    width: WidthLane
    """0 mono, 1 unchanged."""


class MuteChange(Model):
    """Set the mute lane."""

    kind: Literal["mute"] = "mute"
    mute: Lane
    """1 muted, 0 heard."""


class SendChange(Model):
    """Open a send to an effect bus, or replace the one to that bus."""

    kind: Literal["send"] = "send"
    send: Send
    """The send."""
    over: bool = False
    """Leave the send that is there, and open it where this one is louder: so each thrown word can be taken back by itself."""


class SendRideChange(Model):
    """Move the level of a send that is there: added, in dB, to what other moves ask; where it is off it stays off."""

    kind: Literal["send_ride"] = "send_ride"
    bus: str
    """Id of the effect bus."""
    change_db: Lane
    """Change over the song."""


class AmountChange(Model):
    """Set how much of a processor that is there is heard, over the song."""

    kind: Literal["amount"] = "amount"
    insert: str
    """Id of the insert in its chain."""
    amount: AmountLane
    """0 passes the sound as it is, 1 is all of it."""


class RouteChange(Model):
    """Send the output to another bus."""

    kind: Literal["route"] = "route"
    output: str
    """Bus id or `master`."""


class BusChange(Model):
    """Add a bus, or replace the one of the same id."""

    kind: Literal["bus"] = "bus"
    bus: Bus
    """The bus."""


class TargetChange(Model):
    """Set loudness target and ceiling of the master."""

    kind: Literal["target"] = "target"
    target_lufs: float | None
    """Integrated loudness, in LUFS."""
    ceiling_dbtp: Db
    """True-peak ceiling."""


class StripEdit(Model):
    """A person's own version of a strip: replaces the strip as it stands at this point of the order."""

    kind: Literal["strip_edit"] = "strip_edit"
    strip: Strip
    """The strip as edited."""


class BusEdit(Model):
    """A person's own version of a bus."""

    kind: Literal["bus_edit"] = "bus_edit"
    bus: Bus
    """The bus as edited."""


class MasterEdit(Model):
    """A person's own version of the master chain."""

    kind: Literal["master_edit"] = "master_edit"
    master: MasterChain
    """The chain as edited."""


class Nothing(Model):
    """Nothing to do, or a note that only a person can act on; the evidence says why."""

    kind: Literal["nothing"] = "nothing"


Change = Annotated[
    PolarityChange
    | DelayChange
    | TrimChange
    | BandChange
    | InsertChange
    | FaderChange
    | PanChange
    | WidthChange
    | MuteChange
    | SendChange
    | SendRideChange
    | AmountChange
    | RouteChange
    | BusChange
    | TargetChange
    | StripEdit
    | BusEdit
    | MasterEdit
    | Nothing,
    Field(discriminator="kind"),
]


class Evidence(Model):
    """What was measured, and the limit it is held against."""

    what: str
    """The measurement in words, such as `level at 200-400 Hz against the voice`."""
    value: float
    """What was found."""
    limit: float | None = None
    """What it is compared with."""
    unit: str
    """Unit of value and limit."""
    source: str
    """Where the limit comes from: a knowledge row, a standard, a paper."""
    start_s: Seconds | None = None
    """Where in the song it was found; None is everywhere."""
    end_s: Seconds | None = None
    """End of that range."""


Metric = Literal[
    "strip_loudness_lu", "relative_loudness_lu", "band_level_db", "crest_db", "gain_reduction_db", "sibilance_db",
    "correlation", "mono_loss_lu", "pan_balance_db", "reverb_level_lu", "audibility_db", "integrated_lufs",
    "true_peak_dbtp", "tilt_db_per_octave", "peak_dbfs", "width", "defect_dbfs", "delay_ms",
    "gap_level_db", "attack_db", "level_spread_db", "offset_ms", "hit_level_db", "off_pitch_cents",
    "audibility_spread_db", "section_contrast_lu", "section_width", "section_level_db",
    "throw_tail_db", "bloom_lift_db",
]  # fmt: skip


class Expectation(Model):
    """The measurable effect that a move promises."""

    metric: Metric
    """What will be measured; its meaning is in docs/metrics.md."""
    value: float
    """The promised value, after the move (not the change)."""
    before: float | None = None
    """The value without the move."""
    tolerance: float = Field(gt=0)
    """How far off still counts as kept; at most half the promised change."""
    unit: str
    """Unit of the metric."""
    scope: Literal["strip", "mix", "master"]
    """Measured at this insert or strip, in the mix with and without the move, or on the finished master."""
    track: str | None = None
    """Track that the promise is about, where it is not the one that is changed."""
    low_hz: float | None = None
    """Lower edge of the band, for band metrics."""
    high_hz: float | None = None
    """Upper edge of the band, for band metrics."""


class Measurement(Model):
    """What verify found after rendering."""

    value: float
    """The measured value, in the expectation's unit."""
    before: float | None = None
    """The measured value without the move."""
    kept: bool
    """Whether the promise was kept."""


class Alternative(Model):
    """Another move that would serve."""

    title: str
    """What it would do."""
    trade_off: str
    """What it would cost."""


class Move(Model):
    """A small, addressable, reversible change."""

    id: str
    """Stable id, `task.where.what`, such as `eq.bass-gtr.peak-1`."""
    task: Task
    """Which task made it."""
    title: str
    """One plain sentence."""
    where: Where
    """What it touches."""
    change: Change
    """The settings, with units."""
    because: tuple[Evidence, ...] = Field(min_length=1)
    """Why: at least one measurement (a person's edit cites the person)."""
    expects: Expectation | None = None
    """The promise; None where the change is under 0.5 dB or 0.5 LU, or nothing changes."""
    measured: Measurement | None = None
    """Written by verify."""
    order: int = 0
    """Place in the work; moves apply in rising order, then in the order of the list."""
    depends_on: tuple[str, ...] = ()
    """Moves without which this one makes no sense."""
    confidence: Share = 1.0
    """How sure the engine is."""
    alternatives: tuple[Alternative, ...] = ()
    """What else would serve."""
    state: State = "accepted"
    """proposed and rejected moves are not applied; locked moves are never touched by a re-solve."""
    set_by: Author = "engine"
    """Who set the state."""

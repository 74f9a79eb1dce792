"""The mix document."""

from typing import Literal

from pydantic import Field, model_validator

from tonmeister.document.direction import Amounts, Direction, Reference
from tonmeister.document.move import Move
from tonmeister.document.strip import MASTER, Bus, MasterChain, Strip
from tonmeister.model import Db, Model, Seconds, Share
from tonmeister.processing.equaliser import Phase

VERSION: Literal[1] = 1
"""Version of the document's schema; older ones are migrated on load."""

Family = Literal[
    "vocal", "drums", "bass", "guitar", "keys", "synth", "strings", "brass", "woodwind", "effects", "mix", "unknown"
]


class Section(Model):
    """A part of the song."""

    id: str
    """Stable id, such as `chorus-2`."""
    label: Literal[
        "intro", "verse", "pre-chorus", "chorus", "bridge", "drop", "breakdown", "outro", "instrumental", "section"
    ]
    """What it is; `section` where the engine will not guess."""
    start_s: Seconds
    end_s: Seconds
    confidence: Share
    """How sure the label is."""
    group: str | None = None
    """Sections that hold the same music share a letter."""


class TempoChange(Model):
    """A tempo from a moment on."""

    start_s: Seconds
    """From when on it holds."""
    bpm: float = Field(gt=0)
    """Beats per minute."""


class Song(Model):
    """What the mix is made of, apart from its tracks."""

    title: str = ""
    """A name, if a person gave one; a folder's name is no part of the mix, so that moving it changes nothing."""
    sample_rate_hz: int
    """The rate at which the mix is rendered."""
    frames: int
    """Length without tails."""
    tempo_bpm: float | None = None
    """Tempo; None where none was found with confidence."""
    tempo_confidence: Share = 0.0
    tempo_changes: tuple[TempoChange, ...] = ()
    """Tempo over time: the first at the first beat; one alone for a steady song."""
    meter: str | None = None
    """Such as `4/4`; None where no beat was found."""
    first_bar_s: Seconds | None = None
    """Where the first bar begins that is whole; None where no beat was found."""
    key: str | None = None
    """Key, such as `C major`."""
    key_confidence: Share = 0.0
    """How sure the key is."""
    sections: tuple[Section, ...] = ()
    """The form, without gaps; empty where none was found with confidence."""

    @property
    def duration_s(self) -> float:
        """Length in seconds, without tails."""
        return self.frames / self.sample_rate_hz


class Track(Model):
    """One stem and its strip."""

    id: str
    """Readable id made from the name."""
    name: str
    """Name of the file or track, as the person gave it."""
    sha256: str
    """Hash of the source file's bytes."""
    stream: int = 0
    """Which audio stream of the file."""
    channels: Literal[1, 2]
    """Channels that are rendered; an exact dual mono has one."""
    start_frame: int = 0
    """Where the source starts in the song (BWF time stamps), in frames at the song's rate."""
    role: str = "unknown"
    """What it plays, such as `lead vocal` or `kick`."""
    family: Family = "unknown"
    """Coarse role."""
    role_confidence: Share = 0.0
    """How sure the role is; 1 where a person said it."""
    priority: float = Field(default=1.0, ge=0, le=4)
    """Weight in the mix: 2 lead, 1 normal, 0.5 background."""
    pan_wish: float | None = Field(default=None, ge=-1, le=1)
    """Where a person wants it, or its name says it belongs (`Gtr L`); None leaves it to the engine."""
    reverb_wish_db: Db | None = None
    """Reverb send that a person wants; None leaves it to the engine."""
    keep_level: bool = False
    """The balance does not move its fader."""
    tune: bool = False
    """A person wants this voice corrected to the notes of the key."""
    reinforce: bool = False
    """A person wants the best hit of this drum under its hits."""
    align: bool = False
    """A person wants its phrases moved to the lead's."""
    leave_alone: bool = False
    """No task may touch this track."""
    used: bool = True
    """Whether it is in the mix."""
    why_unused: str | None = None
    """Why not, such as `silent` or `a rough mix, kept as reference`."""
    base: Strip = Strip()
    """The strip as it came in."""
    strip: Strip = Strip()
    """The strip after all accepted moves."""


class Budget(Model):
    """What the engine may not exceed."""

    name: str
    """transparent, balanced, bold, or a person's own."""
    eq_gain_db: Db = Field(default=4.0, ge=0)
    """Largest single EQ gain, either way."""
    eq_total_db: Db = Field(default=3.0, ge=0)
    """Largest mean absolute spectrum change of a track, 50 Hz-16 kHz."""
    masking_cuts: int = Field(default=3, ge=0)
    """Most cuts on one track for the sake of others."""
    gain_reduction_db: Db = Field(default=4.0, ge=0)
    """Largest mean gain reduction of all compressors of a chain together, each while it works."""
    crest_loss_db: Db = Field(default=3.0, ge=0)
    """Largest loss of crest of the mix, before the master chain, against the stems' plain sum: of true peak over loudness, or of the
    short-term crest."""
    master_crest_loss_db: Db | None = Field(default=None, ge=0)
    """The same of the finished master; None leaves it to what the limiter may take."""
    master_gain_reduction_db: Db = Field(default=6.0, ge=0)
    """Largest gain reduction of the master limiter, 99.9th percentile."""
    tilt_change_db: Db = Field(default=2.0, ge=0)
    """Largest change of brightness of the whole by equalisers and master, above 1 kHz against below."""
    section_change_db: Db = Field(default=2.5, ge=0)
    """Most by which an arc moves a section against the whole, either way."""
    loudest_master_lufs: float = -8.0
    """No master is louder than this, whatever the target."""


class BudgetUse(Model):
    """How much of a budget was used, as measured."""

    budget: str
    """Field of the budget."""
    used: float
    limit: float
    held: bool


class ThrowWish(Model):
    """A word that a person wants thrown into an effect, and how they say where it is."""

    said: str
    """In their words."""
    effect: Literal["delay", "reverb"] = "delay"
    """What it goes into."""
    word: str | None = None
    """The word as they quote it; nothing here knows lyrics, so the place has to find it."""
    which: Literal["first", "last"] = "last"
    """Which word of a line."""
    at_s: Seconds | None = Field(default=None, ge=0)
    """The word that sounds then."""
    bars: tuple[int, int] | None = None
    """The first and the last bar, counted from 1, in which it ends."""
    line: int | None = Field(default=None, ge=-1)
    """Which line there, from 1; -1 is the last, 0 each; None is the last of a section."""
    section: Literal["intro", "verse", "chorus", "bridge", "breakdown", "outro"] | None = None
    """The kind of section that it is in, or leads into."""
    number: int = Field(default=0, ge=-1)
    """Which section of that kind, from 1; -1 is the last, 0 each."""
    before: bool = False
    """It is the last word before that section, not one in it."""


class Brief(Model):
    """What the person asked for."""

    text: str = ""
    genre: str | None = None
    """Genre by its row of knowledge/genres.toml; None mixes without one."""
    genre_from: Literal["person", "brief", "reference", "sound"] | None = None
    """Who said so: the person by name, the words of the brief, the references, or the instruments; None with nothing to go by."""
    genre_confidence: Share = 0.0
    """How sure it is; 1 where a person said it."""
    phase: Phase = "minimum"
    """Phase of the engine's equalisers: linear where a person asked for it."""
    target: str = "streaming"
    """A delivery target by name, or a loudness in LUFS."""
    ceiling_dbtp: Db | None = None
    """True-peak ceiling; None takes the target's."""
    start: Literal["as-is", "from-scratch", "auto"] = "auto"
    align_doubles: bool = False
    """Whether the phrases of doubles and harmonies are moved to the lead's."""
    arc: str = "auto"
    """A named arc, `none`, or `auto`: a gentle one where the form was found with confidence."""
    arcs_left: tuple[str, ...] = ()
    """Arcs that the brief names as well and that are not taken: a song has one."""
    throws: tuple[ThrowWish, ...] = ()
    """Words that go into an effect because the person says so."""
    references: tuple[Reference, ...] = ()
    """Recordings that the mix is to be like, as figures: nobody needs them again."""
    amounts: Amounts = Amounts()
    """How far they are followed."""
    moods: tuple[str, ...] = ()
    """Moods by their rows of knowledge/moods.toml."""
    touch: tuple[str, ...] = ()
    """Tracks, roles, families and buses that may be touched; empty is everything."""

    @property
    def has_direction(self) -> bool:
        """Whether references or moods say where the mix is to go."""
        return bool(self.references or self.moods)

    @property
    def told_genre(self) -> str:
        """The genre in words, and where it is from."""
        if self.genre is None:
            return "no genre, as asked" if self.genre_from == "person" else "no genre assumed"
        by_sound = f"by its instruments, {self.genre_confidence:.0%} sure"
        told = {
            "person": "as asked",
            "brief": "from the brief",
            "reference": "as its references say",
            "sound": by_sound,
        }
        return f"{self.genre} ({told[self.genre_from or 'person']})"


class Engine(Model):
    """What made the document."""

    name: str = "tonmeister"
    version: str
    seed: int = 1
    """Seed of everything random (dither, modulation)."""


class Mix(Model):
    """A mix: the whole truth about one song."""

    version: Literal[1] = VERSION
    engine: Engine
    brief: Brief = Brief()
    song: Song
    stems: Literal["raw", "balanced"] = "raw"
    """Whether the stems carry a human's balance, which is kept."""
    tracks: tuple[Track, ...]
    """In an order that depends on sound and role only, never on names."""
    buses: tuple[Bus, ...] = ()
    """Buses after all accepted moves."""
    master: MasterChain = MasterChain()
    """Master chain after all accepted moves."""
    budget: Budget
    budget_use: tuple[BudgetUse, ...] = ()
    """Measured on the full render."""
    direction: Direction | None = None
    """The mix against its references and moods, before and after; None without any."""
    moves: tuple[Move, ...] = ()

    @model_validator(mode="after")
    def _holds_together(self) -> "Mix":
        _check_unique("track", [track.id for track in self.tracks])
        _check_unique("bus", [bus.id for bus in self.buses])
        _check_unique("move", [move.id for move in self.moves])
        _check_routes(self)
        return self

    def track(self, track_id: str) -> Track:
        """Return a track by id."""
        return next(track for track in self.tracks if track.id == track_id)


def _check_unique(what: str, ids: list[str]) -> None:
    twice = sorted({name for name in ids if ids.count(name) > 1})
    if twice:
        raise ValueError(f"{what} id used twice: {', '.join(twice)}")


def _check_routes(mix: Mix) -> None:
    groups = {bus.id: bus for bus in mix.buses if bus.kind == "group"}
    effects = {bus.id for bus in mix.buses if bus.kind == "effect"}
    strips: list[tuple[str, Strip | Bus]] = [(t.id, t.strip) for t in mix.tracks] + [(b.id, b) for b in mix.buses]
    for name, strip in strips:
        if strip.output != MASTER and strip.output not in groups:
            raise ValueError(f"{name} goes to bus {strip.output!r}, which is not there")
        for send in strip.sends:
            if send.bus not in effects:
                raise ValueError(f"{name} sends to {send.bus!r}, which is no effect bus")
    for bus in mix.buses:
        seen, here = {bus.id}, bus
        while here.output != MASTER:
            here = groups[here.output]
            if here.id in seen:
                raise ValueError(f"bus {here.id} feeds itself")
            seen.add(here.id)
        if bus.kind == "effect" and bus.sends:
            raise ValueError(f"effect bus {bus.id} has sends; only strips and groups send")
    known = {track.id for track in mix.tracks}
    for name, strip in strips:
        for insert in strip.inserts:
            if insert.key is not None and insert.key not in known:
                raise ValueError(f"{name}: key {insert.key!r} is no track")
            if (
                insert.key is not None and insert.slot == "cleanup"
            ):  # keys tap after cleanup, so this keeps them acyclic
                raise ValueError(f"{name}: a cleanup insert has no key")

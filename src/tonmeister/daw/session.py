"""What a DAW session says about a song: tracks, clips, tempo, markers, levels, ways, devices; the same words for every DAW."""

from typing import Annotated, Literal

from pydantic import Field

from tonmeister.document.lane import Lane, constant
from tonmeister.model import Db, Model, Seconds
from tonmeister.processing import Processor

Format = Literal["dawproject", "reaper", "ableton", "ardour", "aaf", "logic", "protools"]
TrackKind = Literal["audio", "notes", "group", "return", "master"]
FadeShape = Literal["linear", "equal_power", "fast", "slow", "s_curve", "exponential"]
DeviceKind = Literal["equaliser", "compressor", "gate", "limiter", "instrument", "effect"]


class Fade(Model):
    """How a clip comes in or goes out."""

    length_s: Seconds = Field(ge=0)
    """How long it takes."""
    shape: FadeShape = "linear"
    """The gain on the way (share t): t, a quarter of a sine, 1-(1-t)², t², a half cosine, or straight in decibels over 60 dB."""


class Loop(Model):
    """A part of the sound that a clip repeats until it ends."""

    start_s: Seconds = Field(default=0.0, ge=0)
    """Where the part begins, in the sound."""
    end_s: Seconds | None = Field(default=None, gt=0)
    """Where it ends, in the sound; None is the sound's end."""


class Clip(Model):
    """A piece of sound on the time line."""

    name: str = ""
    start_s: Seconds
    """Where in the song it starts; negative is before the song."""
    length_s: Seconds = Field(ge=0)
    """How long it sounds."""
    is_whole: bool = False
    """Whether it sounds to the end of its sound instead, as no length is said."""
    offset_s: Seconds = 0.0
    """Where in its sound it begins; negative is silence first."""
    media: str | None = None
    """Its sound file as the session names it; None where it has none that can be read."""
    right_media: str | None = None
    """The file of the right side, where each side has one of its own."""
    is_inside: bool = False
    """Whether that file lies inside the session's own file."""
    channel: int | None = Field(default=None, ge=0)
    """The only channel of the file that it plays; None plays all."""
    polarity_inverted: bool = False
    gain_db: Db = 0.0
    gain: Lane | None = None
    """Gain over the clip besides, in dB, in seconds since the clip's start."""
    fade_in: Fade | None = None
    fade_out: Fade | None = None
    loop: Loop | None = None
    is_muted: bool = False
    covers: bool = False
    """Whether it hides the clips before it in the list where they overlap, instead of sounding with them."""
    cannot: str | None = None
    """Why it cannot be played as the DAW plays it, as a sentence; None where it can."""


class Device(Model):
    """A plugin or a built-in effect in a channel."""

    name: str
    kind: DeviceKind = "effect"
    is_on: bool = True
    processor: Annotated[Processor, Field(discriminator="kind")] | None = None
    """What it does, in our words; None where its settings are not known."""
    differs: str | None = None
    """What of it our words do not say; None where they say all."""


class SessionSend(Model):
    """A copy of a track's sound for a return."""

    to: str
    """Id of the track that receives it."""
    level_db: Lane = constant(0.0)
    is_pre_fader: bool = False
    is_on: bool = True


class SessionTrack(Model):
    """A track, group, return or the master."""

    id: str
    """As the session itself tells tracks apart."""
    name: str
    kind: TrackKind = "audio"
    channels: Literal[1, 2] | None = None
    """Channels, where the session says so."""
    polarity_inverted: bool = False
    trim_db: Db = 0.0
    """Gain before the devices."""
    fader_db: Lane = constant(0.0)
    pan: Lane = constant(0.0, law="linear_gain")
    """-1 left … +1 right."""
    mute: Lane = constant(0.0, law="hold")
    """1 is muted."""
    is_soloed: bool = False
    output: str | None = None
    """Id of the track that it goes to; None is the master."""
    is_heard: bool = True
    """Whether its sound reaches the master at all."""
    sends: tuple[SessionSend, ...] = ()
    devices: tuple[Device, ...] = ()
    clips: tuple[Clip, ...] = ()


class Marker(Model):
    """A named place of the time line."""

    time_s: Seconds
    name: str
    end_s: Seconds | None = None
    """End of a range; None is a place without length."""


class Tempo(Model):
    """A tempo from a moment on."""

    time_s: Seconds
    bpm: float = Field(gt=0)
    is_ramp: bool = False
    """Whether it glides to the next one."""


class Meter(Model):
    """A time signature from a moment on."""

    time_s: Seconds
    numerator: int = Field(ge=1)
    denominator: int = Field(ge=1)


class DawSession(Model):
    """A session of a DAW, as far as it can be read."""

    format: Format
    program: str = ""
    """What wrote it, with its version, as far as the session says."""
    title: str = ""
    sample_rate_hz: int | None = Field(default=None, ge=1000, le=1_000_000)
    """None where the session does not say."""
    mono_centre_db: Db = 0.0
    """Level of a mono track on each side when its pan stands in the middle."""
    tracks: tuple[SessionTrack, ...] = ()
    """In the session's order."""
    tempos: tuple[Tempo, ...] = ()
    meters: tuple[Meter, ...] = ()
    markers: tuple[Marker, ...] = ()
    unread: tuple[str, ...] = ()
    """What is in the session and could not be read, in sentences."""

    def of_kind(self, *kinds: TrackKind) -> tuple[SessionTrack, ...]:
        """Return the tracks of some kinds."""
        return tuple(track for track in self.tracks if track.kind in kinds)

    def track(self, track_id: str) -> SessionTrack | None:
        """Return a track by id; None where there is none."""
        return next((track for track in self.tracks if track.id == track_id), None)

"""What is true of the demo song: written beside the stems, so that anybody can check what the engine heard."""

from typing import Annotated, Literal

from pydantic import Field

from tonmeister.demo.score import SectionKind
from tonmeister.document.mix import Family
from tonmeister.model import Db, Hz, Model, Ms, Seconds, Share


class Hum(Model):
    """Mains hum on a track, from start to end."""

    kind: Literal["hum"] = "hum"
    track: str
    """File name."""
    frequency_hz: Hz
    """Frequency of the mains."""
    harmonics_dbfs: tuple[Db, ...]
    """RMS level of the fundamental and each harmonic after it."""
    level_dbfs: Db
    """RMS level of them all."""


class Noise(Model):
    """Broadband (white) noise on a track, from start to end."""

    kind: Literal["noise"] = "noise"
    track: str
    """File name."""
    level_dbfs: Db
    """RMS level."""
    signal_to_noise_db: Db
    """RMS of the track while it plays, over RMS of the noise."""


class Rumble(Model):
    """Low noise on a track, from start to end: steps and traffic through a stand."""

    kind: Literal["rumble"] = "rumble"
    track: str
    """File name."""
    level_dbfs: Db
    """RMS level."""
    highest_hz: Hz
    """Corner of the low-pass that shapes it, 24 dB per octave."""


class Clipping(Model):
    """A take that was recorded too hot: cut off at full scale."""

    kind: Literal["clipping"] = "clipping"
    track: str
    """File name."""
    over_db: Db
    """How far the loudest peak would have gone above full scale."""
    clipped_share: Share
    """Frames at full scale, of all frames."""
    places: int
    """Runs of frames at full scale."""
    first_s: Seconds
    """Time of the first clipped frame."""
    last_s: Seconds
    """Time of the last clipped frame."""


class FlippedPolarity(Model):
    """A track of opposite polarity to its partner."""

    kind: Literal["flipped polarity"] = "flipped polarity"
    track: str
    """File name."""
    against: str
    """File name of the partner."""


class Late(Model):
    """A track that is late against others."""

    kind: Literal["late"] = "late"
    track: str
    """File name."""
    against: tuple[str, ...]
    """File names of those that are in time."""
    delay_frames: int
    """How late it is."""
    delay_ms: Ms
    """The same in milliseconds."""


class Masking(Model):
    """A track that covers another in a band."""

    kind: Literal["masking"] = "masking"
    track: str
    """File name of the one that covers."""
    masked: str
    """File name of the one that is covered."""
    low_hz: Hz
    """Lower edge of the band."""
    high_hz: Hz
    """Upper edge of the band."""
    spans_s: tuple[tuple[Seconds, Seconds], ...]
    """Where: start and end of each place."""
    over_db: Db
    """Power of the masker over that of the masked within the band and the spans, in the balance of `balance_gain_db`."""


Fault = Annotated[Hum | Noise | Rumble | Clipping | FlippedPolarity | Late | Masking, Field(discriminator="kind")]


class TrueSection(Model):
    """A part of the form."""

    label: SectionKind
    """What it is."""
    start_s: Seconds
    """First beat."""
    end_s: Seconds
    """First beat of the next one, or the end of the song."""
    bars: int
    """How many bars."""


class TrueChord(Model):
    """A chord while it lasts."""

    name: str
    start_s: Seconds
    end_s: Seconds


class TruePhrase(Model):
    """A sung phrase, breath before it excluded."""

    track: str
    """File name."""
    text: str
    """Words."""
    start_s: Seconds
    end_s: Seconds


class TrueTrack(Model):
    """What a stem is."""

    file_name: str
    """Name of the file."""
    roles: tuple[str, ...]
    """Right answers for its role, best first."""
    family: Family
    """Coarse role."""
    channels: Literal[1, 2]
    """Channels of the file."""
    balance_gain_db: Db
    """Gain that takes the stem as recorded to its place in the balance that the song was written in."""


class Truth(Model):
    """Everything that is known of the demo song."""

    title: str
    seed: int
    sample_rate_hz: int
    frames: int
    """Length of every stem."""
    tempo_bpm: float
    beats_per_bar: int
    key: str
    beats_s: tuple[Seconds, ...]
    """Time of every beat on the grid; players are a few milliseconds off it."""
    bars_s: tuple[Seconds, ...]
    """Time of every first beat."""
    sections: tuple[TrueSection, ...]
    """They tile the song."""
    chords: tuple[TrueChord, ...]
    """They tile the song."""
    tracks: tuple[TrueTrack, ...]
    phrases: tuple[TruePhrase, ...]
    """All phrases of all voices, track by track."""
    faults: tuple[Fault, ...]
    """What was spoiled on purpose; nothing else is wrong with the stems."""

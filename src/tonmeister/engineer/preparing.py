"""What can be mended, in the order of the work: when it is looked for, who finds the settings, what is told about it."""

from collections.abc import Callable
from dataclasses import dataclass

from tonmeister.analysis.faults import FaultKind
from tonmeister.analysis.low_bursts import SOFT_BURST_DB, SURE_BURST_DB
from tonmeister.analysis.track_meter import TrackFigures
from tonmeister.audio import Audio
from tonmeister.document.repair import RepairKind
from tonmeister.engineer import damage, voice_faults
from tonmeister.engineer.noise_and_room import prepare_noise_and_room
from tonmeister.knowledge import number
from tonmeister.model import Share
from tonmeister.processing import (
    Azimuth,
    Declick,
    Declip,
    Dehum,
    Denoiser,
    Deplosive,
    Dereverb,
    Derumble,
    Dewind,
    Equaliser,
    Extender,
    Processor,
    RemoveDc,
)


@dataclass(frozen=True, slots=True)
class Sought:
    """What a repair looks for."""

    kinds: frozenset[RepairKind]
    """Only these."""
    voice: bool
    """Whether one voice speaks or sings alone."""
    forced: frozenset[RepairKind] = frozenset()
    """Asked for by name: the cheap facts need not call for them."""
    with_model: bool = False
    """Whether the voice model may take part."""
    soft_amount: Share = 1.0
    """Part that is done of the repairs whose amount can be heard."""
    strong: bool = False
    """Whether noise and room are turned down further than is natural, and fainter pops and gusts are taken for such."""
    thorough: bool = False
    """Whether what is quickly looked for is looked for in any case: one recording is at hand, not a song."""


STRONG_DB = 24.0
"""How far noise and room are turned down where a person asks for much."""
SOFT: frozenset[RepairKind] = frozenset({"noise", "room", "wind", "plosives", "breaths", "sibilance", "hum"})
"""Repairs whose amount can be heard; the others are done or not done."""
Prepare = Callable[[Audio, TrackFigures, Sought], Processor | None]
_Call = Callable[[TrackFigures, Sought], bool]


@dataclass(frozen=True, slots=True)
class Step:
    """One kind of repair."""

    kind: RepairKind
    title: str
    """What was found, in a few words."""
    called_for: _Call
    """Whether what the ear measured speaks for the dearer look."""
    prepare: Prepare
    tell: Callable[[Processor, TrackFigures], tuple[float, str]]
    """The measurement that speaks for it, and its unit."""
    harm: str
    """Row of knowledge that says how much harm it may do."""
    voice_only: bool = False

    def is_called_for(self, figures: TrackFigures, sought: Sought) -> bool:
        """Say whether to look for it."""
        if self.voice_only and not sought.voice:
            return False
        return self.kind in sought.forced or self.called_for(figures, sought)


def fault_value(figures: TrackFigures, kind: FaultKind) -> float | None:
    """Return the measured value of a fault; None where it is not there."""
    return next((fault.value for fault in figures.faults if fault.kind == kind), None)


def _clicks_often(figures: TrackFigures, _sought: Sought) -> bool:
    """Fewer are the scrape of a string or the tick of a stick; what prepares the repair would say so after a dear look."""
    found = next((fault.count for fault in figures.faults if fault.kind == "clicks"), 0)
    return found > 0 and found >= number("cleanup.clicks_least").value * figures.duration_s / 60


def _if_fault(kind: FaultKind) -> _Call:
    return lambda figures, _: fault_value(figures, kind) is not None


def _is_noisy(figures: TrackFigures, sought: Sought) -> bool:
    """Instruments play softly on purpose: for them the ear must have heard steady noise; a voice pauses, so its noise is learnt."""
    return sought.voice or fault_value(figures, "noise") is not None


def _may_hum(figures: TrackFigures, sought: Sought) -> bool:
    """A hum under noise or speech hides from the quick look; under loud bass it does still."""
    return sought.voice or any(fault_value(figures, kind) is not None for kind in ("hum", "noise"))


def _pops(figures: TrackFigures, sought: Sought) -> bool:
    return sought.thorough or bool(figures.defects.pops)


def _breathes(figures: TrackFigures, sought: Sought) -> bool:
    return sought.thorough or figures.defects.breath_share >= number("cleanup.breaths_share_least").value


def _has_noise(figures: TrackFigures, _sought: Sought) -> bool:
    return fault_value(figures, "noise") is not None or figures.defects.noise_dbfs is not None


def _is_roomy(figures: TrackFigures, _sought: Sought) -> bool:
    return figures.defects.decay_s is not None


def _if_thorough(_figures: TrackFigures, sought: Sought) -> bool:
    return sought.thorough


def _never(_figures: TrackFigures, _sought: Sought) -> bool:
    return False


def _always(_figures: TrackFigures, _sought: Sought) -> bool:
    return True


def _noise(audio: Audio, _figures: TrackFigures, sought: Sought) -> Denoiser | None:
    settings = prepare_noise_and_room(audio, voice=sought.voice, with_model=sought.with_model)[0]
    return settings.model_copy(update={"reduction_db": STRONG_DB}) if settings and sought.strong else settings


def _room(audio: Audio, _figures: TrackFigures, sought: Sought) -> Dereverb | None:
    settings = prepare_noise_and_room(audio, voice=sought.voice, with_model=False)[1]
    return settings.model_copy(update={"reduction_db": STRONG_DB}) if settings and sought.strong else settings


def _clicks(audio: Audio, figures: TrackFigures, sought: Sought) -> Declick | None:
    """Look everywhere in one recording; in a song's stem around what the ear heard, if it told every place."""
    fault = next((fault for fault in figures.faults if fault.kind == "clicks"), None)
    told = fault is not None and not sought.thorough and len(fault.spans) == fault.count
    return damage.prepare_declick(audio, near=fault.spans if fault is not None and told else ())


def _rumble(audio: Audio, _figures: TrackFigures, sought: Sought) -> Derumble | None:
    """Look below the lowest note; below a voice, where little else is, only if a person asks for it."""
    return voice_faults.prepare_derumble(audio, voice=sought.voice and "rumble" in sought.forced)


def _wind(audio: Audio, _figures: TrackFigures, sought: Sought) -> Dewind | None:
    return voice_faults.prepare_dewind(audio, least_db=_least_burst_db(sought))


def _plosives(audio: Audio, _figures: TrackFigures, sought: Sought) -> Deplosive | None:
    return damage.prepare_deplosive(audio, least_db=_least_burst_db(sought))


def _least_burst_db(sought: Sought) -> float:
    return SOFT_BURST_DB if sought.strong else SURE_BURST_DB


def _plain(prepare: Callable[[Audio], Processor | None]) -> Prepare:
    return lambda audio, _figures, _sought: prepare(audio)


def _count(processor: Processor, _figures: TrackFigures) -> tuple[float, str]:
    for name in ("regions", "breaths", "gusts", "hisses"):
        if hasattr(processor, name):
            return float(len(getattr(processor, name))), "places"
    return 0.0, "places"


def _tell_hum(processor: Processor, _figures: TrackFigures) -> tuple[float, str]:
    return (processor.frequency_hz if isinstance(processor, Dehum) else 0.0), "Hz"


def _tell_motor(processor: Processor, _figures: TrackFigures) -> tuple[float, str]:
    return (processor.bands[len(processor.bands) // 2].frequency_hz if isinstance(processor, Equaliser) else 0.0), "Hz"


def _tell_ceiling(processor: Processor, _figures: TrackFigures) -> tuple[float, str]:
    return (processor.ceiling if isinstance(processor, Declip) else 0.0), "of full scale"


def _tell_offset(processor: Processor, _figures: TrackFigures) -> tuple[float, str]:
    offsets = processor.offsets if isinstance(processor, RemoveDc) else ()
    return max(map(abs, offsets), default=0.0), "of full scale"


def _tell_noise(_processor: Processor, figures: TrackFigures) -> tuple[float, str]:
    floor = figures.defects.noise_dbfs if figures.defects.noise_dbfs is not None else figures.levels.noise_floor_dbfs
    return (-160.0 if floor is None else floor), "dBFS"


def _tell_room(_processor: Processor, figures: TrackFigures) -> tuple[float, str]:
    return figures.defects.decay_s or 0.0, "s"


def _tell_wow(_processor: Processor, _figures: TrackFigures) -> tuple[float, str]:
    return 1.0, "swing"


def _tell_cut(processor: Processor, _figures: TrackFigures) -> tuple[float, str]:
    return (processor.frequency_hz if isinstance(processor, Derumble) else 0.0), "Hz"


def _tell_delay(processor: Processor, _figures: TrackFigures) -> tuple[float, str]:
    return (processor.delay_us if isinstance(processor, Azimuth) else 0.0), "µs"


def _tell_edge(processor: Processor, _figures: TrackFigures) -> tuple[float, str]:
    return (processor.edge_hz if isinstance(processor, Extender) else 0.0), "Hz"


STEPS: tuple[Step, ...] = (
    Step("clipping", "clipped peaks", _if_fault("clipping"), _plain(damage.prepare_declip), _tell_ceiling, "cleanup.clipping_harm_most_db"),
    Step("offset", "a constant offset", _if_fault("dc_offset"), _plain(damage.prepare_remove_dc), _tell_offset, "cleanup.offset_harm_most_db"),
    Step("azimuth", "a tape head askew", _never, _plain(damage.prepare_azimuth), _tell_delay, "cleanup.azimuth_harm_most_db"),
    Step("clicks", "clicks", _clicks_often, _clicks, _count, "cleanup.clicks_harm_most_db"),
    Step("hum", "mains hum", _may_hum, _plain(damage.prepare_dehum), _tell_hum, "cleanup.hum_harm_most_db"),
    Step("motor", "a motor's tone", _has_noise, _plain(damage.prepare_motor_notch), _tell_motor, "cleanup.motor_harm_most_db", voice_only=True),
    Step("wow", "a swinging speed", _never, _plain(damage.prepare_unwow), _tell_wow, "cleanup.wow_harm_most_db"),
    Step("rumble", "rumble below the lowest note", _if_thorough, _rumble, _tell_cut, "cleanup.rumble_harm_most_db"),
    Step("noise", "broadband noise", _is_noisy, _noise, _tell_noise, "cleanup.noise_harm_most_db"),
    Step("room", "a live room", _is_roomy, _room, _tell_room, "cleanup.room_harm_most_db", voice_only=True),
    Step("mouth_clicks", "mouth clicks", _always, _plain(damage.prepare_mouth_declick), _count, "cleanup.mouth_clicks_harm_most_db", voice_only=True),
    Step("wind", "wind and handling", _if_thorough, _wind, _count, "cleanup.wind_harm_most_db", voice_only=True),
    Step("plosives", "plosives", _pops, _plosives, _count, "cleanup.plosives_harm_most_db", voice_only=True),
    Step("breaths", "loud breaths", _breathes, _plain(damage.prepare_debreath), _count, "cleanup.breaths_harm_most_db", voice_only=True),
    Step("sibilance", "sharp consonants", _if_thorough, _plain(voice_faults.prepare_desibilance), _count, "cleanup.sibilance_harm_most_db", voice_only=True),
    Step("bandwidth", "nothing above an edge", _never, _plain(voice_faults.prepare_bandwidth), _tell_edge, "cleanup.bandwidth_harm_most_db"),
)  # fmt: skip
"""Clipping before the offset moves its ceiling; clicks before what they disturb; noise before what it hides."""

KINDS: tuple[RepairKind, ...] = tuple(step.kind for step in STEPS)
"""All kinds that one recording alone can have, in the order of the work."""

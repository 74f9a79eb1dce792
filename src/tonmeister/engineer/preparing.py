"""What can be mended, in the order of the work: when it is looked for, who finds the settings, what is told about it."""

from collections.abc import Callable
from dataclasses import dataclass

from tonmeister.analysis.faults import FaultKind
from tonmeister.analysis.track_meter import TrackFigures
from tonmeister.audio import Audio
from tonmeister.document.repair import RepairKind
from tonmeister.engineer import damage
from tonmeister.engineer.noise_and_room import prepare_noise_and_room
from tonmeister.knowledge import number
from tonmeister.model import Share
from tonmeister.processing import (
    Debreath,
    Declick,
    Declip,
    DeEsser,
    Dehum,
    Denoiser,
    Deplosive,
    Dereverb,
    Equaliser,
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
    """Whether noise and room are turned down further than is natural."""


STRONG_DB = 24.0
"""How far noise and room are turned down where a person asks for much."""
SOFT: frozenset[RepairKind] = frozenset({"noise", "room", "plosives", "breaths", "sibilance", "hum"})
"""Repairs whose amount can be heard; the others are done or not done."""
_ESSES_OVER_DB = -5.0
"""Threshold over the level of the esses: their peaks stand 9 dB over their level, and 14 dB of them are to be turned down."""

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


def _pops(figures: TrackFigures, _sought: Sought) -> bool:
    return bool(figures.defects.pops)


def _breathes(figures: TrackFigures, _sought: Sought) -> bool:
    return figures.defects.breath_share >= number("cleanup.breaths_share_least").value


def _has_noise(figures: TrackFigures, _sought: Sought) -> bool:
    return fault_value(figures, "noise") is not None or figures.defects.noise_dbfs is not None


def _is_roomy(figures: TrackFigures, _sought: Sought) -> bool:
    return figures.defects.decay_s is not None


def _hisses(figures: TrackFigures, _sought: Sought) -> bool:
    sibilance = figures.defects.sibilance_db
    return sibilance is not None and sibilance >= number("cleanup.sibilance_least_db").value


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


def _sibilance(_audio: Audio, figures: TrackFigures, _sought: Sought) -> DeEsser | None:
    level, over = figures.levels.active_rms_dbfs, figures.defects.sibilance_db
    if level is None or over is None:
        return None
    threshold_db = round(max(-70.0, min(-1.0, level + over + _ESSES_OVER_DB)), 1)
    return DeEsser(frequency_hz=4500.0, threshold_db=threshold_db, range_db=8.0, lookahead_ms=2.0, attack_ms=0.5)


def _plain(prepare: Callable[[Audio], Processor | None]) -> Prepare:
    return lambda audio, _figures, _sought: prepare(audio)


def _count(processor: Processor, _figures: TrackFigures) -> tuple[float, str]:
    if isinstance(processor, Declick | Deplosive):
        return float(len(processor.regions)), "places"
    return (float(len(processor.breaths)), "places") if isinstance(processor, Debreath) else (0.0, "places")


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


def _tell_sibilance(_processor: Processor, figures: TrackFigures) -> tuple[float, str]:
    return figures.defects.sibilance_db or 0.0, "dB"


def _tell_wow(_processor: Processor, _figures: TrackFigures) -> tuple[float, str]:
    return 1.0, "swing"


STEPS: tuple[Step, ...] = (
    Step("clipping", "clipped peaks", _if_fault("clipping"), _plain(damage.prepare_declip), _tell_ceiling, "cleanup.clipping_harm_most_db"),
    Step("offset", "a constant offset", _if_fault("dc_offset"), _plain(damage.prepare_remove_dc), _tell_offset, "cleanup.offset_harm_most_db"),
    Step("clicks", "clicks", _clicks_often, _plain(damage.prepare_declick), _count, "cleanup.clicks_harm_most_db"),
    Step("hum", "mains hum", _may_hum, _plain(damage.prepare_dehum), _tell_hum, "cleanup.hum_harm_most_db"),
    Step("motor", "a motor's tone", _has_noise, _plain(damage.prepare_motor_notch), _tell_motor, "cleanup.motor_harm_most_db", voice_only=True),
    Step("wow", "a swinging speed", _never, _plain(damage.prepare_unwow), _tell_wow, "cleanup.wow_harm_most_db"),
    Step("noise", "broadband noise", _is_noisy, _noise, _tell_noise, "cleanup.noise_harm_most_db"),
    Step("room", "a live room", _is_roomy, _room, _tell_room, "cleanup.room_harm_most_db", voice_only=True),
    Step("mouth_clicks", "mouth clicks", _always, _plain(damage.prepare_mouth_declick), _count, "cleanup.mouth_clicks_harm_most_db", voice_only=True),
    Step("plosives", "plosives", _pops, _plain(damage.prepare_deplosive), _count, "cleanup.plosives_harm_most_db", voice_only=True),
    Step("breaths", "loud breaths", _breathes, _plain(damage.prepare_debreath), _count, "cleanup.breaths_harm_most_db", voice_only=True),
    Step("sibilance", "sharp consonants", _hisses, _sibilance, _tell_sibilance, "cleanup.sibilance_harm_most_db", voice_only=True),
)  # fmt: skip
"""Clipping before the offset moves its ceiling; clicks before what they disturb; noise before what it hides."""

KINDS: tuple[RepairKind, ...] = tuple(step.kind for step in STEPS)
"""All kinds that one recording alone can have, in the order of the work."""

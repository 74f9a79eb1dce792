"""Find on the sound what a pitch corrector has to correct, and what that promises."""

from collections.abc import Mapping

import numpy as np

from tonmeister.analysis.intonation import Stretch, held_share, notes_of, off_pitch_cents, plan_correction
from tonmeister.analysis.pitch import track_pitch
from tonmeister.audio import Audio
from tonmeister.document.fold import fold
from tonmeister.document.mix import Mix
from tonmeister.document.move import Evidence, InsertChange, Move, Nothing
from tonmeister.files.cache import Cache
from tonmeister.files.probe import SoundFile
from tonmeister.files.sound import open_probed
from tonmeister.processing import Tuner
from tonmeister.processing.tuner import TunedStretch
from tonmeister.tasks.voices.pitch import promise_of


def fill_tuning(mix: Mix, sources: Mapping[str, SoundFile], *, cache: Cache) -> Mix:
    """Give each pitch corrector that has no stretches yet those of its own track."""
    filled = tuple(_filled(move, sources, cache, mix.song.sample_rate_hz) for move in mix.moves)
    if all(new is old for new, old in zip(filled, mix.moves, strict=True)):
        return mix
    return fold(mix.model_copy(update={"moves": filled}))


def _filled(move: Move, sources: Mapping[str, SoundFile], cache: Cache, rate: int) -> Move:
    change, name = move.change, move.where.track
    if not isinstance(change, InsertChange) or name is None or move.state != "accepted":
        return move
    settings = change.insert.processor
    if not isinstance(settings, Tuner) or settings.regions:
        return move
    with open_probed(sources[name], rate_hz=rate, cache=cache) as reader:
        sound = Audio(np.ascontiguousarray(np.concatenate(list(reader.blocks()), axis=1)), rate)
    tuned, before_cents, share = find_stretches(settings, sound)
    insert = change.insert.model_copy(update={"processor": tuned})
    is_wrong = bool(tuned.regions)
    told = (
        Evidence(what="median distance from the nearest note of the key", value=round(before_cents, 1), unit="cents", source="analysis.intonation"),
        Evidence(what="voiced time that is corrected", value=round(share, 3), unit="share", source="analysis.intonation"),
    )  # fmt: skip
    fields = {
        "change": change.model_copy(update={"insert": insert}) if is_wrong else Nothing(),
        "title": move.title if is_wrong else f"Nothing to tune: it is in {settings.tonic} {settings.mode} already",
        "because": (*move.because, *told),
        "expects": promise_of(before_cents, settings.amount) if is_wrong else None,
    }  # fmt: skip
    return move.model_copy(update=fields)


def find_stretches(settings: Tuner, sound: Audio) -> tuple[Tuner, float, float]:
    """Return the settings with what to correct, how far off the voice is, and the share of it that is corrected."""
    track = track_pitch(sound.samples, sample_rate_hz=sound.sample_rate_hz)
    notes = notes_of(settings.tonic, settings.mode)
    planned = plan_correction(track, notes, amount=settings.amount, speed_ms=settings.speed_ms)
    regions = tuple(_stretch(stretch) for stretch in planned)
    off = off_pitch_cents(track, notes) or 0.0
    return settings.model_copy(update={"regions": regions}), off, held_share(track, planned)


def _stretch(stretch: Stretch) -> TunedStretch:
    return TunedStretch(
        start_s=stretch.first / 100, end_s=(stretch.first + stretch.hz.size) / 100,
        hz=tuple(stretch.hz.round(1).tolist()), cents=tuple(stretch.cents.round(1).tolist()),
    )  # fmt: skip

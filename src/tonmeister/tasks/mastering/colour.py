"""What a character adds: each by other means, set by the level of the file and not by numbers alone."""

import itertools
from collections.abc import Iterator

import numpy as np

from tonmeister.analysis.bands import ERB_CENTRES_HZ
from tonmeister.analysis.portrait import side_gain_db
from tonmeister.document.move import BandChange, Move
from tonmeister.knowledge import number
from tonmeister.processing import Band, Compressor, Multiband, Saturator, TransientShaper, UpwardCompressor
from tonmeister.tasks.mastering.finishing import HERE, Finishing, character_evidence, insert_move
from tonmeister.tasks.mastering.sides import side_equaliser

_AIR_BANDS = (4, 5)
"""Bands of the width above 3 kHz."""
_LEAST_WIDTH = 0.005
_EDGES_HZ = (150.0, 4000.0)


def propose(work: Finishing) -> Iterator[Move]:
    """Put the character's stages into the chain, in the order in which an engineer patches them."""
    yield from _held(work)
    yield from _tone(work)
    yield from _air(work)
    yield from _saturation(work)


def _held(work: Finishing) -> Iterator[Move]:
    character = work.character
    if character.attack_db:
        why = (character_evidence(work, "attacks", character.attack_db, "dB"),)
        yield insert_move(
            work, "character.attacks", f"Attacks {character.attack_db:+.1f} dB", "dynamics", TransientShaper(attack_db=character.attack_db), why
        )  # fmt: skip
    if character.density is not None:
        density = character.density
        settings = UpwardCompressor(
            threshold_db=_level(work.loud_db - density.under_db), ratio=density.ratio, range_db=density.range_db,
            floor_db=_level(work.loud_db - density.under_db - 30), attack_ms=20, release_ms=250,
        )  # fmt: skip
        why = (character_evidence(work, "level of the loud parts", work.loud_db, "dBFS"),)
        yield insert_move(work, "character.density", "Quiet detail comes up", "dynamics", settings, why)
    if character.glue is not None:
        glue = character.glue
        compressor = Compressor(
            threshold_db=_level(work.loud_db - glue.over_db), ratio=glue.ratio, knee_db=9, attack_ms=glue.attack_ms,
            release_ms=glue.release_ms, detector="rms", rms_window_ms=15,
        )  # fmt: skip
        why = (character_evidence(work, "level of the loud parts", work.loud_db, "dBFS"),)
        yield insert_move(work, "character.glue", f"Glue, {glue.ratio:g}:1", "dynamics", compressor, why)
    if character.bands is not None:
        yield _bands(work, character.bands.ratio, character.bands.over_db)


def _bands(work: Finishing, ratio: float, over_db: float) -> Move:
    """Hold three bands, each at its own usual level."""
    power = work.measured.curves.erb_power.astype(np.float64)
    total = power.sum(axis=1)
    loud = power[total >= np.percentile(total, 60)].mean(axis=0)
    edges = (0.0, *_EDGES_HZ, np.inf)
    levels = [
        float(10 * np.log10(loud[(low <= ERB_CENTRES_HZ) & (high > ERB_CENTRES_HZ)].sum() + 1e-12))
        for low, high in itertools.pairwise(edges)
    ]
    parts = [
        Compressor(
            threshold_db=_level(level + 2 - over_db), ratio=ratio, knee_db=9, attack_ms=attack, release_ms=release, detector="rms", rms_window_ms=10
        )
        for level, attack, release in zip(levels, (30.0, 15.0, 8.0), (200.0, 140.0, 90.0), strict=True)
    ]  # fmt: skip
    settings = Multiband(
        low_crossover_hz=_EDGES_HZ[0], high_crossover_hz=_EDGES_HZ[1], low=parts[0], mid=parts[1], high=parts[2]
    )
    why = (character_evidence(work, "usual level of the middle band", levels[1], "dBFS"),)
    return insert_move(work, "character.bands", f"Three bands held, {ratio:g}:1", "dynamics", settings, why)


def _tone(work: Finishing) -> Iterator[Move]:
    for place, colour in enumerate(work.character.tone, start=1):
        band = Band(shape=colour.shape, frequency_hz=colour.frequency_hz, gain_db=colour.gain_db, q=colour.q)
        yield Move(
            id=f"mastering.character.tone-{place}", task="mastering", where=HERE, change=BandChange(slot="tone", band=band),
            title=f"Colour: {colour.gain_db:+.1f} dB at {colour.frequency_hz:.0f} Hz",
            because=(character_evidence(work, "colour", colour.gain_db, "dB"),), confidence=0.5,
        )  # fmt: skip


def _air(work: Finishing) -> Iterator[Move]:
    """Raise the side at the top, no further than mono allows."""
    gain, widths = work.character.side_air_db, work.portrait.width_by_band
    if gain <= 0 or not widths:
        return
    most = 1 - 10 ** (-number("finishing.mono_loss_db").value / 10)
    allowed = {
        band: min(gain, max(0.0, side_gain_db(width, most)))
        for band in _AIR_BANDS
        if (width := widths[band]) is not None and width > _LEAST_WIDTH
    }
    gains = {band: value for band, value in allowed.items() if value >= number("finishing.tone_least_db").value}
    if not gains:
        return
    why = (character_evidence(work, "side power above 3 kHz", max(widths[b] or 0.0 for b in gains), "share"),)
    yield insert_move(
        work,
        "character.air",
        f"Air at the sides: up to {max(gains.values()):+.1f} dB",
        "tone",
        side_equaliser(gains),
        why,
    )


def _saturation(work: Finishing) -> Iterator[Move]:
    stage, peak = work.character.saturation, work.portrait.true_peak_dbtp
    if stage is None or peak is None:
        return
    level = float(np.clip(peak - stage.under_peak_db, -36, 0))
    settings = Saturator(shape=stage.shape, drive_db=0.0, ceiling_db=round(level, 1), output_db=0.0, mix=stage.mix)
    why = (character_evidence(work, "true peak of the file", peak, "dBTP"),)
    yield insert_move(
        work,
        "character.saturation",
        f"{stage.shape.capitalize()} harmonics, {stage.mix:.0%} of them",
        "tone",
        settings,
        why,
    )


def _level(value_db: float) -> float:
    return round(float(np.clip(value_db, -80, 0)), 1)

"""Which part of each band, and of its side, comes from which stem: so that a fault is mended where it is made, and not on the master."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.bands import ERB_CENTRES_HZ
from tonmeister.analysis.portrait import band_names
from tonmeister.analysis.track_meter import TrackMeasurement
from tonmeister.document.fold import still_fader_db
from tonmeister.engineer.documents import MIX_FILE, load_mix, load_sources
from tonmeister.engineer.options import Cancel
from tonmeister.engineer.references import measure
from tonmeister.files.cache import Cache
from tonmeister.files.sound import open_probed
from tonmeister.tasks.mastering.finishing import StemShare

Floats = NDArray[np.float64]
_Row = tuple[str, Floats, Floats]
"""Name, (40,) power in each ERB band and (6,) side power in each band of the width."""


def stem_shares(folder: Path, *, cache: Cache, cancel: Cancel | None) -> tuple[StemShare, ...]:
    """Return the shares of the stems in a folder, or of the tracks of a mix that this engine made, at their faders and pans."""
    rows = _of_mix(folder, cancel) if (folder / MIX_FILE).is_file() else _of_stems(folder, cache, cancel)
    if not rows:
        return ()
    power = np.maximum(np.sum([row[1] for row in rows], axis=0), 1e-20)
    side = np.maximum(np.sum([row[2] for row in rows], axis=0), 1e-20)
    return tuple(
        StemShare(name, tuple((one / power).tolist()), tuple((two / side).tolist())) for name, one, two in rows
    )


def _of_stems(folder: Path, cache: Cache, cancel: Cancel | None) -> list[_Row]:
    from tonmeister.listen import listen as listen_to  # noqa: PLC0415 - only stems need the ear

    tracks = [track for track in listen_to(folder, cache=cache, cancel=cancel).facts.tracks if track.track.used]
    return [
        (
            t.track.name,
            *_powers(TrackMeasurement(t.figures, t.curves), channels=t.track.channels, gain_db=0.0, pan=0.0),
        )
        for t in tracks
    ]


def _of_mix(folder: Path, cancel: Cancel | None) -> list[_Row]:
    """Return the rows of a mix's tracks: as they came, through trim, fader and pan; what inserts do is left out."""
    mix = load_mix(folder)
    sources, rows = load_sources(folder, mix), []
    for track in mix.tracks:
        if not track.used or track.id not in sources:
            continue
        with open_probed(sources[track.id]) as sound:
            measured = measure(sound, cancel=cancel)
        gain_db = track.strip.trim_db + still_fader_db(mix, track.id)
        pan = track.strip.pan.points[0].value
        rows.append((track.name, *_powers(measured, channels=sound.channels, gain_db=gain_db, pan=pan)))
    return rows


def _powers(measured: TrackMeasurement, *, channels: int, gain_db: float, pan: float) -> tuple[Floats, Floats]:
    power = measured.curves.erb_power.astype(np.float64).sum(axis=0) * channels * 10 ** (gain_db / 10)
    widths = measured.figures.stereo.width_by_band
    panned = (1 - np.cos(np.pi / 2 * pan)) / 2  # side power of a mono track under the constant-power law
    side = np.zeros(len(band_names()))
    for band, (low, high) in enumerate(band_names()):
        inside = (low <= ERB_CENTRES_HZ) & (high > ERB_CENTRES_HZ)
        side[band] = power[inside].sum() * (panned if channels == 1 else (widths[band] or 0.0) if widths else 0.0)
    return power, side

"""Fits the ear for beats: `python -m bench.training.pulses --midi FOLDER… --out FOLDER` prints the weights of beats and bars.

Every MIDI song is played once by FluidSynth as a multitrack with human timing (`bench.midi`) and heard by us; each pulse that
the song offers is described, and compared with the true beats. The weights are those under which the best pulse of each song is
likeliest (conditional logistic regression); how good they are on songs not seen is told by leaving songs out, also when the
weights of bars are fitted (`bench.training.bars`). The songs on which
`bench sections` judges count three times, so that they stay right, and are never left out: what is said of them is not blind.
"""

import argparse
import pickle
import shutil
import sys
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from bench.case import say
from bench.midi import Played, play, read_score
from bench.structure import BEAT_S, hit_f
from bench.training.bars import BarSong, bar_figures, downbeat_f, fit_bars
from tonmeister.analysis import bars
from tonmeister.analysis.accents import Accents, measure_accents
from tonmeister.analysis.bars import beat_features
from tonmeister.analysis.beats import WEIGHTS, list_pulses
from tonmeister.analysis.pulse import FASTEST_BPM, SLOWEST_BPM
from tonmeister.analysis.pulse_figures import describe_pulses
from tonmeister.files.cache import Cache
from tonmeister.listen import listen

Floats = NDArray[np.float64]
PLAYED_S, FEWEST_QUARTERS, FEWEST_BEATS = 60.0, 60.0, 20
GOOD_F = 0.03
"""A pulse so near to the best of its song is as good."""
RIDGE = 0.03
OF_BARS = ("bars", "clear_bars", "threes")
"""Figures of a pulse that the weights of bars decide, as `bar_figures` orders them."""
FOLDS = 8
TIMES_JUDGED = 3


@dataclass(frozen=True, eq=False)
class Heard:
    """The pulses of one song."""

    song: str
    collection: str
    figures: Floats
    """(pulses, figures) in the order of WEIGHTS."""
    beat_f: Floats
    """(pulses,) F-measure against the true beats."""
    bars: BarSong


def main(arguments: list[str] | None = None) -> int:
    """Play, hear, fit, say."""
    parser = argparse.ArgumentParser(prog="python -m bench.training.pulses", description="Fit the ear for beats.")
    parser.add_argument("--midi", type=Path, nargs="+", required=True, help="folders of MIDI songs, one a collection")
    parser.add_argument("--judged", type=Path, nargs="*", default=[], help="folders of songs that count three times")
    parser.add_argument("--out", type=Path, required=True, help="folder in which what was heard is kept")
    parser.add_argument("--seed", type=int, default=1, help="draws timing, tempo and excerpt of every song")
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    judged = list(hear_all(options.judged, options.out, seed=options.seed))
    names = {song.song for song in judged}
    songs = [song for song in hear_all(options.midi, options.out, seed=options.seed) if song.song not in names]
    often = judged * TIMES_JUDGED
    best = np.mean([song.beat_f.max() for song in songs])
    say(f"{len(songs)} songs; the best pulse of each has a beat F of {best:.3f} on average")
    say(
        "as shipped: beats {:.3f}, downbeats {:.3f}".format(
            *_judge(songs, np.array(list(WEIGHTS.values())), bars.WEIGHTS)
        )
    )
    say("songs left out ({} folds): beats {:.3f}, downbeats {:.3f}".format(FOLDS, *leave_out(songs, often)))
    weights, of_bars = fit_both(songs + often)
    for name, weight in zip(WEIGHTS, weights, strict=True):
        say(f'    "{name}": {weight:.2f},')
    say(f"bars: {', '.join(f'{weight:.2f}' for weight in of_bars)}")
    return 0


def hear_all(folders: Sequence[Path], out: Path, *, seed: int) -> Iterator[Heard]:
    """Yield what is heard of every song that is long enough and whose tempo people can tap."""
    cache = Cache(out / "cache")
    for folder in folders:
        for path in sorted(folder.rglob("*.mid")):
            kept = out / f"{folder.name}_{path.stem}_{seed}.pkl"
            if not kept.exists():
                kept.write_bytes(pickle.dumps(_play(path, out / "work", cache, seed=seed)))
            heard = pickle.loads(kept.read_bytes())  # noqa: S301 - written by this program
            if heard is not None:
                yield _describe(path.stem, folder.name, *heard)


def _play(path: Path, work: Path, cache: Cache, *, seed: int) -> tuple[Accents, Played] | None:
    score = read_score(path)
    if score.quarters < FEWEST_QUARTERS:
        return None
    shutil.rmtree(work, ignore_errors=True)
    played = play(score, work, seed=zlib.crc32(path.stem.encode()) + seed, seconds=PLAYED_S)
    if played.beats_s.size < FEWEST_BEATS or not SLOWEST_BPM <= 60 / np.median(np.diff(played.beats_s)) <= FASTEST_BPM:
        return None
    tracks = listen(work, cache=cache).facts.tracks
    families, roles = [track.track.family for track in tracks], [track.track.role for track in tracks]
    return measure_accents([track.curves for track in tracks], families, roles), played


def _describe(song: str, collection: str, accents: Accents, played: Played) -> Heard:
    first, last = played.beats_s[0] - BEAT_S, played.beats_s[-1] + BEAT_S
    pulses = list_pulses(accents.onsets)
    figures = [[every[name] for name in WEIGHTS] for every in describe_pulses(pulses, accents)]
    inside = [pulse.times_s[(pulse.times_s >= first) & (pulse.times_s <= last)] for pulse in pulses]
    beat_f = [hit_f(times, played.beats_s, window_s=BEAT_S) for times in inside]
    of_bars = BarSong(
        times_s=tuple(pulse.times_s for pulse in pulses),
        is_steady=tuple(pulse.is_steady for pulse in pulses),
        beats=tuple(beat_features(pulse.times_s, accents) for pulse in pulses),
        beats_per_bar=round(float(np.median(np.diff(played.downbeats_s)) / np.median(np.diff(played.beats_s))), 1),
        downbeats_s=played.downbeats_s,
        span_s=(first, last),
    )
    return Heard(song, collection, np.array(figures), np.array(beat_f), of_bars)


def fit_both(songs: Sequence[Heard]) -> tuple[Floats, Floats]:
    """Return the weights of pulses and those of bars, on which three figures of pulses hang."""
    of_bars = fit_bars([(song.bars, song.beat_f) for song in songs])
    seen = [_with_bars(song, of_bars) for song in songs]
    scale = np.concatenate([song.figures for song in seen]).std(axis=0) + 1e-6
    return fit(seen, scale), of_bars


def _with_bars(song: Heard, of_bars: Floats) -> Heard:
    figures = song.figures.copy()
    figures[:, [list(WEIGHTS).index(name) for name in OF_BARS]] = bar_figures(song.bars, of_bars)
    return replace(song, figures=figures)


def fit(songs: Sequence[Heard], scale: Floats) -> Floats:
    """Return the weights under which the best pulses are likeliest."""

    def loss(weights: Floats) -> tuple[float, Floats]:
        total, slope = 0.0, np.zeros(weights.size)
        for song in songs:
            figures = song.figures / scale
            worth = figures @ weights
            share = np.exp(worth - worth.max())
            share /= share.sum()
            good = song.beat_f >= song.beat_f.max() - GOOD_F
            hit = float(share[good].sum()) + 1e-12
            total -= float(np.log(hit))
            slope -= figures.T @ (np.where(good, share / hit, 0) - share)
        ridge = RIDGE * float(weights @ weights)
        return total / len(songs) + ridge, slope / len(songs) + 2 * RIDGE * weights

    found: Floats = minimize(loss, np.zeros(scale.size), jac=True, method="L-BFGS-B").x / scale
    return found


def leave_out(songs: Sequence[Heard], always: Sequence[Heard]) -> tuple[float, float]:
    """Return the mean beat and downbeat F of songs under weights fitted without them, `always` with the others."""
    names = sorted({song.song for song in songs})
    np.random.default_rng(0).shuffle(names)
    found, sizes = [], []
    for fold in range(FOLDS):
        left = set(names[fold::FOLDS])
        weights, of_bars = fit_both([*(song for song in songs if song.song not in left), *always])
        judged = [song for song in songs if song.song in left]
        found.append(_judge(judged, weights, of_bars))
        sizes.append(len(judged))
    beats, downbeats = np.average(found, axis=0, weights=sizes)
    return float(beats), float(downbeats)


def _judge(songs: Sequence[Heard], weights: Floats, of_bars: Floats) -> tuple[float, float]:
    """Return the mean beat and downbeat F of the pulse that is worth most."""
    chosen = [int(np.argmax(_with_bars(song, of_bars).figures @ weights)) for song in songs]
    beats = [song.beat_f[pulse] for song, pulse in zip(songs, chosen, strict=True)]
    downbeats = [downbeat_f(song.bars, pulse, of_bars) for song, pulse in zip(songs, chosen, strict=True)]
    return float(np.mean(beats)), float(np.mean(downbeats))


if __name__ == "__main__":
    sys.exit(main())

"""Does it hear the form?

Five kinds of cases, each through `tonmeister listen`: songs rearranged by code from real stems (`bench.forms`), so that
the form is exact; the same songs as they are, whose tempo is known; multitracks played by FluidSynth from MIDI songs
(`bench.midi`), so that beats are exact; recordings with annotated beats or sections; and our own demo song, whose truth is
written beside it.  Boundaries include the two ends of a song, as in mir_eval; `inner` leaves them out.  The annotated recordings
are heard by baselines too.  `--seeds N` draws seeds from `FIRST_SEED` on, on which nothing was tuned.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from bench.baselines import foote, libsonare
from bench.case import OURS, AbsentError, Case, Job, Summary, Values, absences, attempt, mean_of, systems_of
from bench.forms import GRIDS, Form, draw_form, look_at_bars, write_stem
from bench.midi import Played, play, read_score
from bench.ours import facts_of
from bench.songs import Song, find_songs
from bench.sound import decode
from bench.structure import BEAT_S, Floats, hit_f, label_f

QUESTION = "does it hear the form?"
FIRST_SEED = 601
PLAYED_S = 60.0
KINDS = ("rearranged", "known", "midi", "annotated")
BASELINES = (foote, libsonare)
"""Who else hears the annotated recordings."""


def run(job: Job) -> Iterator[Case]:
    """Judge every case that the data folder holds."""
    seeds = range(FIRST_SEED, FIRST_SEED + job.seeds)
    for song in find_songs(job):
        if song.name in GRIDS:
            yield Case(f"{song.name} as it is", {OURS: attempt(_as_it_is, song)}, {"kind": "known", "song": song.name})
            yield from _rearranged(job, song, seeds)
    for path in sorted((job.data / "midi").rglob("*.mid")):
        if job.wants_song(path.stem):
            for seed in seeds:
                about = {"kind": "midi", "song": path.stem, "seed": seed}
                yield Case(f"midi {path.stem} seed {seed}", {OURS: attempt(_played, job, path, seed)}, about)
    for name, work in (("sargon", _sargon), ("madmom", _madmom), ("demo", _demo)):
        if job.wants_song(name) and (name == "demo" or (job.data / "structure" / name).is_dir()):
            kind = "demo" if name == "demo" else "annotated"
            yield Case(name, {OURS: attempt(work, job), **_baselines(job, name)}, {"kind": kind, "song": name})


def summarise(cases: list[Case]) -> Summary:
    """Return boundaries and labels of rearranged songs, beats of played ones; what is annotated stands in its own cases."""
    wanted = {"boundary_f_3s": "rearranged", "boundary_f_05s": "rearranged", "label_f": "rearranged"}
    by_kind = {kind: [case for case in cases if case.about.get("kind") == kind] for kind in KINDS}
    figures = {key: mean_of(by_kind[kind], OURS, key) for key, kind in wanted.items()}
    for kind in KINDS:
        figures |= {f"{kind}_{key}": mean_of(by_kind[kind], OURS, key) for key in ("beat_f", "downbeat_f")}
    for system in (OURS, *systems_of(cases)):
        figures |= {f"excerpt_{key}_{system}": mean_of(by_kind["annotated"], system, key) for key in wanted}
    figures["boundary_f_3s_inner"] = mean_of(by_kind["rearranged"], OURS, "inner_f_3s")
    figures["boundary_f_05s_inner"] = mean_of(by_kind["rearranged"], OURS, "inner_f_05s")
    shares = [case.about["steady_share"] for case in by_kind["rearranged"]]
    note = (f"boundaries at which nobody enters or leaves: {np.mean(shares):.0%}",) if shares else ()
    return Summary(figures, {}, (*note, *absences(cases)))


def _rearranged(job: Job, song: Song, seeds: range) -> Iterator[Case]:
    """Yield a case a seed; where every stem begins on a bar line of the old song, the new one does."""
    files = {stem.name: stem.wav(song) for stem in song.stems}
    levels, colours = look_at_bars(files, GRIDS[song.name])
    for seed in seeds:
        form = draw_form(levels, colours, GRIDS[song.name], seed=seed)
        about = {"kind": "rearranged", "song": song.name, "seed": seed, "form": "".join(form.labels), "steady_share": round(form.steady_share, 3)}  # fmt: skip
        folder = job.out / "sections" / f"{song.name}_{seed}"
        yield Case(f"{song.name} seed {seed}", {OURS: attempt(_judge_form, files, form, folder)}, about)


def _judge_form(files: dict[str, Path], form: Form, folder: Path) -> Values:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for source in files.values():
        write_stem(source, folder / f"{source.stem}.wav", form)
    heard = facts_of(folder)
    shutil.rmtree(folder)
    values = _form_figures(heard, form.boundaries_s, form.labels)
    return values | _beat_figures(heard, form.grid.played(form.boundaries_s[-1], folder, first_bar_s=0.0))


def _as_it_is(song: Song) -> Values:
    heard = facts_of(song.folder)
    return _beat_figures(heard, GRIDS[song.name].played(song.seconds(), song.folder))


def _baselines(job: Job, name: str) -> dict[str, Values]:
    """Return what the baselines hear of an annotated mix."""
    mix = job.out / "sections" / name / "mix.wav"
    return {
        one.NAME: attempt(_judge_baseline, job, one, name, mix)
        for one in BASELINES
        if name != "demo" and job.wants(one.NAME)
    }


def _judge_baseline(job: Job, baseline: ModuleType, name: str, mix: Path) -> Values:
    if baseline.version() is None:
        raise AbsentError(f"{baseline.NAME} is not installed")
    if name == "sargon":
        found_s, letters = baseline.hear_form(mix)
        return form_figures(found_s, letters, *_annotated_sections(job))
    if baseline is not libsonare:
        return {}
    found = libsonare.hear(mix)
    return beat_figures(np.array(found["beats_s"]), np.array(found["downbeats_s"]), _annotated_beats(job, mix.parent))


def _form_figures(heard: dict[str, Any], edges_s: Floats, labels: tuple[str, ...]) -> Values:
    sections = heard["song"]["sections"]
    end = float(edges_s[-1])
    found = [section["start_s"] for section in sections] + [end] if sections else [0.0, end]
    groups = [section["group"] or section["id"] for section in sections] or ["A"]
    return form_figures(found, groups, edges_s, labels)


def form_figures(found: list[float], groups: list[str], edges_s: Floats, labels: tuple[str, ...]) -> Values:
    """Return boundaries and labels as F-measures."""
    figures: Values = {}
    for name, window in (("3s", 3.0), ("05s", 0.5)):
        figures[f"boundary_f_{name}"] = hit_f(found, edges_s, window_s=window)
        figures[f"inner_f_{name}"] = hit_f(found[1:-1], edges_s[1:-1], window_s=window)
    return figures | {"label_f": label_f(found, groups, edges_s, labels), "found": found}


def _played(job: Job, path: Path, seed: int) -> Values:
    folder = job.out / "sections" / f"{path.stem}_{seed}"
    shutil.rmtree(folder, ignore_errors=True)
    played = play(read_score(path), folder, seed=seed, seconds=PLAYED_S)
    heard = facts_of(folder)
    shutil.rmtree(folder)
    return _beat_figures(heard, played)


def _beat_figures(heard: dict[str, Any], truth: Played) -> Values:
    figures = beat_figures(np.array(heard["beats_s"]), np.array(heard["downbeats_s"]), truth)
    return figures | {"bpm": heard["song"]["tempo_bpm"], "meter": heard["song"]["meter"]}


def beat_figures(beats: Floats, downbeats: Floats, truth: Played) -> Values:
    """Return beats and downbeats as F-measures, between the first and the last true beat."""
    first, last = truth.beats_s[0] - BEAT_S, truth.beats_s[-1] + BEAT_S
    beats, downbeats = (times[(times >= first) & (times <= last)] for times in (beats, downbeats))
    return {
        "beat_f": hit_f(beats, truth.beats_s, window_s=BEAT_S),
        "downbeat_f": hit_f(downbeats, truth.downbeats_s, window_s=BEAT_S),
        "true_bpm": round(float(60 / np.median(np.diff(truth.beats_s))), 2),
    }


def _annotated_sections(job: Job) -> tuple[Floats, tuple[str, ...]]:
    path = job.data / "structure" / "sargon" / "Mindless_cut.jams"
    parts = json.loads(path.read_text())["annotations"][0]["data"]
    edges = np.array([part["time"] for part in parts] + [parts[-1]["time"] + parts[-1]["duration"]])
    return edges, tuple(part["value"] for part in parts)


def _sargon(job: Job) -> Values:
    work = job.out / "sections" / "sargon"
    decode(job.data / "structure" / "sargon" / "Mindless_cut.mp3", work / "mix.wav")
    return _form_figures(facts_of(work), *_annotated_sections(job))


def _annotated_beats(job: Job, work: Path) -> Played:
    beats = np.loadtxt(job.data / "structure" / "madmom" / "sample.beats")
    return Played(work, beats[:, 0], beats[beats[:, 1] == 1, 0])


def _madmom(job: Job) -> Values:
    work = job.out / "sections" / "madmom"
    decode(job.data / "structure" / "madmom" / "sample.wav", work / "mix.wav")
    return _beat_figures(facts_of(work), _annotated_beats(job, work))


def _demo(job: Job) -> Values:
    try:
        from tonmeister.demo.write import write_demo
    except ImportError as missing:
        raise AbsentError(str(missing)) from missing
    work = job.out / "sections" / "demo"
    if not (work / "truth.json").exists():
        write_demo(work)
    truth = json.loads((work / "truth.json").read_text())
    heard = facts_of(work)
    edges = np.array([part["start_s"] for part in truth["sections"]] + [truth["frames"] / truth["sample_rate_hz"]])
    labels = tuple(part["label"] for part in truth["sections"])
    beats = _beat_figures(heard, Played(work, np.array(truth["beats_s"]), np.array(truth["bars_s"])))
    phrases = [_phrase_f(heard, truth, track) for track in heard["phrases"]]
    return (
        _form_figures(heard, edges, labels)
        | beats
        | {"phrase_f": float(np.mean(phrases)), "key_right": heard["song"]["key"] == truth["key"]}
    )


def _phrase_f(heard: dict[str, Any], truth: dict[str, Any], track: str) -> float:
    """Return the F-measure of the starts of a track's phrases, within a quarter of a second."""
    name = next(one["name"] for one in heard["tracks"] if one["id"] == track)
    true = [phrase["start_s"] for phrase in truth["phrases"] if Path(phrase["track"]).stem == Path(name).stem]
    return hit_f([phrase["start_s"] for phrase in heard["phrases"][track]], true, window_s=0.25)

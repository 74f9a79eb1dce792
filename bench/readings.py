"""Do readings do what they say?

Feedback of our own wording is given to whole mixes (a song's mix is made once, if it is not there).  Every reading that can be made is
tried as `revise` does it, and then measured once more at another place of the same song, which the trial has not heard: the named
measurement must move in the promised direction by what can be heard, other tracks must keep their level within half a decibel and the
master its loudness within 0.2 LU unless loudness was asked for.  Wishes without a reading that can be made are counted apart.
"""

from collections.abc import Iterator
from pathlib import Path
from statistics import fmean

from bench.case import OURS, AbsentError, Case, Job, Summary, Values, absences, attempt
from bench.ours import tonmeister
from bench.songs import Song as Stems
from bench.songs import find_songs
from tonmeister.assistant.readings.prove import measure_steps, try_reading
from tonmeister.assistant.readings.scene import Song, open_scene
from tonmeister.assistant.readings.templates import bound, fitting
from tonmeister.assistant.understanding.understand import understand
from tonmeister.engineer.documents import load_mix, load_sources
from tonmeister.engineer.passes import open_renderer
from tonmeister.files.cache import open_cache

QUESTION = "do readings do what they say?"
ROOM_S = 20.0
"""A song must be so long that there is another place to measure at."""
WISHES = (
    "the lead vocal is too quiet", "vocals are a bit harsh", "more reverb on the vocals", "the vocals are drowning in reverb",
    "the vocal sounds thin", "I can't understand the words", "the drums need more punch", "the drums are too loud", "snare too dull",
    "the kick needs more low end", "the bass is boomy", "the bass is buried", "the guitars are too bright", "the guitars are muddy",
    "guitars wider please", "the keys are too loud", "the keys should be warmer", "the synths are harsh", "cymbals are too loud",
    "the horns are thin", "the whole mix sounds muddy", "make it darker", "the mix is too narrow", "the chorus lacks energy",
    "the mix is lifeless and squashed", "it does not translate to small speakers", "could be a bit louder", "the backing vocals are too dry",
)  # fmt: skip
KEPT = 0.95
"""Bar of the issue."""


def run(job: Job) -> Iterator[Case]:
    """Revise every song that is long enough."""
    for song in find_songs(job):
        yield Case(
            song.name, {OURS: attempt(_judge, song, job.out / "readings" / song.name / "mix")}, {"song": song.name}
        )
    for folder in sorted((job.out / "readings").glob("*/mix")):
        if job.wants_song(folder.parent.name) and folder.parent.name not in {song.name for song in find_songs(job)}:
            yield Case(folder.parent.name, {OURS: attempt(_revise, folder)}, {"song": folder.parent.name})


def _judge(song: Stems, out: Path) -> Values:
    if not (out / "mix.json").is_file():
        tonmeister("mix", song.folder, "-o", out, "--sessions", "none")
    return _revise(out)


def _revise(out: Path) -> Values:
    mix, cache = load_mix(out), open_cache()
    if mix.song.duration_s < ROOM_S:
        raise AbsentError(f"the song lasts {mix.song.duration_s:.0f} s, which leaves no other place to measure at")
    sources = load_sources(out, mix)
    rows: list[Values] = []
    wishes = without = 0
    with open_renderer(sources, cache=cache) as renderer:
        song = Song(mix, sources, renderer, cache, {})
        for said in WISHES:
            for intent in understand(said).intents:
                scene = open_scene(song, intent)
                if scene is None:
                    continue
                wishes += 1
                elsewhere = open_scene(song, intent, apart_from=scene)
                found = [(one, try_reading(one, scene, number=1)) for one in fitting(intent)]
                able = [(one, reading) for one, reading in found if reading is not None and reading.can_be_done]
                without += not able
                for template, reading in able:
                    proof = measure_steps(template, elsewhere or scene, reading.steps)
                    loud = template.mechanism in ("loudness", "automation") or abs(proof.loudness_lu) <= bound(
                        "loudness_lu"
                    )
                    rows.append({
                        "said": said, "reading": reading.name, "mechanism": reading.mechanism, "amount_db": reading.amount_db,
                        "moved": proof.is_kept, "change": round(proof.change, 2), "wanted": proof.wanted,
                        "others": proof.others_db <= bound("others_db"), "others_db": proof.others_db, "loud": loud,
                        "loudness_lu": proof.loudness_lu,
                    })  # fmt: skip
    return {"rows": rows, "wishes": wishes, "without": without, "readings": len(rows)}


def summarise(cases: list[Case]) -> Summary:
    """Return the shares over all readings of all songs."""
    found = [case.systems[OURS] for case in cases if "rows" in case.systems[OURS]]
    rows = [row for values in found for row in values["rows"]]
    figures: Values = {
        "songs": len(found), "wishes": sum(values["wishes"] for values in found), "readings": len(rows),
        "without_reading": sum(values["without"] for values in found),
        **{f"{key}_share": fmean(row[key] for row in rows) if rows else None for key in ("moved", "others", "loud")},
    }  # fmt: skip
    figures["kept_share"] = fmean(row["moved"] and row["others"] and row["loud"] for row in rows) if rows else None
    missed = sorted(
        {
            f"{row['said']}: {row['reading']} {row['change']:+.2f} of {row['wanted']:+.2f}"
            for row in rows
            if not row["moved"]
        }
    )
    below = [f"kept_share {figures['kept_share']:.3f} is below {KEPT}"] if rows and figures["kept_share"] < KEPT else []
    return Summary(figures, {}, (*below, *missed, *absences(cases)))

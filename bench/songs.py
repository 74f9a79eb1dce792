"""The songs of a data folder, found by its layout.

A song is a folder under `multitracks/` (or under the data folder itself) with at least two sound files, or with one
file of several streams (`.stem.mp4`: the mix first, then its stems).  A file whose name says master or mix is not a stem
but what people made of them.  `roles.json` beside them says what each stem is.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

import soundfile

from bench.case import Job
from bench.sound import decode

SOUND_SUFFIXES = frozenset({".wav", ".flac", ".aif", ".aiff", ".ogg", ".mp3", ".m4a", ".opus", ".mp4"})
HUMAN_NAME = re.compile(r"(^|[\W_])(master|mixdown|mix)([\W_]|$)", re.IGNORECASE)
ROLE_OF_STREAM = {"drums": "drums", "bass": "bass", "vox": "lead vocal", "vocals": "lead vocal"}
"""Roles of the usual stem names where no `roles.json` says more."""


@dataclass(frozen=True)
class Stem:
    """One stem of a song."""

    name: str
    """File name without suffix, or name of the stream."""
    source: Path
    """The file as it came."""
    stream: int
    """Which audio stream of the file."""
    roles: tuple[str, ...]
    """Acceptable roles, best first; empty where nobody said."""

    @property
    def role(self) -> str:
        """The best role, or `unknown`."""
        return self.roles[0] if self.roles else "unknown"

    def wav(self, song: "Song") -> Path:
        """Return the stem decoded to float32 WAV."""
        return decode(self.source, song.work / "decoded" / f"{self.name}.wav", stream=self.stream)


@dataclass(frozen=True)
class Song:
    """Stems, and the mix or master that people made of them where there is one."""

    name: str
    folder: Path
    work: Path
    """Where decoded files go."""
    stems: tuple[Stem, ...]
    human: Stem | None

    @property
    def digest(self) -> str:
        """Hash of all source bytes."""
        total = hashlib.sha256()
        for path in sorted({stem.source for stem in self.stems}):
            total.update(hashlib.sha256(path.read_bytes()).digest())
        return total.hexdigest()[:24]

    def rate_hz(self) -> int:
        """Return the highest rate that at least half the stems carry."""
        rates = [int(soundfile.info(stem.wav(self)).samplerate) for stem in self.stems]
        return max(rate for rate in rates if 2 * sum(other >= rate for other in rates) >= len(rates))

    def seconds(self) -> float:
        """Return the length of the longest stem."""
        return max(float(soundfile.info(stem.wav(self)).duration) for stem in self.stems)

    def is_production(self) -> bool:
        """Whether the plain sum of the stems is a mix that somebody made.

        Raw close-miked recordings are mono files that nobody has balanced; a stem that is itself a mixture, or fewer
        than three stems, leave nothing to judge; under 20 s there is no balance to hear.
        """
        stereo = sum(soundfile.info(stem.wav(self)).channels == 2 for stem in self.stems)
        whole = any("mixture" in stem.roles for stem in self.stems)
        return len(self.stems) >= 3 and 2 * stereo >= len(self.stems) and not whole and self.seconds() >= 20


def find_songs(job: Job) -> tuple[Song, ...]:
    """Return the songs of the data folder that the job wants, sorted by name."""
    root = job.data / "multitracks" if (job.data / "multitracks").is_dir() else job.data
    folders = sorted({root, *(path for path in root.iterdir() if path.is_dir())}) if root.is_dir() else []
    songs = (_song(folder, job.out / "songs" / folder.name) for folder in folders if job.wants_song(folder.name))
    return tuple(song for song in songs if song is not None)


def find_references(job: Job) -> tuple[Path, ...]:
    """Return the finished songs under `references/`, sorted."""
    root = job.data / "references"
    return (
        tuple(sorted(path for path in root.rglob("*") if path.suffix.lower() in SOUND_SUFFIXES))
        if root.is_dir()
        else ()
    )


def _song(folder: Path, work: Path) -> Song | None:
    if (folder / "mix.json").exists():  # a result of ours, no song
        return None
    files = sorted(path for path in folder.iterdir() if path.is_file() and path.suffix.lower() in SOUND_SUFFIXES)
    if len(files) == 1 and files[0].name.lower().endswith(".stem.mp4"):
        return _stem_file(files[0], folder, work)
    human = [path for path in files if HUMAN_NAME.search(path.stem)]
    stems = [path for path in files if path not in human]
    if len(stems) < 2:
        return None
    truth = _roles(folder)
    return Song(
        name=folder.name,
        folder=folder,
        work=work,
        stems=tuple(Stem(path.stem, path, 0, truth.get(path.name, ())) for path in stems),
        human=Stem(human[0].stem, human[0], 0, ()) if human else None,
    )


def _roles(folder: Path) -> dict[str, tuple[str, ...]]:
    file = folder / "roles.json"
    tracks = json.loads(file.read_text())["tracks"] if file.exists() else {}
    return {name: tuple(said.get("roles", ())) for name, said in tracks.items()}


def _stem_file(path: Path, folder: Path, work: Path) -> Song:
    """Read the names from the JSON of Native Instruments' `stem` box; stream 0 is the mix."""
    found = re.search(rb'stem(\{.*?"stems": \[.*?\]\})', path.read_bytes(), re.DOTALL)
    names = (
        [part["name"] for part in json.loads(found.group(1))["stems"]] if found else [f"stem {i}" for i in range(1, 5)]
    )
    stems = tuple(
        Stem(name, path, stream, tuple(filter(None, [ROLE_OF_STREAM.get(name.lower())])))
        for stream, name in enumerate(names, start=1)
    )
    return Song(name=folder.name, folder=folder, work=work, stems=stems, human=Stem("mix", path, 0, ()))

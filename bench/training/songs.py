"""Tracks of open songs for a shelf of recordings: LMMS plays each track of a project alone, 12 s where most tracks play.

`python -m bench.training.songs --out SHELF PROJECT…` writes SHELF/tracks/ROLE/SONG/*.wav.  LMMS is a tool of the training only
(Debian's lmms, GPL); which projects the shipped weights have heard, and under which licence, stands in docs/roles.md.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile

WINDOW_S = 12.0
TIME_LIMIT_S = 60
LEAST_S = 1.0
"""Tracks that sound for less in the window are left out."""
_TICKS_PER_BEAT = 48
_BAR = 4 * _TICKS_PER_BEAT
_A4_KEY, _A4_NOTE = 57, 69
_CLIPS = ("pattern", "bbtco", "sampletco")
_INSTRUMENT, _BEATS, _SAMPLE, _AUTOMATION = "0", "1", "2", "5"
_SYNTHS = frozenset(
    {"zynaddsubfx", "tripleoscillator", "bitinvader", "lb302", "sid", "papu", "organic", "vibedstrings", "monstro"}
)
_WORDS = (
    ("", r"sidechain"),
    ("percussion", r"sidestick|rimshot|\brim|_rim"),
    ("hi-hat", r"hihat|\bhat|_hat|hats|\bhh\b|_hh|lighthat"),
    ("claps", r"clap|u_don't_kno"),
    ("snare", r"snare|\bsnr|_snr|s_8bit"),
    ("cymbals", r"crash|ride\d|\bride|cymbal"),
    ("kick", r"kick|\bbd\b|bassdrum|_kik|k_8bit|bd-"),
    ("toms", r"tom_|\btom\d|_tom|syntom"),
    ("percussion", r"sha+k|tamb|wood|knock|timbale|cowbell|cga\d|conga|type_noise|weird_1|dialed"),
    (
        "effects",
        (
            r"zap|\bhit01|sonar|\bfx\b|sweep|wh?oosh|noise|alien|ufo|hollow|start02|chimes|\bfall\b|blast|shoot|\bjump|pickup"
            r"|bubble|fade|raise|sfxr|misc_fx|effects/|boom|glissando|^hit$|\bdrop \d"
        ),
    ),
    ("drums", r"house_loop|\bloop\b"),
    ("bass", r"bass|\bsub\b"),
    ("keys", r"e-piano|e_piano|rhodes|organ"),
    ("piano", r"piano"),
    ("acoustic guitar", r"latin_guitar|steel_guitar"),
    ("electric guitar", r"guitar"),
    ("pad", r"choir|chorus01|strings|orion_string|\bpad|slow attack|soft saw|slow saw|chords"),
    (
        "synth",
        (
            r"bell|pluck|arp|lead|synth|square|melody|buzz|talking|hit|dots|supernova|twinkle|ominus|bwaah|reed|pipe|drop2|ioio"
            r"|broken|\bfm\b|game|harp|8bit|light drops|analog|overdrive|llama|trumpet|brazz"
        ),
    ),
)
"""Words of a track's name and sample for each role, the first that fits; what stands under no role is left out."""


def main(arguments: list[str] | None = None) -> int:
    """Play every track of the projects and put it on the shelf."""
    parser = argparse.ArgumentParser(prog="python -m bench.training.songs", description="Tracks of LMMS projects.")
    parser.add_argument("--out", type=Path, required=True, help="the shelf")
    parser.add_argument("projects", type=Path, nargs="+", help="LMMS projects (.mmp, .mmpz)")
    options = parser.parse_args(arguments)
    for project in options.projects:
        for role, name, wav in play_tracks(project):
            path = options.out / "tracks" / role / project.stem / f"{name}.wav"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(wav)
    return 0


def play_tracks(project: Path) -> Iterator[tuple[str, str, bytes]]:
    """Yield (role, file name, WAV) of every track whose role is told and that sounds."""
    song = read_project(project)
    tracks = list_tracks(song)
    with tempfile.TemporaryDirectory() as folder:
        crop(song, *choose_window(song))
        part = Path(folder) / "part.mmp"
        part.write_text(f"<?xml version='1.0'?>\n<!DOCTYPE lmms-project>\n{ET.tostring(song, encoding='unicode')}")
        command = ["lmms", "--allowroot", "rendertracks", str(part), "-o", folder, "-f", "wav", "-s", "44100"]
        environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "HOME": folder, "XDG_RUNTIME_DIR": folder}
        try:
            subprocess.run(command, check=True, capture_output=True, env=environment, timeout=TIME_LIMIT_S)
        except subprocess.TimeoutExpired:  # what is done by then counts; LMMS writes the last tracks first
            sys.stderr.write(f"{project.name}: stopped after {TIME_LIMIT_S} s\n")
        for number, (track, in_beats) in enumerate(tracks, start=1):
            for wav in Path(folder).glob(f"{number}_*.wav"):
                role = tell_role(track, in_beats=in_beats)
                if role and _sounds(wav):
                    yield role, wav.stem, wav.read_bytes()


def read_project(path: Path) -> ET.Element:
    """Return the document of a project, packed by Qt (.mmpz) or plain (.mmp)."""
    packed = path.read_bytes()
    text = (zlib.decompress(packed[4:]) if path.suffix == ".mmpz" else packed).decode("utf-8", "replace")
    return ET.fromstring(text[text.index("<?xml") :])  # noqa: S314 - projects that the person chose


def list_tracks(song: ET.Element) -> list[tuple[ET.Element, bool]]:
    """Return the tracks in the order in which LMMS plays them, and whether each is a line of the beat editor."""
    top, beats = [], []
    for track in _top_tracks(song):
        if _plays(track):
            top.append((track, False))
        inner = track.find("bbtrack/trackcontainer") if track.get("type") == _BEATS else None
        beats += [(line, True) for line in inner.findall("track") if _plays(line)] if inner is not None else []
    return top + beats


def choose_window(song: ET.Element) -> tuple[int, int]:
    """Return (start, length) in ticks of the window, a whole number of bars, in which most tracks play most of the time."""
    head = song.find("head")
    automated = song.find("head/bpm")
    said = (head.get("bpm") if head is not None else None) or (
        automated.get("value") if automated is not None else None
    )
    bpm = float(said or 140)
    size = int(WINDOW_S * bpm / 60 * _TICKS_PER_BEAT) // _BAR * _BAR
    spans = [
        [(_number(clip, "pos"), _number(clip, "pos") + _length(clip)) for clip in _clips(track)]
        for track in _top_tracks(song)
        if track.get("type") != _AUTOMATION and track.get("muted") != "1"
    ]
    end = max((stop for span in spans for _, stop in span), default=0)

    def busy(start: int) -> float:
        shares = (sum(max(0, min(b, start + size) - max(a, start)) for a, b in span) / size for span in spans)
        return sum(min(1.0, share) for share in shares)

    return max(range(0, max(1, end - size // 2), 2 * _BAR), key=lambda start: (busy(start), -start)), size


def crop(song: ET.Element, start: int, size: int) -> None:
    """Keep of the song only what begins in the window, and move it to the beginning; automation goes."""
    holder = song.find("song/trackcontainer")
    for track in _top_tracks(song):
        if track.get("type") == _AUTOMATION and holder is not None:
            holder.remove(track)
        for clip in [clip for clip in track if clip.tag in _CLIPS]:
            if clip.get("muted") == "1" or not _crop_clip(clip, start, size):
                track.remove(clip)


def _crop_clip(clip: ET.Element, start: int, size: int) -> bool:
    at, length = _number(clip, "pos"), _length(clip)
    if clip.tag == "pattern":
        for note in list(clip.iter("note")):
            place = at + _number(note, "pos") - start
            if not 0 <= place < size:
                clip.remove(note)
            else:
                note.set("pos", str(place))
                note.set("len", str(min(_number(note, "len"), size - place)))
        first, last = 0, size if clip.find("note") is not None else 0
    elif clip.tag == "bbtco":
        first, last = max(0, at - start), min(at + length - start, size)
    else:
        first, last = at - start, min(at + length - start, size)
    clip.set("pos", str(first))
    clip.set("len", str(last - first))
    return 0 <= first < last


def tell_role(track: ET.Element, *, in_beats: bool) -> str:
    """Return the role that name and sample tell, or the notes of a synthesiser without a name; empty where nothing does."""
    sample = track.find(".//audiofileprocessor")
    source = (sample.get("src") or "") if sample is not None else ""
    text = f"{track.get('name')} {source.replace('factorysample:', '').replace('drumsynth', '')}".lower()
    instrument = track.find("instrumenttrack/instrument")
    if instrument is None:
        return ""
    for role, words in _WORDS:
        if re.search(words, text):
            return role
    notes = [(_number(note, "pos"), _number(note, "len"), _number(note, "key")) for note in track.iter("note")]
    if in_beats or instrument.get("name") not in _SYNTHS or len(notes) < 4:
        return ""
    pitch = float(np.median([key for _, _, key in notes])) - _A4_KEY + _A4_NOTE
    length = float(np.median([size for _, size, _ in notes])) / _TICKS_PER_BEAT
    voices = len(notes) / len({place for place, _, _ in notes})
    if pitch < 50 and voices < 1.3:
        return "bass"
    return "pad" if length >= 3 or (length >= 2 and voices >= 1.8) else "synth"


def _plays(track: ET.Element) -> bool:
    return track.get("type") in (_INSTRUMENT, _SAMPLE) and track.get("muted") != "1"


def _top_tracks(song: ET.Element) -> list[ET.Element]:
    return song.findall("song/trackcontainer/track")


def _clips(track: ET.Element) -> list[ET.Element]:
    return [clip for clip in track if clip.tag in _CLIPS and clip.get("muted") != "1"]


def _number(element: ET.Element, name: str) -> int:
    return int(float(element.get(name) or 0))


def _length(clip: ET.Element) -> int:
    ends = [_number(note, "pos") + max(_number(note, "len"), 0) for note in clip.iter("note")]
    return max(_number(clip, "len"), -(-max(ends, default=_BAR) // _BAR) * _BAR)


def _sounds(wav: Path) -> bool:
    """Whether a track sounds for at least a second; a click at the start is no sound."""
    samples, rate = soundfile.read(wav, always_2d=True)
    steps = (
        np.abs(samples[: len(samples) // (rate // 10) * (rate // 10)]).max(axis=1).reshape(-1, rate // 10).max(axis=1)
    )
    return bool(steps.size and (steps > 0.01 * steps.max()).sum() * 0.1 >= LEAST_S)


if __name__ == "__main__":
    sys.exit(main())

"""The mix as a DAWproject 1.0 file, which Bitwig Studio, Studio One, Cubase and others open.

Lanes are in seconds, so that no tempo moves a clip. What is written was checked against the format's schema and against files
of Bitwig Studio 5.3; what a DAW makes of it can only be heard there.
"""

import tempfile
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from xml.etree.ElementTree import Element, indent
from zipfile import ZipFile, ZipInfo

from tonmeister.daw.account import Account
from tonmeister.daw.dawproject.archive import EARLIEST, pack_sound, pack_xml
from tonmeister.daw.dawproject.channels import Board, add_points, add_structure, make_board
from tonmeister.daw.dawproject.xml import add, add_real, number
from tonmeister.daw.handback import Handback
from tonmeister.daw.media import Media, Span
from tonmeister.daw.names import clean_name, printable_text
from tonmeister.daw.order import Order
from tonmeister.daw.sections import USUAL_BPM, section_names
from tonmeister.document.mix import Song, Track
from tonmeister.document.strip import MASTER
from tonmeister.files.atomic import output_errors

_LAW = "Pan pots are taken to be balances with 0 dB at their centre, as in Bitwig; another pan law moves mono tracks by up to 3 dB."


def write_dawproject_files(order: Order, *, notes: Iterable[str] = ()) -> Handback:
    """Write the mix as a DAWproject file; the same mix gives the same bytes.

    Args:
        order: What to write.
        notes: What was said before, for the file's comment.

    Raises:
        NoTracksError: If the sources do not hold a track.
        UnreadableFileError: If a sound cannot be read.
        OutputError: If a file cannot be written.
    """
    mix = order.mix
    path = order.place(f"{clean_name(order.name, otherwise='Mix')}.dawproject")
    account = Account()
    with output_errors(path), tempfile.TemporaryDirectory(dir=path.parent) as scratch:
        sounds = order.sounds("", lambda inside: Path(scratch) / inside, same_channels=True)
        board = make_board(mix, account)
        root = Element("Project", {"version": "1.0"})
        add(root, "Application", {"name": "Tonmeister", "version": mix.engine.version})
        _add_transport(root, mix.song, board)
        add_structure(root, mix, board)
        _add_arrangement(root, mix.song, sounds, board)
        add(root, "Scenes")
        account.counts["sections"] += len(mix.song.sections)
        account.approximate.append(_LAW)
        meta = Element("MetaData")
        add(meta, "Title").text = printable_text(mix.song.title or order.name)
        add(meta, "Comment").text = printable_text("\n".join((*notes, *account.approximate, *account.lost)))
        _write(path, root, meta, Path(scratch), [media for _, media, _ in sounds])
    return account.handback(path, mix)


def _add_transport(root: Element, song: Song, board: Board) -> None:
    transport = add(root, "Transport")
    tempo = USUAL_BPM if song.tempo_bpm is None else song.tempo_bpm
    add_real(transport, board.ids, "Tempo", tempo, "bpm", reach=(20.0, 666.0), name="Tempo")
    beats, _, unit = (song.meter or "4/4").partition("/")
    add(transport, "TimeSignature", {"denominator": unit, "numerator": beats, "id": board.ids.take()})


def _add_arrangement(root: Element, song: Song, played: Sequence[tuple[Track, Media, Span]], board: Board) -> None:
    arrangement = add(root, "Arrangement", {"id": board.ids.take()})
    lanes = add(arrangement, "Lanes", {"timeUnit": "seconds", "id": board.ids.take()})
    of_track = defaultdict(list)
    for track, media, span in played:
        of_track[f"track:{track.id}"].append((track, media, span))
    for key, track_id in board.tracks.items():
        lane = add(lanes, "Lanes", {"track": track_id, "id": board.ids.take()})
        clips = add(lane, "Clips", {"id": board.ids.take()})
        for track, media, span in of_track[key]:
            _add_clip(clips, track, media, span, song.sample_rate_hz, board)
        for target, unit, line in board.lanes[key] if key != f"bus:{MASTER}" else ():
            add_points(lane, board.ids, target, unit, line)
    if song.sections:
        markers = add(arrangement, "Markers", {"timeUnit": "seconds", "id": board.ids.take()})
        for section, name in zip(song.sections, section_names(song), strict=True):
            add(markers, "Marker", {"time": number(section.start_s), "name": name})


def _add_clip(clips: Element, track: Track, media: Media, span: Span, rate_hz: int, board: Board) -> None:
    clip = add(
        clips,
        "Clip",
        {
            "time": number(span.start_frame / rate_hz), "duration": number(span.frames / rate_hz),
            "contentTimeUnit": "seconds", "playStart": number(span.skip_frames / rate_hz), "fadeTimeUnit": "seconds",
            "fadeInTime": "0.0", "fadeOutTime": "0.0", "enable": "true", "name": printable_text(track.name),
        },
    )  # fmt: skip
    audio = add(
        clip,
        "Audio",
        {
            "channels": str(media.channels), "sampleRate": str(rate_hz), "duration": number(media.frames / rate_hz),
            "id": board.ids.take(),
        },
    )  # fmt: skip
    if media.linked is None:
        add(audio, "File", {"path": f"audio/{media.name}"})
    else:
        add(audio, "File", {"path": media.linked.as_posix(), "external": "true"})


def _write(path: Path, root: Element, meta: Element, scratch: Path, media: Sequence[Media]) -> None:
    with ZipFile(path, "w") as out:
        for name, element in (("project.xml", root), ("metadata.xml", meta)):
            indent(element)
            pack_xml(out, ZipInfo(name, EARLIEST), element)
        for name in dict.fromkeys(one.name for one in media if one.linked is None):
            pack_sound(out, f"audio/{name}", scratch / name)

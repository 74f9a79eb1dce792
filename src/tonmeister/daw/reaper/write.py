"""The mix as a REAPER project (.rpp): folders for groups, receives for sends, envelopes, REAPER's own plugins at their settings.

Checked with four parsers, one of them with Cockos' own code, and byte for byte against states that REAPER 7 saved; what REAPER
makes of it can only be heard there. Beside it lies a Lua script that puts the same mix into the project that is open.
"""

from collections.abc import Sequence
from pathlib import Path

from tonmeister.daw.account import Account
from tonmeister.daw.desk import desk_of
from tonmeister.daw.handback import Handback
from tonmeister.daw.media import Media, Span
from tonmeister.daw.names import clean_name
from tonmeister.daw.order import Order
from tonmeister.daw.pans import balance_of
from tonmeister.daw.reaper.devices import Device, device_of
from tonmeister.daw.reaper.lines import block, chain, envelope, guid, item, number, quoted, receive
from tonmeister.daw.reaper.row import Row
from tonmeister.daw.reaper.script import mix_script
from tonmeister.daw.sections import USUAL_BPM, section_names
from tonmeister.document.mix import Mix, Track
from tonmeister.document.strip import MASTER, Bus, Insert
from tonmeister.files.atomic import output_errors

_LOUDEST = 10 ** (12 / 20)
"""Top of REAPER's faders: 12 dB."""
_MEDIA = "Media"
_SAID = ("Pan pots are taken to be balances with 0 dB at their centre (pan law 0 dB, as the project says).",)


def write_reaper_files(order: Order) -> Handback:
    """Write the mix as a REAPER project and a script; the same mix gives the same bytes.

    Raises:
        NoTracksError: If the sources do not hold a track.
        UnreadableFileError: If a sound cannot be read.
        OutputError: If a file cannot be written.
    """
    song_name, mix = clean_name(order.name, otherwise="Mix"), order.mix
    clips = {sound[0].id: sound for sound in order.sounds(_MEDIA, order.place, same_channels=True)}
    account = Account(approximate=list(_SAID))
    rows = _rows(mix, clips, account)
    master = [device_of(one, owner="Master", song=mix.song, account=account) for one in mix.master.inserts]
    account.counts["sections"] += len(mix.song.sections)
    path = order.place(f"{song_name}.rpp")
    _write_text(path, "\n".join(_project(mix, rows, master)) + "\n")
    _write_text(order.place(f"{song_name} - apply to my project.lua"), mix_script(rows, master, title=song_name))
    return account.handback(path, mix)


def _write_text(path: Path, text: str) -> None:
    with output_errors(path):
        path.write_bytes(text.encode("utf-8"))


def _rows(mix: Mix, clips: dict[str, tuple[Track, Media, Span]], account: Account) -> list[Row]:
    """Return all tracks in REAPER's order: folders with what goes to them, the rest, effects last."""
    rows = _members(MASTER, mix, clips, account)
    return rows + [_bus_row(bus, mix, account) for bus in mix.buses if bus.kind == "effect"]


def _members(output: str, mix: Mix, clips: dict[str, tuple[Track, Media, Span]], account: Account) -> list[Row]:
    rows: list[Row] = []
    for bus in mix.buses:
        if bus.kind == "group" and bus.output == output:
            inside = _members(bus.id, mix, clips, account)
            row = _bus_row(bus, mix, account)
            if inside:
                row.depth_change = 1
                inside[-1].depth_change -= 1
            rows += [row, *inside]
    for track in mix.tracks:
        if track.used and track.strip.output == output:
            desk = desk_of(
                track.strip, name=track.name, channels=track.channels, law=balance_of, loudest=_LOUDEST, account=account
            )
            account.counts["tracks"] += 1
            account.counts["trims"] += track.strip.trim_db != 0
            account.counts["flipped polarities"] += track.strip.polarity_inverted
            account.counts["delays of a track"] += track.strip.delay_frames != 0
            devices = _devices(track.strip.inserts, track.name, mix, account)
            rows.append(Row(f"track:{track.id}", track.name, desk, devices, clips[track.id]))
    return rows


def _bus_row(bus: Bus, mix: Mix, account: Account) -> Row:
    account.counts["group buses" if bus.kind == "group" else "effect buses"] += 1
    desk = desk_of(bus, name=bus.name, channels=2, law=balance_of, loudest=_LOUDEST, account=account)
    return Row(f"bus:{bus.id}", bus.name, desk, _devices(bus.inserts, bus.name, mix, account))


def _devices(inserts: Sequence[Insert], owner: str, mix: Mix, account: Account) -> list[Device]:
    return [device_of(one, owner=owner, song=mix.song, account=account) for one in inserts]


def _project(mix: Mix, rows: Sequence[Row], master: Sequence[Device]) -> list[str]:
    song = mix.song
    beats, _, unit = (song.meter or "4/4").partition("/")
    lines = [
        "RIPPLE 0", "PANLAW 1", "PANMODE 3", f"SAMPLERATE {song.sample_rate_hz} 1 0",
        f"TEMPO {number(song.tempo_bpm or USUAL_BPM)} {beats} {unit}", "MASTER_NCH 2 2", "MASTER_VOLUME 1 0 -1 -1 1",
        "MASTER_PANMODE 3", "MASTER_FX 1",
    ]  # fmt: skip
    for place, (section, name) in enumerate(zip(song.sections, section_names(song), strict=True), 1):
        lines.append(f"MARKER {place} {section.start_s:.6f} {quoted(name)} 0")
    lines += chain("MASTERFXLIST", "master", master)
    numbers = {row.key: place for place, row in enumerate(rows)}
    for row in rows:
        lines += _track(row, rows, numbers, song.sample_rate_hz)
    return block('REAPER_PROJECT 0.1 "7.0/tonmeister" 0', lines)


def _track(row: Row, rows: Sequence[Row], numbers: dict[str, int], rate_hz: int) -> list[str]:
    desk, own = row.desk, guid("track", row.key)
    gain = 1.0 if desk.fader.line else desk.fader.gain  # an envelope and the fader multiply
    pan = 0.0 if desk.pan_line else desk.pan
    folder = {0: "0 0", 1: "1 1"}.get(row.depth_change, f"2 {row.depth_change}")
    lines = [
        f"NAME {quoted(row.name)}", "PEAKCOL 16576", "AUTOMODE 0", f"VOLPAN {number(gain)} {number(pan)} -1 -1 1",
        f"MUTESOLO {int(desk.muted)} 0 0", "IPHASE 0", "PLAYOFFS 0 1", f"ISBUS {folder}", "NCHAN 2", "FX 1",
        f"TRACKID {own}", "PERF 0",
    ]  # fmt: skip
    for other in rows:
        for bus, level in other.desk.sends:
            if f"bus:{bus}" == row.key:
                lines += receive(numbers[other.key], row.key, level)
    lines.append("MAINSEND 1 0")
    if desk.fader.line:
        lines += envelope("VOLENV2", row.key, desk.fader.line)
    if desk.pan_line:
        # In an envelope +1 is left, though in VOLPAN it is right: so shows them SWS, which runs inside REAPER (BR_Envelope::FormatValue).
        lines += envelope("PANENV2", row.key, [(at, -value) for at, value in desk.pan_line])
    lines += chain("FXCHAIN", row.key, row.devices)
    if row.clip is not None:
        track, media, span = row.clip
        trim = 10 ** (track.strip.trim_db / 20) * (-1 if track.strip.polarity_inverted else 1)
        file = f"{_MEDIA}/{media.name}" if media.linked is None else str(media.linked)
        lines += item(
            row.key, row.name, start_s=span.start_frame / rate_hz, length_s=span.frames / rate_hz,
            skip_s=span.skip_frames / rate_hz, gain=trim, file=file,
        )  # fmt: skip
    return block(f"TRACK {own}", lines)

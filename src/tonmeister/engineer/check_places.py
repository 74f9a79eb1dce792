"""Where a file is heard: what each platform and each kind of loudspeaker makes of it, and what helps."""

from collections.abc import Iterator, Sequence

import numpy as np

from tonmeister.analysis.bands import ERB_CENTRES_HZ
from tonmeister.analysis.stereo import WIDTH_EDGES_HZ
from tonmeister.analysis.translation import Played, carried_db, k_weighted_mono_loss_db, mono_share, play
from tonmeister.engineer.check_findings import grade_over, grade_under
from tonmeister.engineer.check_result import DevicePlay, Finding, PlatformPlay
from tonmeister.engineer.check_sound import CheckedSound
from tonmeister.knowledge.platforms import Platform, platforms
from tonmeister.knowledge.playback import devices, quiet_playback
from tonmeister.knowledge.rows import source_text

QUIET = "quiet"
"""Name of quiet playback among the devices."""
_QUIET_FLOOR_DB = -60.0  # a quiet room
_STILL_DB = 0.05
_MOST_REMEDY_DB = 6.0


def play_on_platform(platform: Platform, *, name: str, lufs: float, peak_dbtp: float) -> PlatformPlay:
    """Return what a platform does with a file of this loudness and true peak."""
    wanted = platform.lufs - lufs
    room = platform.ceiling_dbtp - peak_dbtp
    gain, limited = wanted, 0.0
    if wanted > 0 and platform.raises == "never":
        gain = 0.0
    elif wanted > 0 and platform.raises == "to_headroom":
        gain = max(0.0, min(wanted, room))
    elif wanted > 0:
        limited = max(0.0, wanted - room)
    does = "leaves it" if abs(gain) < _STILL_DB else "turns down" if gain < 0 else "turns up"
    return PlatformPlay.model_validate({
        "name": name, "title": platform.title, "does": "turns up and limits" if limited > _STILL_DB else does,
        "gain_db": round(gain, 2), "played_lufs": round(lufs + gain, 2), "played_true_peak_dbtp": round(peak_dbtp + gain - limited, 2),
        "limited_db": round(limited, 2), "asks_dbtp": platform.ceiling_dbtp, "over_db": round(max(0.0, -room), 2),
        "source": source_text(platform.source),
    })  # fmt: skip


def play_on_platforms(heard: CheckedSound) -> tuple[PlatformPlay, ...]:
    """Return what every platform does; nothing for silence."""
    if heard.lufs is None or heard.true_peak_dbtp is None:
        return ()
    return tuple(
        play_on_platform(platform, name=name, lufs=heard.lufs, peak_dbtp=heard.true_peak_dbtp)
        for name, platform in platforms().items()
    )


def tell_platforms(plays: Sequence[PlatformPlay], heard: CheckedSound) -> Iterator[Finding]:
    """Say how loudness is dealt with: no fault, whatever the level."""
    if not plays or heard.lufs is None:
        return
    down = [play for play in plays if play.gain_db < -_STILL_DB]
    short = [play for play in plays if play.gain_db > -_STILL_DB and play.played_lufs < platforms()[play.name].lufs - 1]
    said = f"{heard.lufs:.1f} LUFS. {len(down)} of {len(plays)} platforms turn it down"
    said += f", by up to {-min(play.gain_db for play in down):.1f} dB" if down else ""
    said += f"; on {', '.join(play.title for play in short)} it stays softer than other music" if short else ""
    yield Finding(
        id="loudness.platforms", title="Loudness", grade="note" if short else "good", sentence=f"{said}.", value=heard.lufs, unit="LUFS",
        source="platforms.toml, each row with its own",
        remedy="Master it to about -14 LUFS, if it is not meant to be softer." if short else "",
    )  # fmt: skip


def play_on_devices(heard: CheckedSound) -> tuple[DevicePlay, ...]:
    """Return what every kind of loudspeaker makes of the file, and quiet playback."""
    if heard.lufs is None:
        return ()
    kept = mono_share(heard.measured.figures.stereo)
    loss = k_weighted_mono_loss_db(heard.mean_power, kept)
    found = []
    for name, device in devices().items():
        played = play(
            heard.mean_power,
            device.response_db(ERB_CENTRES_HZ),
            kept=kept if device.mono else None,
            floor_db=device.floor_db,
        )
        found.append(_row(name, device.title, played, loss if device.mono else None, device.source))
    quiet = quiet_playback()
    played = play(heard.mean_power, -quiet.loss_db(ERB_CENTRES_HZ), floor_db=_QUIET_FLOOR_DB)
    return (*found, _row(QUIET, f"Quiet ({quiet.heard_phon:.0f} phon)", played, None, quiet.source))


def _row(name: str, title: str, played: Played, mono_loss_db: float | None, source: str) -> DevicePlay:
    return DevicePlay(
        name=name, title=title, region_db={key: round(value, 1) for key, value in played.region_db.items()},
        bass_left=round(played.bass_left, 2), loudness_share={key: round(float(np.clip(value, 0, 1)), 3) for key, value in played.loudness_share.items()},
        mono_loss_db=None if mono_loss_db is None else round(mono_loss_db, 2), source=source_text(source),
    )  # fmt: skip


def tell_devices(rows: Sequence[DevicePlay], heard: CheckedSound) -> Iterator[Finding]:
    """Say on which loudspeakers something is lost, and the smallest thing that helps."""
    if not rows:
        return
    by_name = {row.name: row for row in rows}
    carried = carried_db(heard.mean_power)
    yield _under(
        "phone", round(carried, 1), "check.phone_carried_db", f"A phone plays nothing below about 160 Hz; the bass's overtones lie {carried:+.1f} dB against it.",
        "Add overtones to the bass (saturation), or raise its 200 to 400 Hz by {by:.1f} dB.",
    )  # fmt: skip
    sharp = by_name["laptop"].region_db["presence"]
    yield _over(
        "laptop", sharp, "check.laptop_presence_db", f"On a laptop 2 to 5 kHz lies {sharp:+.1f} dB against the middle.",
        "Cut 2 to 5 kHz by {by:.1f} dB, broadly.",
    )  # fmt: skip
    car = by_name["car"].region_db
    boom = round(10 * float(np.log10(10 ** (car["sub"] / 10) + 10 ** (car["bass"] / 10))), 1)
    yield _over(
        "car", boom, "check.car_bass_db", f"In a car what lies below 160 Hz is {boom:+.1f} dB against the middle.",
        "Cut a shelf below 120 Hz by {by:.1f} dB.",
    )  # fmt: skip
    widths = heard.measured.figures.stereo.width_by_band
    low = 0.0 if not widths or widths[0] is None else round(-10 * float(np.log10(max(1 - widths[0], 1e-6))), 2)
    yield _over(
        "club", low, "check.club_sub_mono_db", f"Clubs play the lows in mono: below {WIDTH_EDGES_HZ[1]:.0f} Hz that takes {low:.1f} dB.",
        "Make everything below 100 Hz mono.",
    )  # fmt: skip
    loss = by_name["mono"].mono_loss_db or 0.0
    yield _over(
        "mono",
        loss,
        "check.mono_note_db",
        f"A small mono speaker is {loss:.1f} dB softer.",
        "Narrow the sides by 3 dB.",
    )
    quiet = by_name[QUIET].loudness_share
    bass, middle = round(quiet["sub"] + quiet["bass"], 3), round(quiet["middle"] + quiet["presence"], 3)
    yield _under(
        "quiet-bass", bass, "check.quiet_bass_share", f"Played quietly, what lies below 160 Hz has {bass:.0%} of the loudness.",
        "Add overtones to the bass, or raise it by 2 dB.", unit="share",
    )  # fmt: skip
    yield _under(
        "quiet-words", middle, "check.quiet_middle_share", f"Played quietly, 500 Hz to 5 kHz, where words are, has {middle:.0%} of the loudness.",
        "Raise the voice, or cut what lies below 500 Hz by 2 dB.", unit="share",
    )  # fmt: skip


def _over(name: str, value: float, limit_name: str, said: str, remedy: str) -> Finding:
    grade, limit, source = grade_over(value, limit_name)
    by = min(max(value - limit, 1.0), _MOST_REMEDY_DB)
    return Finding(
        id=f"translation.{name}", title=f"Translation: {name}", grade=grade, sentence=said, value=value, limit=limit, unit="dB", source=source,
        remedy="" if grade == "good" else remedy.format(by=by),
    )  # fmt: skip


def _under(name: str, value: float, limit_name: str, said: str, remedy: str, *, unit: str = "dB") -> Finding:
    grade, limit, source = grade_under(value, limit_name)
    by = min(max(limit - value, 1.0), _MOST_REMEDY_DB)
    return Finding(
        id=f"translation.{name}", title=f"Translation: {name}", grade=grade, sentence=said, value=value, limit=limit, unit=unit, source=source,
        remedy="" if grade == "good" else remedy.format(by=by),
    )  # fmt: skip

"""report.html: one page that holds everything, needs no network, and says what was done and why."""

import base64
from dataclasses import replace

from tonmeister.deliver.arc import render_arc
from tonmeister.deliver.chains import render_chains
from tonmeister.deliver.direction import render_direction
from tonmeister.deliver.excerpt import Players, encode_excerpt
from tonmeister.deliver.figures import ReportFigures
from tonmeister.deliver.frame import Page, fill_page
from tonmeister.deliver.island import collect_data, to_island
from tonmeister.deliver.markup import Markup, join, picture, tag
from tonmeister.deliver.moves import render_moves
from tonmeister.deliver.tables import (
    render_artefacts,
    render_budgets,
    render_bus_reductions,
    render_facts,
    render_incoming,
    render_tiles,
    render_timings,
    render_tracks,
    render_verdict,
)
from tonmeister.deliver.words import tell_number, tell_time
from tonmeister.document.mix import Mix

_SCRIPTS = ("arithmetic.js", "painting.js", "pictures.js", "player.js", "moves.js", "main.js")
_PAGE = Page(
    "report.html", kind="Mix report", suffix="mix report", skip_to="the result", foot="", scripts=_SCRIPTS, has_player=True,
    links=(("result", "Result"), ("time", "Over time"), ("tone", "Tone"), ("stage", "Stereo"), ("covering", "Masking"), ("moves", "Moves"), ("tracks", "Tracks"), ("budgets", "Budgets"), ("files", "Files")),
)  # fmt: skip


def write_report(mix: Mix, figures: ReportFigures, *, players: Players | None = None) -> str:
    """Return the page as HTML text: equal input gives equal bytes, names are text and nothing else.

    Args:
        mix: The document.
        figures: What was measured.
        players: The sounds of the players, where they are encoded already; else the excerpt among the figures is.
    """
    if players is None and figures.excerpt is not None:
        players = encode_excerpt(figures.excerpt)
    data = collect_data(mix, figures, players)
    parts = {
        "title": join([mix.song.title]), "facts": render_facts(mix),
        "tiles": render_tiles(mix, figures), "verdict": render_verdict(mix, figures),
        "player": _player(players), "timeline": join([_timeline(data), render_arc(mix, figures.arc)]), "spectrum": _spectrum(data), "direction": render_direction(mix),
        "stereo": _stereo(data), "masking": _masking(data),
        "moves": render_moves(mix), "tracks": render_tracks(mix, figures), "buses": render_bus_reductions(mix, figures),
        "budgets": render_budgets(mix), "artefacts": render_artefacts(figures),
        "chains": render_chains(mix),
        "incoming": render_incoming(figures.incoming, mix),
        "timings": render_timings(figures),
    }  # fmt: skip
    page = replace(_PAGE, foot=f"Made by {mix.engine.name} {mix.engine.version}, seed {mix.engine.seed}.")
    return fill_page(page, parts, below_title=_brief(mix), data=to_island(data))


def _brief(mix: Mix) -> Markup:
    return tag("p", f"“{mix.brief.text}”", class_="brief") if mix.brief.text else Markup()


def _player(players: Players | None) -> Markup:
    if players is None:
        return tag("p", "No excerpt was handed to this report, so there is nothing to play.", class_="absent")
    span = f"{tell_time(players.start_s)}–{tell_time(players.start_s + players.duration_s)}"
    gains = f"before {tell_number(players.before_gain_db, signed=True)} dB, after {tell_number(players.after_gain_db, signed=True)} dB"
    said = f"The same part of the song, {span}, at one loudness ({gains}), so that louder does not pass for better."
    sounds = [
        _sound("before", "The stems as they came", players.before_mp3),
        _sound("after", "The master", players.after_mp3),
    ]
    return join([tag("p", said, class_="caption"), tag("div", *sounds, id="sounds")])


def _sound(name: str, label: str, mp3: bytes) -> Markup:
    source = "data:audio/mpeg;base64," + base64.b64encode(mp3).decode("ascii")
    audio = tag("audio", id=f"sound-{name}", controls="", preload="none", src=source, aria_label=label)
    return tag("p", tag("span", label), audio)


def _timeline(data: dict[str, object]) -> Markup:
    absent = "was not measured for this mix, so its picture is left out."
    return join([
        picture(
            "waveform", title="The master and its sections",
            caption="Peaks of the master. The shaded part is what the players play; click there to listen from that point.",
            absent=None if data["waveform"] else f"The waveform {absent}",
        ),
        picture(
            "lanes", title="What moves in time",
            caption="Faders, pans, mutes and sends that change over the song, each on its own scale. A dot is a point that moves by more than 3 dB; hold the pointer over it to read why.",
            absent=None if data["lanes"] else "Nothing moves in time: every fader, pan, mute and send keeps one value.",
        ),
        picture(
            "loudness", title="Short-term loudness",
            caption="Mean of 3 s (EBU Tech 3341) of the stems as they came, summed, and of the master.",
            absent=None if data["loudness"] else f"Loudness over time {absent}",
        ),
        picture(
            "limiter", title="Gain reduction of the master limiter", caption="Deepest reduction in each step.",
            absent=None if data["limiter"] else f"The limiter's gain reduction {absent}",
        ),
    ])  # fmt: skip


def _spectrum(data: dict[str, object]) -> Markup:
    return picture(
        "spectrum", title="Spectrum, level-matched",
        caption="Mean power density in third octaves, each curve shifted to the same mean level from 100 Hz to 4 kHz. Below: the "
        "distance from the target.",
        absent=None if data["spectrum"] else "Spectra were not measured for this mix, so this picture is left out.",
    )  # fmt: skip


def _stereo(data: dict[str, object]) -> Markup:
    return picture(
        "stereo", title="Stereo field",
        caption="Each track in the mix: where its power lies, how wide it is (the bar), how loud it is (the bar's strength), loudest first.",
        absent=None if data["stereo"] else "Position and width of the tracks were not measured, so this picture is left out.",
    )  # fmt: skip


def _masking(data: dict[str, object]) -> Markup:
    return picture(
        "masking", title="Who covers whom",
        caption="Row over column: the worst level of the row's track over the column's, in a band that the column's track needs.",
        absent=None if data["masking"] else "Masking was not measured for this mix, so this picture is left out.",
    )  # fmt: skip

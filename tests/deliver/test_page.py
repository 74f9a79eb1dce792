"""The page in a browser: it paints, plays, searches and asks no network."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.deliver.browser import Browser
from tests.deliver.song import make_excerpt, make_figures, make_mix
from tonmeister.deliver.figures import ReportFigures
from tonmeister.deliver.report import write_report
from tonmeister.document.mix import Mix

pytestmark = pytest.mark.needs("chromium")

SPY = """
window.spy = {gains: [], starts: []};
const make = AudioContext.prototype.createGain;
AudioContext.prototype.createGain = function () { const gain = make.call(this); window.spy.gains.push(gain); return gain; };
const start = AudioBufferSourceNode.prototype.start;
AudioBufferSourceNode.prototype.start = function (when, offset) {
  window.spy.starts.push({ when, offset, frames: this.buffer.length });
  start.call(this, when, offset);
};
"""
TRANSPORT = "document.getElementById('transport')"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a whole report on disk, in a folder whose name a shell would split."""
    path = tmp_path_factory.mktemp("song of two") / "report.html"
    path.write_text(write_report(make_mix(), replace(make_figures(with_sound=False), excerpt=make_excerpt())), "utf-8")
    return path


@pytest.fixture(scope="module")
def running(programs: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Start Chromium once for all tests here."""
    if "chromium" not in programs:
        pytest.skip("not installed: chromium")
    with Browser(programs["chromium"], tmp_path_factory.mktemp("profile")) as browser:
        browser.call("Page.addScriptToEvaluateOnNewDocument", source=SPY)
        yield browser


@pytest.fixture
def browser(running: Browser, page: Path) -> Iterator[Browser]:
    """Return the browser with the report freshly open; afterwards nothing may have been complained about."""
    running.complaints.clear()
    running.requests.clear()
    running.open(page)
    yield running
    assert running.complaints == []
    assert set(running.requests) == {page.as_uri()}, "a page that holds everything asks for itself only"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_every_picture_is_painted_and_nothing_is_wider_than_the_screen(
    browser: Browser, page: Path, *, width: int, dark: bool
) -> None:
    browser.open(page, width=width, dark=dark)
    shapes = browser.ask(
        "Object.fromEntries([...document.querySelectorAll('.canvas')].map((box) =>"
        " [box.id, box.querySelectorAll('path, rect, circle, line').length]))"
    )
    assert set(shapes) == {
        f"picture-{name}" for name in ("waveform", "lanes", "loudness", "limiter", "spectrum", "stereo", "masking")
    }
    assert min(shapes.values()) >= 4
    assert "NaN" not in browser.ask("[...document.querySelectorAll('.canvas')].map((box) => box.innerHTML).join()")
    assert browser.ask("document.documentElement.scrollWidth") <= width


def test_switching_keeps_the_position_and_turns_one_down_while_the_other_comes_up(browser: Browser) -> None:
    assert browser.ask(f"{TRANSPORT}.hidden") is False
    browser.ask(f"{TRANSPORT}.querySelector('.play').click()")
    browser.wait(f"{TRANSPORT}.dataset.playing === 'true'")
    browser.wait(f"Number({TRANSPORT}.querySelector('.seek').value) > 0.2")
    gains = "spy.gains.map((gain) => Math.round(gain.gain.value * 100) / 100)"
    browser.wait(f"JSON.stringify({gains}) === '[0,1]'")
    browser.ask(f"{TRANSPORT}.querySelector('button.before').click()")
    browser.wait(f"JSON.stringify({gains}) === '[1,0]'")
    assert browser.ask(f"{TRANSPORT}.dataset.side") == "before"
    before, after = browser.ask("spy.starts")
    assert before == after, "both started once, together, and are as long as each other"
    browser.ask("document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'x', bubbles: true}))")
    browser.wait(f"JSON.stringify({gains}) === '[0,1]'")


def test_without_level_matching_the_players_are_as_far_apart_as_they_came(browser: Browser) -> None:
    excerpt = browser.ask("JSON.parse(document.getElementById('figures').textContent).excerpt")
    browser.ask(
        f"{TRANSPORT}.querySelector('input[type=checkbox]').click(); {TRANSPORT}.querySelector('.play').click()"
    )
    gain = "spy.gains.reduce((sum, gain) => sum + gain.gain.value, 0)"
    browser.wait(f"{TRANSPORT}.dataset.playing === 'true' && Math.abs({gain} - 1) < 0.001")
    browser.ask(f"{TRANSPORT}.querySelector('button.before').click()")
    lower = 10 ** ((excerpt["afterGain"] - excerpt["beforeGain"]) / 20)
    assert lower < 0.9
    browser.wait(f"Math.abs({gain} - {lower}) < 0.001")


def test_moves_are_found_picked_grouped_and_sorted_by_strength(browser: Browser) -> None:
    count = len(make_mix().moves)
    shown = "[...document.querySelectorAll('#move-list details')].map((move) => move.id)"

    def choose(**wishes: str) -> list[str]:
        for name, value in wishes.items():
            browser.ask(
                f"(() => {{ const field = document.getElementById('filters').elements['{name}']; field.value = {json.dumps(value)};"
                " field.dispatchEvent(new Event('input', { bubbles: true })); })()"
            )
        found = browser.ask(shown)
        assert isinstance(found, list)
        return found

    assert len(choose()) == count
    assert choose(words="hiss de-esser 5.8 khz") == ["move-dynamics.lead-vocal.deesser"]
    assert choose(words="", track="bass-di", group="track")[0] == "move-dynamics.bass-di.compressor"
    assert choose(track="", state="rejected") == ["move-mastering.glue.compressor"]
    strongest = choose(state="", group="")
    strengths = browser.ask(
        f"{shown.replace('move.id', 'Number.parseFloat(move.querySelector(`.size`).textContent) || 0')}"
    )
    assert len(strongest) == count
    assert strengths == sorted(strengths, reverse=True)
    assert choose(order="order")[0] == "move-routing.drums"
    assert browser.ask("document.querySelector('#filters output').textContent") == f"{count} moves"


def test_a_click_on_a_track_shows_its_moves_and_a_missed_promise_leads_to_its_move(browser: Browser) -> None:
    browser.ask("document.querySelector('#tracks a.to-track[data-track=\"lead-vocal\"]').click()")
    where = browser.ask("[...document.querySelectorAll('#move-list .where')].map((place) => place.textContent)")
    assert len(where) == sum(move.where.track == "lead-vocal" for move in make_mix().moves)
    assert all(place.startswith("Lead Vocal") for place in where)
    browser.ask("document.querySelector('#result a.to-move').click()")
    browser.wait("document.querySelectorAll('#move-list details[open]').length === 1")


def test_the_command_that_is_copied_names_the_folder_of_the_page(browser: Browser, page: Path) -> None:
    browser.ask("navigator.clipboard.writeText = async (text) => { window.copied = text; }")
    browser.ask("document.querySelector('details[id=\"move-mastering.limiter\"] .copy:last-of-type').click()")
    browser.wait("window.copied !== undefined")
    assert browser.ask("copied") == f"tonmeister moves '{page.parent}' reject mastering.limiter"
    browser.wait("document.getElementById('said').textContent.startsWith('Copied: ')")


def test_values_are_read_with_the_arrow_keys(browser: Browser) -> None:
    press = "document.querySelector('#picture-loudness svg').dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowRight', shiftKey: true, bubbles: true}))"
    browser.ask("; ".join([press] * 6))
    reading = browser.ask("document.getElementById('reading').textContent")
    assert reading.startswith("1:00   chorus   before −")
    assert "LUFS   limiter −" in reading


def test_names_that_are_scripts_do_not_run(running: Browser, tmp_path: Path) -> None:
    attack = "</script><script>window.pwned = 1</script><img src=x onerror='window.pwned = 2'>"
    data = json.loads(make_mix().model_dump_json())
    data["song"]["title"] = attack
    for named in (*data["tracks"], *data["buses"]):
        named["name"] = attack
    for move in data["moves"]:
        move["title"] = attack
    hostile = tmp_path / "report.html"
    hostile.write_text(write_report(Mix.model_validate(data), make_figures(with_sound=False)), "utf-8")
    running.complaints.clear()
    running.requests.clear()
    running.open(hostile)
    running.ask("document.querySelector('#tracks a.to-track').click()")
    assert running.ask("document.querySelectorAll('.canvas svg').length") == 7
    assert running.ask("window.pwned ?? null") is None
    assert (running.complaints, set(running.requests)) == ([], {hostile.as_uri()})
    assert running.ask("document.title").startswith(attack)


def test_a_page_of_which_nearly_everything_is_absent_works_too(running: Browser, tmp_path: Path) -> None:
    mix = make_mix()
    bare = mix.model_copy(update={"moves": (), "song": mix.song.model_copy(update={"sections": ()})})
    page = tmp_path / "report.html"
    page.write_text(write_report(bare, ReportFigures(loudness_after_lufs=np.array([-20.0]))), "utf-8")
    running.complaints.clear()
    running.open(page, width=390)
    assert running.complaints == []
    assert running.ask("document.getElementById('filters').hidden && document.getElementById('transport').hidden")


def test_it_prints_with_every_move_open(browser: Browser) -> None:
    printed = browser.call("Page.printToPDF", printBackground=True)["data"]
    assert len(printed) > 200_000
    assert browser.ask("document.querySelectorAll('#move-list details[open]').length") == 0

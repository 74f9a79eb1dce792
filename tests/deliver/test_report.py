import json
import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from tests.deliver.song import make_excerpt, make_figures, make_mix
from tests.sounds import noise
from tonmeister.deliver.figures import Excerpt, ReportFigures
from tonmeister.deliver.report import write_report
from tonmeister.document.inventory import Incoming
from tonmeister.document.mix import Mix

HOSTILE = "<script>alert('x')</script></style><img src=x onerror=alert(1)>\"'&amp;$title ${style} \u2028"


class Page(HTMLParser):
    """What a browser would see: elements with their attributes, and the text outside of scripts and styles."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.inside: dict[str, list[str]] = {"script": [], "style": []}
        self._raw: str | None = None
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag in self.inside:
            self._raw = tag
            self.inside[tag].append("")

    def handle_endtag(self, tag: str) -> None:
        self._raw = None if tag == self._raw else self._raw

    def handle_data(self, data: str) -> None:
        if self._raw is None:
            self.text += data
        else:
            self.inside[self._raw][-1] += data

    @property
    def island(self) -> dict[str, object]:
        """The figures of the script."""
        found = json.loads(self.inside["script"][0])
        assert isinstance(found, dict)
        return found

    def ids(self) -> list[str]:
        """All ids of elements."""
        return [str(attributes["id"]) for _, attributes in self.elements if "id" in attributes]


@pytest.fixture(scope="module")
def mix() -> Mix:
    return make_mix()


@pytest.fixture(scope="module")
def figures() -> ReportFigures:
    return make_figures(with_sound=False)


@pytest.fixture(scope="module")
def page(mix: Mix, figures: ReportFigures) -> Page:
    return Page(write_report(mix, figures))


def test_everything_that_came_in_is_listed_with_what_became_of_it(page: Page, figures: ReportFigures) -> None:
    for item in figures.incoming:
        assert item.name in page.text
        assert item.why in page.text
        assert all(fault in page.text for fault in item.faults)


def test_every_move_is_there_once_with_its_reason_its_effect_and_what_to_type(page: Page, mix: Mix) -> None:
    ids = Counter(page.ids())
    assert max(ids.values()) == 1
    for move in mix.moves:
        assert ids[f"move-{move.id}"] == 1
        assert move.title in page.text
        assert move.because[0].source in page.text
        verb = "reject" if move.state in ("accepted", "locked") else "accept"
        assert f"tonmeister moves OUT {verb} {move.id}" in page.text
    assert [move["id"] for move in page.island["moves"]] == [move.id for move in mix.moves]  # type: ignore[attr-defined]  # JSON


def test_what_missed_is_said(page: Page, figures: ReportFigures) -> None:
    assert figures.misses[0] in page.text
    assert "Budget exceeded: crest loss, 3.2\xa0dB of 3.0\xa0dB." in page.text
    assert re.search(r"\d+ of \d+ measured promises of single moves were missed", page.text)


def test_a_mix_without_misses_says_so() -> None:
    clean = make_mix().model_copy(update={"moves": (), "budget_use": ()})
    page = Page(write_report(clean, ReportFigures()))
    assert "No target, budget or track was missed." in page.text
    assert "No moves: the mix is as it came in." in page.text


def test_a_loudness_0_2_lu_off_the_target_is_marked_as_missed(mix: Mix, figures: ReportFigures) -> None:
    assert figures.after is not None
    off = replace(figures, after=replace(figures.after, integrated_lufs=-14.2))
    assert "✗ missed" in _tile(write_report(mix, off), "Loudness")
    assert "✓ reached" in _tile(write_report(mix, figures), "Loudness")


def test_without_figures_every_picture_is_left_out_with_a_sentence(mix: Mix) -> None:
    bare = mix.model_copy(update={"budget_use": ()})
    page = Page(write_report(bare, ReportFigures()))
    sentences = [attributes for tag, attributes in page.elements if tag == "p" and attributes.get("class") == "absent"]
    assert not [name for name in page.ids() if name.startswith("picture-") and name != "picture-lanes"]
    assert len(sentences) == 12, "six pictures, the arc, the players, budgets, harm, files and stages"


def test_curves_without_a_single_value_are_left_out_too(mix: Mix) -> None:
    empty = np.full(20, np.nan)
    page = Page(write_report(mix, ReportFigures(loudness_before_lufs=empty, limiter_reduction_db=empty[:0])))
    assert page.island["loudness"] is None
    assert page.island["limiter"] is None


def test_hostile_names_are_text_everywhere(mix: Mix) -> None:
    data = json.loads(mix.model_dump_json())
    data["song"]["title"] = data["brief"]["text"] = HOSTILE
    for track in data["tracks"]:
        track["name"] = track["role"] = HOSTILE
    for move in data["moves"]:
        move["title"] = HOSTILE
        move["id"] = move["id"] + HOSTILE
        move["depends_on"] = []
        move["because"][0] |= {"what": HOSTILE, "unit": HOSTILE, "source": HOSTILE}
        move["alternatives"] = [{"title": HOSTILE, "trade_off": HOSTILE}]
    incoming = (Incoming(name=HOSTILE, state="unreadable", why=HOSTILE, sha256=HOSTILE, faults=(HOSTILE,)),)
    html = write_report(
        Mix.model_validate(data), replace(make_figures(with_sound=False), incoming=incoming, misses=(HOSTILE,))
    )
    page, clean = Page(html), Page(write_report(mix, make_figures(with_sound=False)))
    allowed = Counter(tag for tag, _ in clean.elements)
    found = Counter(tag for tag, _ in page.elements)
    assert {tag: found[tag] for tag in ("script", "style", "img")} == {
        tag: allowed[tag] for tag in ("script", "style", "img")
    }
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    assert page.text.count(HOSTILE) > len(data["moves"])
    assert page.island["moves"][0]["id"].endswith(HOSTILE)  # type: ignore[index]  # JSON


def test_the_page_names_nothing_outside_itself(page: Page, mix: Mix, figures: ReportFigures) -> None:
    assert set(re.findall(r"\w+://[^\s\"'<)]*", write_report(mix, figures))) == {"http://www.w3.org/2000/svg"}
    policy = next(
        attributes["content"] for tag, attributes in page.elements if tag == "meta" and "http-equiv" in attributes
    )
    assert policy is not None
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for _, attributes in page.elements:
        assert str(attributes.get("src", "data:")).startswith("data:")
        assert str(attributes.get("href", "#")).startswith("#")


def test_equal_input_gives_equal_bytes() -> None:
    first, second = (
        write_report(make_mix(), replace(make_figures(with_sound=False), excerpt=make_excerpt(1.0))) for _ in range(2)
    )
    assert first == second
    assert first.count("data:audio/mpeg;base64,") == 2


@pytest.mark.slow
def test_half_a_minute_of_noise_keeps_the_page_below_3_mb(mix: Mix, figures: ReportFigures) -> None:
    """Noise is what an encoder of variable bit rate can save least on."""
    sound = noise(duration_s=33, channels=2)
    html = write_report(mix, replace(figures, excerpt=Excerpt(sound, sound)))
    assert len(html.encode("utf-8")) < 3_000_000


def _tile(html: str, name: str) -> str:
    return html.split(f"<dt>{name}</dt>")[1].split("</div>", maxsplit=1)[0]

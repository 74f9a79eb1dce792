"""The ear's page: what it says, and what a browser makes of it."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.deliver.browser import Browser
from tests.deliver.test_report import HOSTILE, Page
from tests.tiny_song import write_song
from tonmeister.analysis.conflicts import Conflict, Conflicts
from tonmeister.deliver.hearing import tell_defects, write_hearing
from tonmeister.deliver.hearing_data import ACTIVITY_STEPS, STRONGEST, collect_hearing, short_names
from tonmeister.document.facts import SongFacts
from tonmeister.document.inventory import Incoming
from tonmeister.document.mix import Section
from tonmeister.files.cache import Cache
from tonmeister.listen import listen

PICTURES = ("song", "lanes", "activity", "masking", "covers", "spectra")
INCOMING = (
    Incoming(name="Kick.wav", state="mixed", why="kick, 95% sure"),
    Incoming(name="notes.txt", state="not sound", why="Not sound."),
)


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> SongFacts:
    """Return a song that was really heard; the form and one harmful cover are put in, as it has neither."""
    folder = tmp_path_factory.mktemp("hearing")
    heard = listen(write_song(folder / "song"), cache=Cache(folder / "cache")).facts
    sections = (
        Section(id="verse-1", label="verse", start_s=0, end_s=4, confidence=0.6, group="A"),
        Section(id="section-1", label="section", start_s=4, end_s=8, confidence=0, group="B"),
    )
    cover = Conflict(
        masker=0, maskee=1, centre_hz=400, low_hz=300, high_hz=500, start_s=2, end_s=5, excess_db=11.5, kept=0.2, harmful=True,
    )  # fmt: skip
    overlap = cover.model_copy(update={"masker": 2, "maskee": 3, "excess_db": 20.0, "harmful": False})
    song = heard.song.model_copy(update={"sections": sections})
    return replace(heard, song=song, conflicts=Conflicts((cover, overlap), -5.5))


@pytest.fixture(scope="module")
def html(facts: SongFacts) -> str:
    return write_hearing(facts, INCOMING, title="A song")


def test_tracks_files_sections_and_harm_are_told(html: str, facts: SongFacts) -> None:
    text = Page(html).text
    for track in facts.tracks:
        assert track.track.name in text
    assert "notes.txt" in text
    assert "1 harmful cover, 1 mere overlaps" in text
    assert "300\xa0Hz to 500\xa0Hz, +11.5\xa0dB" in text
    assert "60%" in text


def test_the_matrix_holds_harm_and_leaves_overlap_blank(facts: SongFacts) -> None:
    matrix = collect_hearing(facts)["masking"]["after"]
    assert matrix[0][1] == 11.5
    assert sum(value is not None for row in matrix for value in row) == 1


def test_harm_is_drawn_over_overlap(facts: SongFacts) -> None:
    found = collect_hearing(facts)["covers"]["found"]
    assert [cover["harmful"] for cover in found] == [False, True]


def test_activity_is_full_where_a_track_is_at_its_usual_level_and_0_where_it_is_silent(facts: SongFacts) -> None:
    """A tone that stops half-way; a step is 0.02 s here, so one may hold both."""
    first = facts.tracks[0]
    usual = first.figures.levels.active_rms_dbfs
    assert usual is not None
    rms = np.where(np.arange(800) < 400, 10 ** (usual / 20), 0).astype(np.float32)
    other = replace(first, curves=replace(first.curves, rms_10ms=rms))
    activity = collect_hearing(replace(facts, tracks=(other, *facts.tracks[1:])))["activity"]
    levels = activity["tracks"][0]["levels"]
    assert set(levels[:200]) <= {str(STRONGEST), str(STRONGEST - 1)}
    assert set(levels[200:]) == {"0"}
    assert len(levels) <= ACTIVITY_STEPS


def test_names_in_pictures_leave_out_what_all_share(facts: SongFacts) -> None:
    def called(*names: str) -> list[str]:
        tracks = tuple(
            replace(track, track=track.track.model_copy(update={"name": name}))
            for track, name in zip(facts.tracks, names, strict=False)
        )
        return list(short_names(replace(facts, tracks=tracks)).values())

    assert called("6.Song_Stem_KICK.m4a", "6.Song_Stem_KEYS.m4a") == ["KICK", "KEYS"]
    assert called("Kick.wav", "Keys v1.2") == ["Kick", "Keys v1.2"]
    assert called("Kick 1.wav", "Kick 1.wav") == ["1", "1"]
    assert called("Vox.wav") == ["Vox"]


def test_hostile_names_are_text_everywhere(facts: SongFacts) -> None:
    tracks = tuple(replace(track, track=track.track.model_copy(update={"name": HOSTILE})) for track in facts.tracks)
    incoming = (Incoming(name=HOSTILE, state="mixed", why=HOSTILE, faults=(HOSTILE,)),)
    page = Page(write_hearing(replace(facts, tracks=tracks), incoming, title=HOSTILE))
    assert [tag for tag, _ in page.elements].count("script") == 2
    assert not any(tag == "img" for tag, _ in page.elements)


def test_a_song_of_which_nothing_is_known_is_told_in_sentences(facts: SongFacts) -> None:
    """No bars, no form, nobody looked for masking."""
    bare = replace(
        facts, song=facts.song.model_copy(update={"sections": (), "tempo_bpm": None}), time_line=None, conflicts=None, words=()
    )  # fmt: skip
    page = Page(write_hearing(bare, (), title="Bare"))
    assert {name for name in page.ids() if name.startswith("picture-")} == {"picture-activity", "picture-spectra"}
    assert "Nobody looked for masking." in page.text
    assert "no steady tempo" in page.text


def test_no_harm_is_told_with_its_margin(facts: SongFacts) -> None:
    clean = replace(facts, conflicts=Conflicts((), 4.25))
    text = Page(write_hearing(clean, (), title="Clean")).text
    assert re.search(r"No harmful masking\. 4\.[23] dB to the nearest\. 0 mere overlaps\.", text)


def test_a_vocal_s_defects_are_told_and_a_bass_has_no_sibilants(facts: SongFacts) -> None:
    defects = facts.tracks[0].figures.defects.model_copy(update={"sibilance_db": 1.0, "breath_share": 0.2})
    assert tell_defects("vocal", defects)[:2] == ["sharp consonants, +1 dB, 0 places", "breaths 20% of the time"]
    assert not any("consonants" in told for told in tell_defects("bass", defects))


@pytest.fixture(scope="module")
def running(programs: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Any:
    if "chromium" not in programs:
        pytest.skip("not installed: chromium")
    with Browser(programs["chromium"], tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.mark.needs("chromium")
@pytest.mark.parametrize("width", [1280, 390])
def test_a_browser_paints_every_picture_and_asks_for_nothing(
    running: Browser, html: str, tmp_path: Path, width: int
) -> None:
    page = tmp_path / "listen.html"
    page.write_text(html, "utf-8")
    running.complaints.clear()
    running.requests.clear()
    running.open(page, width=width)
    shapes = json.loads(running.ask(
        "JSON.stringify(Object.fromEntries([...document.querySelectorAll('.canvas')].map((box) =>"
        " [box.id, box.querySelectorAll('path, rect, circle, line').length])))"
    ))  # fmt: skip
    assert set(shapes) == {f"picture-{name}" for name in PICTURES}
    assert min(shapes.values()) >= 4
    assert "NaN" not in running.ask("[...document.querySelectorAll('.canvas')].map((box) => box.innerHTML).join()")
    assert running.ask("document.documentElement.scrollWidth") <= width
    assert (running.complaints, set(running.requests)) == ([], {page.as_uri()})

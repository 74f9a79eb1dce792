"""Every number has a unit and a source that is there, and every row is used."""

import re
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from tests.conftest import ROOT
from tonmeister.document.mix import Budget, Family, Track
from tonmeister.knowledge import number, numbers, role, roles, sources, targets
from tonmeister.knowledge.characters import characters
from tonmeister.knowledge.curves import role_curve_db
from tonmeister.knowledge.genres import genres
from tonmeister.knowledge.hearing import contour_db, threshold_db
from tonmeister.knowledge.moods import moods
from tonmeister.knowledge.platforms import platforms
from tonmeister.knowledge.playback import devices, quiet_playback
from tonmeister.knowledge.rows import names, source_text, table
from tonmeister.knowledge.stock_plugins import stock_plugins
from tonmeister.knowledge.tone import regions

CODE = "\n".join(path.read_text("utf-8") for path in sorted((ROOT / "src" / "tonmeister").rglob("*.py")))
ASKED_FOR = set(re.findall(r'"([a-z_]+\.[a-z_]+)"', CODE))
FAMILIES = Family.__args__  # type: ignore[attr-defined]


def test_each_number_is_used_by_some_code() -> None:
    assert set(numbers()) - ASKED_FOR == set()


def test_each_number_that_code_asks_for_is_there() -> None:
    asked = set(re.findall(r'(?:number\(|against=|against = )\s*"([a-z_]+\.[a-z_]+)"', CODE))
    assert asked
    assert asked - set(numbers()) == set()


def test_each_source_is_cited_and_each_citation_is_there() -> None:
    cited = {row.source for rows in (numbers(), roles(), targets()) for row in rows.values()} | {
        table("curves")["source"]
    }
    cited |= {row.attack_source for row in roles().values() if row.attack_source is not None}
    cited |= {row.source for rows in (platforms(), devices()) for row in rows.values()} | {quiet_playback().source}
    cited |= {row.source for rows in (characters(), regions()) for row in rows.values()} | {
        table("tone")["curve"]["source"]
    }
    cited |= {source for row in genres().values() for source in row.sources.values()}
    cited |= {source for row in moods().values() for source in row.sources.values()}
    cited |= {row.source for rows in stock_plugins().values() for row in rows.values()}
    readings = table("readings")
    cited |= {
        row["source"]
        for row in (*readings["amount"].values(), readings["audible"], readings["bound"], readings["evidence"])
    }
    assert cited == set(sources())
    assert all(source_text(key) for key in cited)


@pytest.mark.parametrize("name", numbers())
def test_a_number_says_what_it_means_in_which_unit(name: str) -> None:
    row = number(name)
    assert row.meaning[0].isupper() or row.meaning.startswith(("attack", "release"))
    assert row.unit
    assert np.isfinite(row.value)


def test_an_unknown_number_is_an_error() -> None:
    with pytest.raises(KeyError):
        number("masking.nothing_like_it")


def test_roles_stay_inside_what_can_be_meant() -> None:
    for name, row in roles().items():
        assert row.family in FAMILIES, name
        assert -8 <= row.level_lu <= 6, name
        assert 0 <= row.high_pass_hz <= 200, name
        assert -120 <= row.reverb_db <= -6, name
        assert -120 <= row.delay_db <= -6, name
        assert (row.ratio == 1) == (row.gain_reduction_db == 0), name
        Track(id="t", name="t", sha256="0", channels=1, role=name, priority=row.priority)


def test_an_unknown_role_is_the_row_unknown() -> None:
    assert role("theremin choir") == roles()["unknown"]


def test_each_role_has_words_and_no_word_two_roles() -> None:
    assert {row.role for row in names()} == set(roles()) - {"unknown"}
    words = Counter(word for row in names() for word in row.words)
    assert [word for word, count in words.items() if count > 1] == []


def test_targets_are_loudnesses_that_can_be_delivered() -> None:
    assert set(targets()) == {
        "streaming", "club", "cd", "broadcast", "podcast", "atsc", "vinyl", "spotify", "spotify-loud", "apple-music", "youtube", "tidal",
        "amazon", "deezer",
    }  # fmt: skip
    for name, row in targets().items():
        assert -24 <= row.lufs <= -8, name
        assert -3 <= row.ceiling_dbtp <= -0.1, name
        assert row.lufs < row.ceiling_dbtp - 6, name


def test_budgets_hold_all_fields_and_grow_from_transparent_to_bold() -> None:
    budgets = [Budget(name=name, **fields) for name, fields in table("budgets").items()]
    fields = set(Budget.model_fields) - {"name"}
    assert [budget.name for budget in budgets] == ["transparent", "balanced", "bold"]
    bounded = fields - {"master_crest_loss_db"}  # a person's to set: a loudness target leaves no more than it leaves
    assert all(set(row) == bounded for row in table("budgets").values())
    for tighter, wider in pairwise(budgets):
        assert all(getattr(tighter, field) <= getattr(wider, field) for field in bounded)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_curve_has_its_maximum_at_zero_and_moves_less_than_an_octave_filter(family: str) -> None:
    curve = role_curve_db(family)
    if family in ("effects", "mix", "unknown"):
        assert curve is None
        return
    assert curve is not None
    assert curve.shape == (31,)
    assert -3 <= curve.max() <= 0
    assert curve.min() >= -60
    assert np.abs(np.diff(curve)).max() <= 8


def test_the_points_of_the_curves_rise_in_frequency() -> None:
    for name, row in table("curves").items():
        if name != "source":
            assert len(row["hz"]) == len(row["db"])
            assert all(low < high for low, high in pairwise(row["hz"])), name


def test_the_points_of_a_loudspeaker_rise_in_frequency_and_the_middle_is_its_reference() -> None:
    for name, device in devices().items():
        assert all(low < high for low, high in pairwise(device.hz)), name
        assert len(device.hz) == len(device.db), name
        assert np.abs(device.response_db(np.array([700.0, 1000.0, 1500.0]))).max() <= 3, name


def test_the_ear_hears_4_khz_best_and_equal_loudness_is_that_of_the_standard() -> None:
    """ISO 226:2003, annex B: 40 phon at 100 Hz are 62 to 65 dB, at 1 kHz 40 by definition."""
    frequency = np.array([100.0, 1000.0, 3150.0])
    assert contour_db(frequency, loudness_phon=40.0)[0] == pytest.approx(64.4, abs=0.3)
    assert contour_db(frequency, loudness_phon=40.0)[1] == pytest.approx(40.0, abs=0.1)
    assert np.argmin(threshold_db(frequency)) == 2


def test_a_platform_lies_between_broadcast_and_loud() -> None:
    for name, row in platforms().items():
        assert -24 <= row.lufs <= -11, name
        assert (row.codec is None) == (row.kbps is None), name

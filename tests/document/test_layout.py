"""Long lists stay readable, and every layout says the same."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tonmeister.document.layout import WIDTH, lay_out

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-999, 999) | st.floats(-1e6, 1e6) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=20) | st.dictionaries(st.text(max_size=4), inner, max_size=5),
    max_leaves=40,
)


@given(JSON)
def test_any_value_is_read_back(value: Any) -> None:
    assert json.loads(lay_out(value)) == value


def test_short_lists_have_one_value_a_line_as_ever() -> None:
    value = {"b": [1, 2, 3], "a": {"x": 1.5, "y": None}, "empty": [], "none": {}}
    assert lay_out(value) == json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False)


def test_hundreds_of_knots_take_few_lines_and_every_place_has_its_own() -> None:
    lines = lay_out({"knots": [place / 7 for place in range(300)]}).splitlines()
    assert len(lines) < 80
    assert max(map(len, lines)) <= WIDTH + 3
    places = [{"start_s": place / 10, "end_s": place / 10 + 0.01, "channel": None} for place in range(300)]
    assert len(lay_out(places).splitlines()) == 302
    named = [{"id": "a", "value": 1}] * 20  # what has words is read, not packed
    assert len(lay_out(named).splitlines()) > 60

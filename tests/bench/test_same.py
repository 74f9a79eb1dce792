"""When two mixes count as the same."""

import json

from bench.case import Case
from bench.same import nameless, summarise


def document(*names: str, gain_db: float = 1.0) -> str:
    tracks = [{"id": f"id-{name}", "name": name, "strip": {"trim_db": gain_db}} for name in names]
    moves = [{"id": f"gain.id-{name}", "where": {"track": f"id-{name}"}} for name in names]
    return json.dumps({"song": {"title": names[0]}, "tracks": tracks, "moves": moves})


def test_documents_that_differ_in_names_only_are_the_same() -> None:
    assert nameless(document("zq000", "zq001")) == nameless(document("xw001", "xw000"))
    assert nameless(document("zq000", "zq001")) != nameless(document("xw001", "xw000", gain_db=2.0))


def test_the_share_of_identical_cases_is_the_figure_and_what_differs_is_named() -> None:
    cases = [
        Case("a again", {"tonmeister": {"identical": True, "differs": []}}),
        Case("a one core", {"tonmeister": {"identical": False, "differs": ["mix.wav"]}}),
    ]
    summary = summarise(cases)
    assert summary.figures == {"identical": 0.5}
    assert "differs: a one core in mix.wav" in summary.notes

"""The rulers of form and beat, against mir_eval's own kept answers and by hand."""

import json
from pathlib import Path

import numpy as np
import pytest

from bench.structure import hit_f, label_f


def test_a_hit_is_within_the_window_and_counts_once() -> None:
    assert hit_f([1.0, 2.0, 3.0], [1.05, 2.5, 3.0], window_s=0.07) == pytest.approx(2 / 3)
    assert hit_f([1.0, 1.01], [1.0], window_s=0.07) == pytest.approx(2 / 3)
    assert hit_f([], [1.0], window_s=0.07) == 0.0


def test_labels_need_not_have_the_same_names() -> None:
    edges = [0.0, 10.0, 20.0, 30.0]
    assert label_f(edges, ["a", "b", "a"], edges, ["verse", "chorus", "verse"]) == 1.0
    assert label_f([0.0, 30.0], ["a"], edges, ["verse", "chorus", "verse"]) < 0.8


@pytest.mark.shared
@pytest.mark.parametrize("number", ["00", "02", "04", "06", "08"])
def test_figures_are_those_of_mir_eval(shared_data: Path, number: str) -> None:
    """mir_eval keeps what it found for these pairs: untrimmed hits exactly; pairs of frames within one frame's share."""
    folder = shared_data / "structure" / "mir_eval_segment"
    kept = json.loads((folder / f"output{number}.json").read_text())
    truth_s, truth = _read(folder / f"ref{number}.lab", None)
    found_s, found = _read(folder / f"est{number}.lab", float(truth_s[-1]))
    assert hit_f(found_s, truth_s, window_s=0.5) == pytest.approx(kept["F-measure@0.5"], abs=1e-6)
    assert hit_f(found_s, truth_s, window_s=3.0) == pytest.approx(kept["F-measure@3.0"], abs=1e-6)
    assert label_f(found_s, found, truth_s, truth) == pytest.approx(kept["Pairwise F-measure"], abs=0.01)


def _read(path: Path, end_s: float | None) -> tuple[np.ndarray, list[str]]:
    """Return edges and labels, filled up or cut to 0 and the end, as mir_eval does."""
    rows = [line.split("\t") for line in path.read_text().splitlines() if line[:1] != "#"]
    spans = [(float(row[0]), float(row[1]), row[2]) for row in rows]
    end_s = spans[-1][1] if end_s is None else end_s
    spans = [(start, min(end, end_s), label) for start, end, label in spans if start < end_s]
    spans = [(0.0, spans[0][0], "__T_MIN"), *spans] if spans[0][0] > 0 else spans
    spans = [*spans, (spans[-1][1], end_s, "__T_MAX")] if spans[-1][1] < end_s else spans
    return np.array([start for start, _, _ in spans] + [end_s]), [label for _, _, label in spans]

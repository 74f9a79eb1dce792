"""How what was heard is held against what was planted."""

import pytest

from bench.case import Case
from bench.intake import summarise
from bench.ours import findings, names_in

FACTS = {
    "incoming": [
        {"name": "Bass.wav", "state": "mixed", "track": "bass", "channels": 2},
        {"name": "Vox.wav", "state": "mixed", "track": "vox", "channels": 1},
        {"name": "Empty take.wav", "state": "silent", "track": "empty-take", "channels": 1},
        {"name": "Notes.txt", "state": "not sound", "track": None, "channels": None},
    ],
    "tracks": [
        {"id": "bass", "name": "Bass.wav", "channels": 1, "faults": [{"kind": "hum", "frequency_hz": 50.02}]},
        {"id": "vox", "name": "Vox.wav", "channels": 1, "faults": [{"kind": "clipping"}]},
    ],
    "pairs": [{"reference": "bass", "other": "vox", "polarity": -1}],
    "duplicates": [{"first": "bass", "second": "vox"}],
}


def test_findings_are_read_as_track_and_fault() -> None:
    assert findings(FACTS) == {
        ("Bass", "dual_mono"),
        ("Empty take", "silence"),
        ("Bass", "hum_50"),
        ("Vox", "clipping"),
        ("Vox", "polarity"),
        ("Vox", "duplicate"),
    }
    assert names_in(FACTS) == {"Bass", "Vox", "Empty take", "Notes.txt"}


def test_recall_counts_every_planted_fault_once_and_lost_tracks_add_up() -> None:
    cases = [
        Case(
            "a",
            {
                "tonmeister": {
                    "planted": 8,
                    "recalled": 8,
                    "missed": [],
                    "kinds": {"hum_50": 7, "clicks": 1},
                    "tracks_lost": 0,
                    "false_alarm": 0.0,
                }
            },
        ),
        Case(
            "b",
            {
                "tonmeister": {
                    "planted": 2,
                    "recalled": 1,
                    "missed": [("Vox", "clicks")],
                    "kinds": {"clicks": 2},
                    "tracks_lost": 1,
                    "false_alarm": 0.1,
                }
            },
        ),
    ]
    summary = summarise(cases)
    by_kind = {"clicks": pytest.approx(2 / 3), "hum_50": 1.0}
    assert summary.figures == {"recall": 0.9, "recall_by_kind": by_kind, "false_alarm": 0.05, "tracks_lost": 1}
    assert summary.notes == ("kinds missed at least once: clicks",)

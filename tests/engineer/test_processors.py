"""Every processor of the document can be written, read, rendered, and taken out again."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tonmeister.document.strip import Insert
from tonmeister.engineer import load_mix, render
from tonmeister.processing import Processor
from tonmeister.processing.registry import STREAMS

SETTINGS = {"Gain": {"gain_db": -3.0}, "Width": {"width": 0.5}}
"""Those whose defaults do nothing."""


@pytest.mark.parametrize("settings", STREAMS, ids=lambda settings: settings.__name__)
def test_an_insert_by_hand_is_heard_and_its_removal_brings_the_mix_back(
    copied: Path, settings: type[Processor]
) -> None:
    before, text = (copied / "mix.wav").read_bytes(), (copied / "mix.json").read_text("utf-8")
    data = json.loads(text)
    place = [track["id"] for track in data["tracks"]].index("keys")
    processor = settings.model_validate(SETTINGS.get(settings.__name__, {}))
    insert = Insert(id="by-hand", slot="output", processor=processor)
    data["tracks"][place]["strip"]["inserts"].append(insert.model_dump(mode="json"))
    (copied / "mix.json").write_text(json.dumps(data))
    render(copied, with_master=False)
    assert load_mix(copied).track("keys").strip.inserts[-1].processor.kind == processor.kind
    samples, _ = soundfile.read(copied / "mix.wav")
    assert np.isfinite(samples).all()
    assert np.abs(samples).max() > 0.05
    (copied / "mix.json").write_text(text, encoding="utf-8")
    render(copied, with_master=False)
    assert (copied / "mix.wav").read_bytes() == before

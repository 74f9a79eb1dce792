"""What a move for the sake of another track has done is what two renders of the whole mix say."""

from collections.abc import Iterator

import numpy as np
import pytest

from tests.engineer.conftest import Mixed
from tonmeister.analysis.fourier import power_between
from tonmeister.document.fold import fold
from tonmeister.document.lane import constant
from tonmeister.document.mix import Mix
from tonmeister.document.move import (
    BandChange,
    Change,
    Evidence,
    Expectation,
    FaderChange,
    InsertChange,
    Move,
    PanChange,
    Where,
)
from tonmeister.document.strip import Insert
from tonmeister.engineer.audibility import Audibility
from tonmeister.engineer.documents import load_mix, load_sources
from tonmeister.engineer.listeners import Collector
from tonmeister.files.cache import open_cache
from tonmeister.listen import recall_facts
from tonmeister.processing import Band, DynamicBand, DynamicEqualiser
from tonmeister.render import Renderer, SourceFile

SPAN = 2.0, 5.0
LOW_HZ, HIGH_HZ = 700.0, 1400.0
KEYED = DynamicEqualiser(bands=(DynamicBand(frequency_hz=1000, threshold_db=-60, range_db=-6, ratio=4),))
CHANGES: dict[str, Change] = {
    "cut": BandChange(slot="masking", band=Band(frequency_hz=1000, gain_db=-6, q=1)),
    "keyed": InsertChange(insert=Insert(id="unmask", slot="masking", processor=KEYED, key="lead-vox")),
    "level": FaderChange(change_db=constant(-3.0)),
}


def with_move(mix: Mix, change: Change, track: str) -> tuple[Mix, Move]:
    found = Evidence(what="a test", value=1.0, unit="dB", source="a test", start_s=SPAN[0], end_s=SPAN[1])
    promise = Expectation(
        metric="audibility_db", value=1.0, before=0.0, tolerance=0.5, unit="dB", scope="mix", track="lead-vox", low_hz=LOW_HZ, high_hz=HIGH_HZ,
    )  # fmt: skip
    move = Move(
        id="masking.test", task="masking", title="A test", where=Where(track=track), change=change, because=(found,),
        expects=promise, order=1000,
    )  # fmt: skip
    return fold(mix.model_copy(update={"moves": (*mix.moves, move)})), move


def place_db(mix: Mix, renderer: Renderer, side: slice) -> float:
    """Return the lead over everything else by rendering the mix and the lead."""
    ears = {point: Collector() for point in ("mix", "track:lead-vox")}
    rate = mix.song.sample_rate_hz
    renderer.render(
        mix, listeners={point: [ear] for point, ear in ears.items()}, start_frame=round(SPAN[0] * rate),
        end_frame=round(SPAN[1] * rate), preroll_s=2.0,
    )  # fmt: skip
    whole, own = (ear.samples for ear in ears.values())
    powers = [
        power_between(sound[side], sample_rate_hz=rate, low_hz=LOW_HZ, high_hz=HIGH_HZ) for sound in (own, whole - own)
    ]
    return float(10 * np.log10(powers[0] / powers[1]))


@pytest.fixture
def at_hand(mixed: Mixed) -> Iterator[tuple[Mix, Audibility, Renderer]]:
    mix = load_mix(mixed.out)
    sources = load_sources(mixed.out, mix)
    with Renderer({name: SourceFile(sound.path, sound.stream) for name, sound in sources.items()}) as renderer:
        yield mix, Audibility(mix, recall_facts(mix, sources, cache=open_cache()), renderer, None), renderer


@pytest.mark.parametrize("kind", CHANGES)
def test_a_change_is_measured_with_and_without_it(at_hand: tuple[Mix, Audibility, Renderer], kind: str) -> None:
    """Reverb sends of the changed track are left out of the quick way; they are 12 dB and more below it."""
    before, judge, renderer = at_hand
    after, move = with_move(before, CHANGES[kind], "keys")
    found = Audibility(after, judge._facts, renderer, None).measure(move)
    assert found is not None
    both = slice(0, 2)
    expected = place_db(after, renderer, both) - place_db(before, renderer, both)
    assert found[0] == pytest.approx(expected, abs=0.15)
    assert abs(expected) > 0.3


def test_a_rise_of_the_covered_track_itself_is_its_own_gain(at_hand: tuple[Mix, Audibility, Renderer]) -> None:
    """Its reverb rises too, which is left out: no rest against which it stands."""
    before, judge, renderer = at_hand
    after, move = with_move(before, FaderChange(change_db=constant(1.0)), "lead-vox")
    found = Audibility(after, judge._facts, renderer, None).measure(move)
    assert found is not None
    assert found[0] == pytest.approx(1.0, abs=0.001)


def test_of_a_pan_the_better_side_counts(at_hand: tuple[Mix, Audibility, Renderer]) -> None:
    """The room that goes with the pan is left out of the quick way: 0.3 dB of 2.5."""
    before, judge, renderer = at_hand
    after, move = with_move(before, PanChange(pan=constant(0.9, law="linear_gain")), "gtr-l")
    found = Audibility(after, judge._facts, renderer, None).measure(move)
    assert found is not None
    sides = [slice(0, 1), slice(1, 2)]
    expected = max(place_db(after, renderer, s) for s in sides) - max(place_db(before, renderer, s) for s in sides)
    assert found[0] == pytest.approx(expected, abs=0.4)


def test_what_is_no_such_promise_is_not_measured(at_hand: tuple[Mix, Audibility, Renderer]) -> None:
    mix, judge, _ = at_hand
    _, move = with_move(mix, CHANGES["cut"], "keys")
    assert judge.measure(move.model_copy(update={"expects": None})) is None

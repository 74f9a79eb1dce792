"""What a DAW cannot build is printed, and the session still sounds like the mix."""

from collections.abc import Mapping

import numpy as np
import pytest

from tests.daw.sessions import peak_db
from tests.render.songs import Recorder, busy_song, hear, insert, lane, song, track
from tests.sounds import RATE_HZ, noise
from tonmeister.audio import Audio
from tonmeister.daw.prepare import Abilities, Prepared, prepare
from tonmeister.document.mix import Mix, TempoChange
from tonmeister.document.strip import Bus, Insert, MasterChain, Send, Strip
from tonmeister.processing import Band, Compressor, DeEsser, Delay, Equaliser, Gain, TransientShaper, TruePeakLimiter
from tonmeister.render import Renderer


def _equalisers_and_compressors(one: Insert, channels: int) -> bool:
    return channels > 0 and one.processor.kind in ("equaliser", "compressor")


def _nothing(one: Insert, channels: int) -> bool:
    return channels == 0 and one.id == ""


EQUALISERS = Abilities(_equalisers_and_compressors)


def _hear_prepared(prepared: Prepared, mix: Mix, sounds: Mapping[str, Audio]) -> np.ndarray:
    """Return the sound of a prepared mix: prints are rendered from the mix, without widths."""
    heard = dict(sounds)
    with Renderer(sounds, threads=1) as renderer:
        recorders = {one.track_id: Recorder() for one in prepared.prints}
        listeners = {one.point: [recorders[one.track_id]] for one in prepared.prints}
        renderer.render(mix, listeners=listeners)
    heard |= {name: Audio(recorder.samples, RATE_HZ) for name, recorder in recorders.items()}
    heard |= {take: sounds[name] for take, name in prepared.same_sound}
    marked = [
        one.model_copy(update={"sha256": f"{place:064x}"}) for place, one in enumerate(prepared.mix.tracks)
    ]  # prints and takes are other sounds than the sources
    return hear(prepared.mix.model_copy(update={"tracks": tuple(marked)}), heard)


def test_a_session_with_prints_sounds_like_the_mix() -> None:
    """Tracks and effects play prints of what is not built; a float32 file in between costs 150 dB at most."""
    bell = Equaliser(bands=(Band(frequency_hz=900, gain_db=4),))
    strips = {
        "a": Strip(
            inserts=(insert(DeEsser(threshold_db=-50)), insert(bell)), trim_db=-3, fader_db=lane((0.2, -3), (1, 0))
        ),
        "b": Strip(inserts=(insert(Compressor(threshold_db=-40), key="a"),), pan=lane((0, 0.4), law="linear_gain")),
        "c": Strip(inserts=(insert(bell),), polarity_inverted=True, delay_frames=300),
    }
    strips = {
        name: one.model_copy(update={"sends": (Send(bus="fx", level_db=lane((0, -6))),)})
        for name, one in strips.items()
    }
    fx = Bus(
        id="fx", name="Echo", kind="effect", inserts=(insert(Delay(time_ms=90)), insert(bell)), fader_db=lane((0, -2))
    )
    sounds = {name: noise(duration_s=2, channels=1 + place % 2, seed=place) for place, name in enumerate(strips)}
    tracks = [track(name, strip, channels=sounds[name].channels) for name, strip in strips.items()]
    mix = song(tracks, frames=2 * RATE_HZ, buses=(fx,))
    prepared = prepare(mix, EQUALISERS)
    assert {one.point for one in prepared.prints} == {
        "insert:track:a:deesser",
        "insert:track:b:compressor",
        "insert:bus:fx:delay",
    }
    assert [one.processor.kind for one in prepared.mix.track("a").strip.inserts] == ["equaliser"]
    got, wanted = _hear_prepared(prepared, mix, sounds), hear(mix, sounds)
    frames = 2 * RATE_HZ  # our renderer cuts every file at the song's end, so that what rings on is not compared
    assert peak_db(got[:, :frames] - wanted[:, :frames]) < -110


def test_the_take_lies_muted_beside_its_print() -> None:
    mix = song([track("a", Strip(inserts=(insert(TransientShaper(attack_db=3)),), trim_db=2))], frames=RATE_HZ)
    prepared = prepare(mix, EQUALISERS)
    assert [one.name for one in prepared.mix.tracks] == ["a", "a (take)"]
    assert prepared.same_sound == (("a-take", "a"),)
    take = prepared.mix.track("a-take").strip
    assert (take.mute.points[0].value, take.trim_db, take.inserts) == (1, 2, ())
    assert prepared.printed == ("a plays a print with transient shaper.",)
    assert prepared.lost == ()


def test_a_group_plays_its_tracks_and_its_print_lies_muted_beside_it() -> None:
    group = Bus(id="g", name="Drums", inserts=(insert(TransientShaper(attack_db=3)), insert(Compressor())))
    mix = song([track("a", Strip(output="g"))], frames=RATE_HZ, buses=(group,))
    prepared = prepare(mix, EQUALISERS)
    assert [one.processor.kind for one in prepared.mix.buses[0].inserts] == ["compressor"]
    printed = prepared.mix.track("g-printed").strip
    assert printed.mute.points[0].value == 1
    assert [one.processor.kind for one in printed.inserts] == ["compressor"]


def test_a_gain_before_the_chain_goes_into_thresholds_and_fader() -> None:
    """A compressor whose threshold lies as much lower as its input does the same."""
    strip = Strip(trim_db=-7.5, inserts=(insert(Compressor(threshold_db=-20, ratio=4)),), fader_db=lane((0, 1)))
    sounds = {"a": noise(duration_s=1, channels=2, seed=3)}
    mix = song([track("a", strip)], frames=RATE_HZ)
    prepared = prepare(mix, Abilities(EQUALISERS.builds, trim=False))
    made = prepared.mix.track("a").strip
    assert (made.trim_db, made.fader_db.points[0].value) == (0, -6.5)
    assert peak_db(hear(prepared.mix, sounds) - hear(mix, sounds)) < -110


def test_a_width_that_cannot_be_set_is_printed() -> None:
    width = lane((0, 1.0), (0.5, 0.2), law="linear_gain")
    mix = song([track("a", Strip(width=width, inserts=(insert(Compressor()),)))], frames=RATE_HZ)
    prepared = prepare(mix, EQUALISERS)
    assert prepared.prints[0].width == width
    assert prepared.mix.track("a").strip.inserts == ()
    assert prepare(mix, Abilities(EQUALISERS.builds, width=True)).prints == ()


def test_what_the_master_cannot_hold_is_said() -> None:
    mix = song([track("a")], frames=RATE_HZ).model_copy(
        update={"master": MasterChain(inserts=(insert(Compressor()), insert(TruePeakLimiter())))}
    )
    prepared = prepare(mix, EQUALISERS)
    assert [one.processor.kind for one in prepared.mix.master.inserts] == ["compressor"]
    assert prepared.lost[0].startswith("Master: its true-peak limiter")


@pytest.mark.parametrize("abilities", [EQUALISERS, Abilities(_nothing, trim=False, polarity=False)])
def test_a_prepared_mix_holds_nothing_that_is_not_built(abilities: Abilities) -> None:
    mix, _ = busy_song()
    prepared = prepare(mix, abilities)
    Mix.model_validate(prepared.mix.model_dump())
    played = [one for one in prepared.mix.tracks if one.used]
    for one in played:
        assert all(i.key is None and abilities.builds(i, one.channels) for i in one.strip.inserts)
        assert abilities.polarity or not one.strip.polarity_inverted
        assert abilities.trim or one.strip.trim_db == 0
    assert len({one.id for one in played}) == len(played)


def test_a_neutral_insert_needs_no_print() -> None:
    mix = song([track("a", Strip(inserts=(insert(Gain(gain_db=0)),)))], frames=RATE_HZ)
    assert prepare(mix, EQUALISERS).prints == ()


def test_a_tempo_that_moves_is_said() -> None:
    changes = (TempoChange(start_s=0, bpm=90), TempoChange(start_s=0.5, bpm=95))
    mix = song([track("a")], frames=RATE_HZ)
    mix = mix.model_copy(update={"song": mix.song.model_copy(update={"tempo_changes": changes})})
    assert prepare(mix, EQUALISERS).lost == (
        "The tempo moves in the song, the session has one: its grid of bars drifts away, no sound does.",
    )

import numpy as np
import pytest

from tests.facts import ask, audio, changed, open_song, song_facts, tiny_tracks, track_facts
from tests.sounds import pink_noise
from tonmeister.document.facts import SongFacts, TrackFacts
from tonmeister.document.fold import fold
from tonmeister.document.lane import constant
from tonmeister.document.mix import Brief
from tonmeister.document.move import Evidence, FaderChange, Move, Where
from tonmeister.engineer.decide import predict_all
from tonmeister.tasks import Work, balance


def bed(name: str, rms_db: float, role: str, seed: int, **fields: object) -> TrackFacts:
    return track_facts(name, pink_noise(rms_db=rms_db, duration_s=4, seed=seed), role, **fields)


def faders(moves: list[Move]) -> dict[str, float]:
    return {str(m.where.track): m.change.change_db.points[0].value for m in moves if isinstance(m.change, FaderChange)}


def work(facts: SongFacts) -> Work:
    mix = open_song(facts)
    return Work(facts=facts, mix=mix, heard=predict_all(mix, facts))


def test_equal_roles_come_to_equal_loudness_whatever_their_level() -> None:
    facts = song_facts(
        [bed(f"g{n}", level, "electric guitar", 0) for n, level in enumerate((-50.0, -30.0, -20.0, -6.0))]
    )
    moves = ask(balance.propose, facts)
    after = [move.expects.value for move in moves if move.expects is not None]
    assert len(after) == 4
    assert max(after) - min(after) < 0.02


def test_the_mix_comes_to_its_working_level() -> None:
    facts = song_facts(list(tiny_tracks().values()))
    found = faders(ask(balance.propose, facts))
    assert balance.mix_lufs(work(facts), found) == pytest.approx(balance.MIX_LUFS, abs=0.05)


@pytest.mark.parametrize("band_tracks", [1, 3, 12])
def test_the_lead_sits_in_its_band_against_the_whole_mix(band_tracks: int) -> None:
    tracks = [bed("vox", -20, "lead vocal", 99), *(bed(f"g{n}", -20, "electric guitar", n) for n in range(band_tracks))]
    facts = song_facts(tracks)
    found = faders(ask(balance.propose, facts))
    heard = work(facts).heard
    power = {name: heard[name].energies_100ms.sum() * 10 ** (db / 10) for name, db in found.items()}
    place_lu = 10 * np.log10(power["vox"] / sum(power.values()))
    assert -4.5 - 0.05 <= place_lu <= -1.0 + 0.05


def test_the_genre_says_where_the_lead_sits_and_how_much_low_end_there_is() -> None:
    """Gerdes & Siedenburg 2023: metal's leads lie 3.1 dB under the band."""
    tracks = [bed("vox", -20, "lead vocal", 99), *(bed(f"g{n}", -20, "electric guitar", n) for n in range(8))]
    tracks.append(bed("kick", -20, "kick", 50))
    facts = song_facts(tracks)

    def set_for(genre: str | None) -> dict[str, float]:
        mix = open_song(facts, brief=Brief(genre=genre))
        return faders(ask(balance.propose, facts, mix=mix))

    plain, metal, rap = set_for(None), set_for("metal"), set_for("hip-hop")
    assert metal["vox"] - metal["g0"] < plain["vox"] - plain["g0"] - 1 < rap["vox"] - rap["g0"] - 1.5
    assert rap["kick"] - rap["g0"] == pytest.approx(plain["kick"] - plain["g0"] + 3.0, abs=0.02)


@pytest.mark.parametrize(("wanted", "least_db"), [(0.5, 0.0), (0.85, 0.25)])
def test_the_lead_moves_no_further_than_the_share_of_the_sung_time_asks_for(wanted: float, least_db: float) -> None:
    """Seven windows in the band, three 1.5 dB under it: enough for half of the time, too few for most of it."""
    place_lu = np.array([-3.0] * 7 + [-6.0] * 3)
    band = (10**-0.45, 10**-0.1)
    change_db = balance.lead_move_db(10 ** (place_lu / 10), band, wanted)
    assert change_db >= least_db
    assert (change_db == 0) == (least_db == 0)
    ratios = 10 ** (place_lu / 10)
    gain = 10 ** (change_db / 10)
    moved = ratios * gain / (1 - ratios + ratios * gain)
    assert ((moved >= band[0]) & (moved <= band[1])).mean() >= wanted


def test_weights_of_a_person_move_a_track() -> None:
    def level(weight: float) -> float:
        tracks = [bed(f"g{n}", -20, "electric guitar", n) for n in range(4)]
        found = faders(ask(balance.propose, song_facts([changed(tracks[0], priority=weight), *tracks[1:]])))
        return found["g0"] - found["g1"]

    assert level(0.5) == pytest.approx(level(1.0) - 3, abs=0.2)
    assert level(2.0) == pytest.approx(level(1.0) + 3, abs=0.2)


def test_stems_of_a_human_are_moved_only_far_outside_of_where_they_belong() -> None:
    def moved(level_db: float) -> dict[str, float]:
        tracks = [bed(f"g{n}", -20, "electric guitar", n) for n in range(4)]
        return faders(ask(balance.propose, song_facts([*tracks, bed("odd", -20 + level_db, "keys", 9)], premixed=True)))

    assert moved(0.0) == moved(-8.0) == moved(8.0) == {}
    assert moved(-20.0) == {"odd": pytest.approx(6.75, abs=0.6)}
    assert moved(20.0) == {"odd": pytest.approx(-7.25, abs=0.6)}


def test_silence_has_no_balance() -> None:
    assert ask(balance.propose, song_facts([track_facts("s", audio(np.zeros(48_000)), "keys")])) == []


def test_a_fader_promises_what_it_sets_itself_whatever_rises_behind_it() -> None:
    """A voice that the masking task lifts is placed again by what was heard: the promise is the same as without the lift."""
    facts = song_facts(list(tiny_tracks().values()))
    mix = open_song(facts)
    lead = next(track.id for track in facts.leads)
    rise = Move(
        id="masking.rise", task="masking", title="up", where=Where(track=lead), change=FaderChange(change_db=constant(1.0)),
        because=(Evidence(what="covered", value=1.0, unit="dB", source="test"),), order=110,
    )  # fmt: skip
    plain, lifted = (
        next(m.expects for m in ask(balance.propose, facts, mix=one) if m.where.track == lead)
        for one in (mix, fold(mix.model_copy(update={"moves": (rise,)})))
    )
    assert plain is not None
    assert lifted == plain

"""Who plays what on which track: the performance before anything is recorded."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from tonmeister.demo.drums import make_kit, record_close, record_overheads, record_tambourine
from tonmeister.demo.filters import Biquad, bell, filtered, high_pass
from tonmeister.demo.groove import play_groove
from tonmeister.demo.keys import record_lead, record_pad, record_piano
from tonmeister.demo.melody import SungPhrase, doubled_line, harmony_line, lead_line
from tonmeister.demo.parts import play_acoustic, play_bass, play_electric, play_lead, play_pad, play_piano
from tonmeister.demo.score import Mono, Score, Stereo, player_rng
from tonmeister.demo.singing import Singer
from tonmeister.demo.strings import record_acoustic, record_bass, record_electric
from tonmeister.demo.truth import TruePhrase
from tonmeister.demo.voice import render_voice
from tonmeister.document.mix import Family


@dataclass(frozen=True, slots=True)
class Part:
    """One track of the session."""

    file_name: str
    roles: tuple[str, ...]
    family: Family
    gain_db: float
    """From the synthesiser's level to its place in the balance."""
    peak_dbfs: float
    """Peak that the person who recorded it happened to set."""
    microphone: bool = True
    """Whether a microphone with its noise floor was used."""


PARTS: tuple[Part, ...] = (
    Part("01_Kick In.wav", ("kick",), "drums", -19.0, -4.5),
    Part("02_Kick Out.wav", ("kick",), "drums", -21.5, -9.0),
    Part("03_SN Top.wav", ("snare",), "drums", -15.0, -3.2),
    Part("04_SN Bot.wav", ("snare",), "drums", -22.0, -11.0),
    Part("05_HH.wav", ("hi-hat", "percussion"), "drums", -18.5, -6.0),
    Part("06_Rack Tom.wav", ("toms", "percussion"), "drums", -17.5, -8.0),
    Part("07_Floor Tom.wav", ("toms", "percussion"), "drums", -16.0, -5.0),
    Part("08_OH.wav", ("overheads", "cymbals", "drums"), "drums", -13.0, -10.0),
    Part("09_Tamb.wav", ("percussion",), "drums", -20.0, -7.0),
    Part("Bass DI.wav", ("bass",), "bass", -10.8, -7.5, microphone=False),
    Part("GTR L.wav", ("electric guitar",), "guitar", -32.5, -12.0),
    Part("GTR R.wav", ("electric guitar",), "guitar", -32.5, -5.5),
    Part("AcGtr.wav", ("acoustic guitar",), "guitar", -22.0, -15.0),
    Part("Rhodes.wav", ("keys", "electric piano", "piano"), "keys", -31.7, -2.5, microphone=False),
    Part("Pad Wärme.wav", ("pad", "synth"), "synth", -16.0, -6.5, microphone=False),
    Part("SynLd_hook.wav", ("synth", "keys"), "synth", -20.5, -3.8, microphone=False),
    Part("LdVox.wav", ("lead vocal",), "vocal", -22.0, -8.0),
    Part("LdVox Dbl.wav", ("vocal double", "backing vocal", "lead vocal"), "vocal", -31.5, 4.5),
    Part("BV Hi.wav", ("backing vocal",), "vocal", -35.5, -14.0),
    Part("BV Lo.wav", ("backing vocal",), "vocal", -29.5, -19.0),
)

LEAD = Singer("lead", tract=1.03, timing_s=0.012, tuning_cents=6.0, vibrato_cents=38.0, breathiness=0.05)
DOUBLE = Singer(
    "double", tract=1.03, timing_s=0.022, tuning_cents=9.0, vibrato_cents=30.0, breathiness=0.07, effort=0.9
)
HIGH = Singer("high", tract=1.17, timing_s=0.020, tuning_cents=8.0, vibrato_cents=26.0, breathiness=0.12, effort=0.8)
LOW = Singer("low", tract=0.97, timing_s=0.020, tuning_cents=8.0, vibrato_cents=24.0, breathiness=0.09, effort=0.75)
VOICES: dict[str, tuple[Singer, Callable[[Score], list[SungPhrase]]]] = {
    "LdVox.wav": (LEAD, lead_line),
    "LdVox Dbl.wav": (DOUBLE, doubled_line),
    "BV Hi.wav": (HIGH, lambda score: harmony_line(score, steps=2)),
    "BV Lo.wav": (LOW, lambda score: harmony_line(score, steps=-3)),
}
CONDENSER: tuple[Biquad, ...] = (
    high_pass(60.0),
    bell(5000.0, gain_db=5.0, q=0.7),
    bell(11_000.0, gain_db=11.0, q=0.6),
)
"""The singers' microphone: presence and air."""
CLOSE_MICROPHONES = ("kick in", "kick out", "snare top", "snare bottom", "hi-hat", "high tom", "low tom")
"""In the order of the first PARTS."""


def perform(score: Score, *, seed: int) -> Iterator[tuple[Part, Mono | Stereo, list[TruePhrase]]]:
    """Play the parts one after the other, in the order of PARTS: sound of (frames,) or (2, frames), and what is sung."""
    sounds = [*_play_drums(score, seed), *_play_band(score, seed)]
    for part in PARTS:
        if part.file_name in VOICES:
            yield part, *_sing(part.file_name, score, seed)
        else:
            yield part, sounds.pop(0)(), []


def _play_drums(score: Score, seed: int) -> list[Callable[[], Mono | Stereo]]:
    hits = play_groove(score, rng=player_rng(seed, "groove"))
    kit = make_kit(player_rng(seed, "kit"))

    def close(microphone: str) -> Callable[[], Mono | Stereo]:
        return lambda: record_close(hits, kit, score, microphone=microphone)

    return [
        *(close(microphone) for microphone in CLOSE_MICROPHONES),
        lambda: record_overheads(hits, kit, score),
        lambda: record_tambourine(hits, kit, score),
    ]


def _play_band(score: Score, seed: int) -> list[Callable[[], Mono | Stereo]]:
    def rng(name: str) -> np.random.Generator:
        return player_rng(seed, name)

    return [
        lambda: record_bass(play_bass(score, rng=rng("bass")), score, rng=rng("bass strings")),
        lambda: record_electric(play_electric(score, rng=rng("left")), score, drive_db=26.0, rng=rng("left strings")),
        lambda: record_electric(play_electric(score, rng=rng("right")), score, drive_db=24.0, rng=rng("right strings")),
        lambda: record_acoustic(play_acoustic(score, rng=rng("acoustic")), score, rng=rng("acoustic strings")),
        lambda: record_piano(play_piano(score, rng=rng("piano")), score),
        lambda: record_pad(play_pad(score, rng=rng("pad")), score, rng=rng("pad voices")),
        lambda: record_lead(play_lead(score, rng=rng("lead synth")), score, rng=rng("lead voices")),
    ]


def _sing(file_name: str, score: Score, seed: int) -> tuple[Mono, list[TruePhrase]]:
    singer, line_of = VOICES[file_name]
    line = line_of(score)
    sound, spans = render_voice(line, score, singer=singer, rng=player_rng(seed, singer.name))
    phrases = [
        TruePhrase(track=file_name, text=sung.phrase.text, start_s=round(start_s, 4), end_s=round(end_s, 4))
        for sung, (start_s, end_s) in zip(line, spans, strict=True)
    ]
    return filtered(sound, *CONDENSER), phrases

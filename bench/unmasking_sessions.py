"""Sessions for `unmasking`: songs as they are, real stems with a planted cover, and sessions in which nothing is covered."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.songs import Song
from bench.sound import Sound, read

EXCERPT_S = 40.0
SECTION_S = 8.0
BOOST_DB = 9.0, 15.0
"""How far the cover is raised in the band that it takes, before anything is balanced."""
PRESENCE_HZ = 900.0, 4000.0
LOWS_HZ = 45.0, 90.0
COVER_SHARE = 0.5
"""Part of the excerpt in which the raised stem must sound."""
COVERS = frozenset(
    {"electric guitar", "acoustic guitar", "piano", "keys", "synth", "pad", "strings", "brass", "effects"}
)
DRUMS = frozenset({"kick", "snare", "hi-hat", "cymbals", "toms", "overheads", "claps", "percussion", "drums"})
LEAD = "lead vocal"
KINDS = ("throughout", "sections", "lows", "apart", "in turn", "few")
"""Planted covers: all the time, in two sections of five, bass over kick. Clean: others without the lead's range, others only while
the lead pauses, nothing but lead, bass and hats."""


@dataclass(frozen=True)
class Session:
    """Stems with their roles; the protected ones are those with a priority."""

    name: str
    kind: str
    sounds: dict[str, Sound]
    rates: dict[str, int]
    roles: dict[str, str]
    priorities: dict[str, float]


def whole(song: Song) -> Session:
    """Return a song as it is."""
    sounds = {stem.name: read(stem.wav(song)) for stem in song.stems}
    return _session(
        song, "whole", {name: one for name, (one, _) in sounds.items()}, {n: r for n, (_, r) in sounds.items()}
    )


def plants(song: Song, seed: int) -> Iterator[Session]:
    """Yield one session of each kind that the song's stems can make."""
    rng = np.random.default_rng(seed)
    base = _excerpt(song)
    lead = next((name for name, priority in base.priorities.items() if priority >= 2), None)
    for kind in KINDS:
        made = _make(base, lead, kind, rng)
        if made is not None:
            yield made


def _session(song: Song, kind: str, sounds: dict[str, Sound], rates: dict[str, int]) -> Session:
    roles = {stem.name: stem.role for stem in song.stems if stem.name in sounds}
    priorities = {name: 2.0 for name, role in roles.items() if role == LEAD}
    if not priorities:  # a song without words: the first stem that is called lead carries it
        priorities = {name: 2.0 for name in sorted(roles) if "lead" in name.lower()}
    priorities |= {name: 1.2 for name, role in roles.items() if role == "kick"}
    return Session(song.name, kind, sounds, rates, roles, priorities)


def _excerpt(song: Song) -> Session:
    """Return the 40 s in which the lead sounds most, with the stems that sound there."""
    base = whole(song)
    names = [name for name, priority in base.priorities.items() if priority >= 2] or sorted(base.sounds)
    rate, sound = base.rates[names[0]], base.sounds[names[0]]
    steps = np.square(sound[:, : sound.shape[1] // rate * rate]).mean(axis=0).reshape(-1, rate).mean(axis=1)
    loud = np.convolve(steps > 0.02 * steps.max(), np.ones(min(round(EXCERPT_S), len(steps))), "valid")
    start_s = float(np.argmax(loud))
    cut = {
        name: one[:, round(start_s * base.rates[name]) : round((start_s + EXCERPT_S) * base.rates[name])]
        for name, one in base.sounds.items()
    }
    cut = {
        name: np.ascontiguousarray(one) * np.float32(0.25)
        for name, one in cut.items()
        if one.size and np.abs(one).max() > 0.01
    }
    return _session(song, "excerpt", cut, {name: base.rates[name] for name in cut})


def _make(base: Session, lead: str | None, kind: str, rng: np.random.Generator) -> Session | None:
    if kind == "lows":
        return _lows(base, rng)
    if lead is None or lead not in base.sounds:
        return None
    if kind in ("throughout", "sections"):
        return _covered(base, kind, rng)
    return _clean(base, lead, kind)


def _covered(base: Session, kind: str, rng: np.random.Generator) -> Session | None:
    able = [
        name
        for name in sorted(base.sounds)
        if base.roles[name] in COVERS and base.priorities.get(name, 1) < 2 and _sounds(base, name)
    ]
    if not able:
        return None
    name = str(rng.choice(able))
    centre_hz = float(np.exp(rng.uniform(*np.log(PRESENCE_HZ))))
    raised = raise_band(base.sounds[name], base.rates[name], centre_hz, float(rng.uniform(*BOOST_DB)))
    if kind == "sections":
        sections = round(EXCERPT_S / SECTION_S)
        chosen = set(rng.choice(sections, 2, replace=False).tolist())
        gate = _gate(raised.shape[1], base.rates[name], chosen)
        raised = np.asarray(base.sounds[name] * (1 - gate) + raised * gate, dtype=np.float32)
    return _with(base, f"{kind} {name} {centre_hz:.0f} Hz", kind, {**base.sounds, name: raised})


def _lows(base: Session, rng: np.random.Generator) -> Session | None:
    kick = next((name for name, role in base.roles.items() if role == "kick" and name in base.sounds), None)
    bass = next((name for name, role in base.roles.items() if role == "bass" and name in base.sounds), None)
    if kick is None or bass is None:
        return None
    centre_hz = float(np.exp(rng.uniform(*np.log(LOWS_HZ))))
    raised = raise_band(base.sounds[bass], base.rates[bass], centre_hz, float(rng.uniform(*BOOST_DB)))
    return _with(base, f"lows {bass} {centre_hz:.0f} Hz", "lows", {**base.sounds, bass: raised})


def _clean(base: Session, lead: str, kind: str) -> Session:
    others = [name for name in sorted(base.sounds) if name != lead and base.roles[name] not in ("kick", LEAD)]
    if kind == "few":
        kept = [name for name in others if base.roles[name] in ("bass", "hi-hat")][:3]
        return _with(base, kind, kind, {name: base.sounds[name] for name in (lead, *kept)})
    changed = {name: _apart(base, name) if kind == "apart" else _in_turn(base, name, lead) for name in others}
    changed = {name: sound for name, sound in changed.items() if np.abs(sound).max() > 0.003}
    return _with(base, kind, kind, {lead: base.sounds[lead], **changed})


def _with(base: Session, name: str, kind: str, sounds: dict[str, Sound]) -> Session:
    peak = max(float(np.abs(sound).max()) for sound in sounds.values())
    sounds = {key: np.asarray(sound * np.float32(min(1.0, 0.9 / peak))) for key, sound in sounds.items()}
    keep = set(sounds)
    return Session(
        f"{base.name} {name}", kind, sounds, {key: base.rates[key] for key in sounds},
        {key: role for key, role in base.roles.items() if key in keep},
        {key: priority for key, priority in base.priorities.items() if key in keep},
    )  # fmt: skip


def _sounds(base: Session, name: str) -> bool:
    power = np.square(base.sounds[name]).mean(axis=0)
    step = base.rates[name] // 2
    level = power[: power.size // step * step].reshape(-1, step).mean(axis=1)
    return bool((level > 1e-3 * level.max()).mean() >= COVER_SHARE)


def raise_band(sound: Sound, rate: int, centre_hz: float, gain_db: float) -> Sound:
    """Return the sound with a bell of one octave and a half raised, in the frequency domain."""
    hz = np.fft.rfftfreq(sound.shape[1], 1 / rate)
    bell = np.exp(-0.5 * np.square(np.log2(np.maximum(hz, 1.0) / centre_hz) / 0.5))
    return np.asarray(np.fft.irfft(np.fft.rfft(sound) * 10 ** (gain_db * bell / 20), sound.shape[1]), dtype=np.float32)


def _gate(frames: int, rate: int, sections: set[int]) -> NDArray[np.float64]:
    place = np.arange(frames) / rate
    inside = np.isin((place // SECTION_S).astype(int), list(sections)).astype(np.float64)
    kernel = np.hanning(round(0.2 * rate))
    return np.asarray(np.convolve(inside, kernel / kernel.sum(), "same"))


def _apart(base: Session, name: str) -> Sound:
    """Take 150 Hz to 9 kHz out."""
    sound, rate = base.sounds[name], base.rates[name]
    hz = np.fft.rfftfreq(sound.shape[1], 1 / rate)
    octaves = np.minimum(np.log2(np.maximum(hz, 1.0) / 150.0), np.log2(9000.0 / np.maximum(hz, 1.0)))
    gain = 10 ** (-3.0 * np.clip((octaves + 0.3) / 0.6, 0, 1))
    return np.asarray(np.fft.irfft(np.fft.rfft(sound) * gain, sound.shape[1]), dtype=np.float32)


def _in_turn(base: Session, name: str, lead: str) -> Sound:
    """Let the others sound only where the lead is 40 dB below its loudest for a while; the lead's own level stays."""
    rate, voice = base.rates[lead], base.sounds[lead]
    step = round(0.1 * rate)
    level = np.square(voice[:, : voice.shape[1] // step * step]).mean(axis=0).reshape(-1, step).mean(axis=1)
    sings = np.convolve(level > 1e-4 * level.max(), np.ones(7), "same") > 0
    sound, own_rate = base.sounds[name], base.rates[name]
    gate = np.interp(np.arange(sound.shape[1]) / own_rate, (np.arange(sings.size) + 0.5) * 0.1, (~sings).astype(float))
    return np.asarray(sound * (gate >= 1.0), dtype=np.float32)

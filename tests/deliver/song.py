"""A song as it is after a mix: 24 tracks, about 90 moves, every figure that the report can show; no sound was rendered for it."""

import numpy as np

from tests.sounds import drums, pink_noise
from tonmeister.audio import Audio
from tonmeister.deliver.figures import (
    Excerpt,
    MasterFigures,
    ReductionFigures,
    ReportFigures,
    StageTiming,
    TrackOutcome,
)
from tonmeister.document.fold import fold
from tonmeister.document.inventory import Incoming
from tonmeister.document.lane import Lane, Point, constant
from tonmeister.document.mix import Brief, Budget, BudgetUse, Engine, Mix, Section, Song, Track
from tonmeister.document.move import (
    Alternative,
    BandChange,
    BusChange,
    Change,
    Evidence,
    Expectation,
    FaderChange,
    InsertChange,
    Measurement,
    Move,
    Nothing,
    PanChange,
    PolarityChange,
    RouteChange,
    SendChange,
    TargetChange,
    Task,
    TrimChange,
    Where,
)
from tonmeister.document.strip import Bus, Insert, Send
from tonmeister.processing import Band, Compressor, DeEsser, Reverb, TruePeakLimiter

RATE_HZ = 48_000
DURATION_S = 214.0
NAMES = (
    ("Kick In", "kick", "drums", 0.0), ("Kick Out", "kick", "drums", 0.0), ("Snare Top", "snare", "drums", 0.0),
    ("Snare Bottom", "snare", "drums", 0.0), ("Hi-hat", "hi-hat", "drums", 0.3), ("Tom 1", "tom", "drums", -0.25),
    ("Tom 2", "tom", "drums", 0.4), ("Overheads", "overheads", "drums", 0.0), ("Room", "room", "drums", 0.0),
    ("Bass DI", "bass", "bass", 0.0), ("Bass Amp", "bass", "bass", 0.0), ("Gtr L", "rhythm guitar", "guitar", -0.8),
    ("Gtr R", "rhythm guitar", "guitar", 0.8), ("Gtr Lead", "lead guitar", "guitar", 0.2),
    ("Acoustic", "acoustic guitar", "guitar", -0.35), ("Piano", "piano", "keys", -0.15), ("Organ", "organ", "keys", 0.45),
    ("Pad", "pad", "synth", 0.0), ("Strings", "strings", "strings", 0.1), ("Lead Vocal", "lead vocal", "vocal", 0.0),
    ("Lead Vocal Double", "backing vocal", "vocal", 0.0), ("BV High (chorus, take 3 – comped and tuned)", "backing vocal", "vocal", -0.5),
    ("BV Low", "backing vocal", "vocal", 0.5), ("Shaker", "percussion", "drums", 0.6),
)  # fmt: skip
_FORM = (
    ("intro", 0, 12), ("verse", 12, 44), ("pre-chorus", 44, 56), ("chorus", 56, 84), ("verse", 84, 112),
    ("chorus", 112, 140), ("bridge", 140, 164), ("chorus", 164, 200), ("outro", 200, 214),
)  # fmt: skip


def slug(name: str) -> str:
    """Return a track id as the engine makes it: readable, plain."""
    return "-".join("".join(letter if letter.isalnum() else " " for letter in name.lower()).split())


def make_mix() -> Mix:
    """Return the mix document."""
    sections = tuple(
        Section.model_validate({"id": f"{label}-{place}", "label": label, "start_s": start, "end_s": end, "confidence": 0.7})
        for place, (label, start, end) in enumerate(_FORM)
    )  # fmt: skip
    song = Song(
        title="Long Way Down", sample_rate_hz=RATE_HZ, frames=round(DURATION_S * RATE_HZ), tempo_bpm=120.0,
        tempo_confidence=0.93, key="A minor", sections=sections,
    )  # fmt: skip
    tracks = tuple(
        Track.model_validate({
            "id": slug(name), "name": name, "sha256": f"{place:064x}", "channels": 2 if role in ("overheads", "room", "pad", "piano") else 1,
            "role": role, "family": family, "role_confidence": 0.95 - 0.02 * place,
            "priority": 2.0 if role == "lead vocal" else 0.5 if role == "room" else 1.0,
        })
        for place, (name, role, family, _) in enumerate(NAMES)
    )  # fmt: skip
    mix = Mix(
        engine=Engine(version="0.1.0"), song=song, tracks=tracks, budget=Budget(name="balanced"), moves=tuple(_moves()),
        brief=Brief(text="Warm and close, vocal up front, keep the drums natural.", genre="indie rock"), budget_use=_budget_use(),
    )  # fmt: skip
    return fold(mix)


def make_figures(*, with_sound: bool = True) -> ReportFigures:
    """Return everything measured; the sound of the players is noise and a beat."""
    steps = round(DURATION_S * 10)
    chance = np.random.default_rng(1)
    level = np.zeros(steps)
    for label, start, end in _FORM:
        level[start * 10 : end * 10] = {"chorus": 0.0, "verse": -5.5, "bridge": -8.0, "pre-chorus": -3.0}.get(
            label, -10.0
        )
    smooth = np.convolve(level + chance.normal(0, 2.5, steps), np.ones(30) / 30, mode="same")
    loudness = smooth - 12.6
    loudness[:8] = np.nan
    octaves = np.arange(-17, 14) / 3.0
    bump = 4 * np.exp(-((octaves + 1.8) ** 2))
    after = -24 - 1.5 * octaves - np.clip(-octaves - 4.2, 0, None) * 14 - np.clip(octaves - 3.6, 0, None) * 16
    peaks = np.clip(10 ** ((smooth - 1) / 20) * (0.75 + 0.25 * chance.random(steps)), 0, 0.89)
    return ReportFigures(
        incoming=_incoming(), before=MasterFigures(-19.84, 1.62, 8.4, 21.5), after=MasterFigures(-14.02, -1.03, 6.9, 13.0),
        loudness_before_lufs=smooth * 1.25 - 18.4, loudness_after_lufs=loudness,
        third_octave_before_db=after + bump - 5.5 + chance.normal(0, 1.2, 31) - np.clip(octaves - 1, 0, None) * 1.3,
        third_octave_after_db=after + bump * 0.3 + chance.normal(0, 0.7, 31),
        masking_tracks=tuple(slug(name) for name, *_ in NAMES), masking_db=_masking(0.0), masking_before_db=_masking(3.0),
        tracks=tuple(
            TrackOutcome(slug(name), -20.0 - abs(place - 19) * 0.7, -9.0 - place * 0.3, pan, 0.32 if role in ("overheads", "pad", "room") else 0.0)
            for place, (name, role, _, pan) in enumerate(NAMES)
        ),
        reductions=(
            ReductionFigures("lead-vocal", "compressor", 3.1, 7.4, 0.62), ReductionFigures("lead-vocal", "deesser", 2.2, 4.9, 0.08),
            ReductionFigures("bass-di", "compressor", 2.4, 5.8, 0.7), ReductionFigures("master", "glue", 1.2, 2.6, 0.4),
            ReductionFigures("master", "limiter", 1.6, 4.4, 0.21),
        ),
        limiter_reduction_db=np.clip(smooth + 1.5 + chance.normal(0, 1.3, steps), 0, 6), waveform_peaks=peaks,
        excerpt=make_excerpt() if with_sound else None,
        timings=tuple(map(StageTiming, ("intake", "listen", "decide", "render", "verify", "sessions"), (1.94, 6.2, 0.41, 14.8, 3.3, 0.2))),
        misses=("Loudness before 0:01 could not be measured: the first second is silent.",),
    )  # fmt: skip


def make_excerpt(duration_s: float = 6.0) -> Excerpt:
    """Return a beat below noise, and the same louder and tighter."""
    beat, bed = drums(duration_s=duration_s, channels=2), pink_noise(rms_db=-34, duration_s=duration_s, channels=2)
    before = Audio((beat.samples * np.float32(0.3) + bed.samples).astype(np.float32), RATE_HZ)
    after = Audio(np.tanh(before.samples * np.float32(2.2)).astype(np.float32) * np.float32(0.85), RATE_HZ)
    return Excerpt(before, after, start_s=112.0)


def _masking(more_db: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    chance = np.random.default_rng(2)
    matrix = chance.normal(-9 + more_db, 6.5, (len(NAMES), len(NAMES)))
    matrix[chance.random(matrix.shape) < 0.3] = np.nan
    return matrix


def _incoming() -> tuple[Incoming, ...]:
    mixed = tuple(
        Incoming(
            name=f"stems/{name}.wav", state="mixed", why="Used as it is.", track=slug(name), sha256=f"{place:064x}",
            sample_rate_hz=RATE_HZ, channels=1, duration_s=DURATION_S,
            faults=("Clipped in 14 places, the longest 0.9 ms.",) if name == "Snare Top" else (),
        )
        for place, (name, *_) in enumerate(NAMES)
    )  # fmt: skip
    return (
        *mixed,
        Incoming(name="stems/Rough Mix.wav", state="reference", why="Sounds like all others together: kept as reference.", sample_rate_hz=44_100, channels=2, duration_s=DURATION_S),
        Incoming(name="stems/click.wav", state="silent", why="Digital silence throughout."),
        Incoming(name="stems/notes.txt", state="not sound", why="Text."),
    )  # fmt: skip


def _budget_use() -> tuple[BudgetUse, ...]:
    return (
        BudgetUse(budget="eq_gain_db", used=3.4, limit=4.0, held=True),
        BudgetUse(budget="eq_total_db", used=1.2, limit=3.0, held=True),
        BudgetUse(budget="gain_reduction_db", used=3.1, limit=4.0, held=True),
        BudgetUse(budget="crest_loss_db", used=3.2, limit=3.0, held=False),
        BudgetUse(budget="master_gain_reduction_db", used=4.4, limit=6.0, held=True),
        BudgetUse(budget="tilt_change_db", used=1.1, limit=2.0, held=True),
        BudgetUse(budget="loudest_master_lufs", used=-14.0, limit=-8.0, held=True),
    )


def _evidence(
    what: str, value: float, limit: float | None, unit: str, source: str, *, at: tuple[float, float] | None = None
) -> Evidence:
    start, end = at or (None, None)
    return Evidence(what=what, value=value, limit=limit, unit=unit, source=source, start_s=start, end_s=end)


def _move(
    name: str, task: Task, title: str, where: Where, change: Change, because: Evidence, order: int, **more: object
) -> Move:
    return Move.model_validate(
        {"id": name, "task": task, "title": title, "where": where, "change": change, "because": (because,), "order": order, **more}
    )  # fmt: skip


def _moves() -> list[Move]:
    chance = np.random.default_rng(3)
    moves = [
        _move(
            "alignment.snare-bottom.polarity", "alignment", "Snare Bottom cancels Snare Top: turned over", Where(track="snare-bottom"),
            PolarityChange(inverted=True), _evidence("correlation with Snare Top below 500 Hz", -0.81, 0.0, "", "practice"), 10,
            expects=Expectation(metric="correlation", value=0.8, before=-0.81, tolerance=0.3, unit="", scope="mix"),
            measured=Measurement(value=0.79, before=-0.81, kept=True), confidence=0.97,
        ),
        _move(
            "space.hall", "space", "One hall for all that needs depth", Where(bus="hall"),
            BusChange(bus=Bus(id="hall", name="Hall", kind="effect", inserts=(Insert(id="reverb", slot="output", processor=Reverb(decay_s=2.1)),))),
            _evidence("tempo", 120.0, None, "bpm", "the song"), 80,
        ),
        _move("routing.drums", "gain_staging", "Drums share a bus", Where(bus="drums"), BusChange(bus=Bus(id="drums", name="Drums")),
              _evidence("drum tracks", 10.0, 3.0, "tracks", "practice"), 5),
    ]  # fmt: skip
    for place, (name, role, family, pan) in enumerate(NAMES):
        moves += _of_track(place, slug(name), name, role, family, pan, chance)
    return [*moves, *_mastering(), *_special()]


def _of_track(
    place: int, track: str, name: str, role: str, family: str, pan: float, chance: np.random.Generator
) -> list[Move]:
    here = Where(track=track)
    trim, fader = round(float(chance.normal(0, 3)), 1), round(float(chance.normal(-3, 3)), 1)
    loud = round(float(chance.normal(-24, 3)), 1)
    moves = [
        _move(f"staging.{track}.trim", "gain_staging", f"Bring {name} to working level", here, TrimChange(trim_db=trim),
              _evidence("integrated loudness", -20 - trim, -20.0, "LUFS", "gain_staging.level_lufs: practice"), 20),
        _move(f"balance.{track}.fader", "balance", f"{name} at its place in the balance", here, FaderChange(change_db=constant(fader)),
              _evidence("loudness against the mean of all tracks", loud + 20, loud + 20 + fader, "LU", "balance.level: De Man 2017"), 60,
              expects=Expectation(metric="strip_loudness_lu", value=loud + fader, before=loud, tolerance=max(0.3, abs(fader) / 2), unit="LU", scope="strip"),
              measured=Measurement(value=loud + fader + 0.1, before=loud, kept=True), confidence=0.75,
              alternatives=(Alternative(title="1 dB quieter", trade_off="More room for the vocal, less drive in the chorus"),)),
    ]  # fmt: skip
    if place % 2 and role != "lead vocal":
        hertz, gain = round(float(chance.uniform(180, 5200))), -round(float(chance.uniform(1.0, 3.4)), 1)
        moves.append(
            _move(f"masking.{track}.lead-vocal-{hertz}", "masking", f"{name} covers Lead Vocal at {hertz} Hz", Where(track=track, section="chorus-3"),
                  BandChange(slot="masking", band=Band(frequency_hz=hertz, gain_db=gain, q=1.4)),
                  _evidence(f"level over Lead Vocal around {hertz} Hz", 6.2, 3.0, "dB", "masking.harmful_excess_db: Hafezi and Reiss 2015", at=(56, 84)), 30,
                  expects=Expectation(metric="audibility_db", value=-4.1, before=-5.9, tolerance=0.9, unit="dB", scope="mix", low_hz=hertz / 1.2, high_hz=hertz * 1.2),
                  measured=Measurement(value=-4.3 if place % 4 == 1 else -5.6, before=-5.9, kept=place % 4 == 1), confidence=0.6,
                  state="proposed" if place == 15 else "accepted")
        )  # fmt: skip
    if pan:
        moves.append(
            _move(f"panning.{track}.pan", "panning", f"{name} to its side", here, PanChange(pan=constant(pan, law="linear_gain")),
                  _evidence("name says", pan, None, "pan", "the track's name"), 70, confidence=0.9)
        )  # fmt: skip
    if family == "drums":
        moves.append(_move(f"routing.{track}.drums", "gain_staging", f"{name} to the drum bus", here, RouteChange(output="drums"),
                           _evidence("share of drum tracks", 1.0, None, "", "practice"), 22, depends_on=("routing.drums",)))  # fmt: skip
    if role in ("lead vocal", "bass", "snare"):
        moves.append(
            _move(f"dynamics.{track}.compressor", "dynamics", f"Even out {name}", here,
                  InsertChange(insert=Insert(id="compressor", slot="dynamics", processor=Compressor(threshold_db=-22.5, ratio=3, attack_ms=12, release_ms=140, makeup_db=2.4))),
                  _evidence("spread of the 400 ms level while it plays", 5.4, 2.5, "dB", "dynamics.fluctuation_least_db: Ma et al. 2015"), 40,
                  expects=Expectation(metric="gain_reduction_db", value=3.0, before=0.0, tolerance=1.5, unit="dB", scope="strip"),
                  measured=Measurement(value=3.1, before=0.0, kept=True), confidence=0.7)
        )  # fmt: skip
    return moves


def _mastering() -> list[Move]:
    here = Where(bus="master")
    source = "targets.streaming: Spotify"
    return [
        _move("mastering.target", "mastering", "Master to −14.0 LUFS, true peak at most −1.0 dBTP", here,
              TargetChange(target_lufs=-14.0, ceiling_dbtp=-1.0), _evidence("loudness asked for", -14.0, -8.0, "LUFS", source), 90,
              expects=Expectation(metric="integrated_lufs", value=-14.0, tolerance=0.1, unit="LUFS", scope="master"),
              measured=Measurement(value=-14.02, kept=True)),
        _move("mastering.glue.compressor", "mastering", "Glue the mix gently", here,
              InsertChange(insert=Insert(id="glue", slot="dynamics", processor=Compressor(threshold_db=-16, ratio=1.5, knee_db=9, attack_ms=30, release_ms=250, detector="rms"))),
              _evidence("level of the loud parts, per channel", -14.2, None, "dBFS", "practice"), 91, confidence=0.5, state="rejected", set_by="person"),
        _move("mastering.limiter", "mastering", "Hold every true peak at −1.0 dBTP", here,
              InsertChange(insert=Insert(id="limiter", slot="output", processor=TruePeakLimiter(drive_db=5.8))),
              _evidence("ceiling asked for", -1.0, None, "dBTP", source), 92, depends_on=("mastering.target",),
              expects=Expectation(metric="true_peak_dbtp", value=-1.0, tolerance=0.05, unit="dBTP", scope="master"),
              measured=Measurement(value=-1.03, kept=True)),
    ]  # fmt: skip


def _special() -> list[Move]:
    ride = Lane(
        points=tuple(
            Point(time_s=time, value=value)
            for time, value in (
                (0, 0),
                (43.5, 0),
                (44, 1.2),
                (55.8, 1.2),
                (56, 2.0),
                (84, 2.0),
                (84.5, 0),
                (139, 1.5),
                (164, 0.4),
                (200, 2.2),
            )
        )
    )
    throw = Lane(
        law="hold",
        points=tuple(
            Point(time_s=time, value=value) for time, value in ((0, -24), (54, -12), (56, -24), (110, -10), (112, -24))
        ),
    )
    vocal = Where(track="lead-vocal")
    return [
        _move("automation.lead-vocal.ride", "automation", "Lead Vocal stays in front of the growing chorus", vocal, FaderChange(change_db=ride),
              _evidence("vocal against the rest, choruses", -5.1, -3.0, "LU", "balance.lead_low_lu: De Man 2014", at=(56, 84)), 85,
              expects=Expectation(metric="relative_loudness_lu", value=-3.1, before=-5.1, tolerance=1.0, unit="LU", scope="mix"),
              measured=Measurement(value=-3.3, before=-5.1, kept=True), confidence=0.8, state="locked", set_by="person"),
        _move("space.lead-vocal.hall", "space", "Lead Vocal into the hall, thrown at the ends of lines", vocal, SendChange(send=Send(bus="hall", level_db=throw)),
              _evidence("correlation of its channels", 1.0, 0.85, "correlation", "space.wet_correlation_most: a default"), 81, depends_on=("space.hall",)),
        _move("dynamics.lead-vocal.deesser", "dynamics", "Lead Vocal hisses", vocal,
              InsertChange(insert=Insert(id="deesser", slot="dynamics", processor=DeEsser(threshold_db=-34, frequency_hz=5800))),
              _evidence("loudest esses against the vowels", -3.2, -6.0, "dB", "dynamics.sibilance_over_db: practice", at=(70.5, 71.2)), 41,
              expects=Expectation(metric="sibilance_db", value=-6.1, before=-3.2, tolerance=1.4, unit="dB", scope="strip"),
              measured=Measurement(value=-5.9, before=-3.2, kept=True), confidence=0.65),
        _move("eq.lead-vocal.high-pass", "equalisation", "Rumble under Lead Vocal", vocal, BandChange(slot="corrective", band=Band(shape="high_pass", frequency_hz=82)),
              _evidence("power below 60 Hz", -18.0, -24.0, "dB", "equalisation.rumble_share_db: a default"), 25),
        _move("cleanup.nothing", "cleanup", "No hum, no clicks: nothing to repair", Where(), Nothing(),
              _evidence("strongest mains line over its surroundings", 4.2, 12.0, "dB", "cleanup.hum_db: practice"), 15),
    ]  # fmt: skip

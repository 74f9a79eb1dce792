"""What pans, widths, sends, effects and bus chains came to: measured on a few loud seconds of the rendered mix."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from tonmeister.analysis.fourier import power_between
from tonmeister.analysis.loudness import LoudnessMeter
from tonmeister.audio import Audio, Samples
from tonmeister.document.facts import SongFacts
from tonmeister.document.mix import Mix
from tonmeister.document.move import BandChange, InsertChange, Move, SendChange
from tonmeister.document.strip import MASTER, Bus, Insert
from tonmeister.engineer.listeners import Collector
from tonmeister.engineer.loud_windows import Window, choose_windows
from tonmeister.engineer.options import Cancel
from tonmeister.processing import Compressor, Equaliser
from tonmeister.processing.compressor import CompressorStream
from tonmeister.processing.registry import is_neutral, make_stream
from tonmeister.processing.stream import run_stream
from tonmeister.render import Renderer
from tonmeister.tasks.expecting import balance_db

Found = tuple[float, float | None]
"""The measured value, and the one without the move."""
_PREROLL_S = 2.0
_TAIL_S = 2.5
_ON_STRIPS = ("pan_balance_db", "width", "reverb_level_lu")
_ON_BUSES = ("reverb_level_lu", "band_level_db", "gain_reduction_db", "width")


def measure_places(
    mix: Mix, facts: SongFacts, moves: Sequence[Move], renderer: Renderer, *, cancel: Cancel | None
) -> dict[str, Found]:
    """Return what was found for each of these moves that promises something about a place or a bus, by move id."""
    known = {track.id for track in facts.tracks}
    on_strips = [
        m for m in moves if m.where.track in known and m.expects is not None and m.expects.metric in _ON_STRIPS
    ]
    on_buses = [m for m in moves if m.where.bus is not None and m.expects is not None and m.expects.metric in _ON_BUSES]
    heard_by = {m.id: _sources_of(mix, m.where.bus, known) for m in on_buses if m.where.bus is not None}
    windows = choose_windows(facts, sorted({m.where.track for m in on_strips if m.where.track}))
    unheard = sorted({n for those in heard_by.values() if not _most_of(those, windows) for n in those})
    windows += choose_windows(facts, unheard)[:1]
    best = {name: _most_of(those, windows) for name, those in heard_by.items()}
    at = {m.id: next((w for w in windows if m.where.track in w.tracks), None) for m in on_strips} | best
    found: dict[str, Found] = {}
    for window in windows:
        here = [move for move in (*on_strips, *on_buses) if at[move.id] == window]
        sounds = _hear(mix, here, window, renderer, cancel=cancel) if here else {}
        results = {move.id: _measure(mix, move, sounds) for move in here}
        found |= {name: result for name, result in results.items() if result is not None}
    return found


def _most_of(names: Sequence[str], windows: Sequence[Window]) -> Window | None:
    """Return the window in which most of these tracks are heard well; None if none of them is in any."""
    best = max(windows, key=lambda window: len(window.tracks & set(names)), default=None)
    return best if best is not None and best.tracks & set(names) else None


def _sources_of(mix: Mix, bus_id: str, known: set[str]) -> list[str]:
    """Return the tracks that are heard in a bus."""
    return [
        track.id
        for track in mix.tracks
        if track.id in known
        and (bus_id in (MASTER, track.strip.output) or any(send.bus == bus_id for send in track.strip.sends))
    ]


def _hear(
    mix: Mix, moves: Sequence[Move], window: Window, renderer: Renderer, *, cancel: Cancel | None
) -> Mapping[str, Audio]:
    """Return the sound of every point that these moves are measured at, by name."""
    rate, points = mix.song.sample_rate_hz, sorted({point for move in moves for point in _points(mix, move)})
    ears = {point: Collector() for point in points}
    renderer.render(
        mix, listeners={point: [ear] for point, ear in ears.items()}, start_frame=round(window.start_s * rate),
        end_frame=round(window.end_s * rate), preroll_s=_PREROLL_S, cancel=cancel,
    )  # fmt: skip
    return {point: Audio(np.ascontiguousarray(ear.samples), rate) for point, ear in ears.items()}


def _points(mix: Mix, move: Move) -> tuple[str, ...]:
    """Return the points of the graph at which a move is heard."""
    track, bus = move.where.track, move.where.bus
    if track is not None:
        is_stereo = mix.track(track).channels == 2 and not isinstance(move.change, SendChange)
        return (f"track:{track}", f"strip:{track}") if is_stereo else (f"track:{track}",)
    if bus == MASTER:
        return ("mix",)
    is_effect = any(one.id == bus and one.kind == "effect" for one in mix.buses)
    return (f"bus:{bus}", "mix") if is_effect else (f"sum:{bus}",)


def _measure(mix: Mix, move: Move, sounds: Mapping[str, Audio]) -> Found | None:
    assert move.expects is not None  # noqa: S101 - only such moves are asked for
    if move.where.track is not None:
        by_metric: dict[str, Callable[[], Found | None]] = {
            "pan_balance_db": lambda: _compared(move, sounds, _balance),
            "width": lambda: _compared(move, sounds, _side_over_middle),
            "reverb_level_lu": lambda: _wet_against_dry(mix, move, sounds),
        }
        return by_metric[move.expects.metric]()
    if move.expects.metric == "reverb_level_lu":
        wet, whole = _energy(sounds[f"bus:{move.where.bus}"]), _energy(sounds["mix"])
        return (float(10 * np.log10(wet / whole)), None) if min(wet, whole) > 0 else None
    return _in_chain(mix, move, sounds)


def _compared(move: Move, sounds: Mapping[str, Audio], measure: Callable[[Samples], float]) -> Found | None:
    """Return a measure behind the strip; where the strip has two channels, what changed from before its fader."""
    after = sounds[f"track:{move.where.track}"].samples
    if not after.any() or move.expects is None:
        return None
    before = sounds.get(f"strip:{move.where.track}")
    promised = move.expects.before or 0.0
    if before is None:
        return measure(after), promised
    # The promise is about the whole song, the measurement about some seconds of it: compare the change.
    return promised + measure(after) - measure(before.samples), promised


def _balance(samples: Samples) -> float:
    power = np.square(samples, dtype=np.float64).sum(axis=1)
    return balance_db(power[0], power[-1])


def _side_over_middle(samples: Samples) -> float:
    wide = samples.astype(np.float64)
    return balance_db(np.square(wide[0] + wide[-1]).sum(), np.square(wide[0] - wide[-1]).sum())


def _wet_against_dry(mix: Mix, move: Move, sounds: Mapping[str, Audio]) -> Found | None:
    """Return how loud the effect is that this track alone feeds, its tail included, against the track."""
    change, dry = move.change, sounds[f"track:{move.where.track}"]
    bus = next((bus for bus in mix.buses if isinstance(change, SendChange) and bus.id == change.send.bus), None)
    if not isinstance(change, SendChange) or bus is None or not dry.samples.any():
        return None
    gain = np.float32(10 ** (change.send.level_db.points[0].value / 20))
    tail = np.zeros((2, round(_TAIL_S * dry.sample_rate_hz)), np.float32)
    sent = Audio(np.concatenate([dry.samples * gain, tail], axis=1), dry.sample_rate_hz)
    steady = [insert for insert in bus.inserts if insert.key is None]  # it is promised before it steps back
    wet = _energy(_run(steady, sent)) * 10 ** (bus.fader_db.points[0].value / 10)
    return (float(10 * np.log10(wet / _energy(dry))), None) if wet > 0 else None


def _in_chain(mix: Mix, move: Move, sounds: Mapping[str, Audio]) -> Found | None:
    """Return what a band or a compressor of a bus or of the master does, behind what stands before it."""
    here = sounds["mix" if move.where.bus == MASTER else f"sum:{move.where.bus}"]
    bus: Bus | None = next((bus for bus in mix.buses if bus.id == move.where.bus), None)
    inserts = mix.master.inserts if bus is None else bus.inserts
    for insert in inserts:
        if _is_of(move, insert):
            if isinstance(move.change, BandChange):
                return _band_change(move, here)
            return _reduction(insert, here) or _widened(move, insert, here)
        here = _run((insert,), here)
    return None


def _is_of(move: Move, insert: Insert) -> bool:
    if isinstance(move.change, InsertChange):
        return insert.id == move.change.insert.id
    is_slot = isinstance(move.change, BandChange) and insert.slot == move.change.slot
    return is_slot and isinstance(insert.processor, Equaliser)


def _band_change(move: Move, audio: Audio) -> Found | None:
    expects = move.expects
    if not isinstance(move.change, BandChange) or expects is None or expects.low_hz is None or expects.high_hz is None:
        return None
    equaliser = Insert(id="band", slot="tone", processor=Equaliser(bands=(move.change.band,)))
    before, after = (
        power_between(
            sound.samples, sample_rate_hz=sound.sample_rate_hz, low_hz=expects.low_hz, high_hz=expects.high_hz
        )
        for sound in (audio, _run((equaliser,), audio))
    )
    return (float(10 * np.log10(after / before)), 0.0) if min(before, after) > 0 else None


def _reduction(insert: Insert, audio: Audio) -> Found | None:
    if not isinstance(insert.processor, Compressor):
        return None
    stream = CompressorStream(insert.processor, sample_rate_hz=audio.sample_rate_hz, channels=audio.channels)
    run_stream(audio, stream)
    return stream.reduction.mean_reduction_db, 0.0


def _widened(move: Move, insert: Insert, audio: Audio) -> Found | None:
    """Return the side over the middle behind what changes it: the promise is about the whole song, so the change is compared."""
    if not audio.samples.any() or move.expects is None:
        return None
    before = move.expects.before or 0.0
    changed = _side_over_middle(_run((insert,), audio).samples) - _side_over_middle(audio.samples)
    return before + changed, before


def _run(inserts: Sequence[Insert], audio: Audio) -> Audio:
    for insert in inserts:
        if not is_neutral(insert.processor):
            stream = make_stream(insert.processor, sample_rate_hz=audio.sample_rate_hz, channels=audio.channels)
            audio = run_stream(audio, stream)
    return audio


def _energy(audio: Audio) -> float:
    """Return the K-weighted energy."""
    meter = LoudnessMeter(audio.sample_rate_hz, audio.channels)
    meter.add(audio.samples)
    return float(meter.energies_100ms().sum())

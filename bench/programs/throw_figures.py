"""Print how throws sit in a song, heard on rendered sound: `OUT`, a result of `tonmeister mix --throw …`.

[{move, at_s, opens_off_ms, repeats_off_ms, tail_db, planned_db}]: how far outside of where the word can begin the send is half open (a word
begins between the quietest 10 ms around and its fastest rise, told anew on the rendered voice in steps of a millisecond); how far each
of the first repeats is from the beats around (by correlation of what the throw adds to its return with the word that was sent); what is left
of it at the next line.  Of each move the first throw; repeats that the correlation does not find are left out.
"""

import json
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tonmeister.document.facts import SongFacts
from tonmeister.document.mix import Mix
from tonmeister.document.move import Move, SendChange
from tonmeister.engineer.documents import load_mix, load_sources
from tonmeister.engineer.listeners import Collector
from tonmeister.engineer.throw_promises import Thrown, hear_throw, tail_result
from tonmeister.files.cache import open_cache
from tonmeister.listen import recall_facts
from tonmeister.processing import Delay
from tonmeister.render import Renderer, SourceFile

AROUND_S = 4.0
NEAR_S = 0.03
AROUND_MS = 80
"""A word begins around where the engine thinks: so far before and behind is looked."""
HEARD = 3
"""Later repeats lie 36 dB and more under the first, where what goes on beside them is more alike to the word."""
CLEAR = 0.25
"""A repeat is found where the correlation comes to this part of its highest."""
Floats = NDArray[np.float64]


def main() -> int:
    """Listen to every throw of the mix."""
    out = Path(sys.argv[1])
    mix = load_mix(out)
    sources, cache = load_sources(out, mix), open_cache()
    facts = recall_facts(mix, sources, cache=cache)
    files = {name: SourceFile(sound.path, sound.stream) for name, sound in sources.items()}
    rows = []
    with Renderer(files, cache=cache) as renderer:
        for move in mix.moves:
            is_throw = move.expects is not None and move.expects.metric == "throw_tail_db"
            if is_throw and move.state in ("accepted", "locked"):
                rows.append(_judge(move, mix, facts, renderer))
    print(json.dumps(rows))
    return 0


def _judge(move: Move, mix: Mix, facts: SongFacts, renderer: Renderer) -> dict[str, object]:
    thrown, tail = hear_throw(move, mix, renderer, cancel=None), tail_result(move, mix, renderer, None)
    if not isinstance(move.change, SendChange) or thrown is None or move.expects is None:
        raise SystemExit(f"{move.id} throws nothing")
    start_s, end_s = move.because[0].start_s or 0.0, move.because[0].end_s or 0.0
    points = move.change.send.level_db.points
    place = next(place for place, p in enumerate(points) if abs(p.time_s - start_s) < 0.002)
    opened = (points[place - 1].time_s + points[place].time_s) / 2
    bus = next(bus for bus in mix.buses if bus.id == move.change.send.bus)
    delay = next(insert.processor for insert in bus.inserts if isinstance(insert.processor, Delay))
    return {
        "move": move.id,
        "at_s": start_s,
        "opens_off_ms": _off_ms(move, mix, renderer, start_s, opened),
        "repeats_off_ms": _repeats(thrown, facts, delay.time_ms / 1000, (start_s, end_s)),
        "tail_db": None if tail is None else round(tail[0], 1),
        "planned_db": move.expects.value,
    }


def _off_ms(move: Move, mix: Mix, renderer: Renderer, start_s: float, opened_s: float) -> float:
    """Return how far outside of where a word can begin its send opens: from the quietest 10 ms around to the fastest rise after it."""
    ear, rate, early_s = Collector(), mix.song.sample_rate_hz, max(0.0, start_s - 0.2)
    points = {f"track:{move.where.track}": [ear]}
    renderer.render(mix, listeners=points, start_frame=round(early_s * rate), end_frame=round((start_s + 0.3) * rate))
    sound = np.square(ear.samples.astype(np.float64)).sum(axis=0)
    first = round((start_s - early_s) * 1000)
    power = np.add.reduceat(sound, np.arange(0, sound.size, rate // 1000))
    db = 10 * np.log10(np.maximum(np.convolve(power, np.ones(10), "full"), 1e-12))  # of the 10 ms up to each ms
    low = max(0, first - AROUND_MS)
    quietest = low + int(np.argmin(db[low : first + AROUND_MS // 2]))
    rising = quietest + int(np.argmax(db[quietest + 10 : quietest + 110] - db[quietest : quietest + 100]))
    off_s = min(0.0, opened_s - early_s - quietest / 1000) + max(0.0, opened_s - early_s - rising / 1000)
    return round(1000 * off_s, 1)


def _repeats(thrown: Thrown, facts: SongFacts, time_s: float, word_s: tuple[float, float]) -> list[float]:
    """Return how far each repeat that is heard lies from its place on the beats around."""
    rate = thrown.sample_rate_hz
    added = (thrown.with_it - thrown.without).astype(np.float64)
    sent = thrown.word.astype(np.float64).sum(axis=0)
    first, last = (round((t - thrown.start_s) * rate) for t in word_s)
    sent = sent[max(first, 0) : last]
    size = 2 ** int(np.ceil(np.log2(added.shape[1] + sent.size)))
    alike = np.abs(np.fft.irfft(np.fft.rfft(added, size) * np.fft.rfft(sent, size).conj(), size)).sum(axis=0)
    line = facts.time_line
    beats = np.zeros(0) if line is None else line.beats_s[np.abs(line.beats_s - word_s[1]) <= AROUND_S]
    beat_s = float(np.mean(np.diff(beats))) if beats.size > 2 else 60 / (facts.song.tempo_bpm or 120.0)
    grid_s = min((share * beat_s for share in (0.5, 0.75, 1.0)), key=lambda one: abs(one - time_s))
    found = []
    for repeat in range(1, 1 + HEARD):
        at = max(first, 0) + round(repeat * grid_s * rate)
        near = slice(max(0, at - round(NEAR_S * rate)), at + round(NEAR_S * rate))
        part = alike[near]
        if at + sent.size // 2 > added.shape[1] or not part.size or part.max() < CLEAR**repeat * alike.max():
            continue
        place = int(np.argmax(part))
        if 0 < place < part.size - 1:  # at the edge it is something else that goes on there
            found.append(round(1000 * (near.start + place - at) / rate, 2))
    return found


if __name__ == "__main__":
    sys.exit(main())

"""What the shared spaces come to in the mix: how loud they are, and how far they step back while the lead sings."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.energy_steps import loudest_steps
from tonmeister.document.facts import SongFacts
from tonmeister.document.fold import still_fader_db
from tonmeister.document.mix import Mix
from tonmeister.document.move import Move
from tonmeister.engineer.listeners import LoudnessListener
from tonmeister.engineer.options import Cancel
from tonmeister.render import Renderer
from tonmeister.tasks.rooms import CHECKED_STEPS

_SINGS = 0.1
Found = tuple[float, float | None]


class SpaceCheck:
    """Renders the part of the song in which most is sent to a space, once for each, when the first promise about it is asked for."""

    def __init__(self, mix: Mix, facts: SongFacts, renderer: Renderer, *, cancel: Cancel | None) -> None:
        self._mix, self._facts, self._renderer, self._cancel = mix, facts, renderer, cancel
        self._heard: dict[str, _Heard] = {}

    def level_lu(self, move: Move) -> Found | None:
        """Return the loudness of a space, before it steps back, against the mix, powers over the excerpt."""
        heard = self._hear(move.where.bus)
        wet, whole = heard.powers.get("reverb", heard.powers.get("delay")), heard.powers.get("mix")
        if wet is None or whole is None or not wet.sum() > 0 or not whole.sum() > 0:
            return None
        return float(10 * np.log10(wet.sum() / whole.sum())), None

    def duck_db(self, move: Move) -> Found | None:
        """Return how much the key takes off the return while it sings, mean over the excerpt."""
        heard = self._hear(move.where.bus)
        before, after = heard.powers.get("reverb"), heard.powers.get("duck")
        name = None if move.expects is None else move.expects.track
        if before is None or after is None or name is None:
            return None
        lead = self._facts[name].curves.energies_100ms
        steps = min(len(before), len(after))
        place = np.arange(steps) + round(heard.start_s * 10) - self._late_steps(name)
        known = (place >= 0) & (place < len(lead))
        sung = np.where(known, lead[np.clip(place, 0, len(lead) - 1)], 0.0)
        sings = (sung > _SINGS * sung.mean()) & (before[:steps] > 0) & (after[:steps] > 0)
        if not sings.any():
            return None
        return float(-10 * np.log10(after[:steps][sings] / before[:steps][sings]).mean()), 0.0

    def _late_steps(self, name: str) -> int:
        return round(self._mix.track(name).strip.delay_frames * 10 / self._mix.song.sample_rate_hz)

    def _hear(self, bus: str | None) -> "_Heard":
        """Return the K-weighted powers behind the reverb or delay, behind the duck and of the mix, in steps of 100 ms."""
        name = bus or ""
        if name not in self._heard:
            self._heard[name] = self._render(name)
        return self._heard[name]

    def _render(self, name: str) -> "_Heard":
        rate = self._mix.song.sample_rate_hz
        there = next((bus for bus in self._mix.buses if bus.id == name), None)
        inserts = [] if there is None else [i.id for i in there.inserts if i.id in ("reverb", "delay", "duck")]
        ears = {point: LoudnessListener(rate, 2) for point in ("mix", *inserts)}
        start_s = self._busiest_s(name)
        first = round(start_s * rate)
        self._renderer.render(
            self._mix, listeners={point if point == "mix" else f"insert:bus:{name}:{point}": [ear] for point, ear in ears.items()},
            start_frame=first, end_frame=min(self._mix.song.frames, first + round(CHECKED_STEPS / 10 * rate)), cancel=self._cancel,
        )  # fmt: skip
        return _Heard(start_s, {point: ear.meter.energies_100ms() for point, ear in ears.items()})

    def _busiest_s(self, bus: str) -> float:
        """Return where most is sent to a space for the length of the excerpt."""
        total = np.zeros(max(1, round(self._mix.song.duration_s * 10)))
        for track in self._mix.tracks:
            level = next((send.level_db.points[0].value for send in track.strip.sends if send.bus == bus), None)
            if not track.used or level is None:
                continue
            energies = self._facts[track.id].curves.energies_100ms[: len(total)]
            total[: len(energies)] += energies * 10 ** (
                (track.strip.trim_db + still_fader_db(self._mix, track.id) + level) / 10
            )
        return loudest_steps(total, length=CHECKED_STEPS)[0] / 10


@dataclass(frozen=True, slots=True, eq=False)
class _Heard:
    """What one space was heard to do."""

    start_s: float
    powers: dict[str, NDArray[np.float64]]

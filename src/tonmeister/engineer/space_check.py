"""What the shared spaces come to in the mix: how loud they are, and how far they step back while the lead sings."""

import numpy as np
from numpy.typing import NDArray

from tonmeister.document.facts import SongFacts
from tonmeister.document.mix import Mix
from tonmeister.document.move import Move
from tonmeister.engineer.listeners import LoudnessListener
from tonmeister.engineer.options import Cancel
from tonmeister.render import Renderer

_EXCERPT_S = 16.0
_SINGS = 0.1
Found = tuple[float, float | None]


class SpaceCheck:
    """Renders the part of the song in which most is sent to the spaces, once, when the first promise about them is asked for."""

    def __init__(self, mix: Mix, facts: SongFacts, renderer: Renderer, *, cancel: Cancel | None) -> None:
        self._mix, self._facts, self._renderer, self._cancel = mix, facts, renderer, cancel
        self._heard: dict[str, NDArray[np.float64]] | None = None
        self._start_s = 0.0

    def level_lu(self, move: Move) -> Found | None:
        """Return the loudness of a space's return against the mix, powers over the excerpt."""
        heard, bus = self._energies(), move.where.bus
        wet, whole = heard.get(f"bus:{bus}"), heard.get("mix")
        if wet is None or whole is None or not wet.sum() > 0 or not whole.sum() > 0:
            return None
        return float(10 * np.log10(wet.sum() / whole.sum())), None

    def duck_db(self, move: Move) -> Found | None:
        """Return how much the key takes off the return while it sings, mean over the excerpt."""
        heard, bus = self._energies(), move.where.bus
        before, after = heard.get(f"insert:bus:{bus}:reverb"), heard.get(f"insert:bus:{bus}:duck")
        name = None if move.expects is None else move.expects.track
        if before is None or after is None or name is None:
            return None
        lead = self._facts[name].curves.energies_100ms
        first = round(self._start_s * 10) - self._late_steps(name)
        place = np.arange(min(len(before), len(after))) + first
        known = (place >= 0) & (place < len(lead))
        sung = np.where(known, lead[np.clip(place, 0, len(lead) - 1)], 0.0)
        sings = (sung > _SINGS * sung.mean()) & (before[: len(place)] > 0) & (after[: len(place)] > 0)
        if not sings.any():
            return None
        return float(-10 * np.log10(after[: len(place)][sings] / before[: len(place)][sings]).mean()), 0.0

    def _late_steps(self, name: str) -> int:
        track = self._mix.track(name)
        return round((track.start_frame + track.strip.delay_frames) * 10 / self._mix.song.sample_rate_hz)

    def _energies(self) -> dict[str, NDArray[np.float64]]:
        """Return the K-weighted powers of the returns and of the mix, in steps of 100 ms."""
        if self._heard is None:
            rate, effects = self._mix.song.sample_rate_hz, [bus for bus in self._mix.buses if bus.kind == "effect"]
            points = ["mix", *(f"bus:{bus.id}" for bus in effects)]
            points += [
                f"insert:bus:{bus.id}:{i.id}" for bus in effects for i in bus.inserts if i.id in ("reverb", "duck")
            ]
            ears = {point: LoudnessListener(rate, 2) for point in points}
            self._start_s = self._busiest_s()
            first = round(self._start_s * rate)
            self._renderer.render(
                self._mix, listeners={point: [ear] for point, ear in ears.items()}, start_frame=first,
                end_frame=min(self._mix.song.frames, first + round(_EXCERPT_S * rate)), cancel=self._cancel,
            )  # fmt: skip
            self._heard = {point: ear.meter.energies_100ms() for point, ear in ears.items()}
        return self._heard

    def _busiest_s(self) -> float:
        """Return where most is sent for the length of the excerpt."""
        sending = [track.id for track in self._mix.tracks if track.used and track.strip.sends]
        steps = max(1, round(self._mix.song.duration_s * 10))
        total = np.zeros(steps)
        for name in sending:
            energies = self._facts[name].curves.energies_100ms[:steps]
            gain = 10 ** (
                (self._mix.track(name).strip.trim_db + self._mix.track(name).strip.fader_db.points[0].value) / 10
            )
            total[: len(energies)] += energies * gain
        window = min(steps, round(_EXCERPT_S * 10))
        sums = np.concatenate([[0.0], np.cumsum(total)])
        return float(np.argmax(sums[window:] - sums[:-window]) / 10) if steps > window else 0.0

"""What is wrong with a file that can be used all the same."""

from typing import Literal

from tonmeister.model import Model, Seconds


class Fault(Model):
    """A fault in a sound file: said to the person, not hidden."""

    kind: Literal["breaks-off", "unfinished", "not-finite", "damaged"]
    """Ends early; length never written; samples that are no numbers; parts that could not be decoded."""
    text: str
    """One sentence without the file's name."""
    count: int = 0
    """How many samples (`not-finite`) or packets (`damaged`) it touches."""
    at_s: Seconds | None = None
    """Where it happens (`breaks-off`: where the sound ends)."""


def breaks_off(*, frames: int, promised_frames: int, sample_rate_hz: int) -> Fault:
    """Return the fault of a file that holds less sound than it promises."""
    got_s, promised_s = frames / sample_rate_hz, promised_frames / sample_rate_hz
    text = f"It breaks off after {got_s:.2f} s of {promised_s:.2f} s; the sound up to there is used."
    return Fault(kind="breaks-off", text=text, at_s=got_s)


def unfinished(*, frames: int, sample_rate_hz: int) -> Fault:
    """Return the fault of a recording whose length was never written into its header."""
    text = f"Its recorder never wrote the length; all {frames / sample_rate_hz:.2f} s to the end of the file are used."
    return Fault(kind="unfinished", text=text)


def not_finite(count: int) -> Fault:
    """Return the fault of samples that are infinite or no number."""
    samples = "1 sample is" if count == 1 else f"{count} samples are"
    return Fault(kind="not-finite", text=f"{samples} infinite or no number; replaced by silence.", count=count)


def damaged(*, packets: int, silent_s: float) -> Fault:
    """Return the fault of packets that could not be decoded and became silence of the same length."""
    packets_are = "1 packet is" if packets == 1 else f"{packets} packets are"
    return Fault(kind="damaged", text=f"{packets_are} damaged; {silent_s:.2f} s are silence instead.", count=packets)

"""Another sample rate, by soxr's HQ filter; the result does not depend on how the sound was cut into blocks."""

from collections.abc import Iterable, Iterator

import numpy as np
import soxr

from tonmeister.audio import Audio, Samples

FEED_FRAMES = 65536
"""soxr is always fed blocks of this length, so its output cannot depend on ours."""


def resampled_frames(frames: int, *, from_hz: int, to_hz: int) -> int:
    """Return how many frames sound has at another rate: frames * to / from, rounded half up."""
    return (2 * frames * to_hz + from_hz) // (2 * from_hz)


def regroup(blocks: Iterable[Samples], block_frames: int) -> Iterator[Samples]:
    """Return the same sound in C-contiguous blocks of exactly that many frames (the last may be shorter)."""
    waiting: list[Samples] = []
    count = 0
    for block in blocks:
        waiting.append(block)
        count += block.shape[1]
        if count >= block_frames:
            joined = np.concatenate(waiting, axis=1)
            whole = count - count % block_frames
            for start in range(0, whole, block_frames):
                yield np.ascontiguousarray(joined[:, start : start + block_frames])
            waiting, count = [joined[:, whole:].copy()], count - whole
    if count:
        yield np.ascontiguousarray(np.concatenate(waiting, axis=1))


def resample_blocks(blocks: Iterable[Samples], *, channels: int, from_hz: int, to_hz: int) -> Iterator[Samples]:
    """Return the sound at another rate, in blocks of any length; exactly resampled_frames() in all, without delay."""
    if from_hz == to_hz:
        yield from blocks
        return
    stream = soxr.ResampleStream(from_hz, to_hz, channels, dtype="float32", quality="HQ")
    taken = given = 0
    for block in regroup(blocks, FEED_FRAMES):
        taken += block.shape[1]
        out = stream.resample_chunk(np.ascontiguousarray(block.T))
        given += out.shape[0]
        if out.shape[0]:
            yield np.ascontiguousarray(out.T)
    missing = max(0, resampled_frames(taken, from_hz=from_hz, to_hz=to_hz) - given)
    rest = stream.resample_chunk(np.zeros((0, channels), np.float32), last=True)
    last = np.zeros((channels, missing), np.float32)
    last[:, : rest.shape[0]] = rest[:missing].T  # soxr rounds the same way; were it one short, the end is silence
    yield last


def resample(audio: Audio, *, to_hz: int) -> Audio:
    """Return the audio at another rate; its length is rounded to the nearest frame."""
    if audio.sample_rate_hz == to_hz:
        return audio
    blocks = resample_blocks([audio.samples], channels=audio.channels, from_hz=audio.sample_rate_hz, to_hz=to_hz)
    return Audio(np.ascontiguousarray(np.concatenate(list(blocks), axis=1)), to_hz)

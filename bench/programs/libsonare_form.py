"""Print what libsonare hears of a file, as JSON: edges and names of its sections, beats and downbeats, in seconds."""

import json
import sys

import libsonare
import resampy
import soundfile

RATE_HZ = 22050


def main() -> int:
    """Analyse the one file that is named."""
    samples, rate = soundfile.read(sys.argv[1], dtype="float32", always_2d=True)
    mono = samples.mean(axis=1)
    mono = mono if rate == RATE_HZ else resampy.resample(mono, rate, RATE_HZ)
    sections = libsonare.analyze_sections(mono, RATE_HZ).sections
    beats = [float(beat) for beat in libsonare.detect_beats(mono, RATE_HZ)]
    downbeats = [float(beat) for beat in libsonare.detect_downbeats(mono, RATE_HZ)]
    edges = [float(section.start) for section in sections] + [float(section.end) for section in sections[-1:]]
    names = [str(section.type) for section in sections]
    print(json.dumps({"edges_s": edges, "labels": names, "beats_s": beats, "downbeats_s": downbeats}))
    return 0


if __name__ == "__main__":
    sys.exit(main())

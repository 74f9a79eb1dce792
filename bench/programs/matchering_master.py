"""Match a mix to a reference: `IN.wav OUT.wav REFERENCE`."""

import sys

import matchering


def main() -> int:
    """Run matchering's one call."""
    source, target, reference = sys.argv[1:4]
    matchering.process(target=source, reference=reference, results=[matchering.pcm24(target)])
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Print PESQ (wide band, ITU-T P.862.2) and STOI (Taal et al. 2011) as JSON: `CLEAN HEARD`."""

import json
import sys

import numpy as np
import soundfile
import soxr
from pesq import PesqError, pesq
from pystoi import stoi

RATE_HZ = 16000


def read(path: str) -> np.ndarray:
    """Return the first channel at 16 kHz."""
    samples, rate_hz = soundfile.read(path, dtype="float32", always_2d=True)
    return np.asarray(soxr.resample(samples[:, 0], rate_hz, RATE_HZ))


def main() -> int:
    """Score one file against another."""
    clean, heard = read(sys.argv[1]), read(sys.argv[2])
    score = pesq(RATE_HZ, clean, heard, "wb", on_error=PesqError.RETURN_VALUES)
    print(json.dumps({"pesq": score if score > 0 else None, "stoi": float(stoi(clean, heard, RATE_HZ))}))
    return 0


if __name__ == "__main__":
    sys.exit(main())

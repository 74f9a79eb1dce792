"""Print the CPU seconds of one fader edit in a warm process, `mix.wav` alone: `OUT`."""

import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from bench.edits import edit_one_fader
from tonmeister.engineer import render


def main() -> int:
    """Render once to be warm, edit, render again and time that."""
    out = Path(sys.argv[1])
    edit_one_fader(out, by_db=-0.5)
    render(out, with_master=False)
    edit_one_fader(out, by_db=1.0)
    started = time.process_time()
    render(out, with_master=False)
    print(json.dumps({"cpu_s": time.process_time() - started}))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Run one command and write what it cost: `python -I measure.py RESULT.json COMMAND…`.

A bare interpreter of its own does the spawning, because a child's peak memory starts at that of its parent.
"""

import json
import os
import sys
import time


def main() -> int:
    """Spawn, wait, write {"wall_s", "cpu_s", "peak_mib", "code"}."""
    result, command = sys.argv[1], sys.argv[2:]
    started = time.perf_counter()
    child = os.posix_spawnp(command[0], command, os.environ)
    _, status, used = os.wait4(child, 0)
    cost = {
        "wall_s": time.perf_counter() - started,
        "cpu_s": used.ru_utime + used.ru_stime,
        "peak_mib": used.ru_maxrss / 1024,
        "code": os.waitstatus_to_exitcode(status),
    }
    with open(result, "w") as file:  # noqa: PTH123 - pathlib would cost this bare interpreter memory
        json.dump(cost, file)
    return 0


if __name__ == "__main__":
    sys.exit(main())

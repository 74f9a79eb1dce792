"""What we are compared with: one system a file.

Each module has `NAME`, `version()` (None where it is absent) and some of: `gains_db(song, stems)` (a balance),
`mix(song, stems, wav)` (a mix), `master(source, target, *, lufs, ceiling_dbtp)` (a master).
"""

from bench.baselines import equal, ffmpeg, libsonare, matchering, pedalboard, pyloudnorm, roles, sum  # noqa: A004 - the baseline's name

BALANCERS = (equal, roles, libsonare)
"""Systems that answer with a gain for each stem."""
MIXERS = (sum, equal, roles, libsonare)
"""Systems that answer with a mix."""
MASTERS = (ffmpeg, libsonare, matchering, pedalboard, pyloudnorm)
"""Systems that answer with a master."""

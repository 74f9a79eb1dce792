"""What we are compared with: one system a file.

Each module has `NAME`, `version()` (None where it is absent) and some of: `gains_db(song, stems)` (a balance),
`mix(song, stems, wav)` (a mix), `master(source, target, *, lufs, ceiling_dbtp)` (a master).
`registry.py` lists them; nothing is imported here, so that `speed` stays small.
"""

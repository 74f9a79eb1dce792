"""How sound and speed are judged: benchmarks that anybody can run, against baselines that anybody can install.

Run as `python -m bench NAME… --data FOLDER --out FOLDER --json`.  Each benchmark is one file with `QUESTION`,
`run(job)` (an iterator of cases) and `summarise(cases)`; `__main__.py` lists them.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # on a busy machine its threads cost thirty times what they save

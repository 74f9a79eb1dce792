"""The doors: parse, call, show; no thinking."""

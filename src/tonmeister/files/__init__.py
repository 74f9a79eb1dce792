"""Sound on disk: probe, read, stream, write, encode; intake, cache and atomic writes."""

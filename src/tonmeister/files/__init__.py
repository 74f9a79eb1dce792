"""Sound on disk: probe, read, stream, write, encode; the cache; atomic writes."""

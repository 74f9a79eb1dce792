"""Document and sound in, sound out: graph, blocks, strip cache."""

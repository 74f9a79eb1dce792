"""Words, questions and pictures become moves and answers; works without any language model."""

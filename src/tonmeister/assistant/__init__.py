"""Words, questions and pictures become moves and answers."""

"""What we think: facts in, moves out; one task a file."""

"""What we hear: sound becomes facts, one measurement a file."""

"""What we can do: audio and settings in, audio out; one processor a file."""

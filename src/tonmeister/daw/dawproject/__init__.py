"""Mixes as DAWproject 1.0, and DAWproject files as mixes."""

"""Mixes put into Ableton Live sets, and Live sets as mixes."""

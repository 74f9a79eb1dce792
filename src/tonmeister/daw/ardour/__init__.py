"""Mixes as sessions of Ardour 7 and later, and those sessions as mixes."""

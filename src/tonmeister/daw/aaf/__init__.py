"""Mixes as AAF compositions."""

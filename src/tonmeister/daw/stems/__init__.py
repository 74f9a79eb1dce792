"""Processed stems and recipes, for every DAW that takes no session of ours."""

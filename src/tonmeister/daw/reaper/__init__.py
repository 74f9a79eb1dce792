"""Mixes as REAPER projects, and REAPER projects as mixes."""

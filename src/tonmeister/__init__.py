"""Tonmeister: an open, local mixing engineer."""

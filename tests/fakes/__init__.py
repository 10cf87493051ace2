"""Fakes that behave, one for each seam."""

"""Learns workflows from end-to-end tests: reads their text, and never runs it."""

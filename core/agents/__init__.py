"""Agents: look, decide, check, act, verify, one step at a time."""

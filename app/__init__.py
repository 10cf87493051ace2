"""Wires and serves: the only package that sees everything."""

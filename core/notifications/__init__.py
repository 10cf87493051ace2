"""Tells people and their programs what becomes of operations: by e-mail, and by webhook."""

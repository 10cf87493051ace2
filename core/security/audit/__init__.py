"""A chain of what was done that nobody can rewrite unseen, and what proves it."""

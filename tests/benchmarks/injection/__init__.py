"""Injection: a model that obeys the attacker's page, and what of that reaches the world."""

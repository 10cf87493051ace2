"""Autopilot as the tests of its pages run it: what they do not show costs next to nothing. Run as `autopilot` is."""

from argon2 import PasswordHasher

from app.cli import main
from core.security.people import passwords


def spare() -> None:
    """Passwords are hashed by next to nothing."""
    passwords.HASHER = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


if __name__ == "__main__":
    spare()
    main()

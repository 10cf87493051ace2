"""Passwords: how good one has to be, and how it is kept."""

import asyncio
from collections.abc import Callable, Iterable
from functools import partial
from typing import ClassVar, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from core.errors import BadInput

T = TypeVar("T")

SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 128  # characters; OWASP ASVS 6.2
LOOKED_AT = 72  # characters; what more there is makes no password weaker, and the library's work grows with the square
FAIR = 3  # of zxcvbn's 0 to 4: more than 10^8 guesses
HASHES_AT_ONCE = 2  # each takes 64 MiB
HASHER = PasswordHasher()  # Argon2id with the second choice of RFC 9106: three passes over 64 MiB


class WeakPassword(BadInput):
    """This password can't be used."""

    code: ClassVar[str] = "weak_password"


class Passwords:
    """Hashes and compares, a few at a time, beside the event loop."""

    def __init__(self) -> None:
        self._hashing = asyncio.Semaphore(HASHES_AT_ONCE)
        self._nobody = HASHER.hash("nobody signs in with this")

    async def hashed(self, password: str, about: Iterable[str] = ()) -> str:
        """How a new password is kept. Raises WeakPassword; `about` is what others know of its person."""
        check(password, tuple(about))
        return await self._in_thread(partial(HASHER.hash, password))

    async def fits(self, known: str | None, password: str) -> bool:
        """Whether it is the one. Where there is none to be known, the work is the same, and the answer no."""
        fits = await self._in_thread(partial(_fits, known or self._nobody, password))
        return fits and known is not None

    async def anew(self, known: str, password: str) -> str | None:
        """The same password hashed by today's parameters, if it was by others."""
        if not HASHER.check_needs_rehash(known):
            return None
        return await self._in_thread(partial(HASHER.hash, password))

    async def _in_thread(self, work: Callable[[], T]) -> T:
        async with self._hashing:
            return await asyncio.to_thread(work)


def check(password: str, about: tuple[str, ...] = ()) -> None:
    """Return if it is long enough and hard to guess. Raises WeakPassword.

    How hard it is, zxcvbn says, which knows 30,000 common passwords, names and words, and how people change them.
    """
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise WeakPassword(because=f"It needs {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters.")
    from zxcvbn import zxcvbn  # noqa: PLC0415  its lists take a while to read, which no start is worth

    if zxcvbn(password[:LOOKED_AT], user_inputs=[*about, "omniops", "autopilot"])["score"] < FAIR:
        raise WeakPassword(because="It is easy to guess. Four words that do not belong together are not.")


def _fits(known: str, password: str) -> bool:
    try:
        return HASHER.verify(known, password[:LONGEST_PASSWORD])
    except (VerificationError, InvalidHashError):
        return False

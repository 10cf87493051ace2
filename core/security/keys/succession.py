"""That one signing key follows another: said by both, so that whoever knows one of them finds the other.

    origin ⏎ the key before ⏎ the key after ⏎ when, UTC ⏎          keys as base64; signed with Ed25519, by both

By the signature of the key before, who has known it goes on to the new one; by that of the key after, what the old one
has signed is still ours. A line that lacks one of them vouches for nothing.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from core.security.keys.signing import PublicKey, SigningKey, by_id

ORIGIN = "omniops-autopilot/signing-key/v1"


@dataclass(frozen=True)
class Succession:
    """One change of the key, with both signatures."""

    before: PublicKey
    after: PublicKey
    at: str
    by_before: str
    by_after: str

    @classmethod
    def signed(cls, before: SigningKey, after: SigningKey, at: datetime) -> Self:
        """Say it with both keys."""
        moment = at.astimezone(UTC).isoformat(timespec="microseconds")
        text = _text(before.public, after.public, moment)
        return cls(before.public, after.public, moment, before.sign(text), after.sign(text))

    @classmethod
    def in_line(cls, line: bytes | str) -> Self | None:
        """The succession in a line; None if it holds none, or one that not both have signed."""
        try:
            told = json.loads(line)
            origin, before, after, at, _end = told["text"].split("\n")
            old, new = (PublicKey(b64decode(one, validate=True)) for one in (before, after))
            found = cls(old, new, at, str(told["before"]), str(told["after"]))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None
        return found if origin == ORIGIN and found.text == told["text"] and found.is_signed else None

    @property
    def text(self) -> str:
        """What is signed."""
        return _text(self.before, self.after, self.at)

    @property
    def is_signed(self) -> bool:
        """Whether both keys have signed it."""
        both = ((self.before, self.by_before), (self.after, self.by_after))
        return all(key.has_signed(self.text, signature) for key, signature in both)

    @property
    def line(self) -> str:
        """As a line of a file."""
        return json.dumps({"text": self.text, "before": self.by_before, "after": self.by_after})


def with_those_before(key: PublicKey, successions: Iterable[Succession]) -> dict[str, PublicKey]:
    """This key, and those before it that it vouches for, by their ids."""
    return _followed({key.id: key}, [(one.after, one.before) for one in successions])


def with_those_around(keys: Mapping[str, PublicKey], successions: Iterable[Succession]) -> dict[str, PublicKey]:
    """These keys, those before them and those after them: for who knew one, and asks about all that was signed."""
    every = tuple(successions)
    steps = [(one.after, one.before) for one in every] + [(one.before, one.after) for one in every]
    return _followed(keys, steps)


def _followed(keys: Mapping[str, PublicKey], steps: list[tuple[PublicKey, PublicKey]]) -> dict[str, PublicKey]:
    found = dict(keys)
    while new := by_id(to for of, to in steps if of.id in found and to.id not in found):
        found |= new
    return found


def _text(before: PublicKey, after: PublicKey, at: str) -> str:
    keys = "\n".join(b64encode(key.raw).decode() for key in (before, after))
    return f"{ORIGIN}\n{keys}\n{at}\n"

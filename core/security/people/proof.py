"""What shows, at this moment, that it is they and not an open browser: their password, once more."""

from dataclasses import dataclass
from typing import Protocol

from core.security.people.visitor import Visitor
from core.security.secret import Secret


@dataclass(frozen=True)
class Proof:
    """A password that was just typed, and where they are."""

    password: Secret
    address: str = ""


NONE_GIVEN = Proof(Secret(""))


class ChecksPasswords(Protocol):
    """Who says whether a password is somebody's; tries are counted."""

    async def check_password(self, email: str, password: str, address: str = "") -> Visitor:
        """Who this is. Raises WrongSignIn or TooManyTries."""
        ...


async def check_proof(people: ChecksPasswords, visitor: Visitor, proof: Proof) -> None:
    """Return if it is they: whoever came in a browser shows it. Raises WrongSignIn or TooManyTries.

    Who makes something here that outlasts their session could otherwise be whoever passes an open browser.
    """
    if visitor.session_id is not None:
        await people.check_password(visitor.email, proof.password.reveal(), proof.address)

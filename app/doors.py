"""Everything that letting people in needs, wired: accounts, sessions, tokens and second factors."""

from dataclasses import dataclass
from typing import Self

from core.clock import Clock
from core.database.session import Database
from core.security.people.accounts import Accounts
from core.security.people.first_admin import FirstAdmin
from core.security.people.members import Members
from core.security.people.people import People
from core.security.people.refusals import Refusals
from core.security.people.second_factor import SecondFactors
from core.security.people.seeds import VaultSeeds
from core.security.people.sessions import Sessions
from core.security.people.staff_access import StaffAccess
from core.security.people.tokens import Tokens
from core.security.vault.vault import Vault


@dataclass(frozen=True)
class Doors:
    """The use cases of people, under the names that `Services` has for them."""

    people: People
    members: Members
    first_admin: FirstAdmin
    second_factors: SecondFactors
    sessions: Sessions
    tokens: Tokens
    refusals: Refusals
    staff_access: StaffAccess

    @classmethod
    def wired(cls, database: Database, clock: Clock, vault: Vault, *, is_demo: bool) -> Self:
        """By one rule of who may come in."""
        accounts = Accounts(is_demo)
        sessions = Sessions(database, clock, accounts)
        people = People(database, clock, accounts, sessions)
        return cls(
            people=people,
            members=Members(database, clock, people, sessions),
            first_admin=FirstAdmin(database, clock, people),
            second_factors=SecondFactors(database, clock, VaultSeeds(vault), people, accounts),
            sessions=sessions,
            tokens=Tokens(database, clock, people, accounts),
            refusals=Refusals(database, clock),
            staff_access=StaffAccess(database, clock),
        )

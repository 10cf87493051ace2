"""How often a sign-in may be tried: counted in the database, so that it holds over processes and restarts."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network
from typing import ClassVar

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, func, select

from core.database.session import CustomerSession, Database
from core.database.tables import SignInTries
from core.errors import Refused

FREE_TRIES = 5  # of an account, in a row, before the next one has to wait
FREE_TRIES_OF_NETWORK = 20  # an office or a family signs in from one
LONGEST_WAIT = timedelta(seconds=60)
MOST_IN_A_ROW = 100  # wrong passwords of an account; NIST SP 800-63B, 5.2.2
ACCOUNT_QUIET, NETWORK_QUIET = timedelta(days=1), timedelta(minutes=15)  # after which tries are free again
MOST_MADE_UP = 10_000  # rows of what nobody has; the one tried longest ago makes room
IPV4_PREFIX, IPV6_PREFIX = 24, 56  # bits; what one provider's customer is usually given, and their neighbours
PASSWORD, CODE = "password", "code"
KINDS = (PASSWORD, CODE)  # what is tried for an account
AT_ONCE = 5  # beginners of the same row that can get into each other's way


class TooManyTries(Refused):
    """There were too many tries."""

    code: ClassVar[str] = "too_many_tries"


@dataclass(frozen=True)
class Tried:
    """What is counted: its row, whose count it is, and how many are free until it was quiet for how long."""

    sha256: str
    is_account: bool
    free: int
    quiet: timedelta

    @classmethod
    def account(cls, address: str, *, known: bool, kind: str = PASSWORD) -> "Tried":
        """An account by its e-mail address. What nobody has is counted likewise, else answers would tell them apart."""
        return cls(_digest(f"{kind}:{address}"), known, FREE_TRIES, ACCOUNT_QUIET)

    @classmethod
    def network(cls, address: str) -> "Tried":
        """Where it came from: whoever has one address there has its neighbours, too."""
        return cls(_digest(f"network:{network_of(address)}"), False, FREE_TRIES_OF_NETWORK, NETWORK_QUIET)


def tries_of(account: Tried, address: str) -> tuple[Tried, ...]:
    """What a try is counted at: its account, and its network, if it came over one."""
    return (account, Tried.network(address)) if address else (account,)


class Throttle:
    """Counts a try before it is made, so that many at once are as slow as one after another."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take_one(self, tried: tuple[Tried, ...], now: datetime) -> int:
        """Count a try that is about to be made; how many of the first it is, in a row.

        Five are free; then each waits twice as long as the one before, at most a minute: nobody is locked out.
        Raises TooManyTries, and then it may not be made.
        """
        return await self._transact(partial(_take_one, tried, now))

    async def give_back(self, tried: tuple[Tried, ...], now: datetime) -> None:
        """It was right: the account begins anew; of the network's count this one is taken off again, and no more."""
        await self._transact(partial(_give_back, tried))

    async def _transact(self, use_case: Callable[[CustomerSession], int]) -> int:
        """Two that begin the same row at once can't both: the other then finds it there."""
        for _ in range(AT_ONCE - 1):
            try:
                return await self._run(use_case)
            except IntegrityError:
                continue
        return await self._run(use_case)

    async def _run(self, use_case: Callable[[CustomerSession], int]) -> int:
        return await self._database.run_across_customers(use_case, because="tries to sign in are counted")


def network_of(address: str) -> str:
    """The network of an address, as a prefix; for what is no address, itself."""
    try:
        found = ip_address(address)
    except ValueError:
        return address[:100]
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    return str(ip_network(f"{found}/{IPV4_PREFIX if found.version == 4 else IPV6_PREFIX}", strict=False))


def begin_anew(session: CustomerSession, tried: Tried) -> None:
    """Forget the tries of an account, as part of the caller's transaction."""
    if row := session.get(SignInTries, tried.sha256, with_for_update=True):
        row.counted, row.recent, row.next_at = 0, 0, None
        session.add(row)


def forget_accounts(session: CustomerSession, addresses: Iterable[str]) -> None:
    """Keep nothing of the tries to sign in as these: they are nobody's any more. Part of the caller's transaction."""
    kept = [Tried.account(one, known=True, kind=kind).sha256 for one in addresses for kind in KINDS]
    for row in session.exec(select(SignInTries).where(col(SignInTries.tried_sha256).in_(kept)).with_for_update()):
        session.delete(row)


def _take_one(tried: tuple[Tried, ...], now: datetime, session: CustomerSession) -> int:
    rows = [_row(session, one, now) for one in tried]
    if waits := [row.next_at for row in rows if row.next_at and now < row.next_at]:
        wait = round((max(waits) - now).total_seconds()) or 1
        raise TooManyTries(because=f"Try again in {wait} s.")
    for one, row in zip(tried, rows, strict=True):
        row.recent = row.recent + 1 if now < row.last_at + one.quiet else 1
        row.counted, row.last_at = row.counted + 1, now
        over = row.recent - one.free
        row.next_at = now + min(LONGEST_WAIT, timedelta(seconds=2 ** min(over, 6))) if over >= 0 else None
        session.add(row)
    return rows[0].counted


def _give_back(tried: tuple[Tried, ...], session: CustomerSession) -> int:
    for one in tried:
        if one.is_account:
            begin_anew(session, one)
        elif row := session.get(SignInTries, one.sha256, with_for_update=True):
            row.counted, row.recent = max(0, row.counted - 1), max(0, row.recent - 1)
            row.next_at = row.next_at if row.recent >= one.free else None
            session.add(row)
    return 0


def _row(session: CustomerSession, tried: Tried, now: datetime) -> SignInTries:
    row = session.get(SignInTries, tried.sha256, with_for_update=True)
    if row is None:
        _make_room(session, now)
        row = SignInTries(tried_sha256=tried.sha256, last_at=now, is_account=tried.is_account)
        session.add(row)
        session.flush()
    return row


def _make_room(session: CustomerSession, now: datetime) -> None:
    """Forget what is not an account's and was quiet for long, or is one too many."""
    made_up = select(SignInTries).where(~col(SignInTries.is_account)).order_by(col(SignInTries.last_at))
    for old in session.exec(made_up.where(col(SignInTries.last_at) <= now - ACCOUNT_QUIET).limit(100)):
        session.delete(old)
    session.flush()
    counting = select(func.count()).select_from(SignInTries).where(~col(SignInTries.is_account))
    too_many = session.exec(counting).one() + 1 - MOST_MADE_UP
    if too_many > 0:
        for oldest in session.exec(made_up.limit(too_many)):
            session.delete(oldest)
        session.flush()


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

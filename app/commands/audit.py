"""`autopilot audit`: verify the chains, export one, print the key that signs, and delete what is past its time."""

import asyncio
import json
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Annotated, ClassVar
from uuid import UUID

import typer
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, or_, select

from app.bootstrap import build
from app.commands.shown import errors_shown
from app.commands.whole_file import whole_file
from app.picture_store import picture_store
from app.settings import Settings
from core.browser.screenshots import ScreenshotStore
from core.clock import SystemClock
from core.database.failures import FAILURES, told
from core.database.session import CustomerSession, Database
from core.database.tables import Customer
from core.errors import CoreError, NotFound
from core.operations.picture_check import check_pictures
from core.operations.retention import PastRetention
from core.security.audit import audit_log
from core.security.audit.checkpoint_file import CheckpointFile, Outside
from core.security.audit.checkpoints import Checkpoints
from core.security.audit.streams import every_stream
from core.security.audit.verification import Evidence, Verification
from core.security.keys.signing import public_keys
from core.security.keys.signing_file import SigningKeyFile
from core.security.keys.succession import with_those_around

BROKEN, CANNOT_CHECK = 1, 2  # exit codes
RESULTS = {0: "intact", BROKEN: "broken", CANNOT_CHECK: "cannot_check"}
NOBODY = "(no customer)"  # whose chain is known by what is left of it alone

commands = typer.Typer(no_args_is_help=True, help="The audit trail: verify it, export it, and who signs it.")


class CannotCheck(CoreError):
    """This can't be checked."""

    code: ClassVar[str] = "cannot_check"


@dataclass(frozen=True)
class Asked:
    """What the command line asks to be verified, and against what."""

    customer: str | None = None
    checkpoints: Path | None = None
    public_key: Path | None = None
    pictures: bool = False


@dataclass(frozen=True)
class Verified:
    """A chain, whose it is, and what verification says of it; nothing, if it can't be checked, and why."""

    customer: str
    stream: UUID
    found: Verification | None
    because: str = ""

    @property
    def intact(self) -> bool:
        """Whether it was checked, and is whole."""
        return self.found is not None and self.found.intact


@commands.command("verify")
def verify(
    customer: Annotated[str | None, typer.Option(help="A name or an id; without it, every customer's chain.")] = None,
    checkpoints: Annotated[
        Path | None, typer.Option(help="A copy of the checkpoints outside; else the usual file.")
    ] = None,
    public_key: Annotated[
        Path | None, typer.Option(help="PEM file of the keys that may have signed; else our own.")
    ] = None,
    pictures: Annotated[bool, typer.Option("--pictures", help="Hash every picture again, too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Recompute every chain and hold it against what was signed. Exit code 0: whole; 1: broken; 2: it can't be checked."""
    try:
        chains = asyncio.run(_verify(Settings.read(), Asked(customer, checkpoints, public_key, pictures)))
    except (CoreError, SQLAlchemyError) as error:
        because = (
            error.sentence if isinstance(error, CoreError) else f"The database can't be read ({type(error).__name__})."
        )
        if as_json:
            typer.echo(json.dumps({"result": "cannot_check", "because": because}))
        typer.secho(because, fg=typer.colors.RED, err=True)
        raise typer.Exit(CANNOT_CHECK) from error
    intact, code = all(one.intact for one in chains), _code(chains)
    if as_json:
        typer.echo(json.dumps({"result": RESULTS[code], "chains": [_as_json(one) for one in chains]}, indent=2))
    else:
        for one in chains:
            typer.secho(_in_words(one), fg=None if one.intact else typer.colors.RED)
        typer.echo(
            f"{len(chains)} chain{'' if len(chains) == 1 else 's'}, {'all whole' if intact else 'NOT all whole'}."
        )
    raise typer.Exit(code)


def _code(chains: list[Verified]) -> int:
    """One that is broken is told before one that can't be checked."""
    if any(one.found and not one.found.intact for one in chains):
        return BROKEN
    return CANNOT_CHECK if any(one.found is None for one in chains) else 0


@commands.command("export")
def export(
    customer: Annotated[str, typer.Option(help="A name or an id.")],
    output: Annotated[Path, typer.Option(help="The zip that is written.")],
) -> None:
    """Write a customer's whole chain as a zip, with a program that verifies it without us."""
    with errors_shown():
        asyncio.run(_export(Settings.read(), customer, output))
    typer.echo(f"{output} holds the chain; unpack it and run: python verify_export.py")


@commands.command("public-key")
def public_key() -> None:
    """Print the public half of the key that signs, and of those before it: give them to whoever is to verify."""
    with errors_shown():
        keys = SigningKeyFile(Settings.read().signing_key_path).known()
    typer.echo("".join(key.pem() for key in keys.values()), nl=False)
    typer.echo(f"id {next(iter(keys))}", err=True)


@commands.command("rotate-key")
def rotate_key() -> None:
    """Sign with a new key from now on. What the one before it has signed still verifies; its secret half is gone."""
    with errors_shown():
        settings = Settings.read()
        keys = SigningKeyFile(settings.signing_key_path)
        if not keys.is_there:
            raise CannotCheck(because=f"There is no signing key at {keys.path}; it is made at the first start.")
        done = keys.rotate(SystemClock().now())
        CheckpointFile(settings.checkpoints_path).note(keys.successions())
    typer.echo(f"{done.after.id} signs from now on, in place of {done.before.id}; both have signed that.")
    typer.echo("Back it up: autopilot vault export-key FILE. Give it to whoever verifies: autopilot audit public-key")


@commands.command("retention")
def retention(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be deleted, and delete nothing.")] = False,
) -> None:
    """Delete pictures older than 30 days and details older than a year, as the service does by itself every hour."""
    with errors_shown():
        found = asyncio.run(_retention(Settings.read(), dry_run=dry_run))
    for one in found:
        typer.echo(f"customer {one.customer_id}: {one.pictures} pictures, {one.details} details")
    if not found:
        typer.echo("Nothing is past its time.")
    elif dry_run:
        typer.echo("Nothing was deleted: this was a dry run.")


async def _retention(settings: Settings, *, dry_run: bool) -> tuple[PastRetention, ...]:
    autopilot = build(settings)
    await autopilot.open()
    return await (autopilot.retention.due() if dry_run else autopilot.retention.purge())


async def _verify(settings: Settings, asked: Asked) -> list[Verified]:
    """Verify, changing nothing. Raises CannotCheck, and what else keeps it from being checked."""
    database = _existing(settings)
    try:
        evidence = await _evidence(settings, asked, database)
        streams = await _streams_named(database, asked.customer, evidence.outside)
        store = picture_store(settings) if asked.pictures else None
        return [Verified(name, one, *await _found(database, one, evidence, store)) for one, name in streams]
    finally:
        database.close()


async def _found(
    database: Database, stream: UUID, evidence: Evidence, store: ScreenshotStore | None
) -> tuple[Verification | None, str]:
    """What verification says of a chain and, given their store, of its pictures; or why it can't be checked."""
    try:
        found = await database.read(stream, partial(audit_log.verify, customer_id=stream, evidence=evidence))
        if store and found.intact and (fault := await check_pictures(database, store, stream)):
            found = replace(found, intact=False, first_broken=fault.seq, because=fault.because)
    except FAILURES as error:
        return None, told(error)
    return found, found.because


async def _streams_named(database: Database, name: str | None, outside: Outside) -> list[tuple[UUID, str]]:
    """The customers of that name or id, or all; and whoever was one by what is left of them. Raises NotFound."""
    known = await customers_named(database, None)
    left = sorted({*await every_stream(database, outside)} - {one for one, _ in known})
    if name is None:
        return [*known, *((one, NOBODY) for one in left)]
    wanted = _id(name)
    return [(wanted, NOBODY)] if wanted in left else await customers_named(database, name)


def _existing(settings: Settings) -> Database:
    """The database, if there is one; to look for it does not make it."""
    database = Database(settings.database)
    file = database.url.database
    if database.is_sqlite and not (file and Path(file).is_file()):
        raise CannotCheck(because=f"There is no database at {file}.")
    return database


async def _evidence(settings: Settings, asked: Asked, database: Database) -> Evidence:
    keys = SigningKeyFile(settings.signing_key_path)
    outside = CheckpointFile(asked.checkpoints or settings.checkpoints_path)
    if asked.public_key is None and not keys.is_there:
        raise CannotCheck(because=f"There is no signing key at {settings.signing_key_path}; give --public-key.")
    if asked.checkpoints is not None:
        copy, brought = outside.read(), dict[str, int]()
    else:
        copy, brought = await Checkpoints(database, keys, outside, SystemClock()).copy_outside()
    if asked.public_key is None:
        return Evidence(keys.known(), copy, brought)
    return Evidence(with_those_around(public_keys(_read(asked.public_key)), copy.successions), copy, brought)


def _read(file: Path) -> str:
    try:
        return file.read_text("ascii")
    except (OSError, UnicodeError) as error:
        raise CannotCheck(because=f"{file} can't be read: {error}.") from error


async def customers_named(database: Database, name: str | None) -> list[tuple[UUID, str]]:
    """The customers of that name or id, or all. Raises NotFound."""
    every = select(Customer.id, Customer.name).order_by(Customer.name)

    def find(session: CustomerSession) -> list[tuple[UUID, str]]:
        if name is None:
            return [(one, called) for one, called in session.exec(every)]
        wanted = or_(col(Customer.name) == name, col(Customer.id) == _id(name))
        return [(one, called) for one, called in session.exec(every.where(wanted))]

    found = await database.run_across_customers(find, because="the command line names a customer")
    if name is not None and not found:
        raise NotFound(because=f"No customer is called “{name}”.")
    return found


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


async def _export(settings: Settings, customer: str, output: Path) -> None:
    autopilot = build(settings)
    await autopilot.open()
    found = await customers_named(autopilot.services.database, customer)
    if len(found) > 1:
        raise CannotCheck(because=f"{len(found)} customers are called “{customer}”; give the id of one.")
    with whole_file(output) as file:
        await autopilot.services.trail.export_of(found[0][0], "system", file)


def _in_words(one: Verified) -> str:
    if (found := one.found) is None:
        return f"{one.customer} (stream {one.stream}): CAN'T BE CHECKED: {one.because}"
    signed = found.checkpoint
    anchored = (
        f"{signed.name}, over entry {signed.seq}, signed {signed.moment:%Y-%m-%d %H:%M:%S} UTC" if signed else "none"
    )
    state = "whole" if found.intact else f"BROKEN at entry {found.first_broken or '-'}: {found.because}"
    lines = (
        f"{one.customer} (stream {one.stream}): {state}",
        f"  entries {found.events} · last checkpoint: {anchored} · not signed for yet: {found.unanchored}",
    )
    return "\n".join(lines)


def _as_json(one: Verified) -> dict[str, object]:
    whose: dict[str, object] = {"customer": one.customer, "stream": str(one.stream)}
    if (found := one.found) is None:
        return whose | {"intact": None, "because": one.because}
    signed = found.checkpoint
    return whose | {
        "intact": found.intact,
        "events": found.events,
        "firstBroken": found.first_broken,
        "because": found.because or None,
        "checkpoint": {"number": signed.number, "seq": signed.seq, "at": signed.at, "sha256": signed.sha256}
        if signed
        else None,
        "unanchored": found.unanchored,
    }

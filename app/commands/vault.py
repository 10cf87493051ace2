"""`autopilot vault`: is everything there and openable, back up the keys, and change them while everything goes on."""

import asyncio
import getpass
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from sqlalchemy.exc import SQLAlchemyError

from app.commands.rotate import rotate, rotate_customer, show_keys
from app.commands.shown import errors_shown
from app.master_keys import master_keys
from app.opened_vault import opened_vault
from app.settings import Settings
from core.clock import SystemClock
from core.database.states import MasterState
from core.errors import BadInput, CoreError
from core.security.keys.key_export import LARGEST_FILE, SigningBackup, exported, imported
from core.security.keys.key_providers import BadKey, KeyFile, create_private, key_id
from core.security.keys.signing_file import SigningKeyFile
from core.security.secret import Secret
from core.security.vault.rotation import MasterRotation
from core.security.vault.vault_check import VaultCheck, VaultReport

CANNOT_CHECK = 2  # exit code
BACKED_UP = (MasterState.COMING, MasterState.PRIMARY, MasterState.OLD)
PassphraseFromStdin = Annotated[
    bool, typer.Option("--passphrase-stdin", help="Read the passphrase from standard input.")
]

commands = typer.Typer(no_args_is_help=True, help="The vault: check it, back up its keys, change them.")
commands.add_typer(rotate, name="rotate")
commands.command("rotate-customer")(rotate_customer)


class FileThere(BadInput):
    """There is a file of that name."""


@commands.command("check")
def check(as_json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False) -> None:
    """Open every secret of every customer: 0 all is well, 1 something is not, 2 it can't be told."""
    try:
        report = asyncio.run(_check())
    except CoreError as error:
        _cannot_check(error.sentence, as_json=as_json)
    except SQLAlchemyError as error:
        _cannot_check(f"The database can't be read ({type(error).__name__}).", as_json=as_json)
    if as_json:
        typer.echo(json.dumps(asdict(report) | {"ok": report.is_well}, default=str))
    else:
        _tell(report)
    raise typer.Exit(0 if report.is_well else 1)


@commands.command("status")
def status() -> None:
    """The master keys that this database knows, and where their life stands."""
    show_keys()


@commands.command("export-key")
def export_key(file: Path, passphrase_stdin: PassphraseFromStdin = False) -> None:
    """Write the master keys and the one that signs to a new file, sealed with a passphrase. Keep it apart from back-ups."""
    with errors_shown():
        if file.exists() or file.is_symlink():
            raise FileThere(because=f"{file} is left as it is; choose another name.")
        text = asyncio.run(_export(_passphrase(from_stdin=passphrase_stdin, twice=True)))
        _create(file, text.encode())
    typer.echo(f"{file} holds the keys, sealed with the passphrase. Keep it, the passphrase and the database apart.")


@commands.command("import-key")
def import_key(file: Path, passphrase_stdin: PassphraseFromStdin = False) -> None:
    """Put the keys of an exported file where this installation looks for them; none is overwritten."""
    with errors_shown():
        settings = Settings.read()
        content = _read(file)
        backup = imported(content, _passphrase(from_stdin=passphrase_stdin, twice=False))
        keys, path = backup.keys, settings.key_path
        if path.exists() or path.is_symlink():
            raise FileThere(because=f"{path} is left as it is; move it away first, if it is the wrong key.")
        if backup.signing:  # first: where another one signs, nothing is put down
            SigningKeyFile(settings.signing_key_path).restore(backup.signing.seed, backup.signing.former)
        for key in keys[1:]:
            KeyFile(path).put_aside(key)
        _create(path, keys[0])
    typer.echo(
        f"{path} holds the master key {key_id(keys[0])}" + (f", {len(keys) - 1} more beside it." if keys[1:] else ".")
    )
    if backup.signing:
        typer.echo(f"{settings.signing_key_path} holds the key that signs, {backup.signing.id}")
    typer.echo("Now look whether it opens everything: autopilot vault check")
    if settings.encryption_key:
        typer.echo("ENCRYPTION_KEY is set: it is used in place of the file.")


async def _check() -> VaultReport:
    async with opened_vault(Settings.read()) as (database, vault):
        return await VaultCheck(database, vault).run()


async def _export(passphrase: Secret) -> str:
    settings = Settings.read()
    async with opened_vault(settings) as (database, vault):
        views = await MasterRotation(database, vault, SystemClock()).status()
    known = master_keys(settings).known()
    in_use = {one.key_id: known[one.key_id] for one in views if one.state in BACKED_UP and one.key_id in known}
    primary = next(one.key_id for one in views if one.state is MasterState.PRIMARY)
    signs, signing = SigningKeyFile(settings.signing_key_path), None
    if signs.is_there:
        signing = SigningBackup(signs.signing_key().seed(), tuple(one.line for one in signs.successions()))
    return exported(in_use, primary, passphrase, signing=signing)


def _tell(report: VaultReport) -> None:
    for one in report.faults:
        typer.secho(
            f"✗ {one.service} at {one.shop or 'this database'}, {one.field}: {one.because}. (customer {one.customer_id})",
            fg="red",
        )
    typer.echo(
        f"{report.opened} secrets and {report.data_keys} data keys of {report.customers} customers opened, "
        f"with {report.master_keys} master keys; {len(report.faults)} faults."
    )
    if report.unproven:
        typer.echo(
            f"Of {report.unproven} the audit chain does not say what was stored last: they were stored before it did."
        )


def _cannot_check(sentence: str, *, as_json: bool) -> NoReturn:
    if as_json:
        typer.echo(json.dumps({"ok": None, "error": sentence}))
    else:
        typer.secho(sentence, fg="red", err=True)
    raise typer.Exit(CANNOT_CHECK)


def _passphrase(*, from_stdin: bool, twice: bool) -> Secret:
    if from_stdin:
        return Secret(sys.stdin.readline().rstrip("\r\n"))
    typed = getpass.getpass("Passphrase: ")
    if twice and getpass.getpass("Once more: ") != typed:
        raise BadInput(because="The two were not the same.")
    return Secret(typed)


def _read(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            content = opened.read(LARGEST_FILE + 1)
        if len(content) > LARGEST_FILE:
            raise BadInput(because=f"{file} is too large for exported keys.")
        return content.decode()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(because=f"{file} can't be read.") from error


def _create(file: Path, content: bytes) -> None:
    try:
        create_private(file, content)
    except FileExistsError:
        raise FileThere(because=f"{file} is left as it is; choose another name.") from None
    except OSError as error:
        raise BadKey(because=f"{file} can't be made: {error.strerror}.") from error

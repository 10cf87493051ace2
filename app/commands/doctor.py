"""`autopilot doctor`: what is found, and for each thing missing the one command that mends it."""

import asyncio
import sys
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from functools import partial
from shlex import quote

import typer
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from app.looks import mend_browser, model_of
from app.master_keys import master_keys
from app.picture_store import picture_store, try_out
from app.settings import CONSENT_TEXTS, KNOWLEDGE_BASE, BadSetting, Settings
from core.browser.object_storage.place import ObjectPlace
from core.browser.sessions import Browsers, BrowserSettings
from core.clock import SystemClock
from core.database.server_roles import WrongRole
from core.database.session import Database
from core.database.upgrade import UpgradeFailed, make_current
from core.errors import CoreError, Unavailable
from core.health import Finding, State
from core.security.audit.checkpoint_file import CheckpointFile
from core.security.audit.checkpoints import Checkpoints
from core.security.consent.consent_text import ConsentTexts
from core.security.keys.key_providers import KeyOpenToOthers
from core.security.keys.master_keys import WrongMasterKey
from core.security.keys.signing import BadSigningKey
from core.security.keys.signing_file import SigningKeyFile
from core.security.vault.vault import Vault
from core.workflows.registry import WorkflowRegistry

OLDEST_PYTHON = (3, 11)
SIGNS = {State.WELL: ("✓", None), State.LOOK: ("!", "yellow"), State.BROKEN: ("✗", "red")}


class NoDatabase(Unavailable):
    """The database can't be used."""


def doctor() -> None:
    """Say what is installed, reachable and missing."""
    findings = tuple(examine())
    for finding in findings:
        sign, colour = SIGNS[finding.state]
        typer.secho(f"{sign} {finding.name}: {finding.found}", fg=colour)
        if finding.mend and finding.state is not State.WELL:
            typer.echo(f"    mend it with: {finding.mend}")
    raise typer.Exit(0 if all(finding.good for finding in findings) else 1)


def examine() -> Iterator[Finding]:
    """Look at one thing after the other, each by itself, so that one that is missing hides no other."""
    yield _python()
    try:
        settings = Settings.read()
    except BadSetting as error:
        yield Finding("Settings", error.sentence, state=State.BROKEN, mend=f"unset {error.variable}")
        return
    yield _finding("Browser", lambda: asyncio.run(_browser(settings)), partial(mend_browser, settings))
    database = _finding("Database", lambda: _database(settings), partial(_mend_database, settings))
    yield database
    yield _finding("Key", lambda: _key(settings, fits=database.good), partial(_mend_key, settings))
    look = partial(_signing_key, settings, fits=database.good)
    yield _finding("Signing key", look, partial(_mend_signing_key, settings))
    yield _finding("Pictures", lambda: _pictures(settings), partial(_mend_pictures, settings))
    yield _finding("Workflows", _workflows, lambda error: "autopilot learn tests/e2e")
    yield _finding("Consent text", lambda: _consent_text(settings), lambda error: "unset CONSENT_VERSION")
    yield _mail(settings)
    yield model_of(settings)


def _finding(name: str, look: Callable[[], str], mend: Callable[[Exception], str]) -> Finding:
    try:
        return Finding(name, look())
    except CoreError as error:
        return Finding(name, error.sentence, state=State.BROKEN, mend=mend(error))
    except OSError as error:
        return Finding(name, str(error), state=State.BROKEN, mend=mend(error))


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    is_old = sys.version_info < OLDEST_PYTHON
    return Finding("Python", version, State.BROKEN if is_old else State.WELL, "install Python 3.11 or newer")


async def _browser(settings: Settings) -> str:
    """Starts the browser, because only that tells; in a folder of its own, for a server may be running in the other."""
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    sandboxed = BrowserSettings(sandbox=settings.browser_sandbox)
    browsers = Browsers(settings.chromium, settings.data_dir / "doctor", sandboxed)
    try:
        return f"Chromium {await browsers.version()}"
    finally:
        await browsers.close()


def _database(settings: Settings) -> str:
    """Does what every start does: brings a file up to date, and looks whether a server is."""
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        database = Database(settings.database)
        make_current(database)
        database.close()
    except DBAPIError as error:
        raise NoDatabase(because=str(error.orig).splitlines()[0]) from error
    except (
        SQLAlchemyError,
        ImportError,
        ValueError,
    ) as error:  # the address may hold a password, and so may such an error's text
        raise NoDatabase(because="DATABASE_URL is not the address of a database that is known here.") from error
    return database.url.render_as_string(hide_password=True)


UPGRADE_SERVER = "autopilot db upgrade --owner-url postgresql+psycopg://…"


def _mend_database(settings: Settings, error: Exception) -> str:
    if isinstance(error, WrongRole):
        return UPGRADE_SERVER
    if isinstance(error, UpgradeFailed):
        return UPGRADE_SERVER if settings.database_url else "git pull && scripts/install"
    return "unset DATABASE_URL" if settings.database_url else 'export AUTOPILOT_DATA_DIR="$HOME/.autopilot"'


def _key(settings: Settings, *, fits: bool) -> str:
    """The key can be used and, if the database can be asked (`fits`), is the one it was sealed with."""
    keys = master_keys(settings)
    if fits:
        asyncio.run(_open(Database(settings.database), Vault(keys)))
    else:
        keys.master_key()
    return "from ENCRYPTION_KEY" if settings.encryption_key else f"in {settings.key_path}"


async def _open(database: Database, vault: Vault) -> None:
    now = SystemClock().now()
    try:
        await database.run_across_customers(
            lambda session: vault.open_database(session, at=now), because="the doctor looks at the vault's key"
        )
    finally:
        database.close()


def _mend_key(settings: Settings, error: Exception) -> str:
    path = settings.key_path
    if isinstance(error, WrongMasterKey):
        return "unset ENCRYPTION_KEY" if settings.encryption_key else f"cp THE_KEY_FROM_YOUR_BACK_UP {quote(str(path))}"
    if settings.encryption_key:
        return 'export ENCRYPTION_KEY="$(head -c 32 /dev/urandom | base64)"'
    if isinstance(error, KeyOpenToOthers):
        return f"chmod 600 {quote(str(path))}"
    if path.exists() or path.is_symlink():
        return f"mv {quote(str(path))} {quote(f'{path}.refused')}"
    return 'export AUTOPILOT_KEY_FILE="$HOME/.autopilot-key"'


def _signing_key(settings: Settings, *, fits: bool) -> str:
    """It is there, its owner alone can read it and, if the database can be asked, it signed the newest checkpoint.

    None is made: a new one beside checkpoints that another has signed would be the wrong one.
    """
    keys = SigningKeyFile(settings.signing_key_path)
    known = tuple(keys.known()) if keys.is_there else ("none",)
    signed_by = asyncio.run(_signed_by(settings, keys, known)) if fits else None
    if not keys.is_there:
        return f"none yet; it is made at the first start, in {keys.path}"
    ours = known[0]
    same = {None: "; nothing is signed yet" * fits, ours: ", which signed the newest checkpoint"}
    before = f", after {signed_by}, which signed the newest checkpoint"
    return f"{ours} in {keys.path}{same.get(signed_by, before)}"


async def _signed_by(settings: Settings, keys: SigningKeyFile, known: Collection[str]) -> str | None:
    database, outside = Database(settings.database), CheckpointFile(settings.checkpoints_path)
    try:
        return await Checkpoints(database, keys, outside, SystemClock()).check_key(known)
    finally:
        database.close()


def _mend_signing_key(settings: Settings, error: Exception) -> str:
    """Another key may be right for another database, so it is moved and not removed."""
    path = settings.signing_key_path
    if isinstance(error, BadSigningKey) and isinstance(error.__cause__, KeyOpenToOthers):
        return f"chmod 600 {quote(str(path))}"
    away = f"mv {quote(str(path))} {quote(f'{path}.refused')}; " if path.exists() or path.is_symlink() else ""
    return f"{away}cp THE_SIGNING_KEY_FROM_YOUR_BACK_UP {quote(str(path))}"


def _pictures(settings: Settings) -> str:
    """One is written, read and deleted, because only that tells."""
    remark = asyncio.run(try_out(picture_store(settings)))
    return f"in {settings.pictures}{remark}"


def _mend_pictures(settings: Settings, error: Exception) -> str:
    if isinstance(error, BadSetting):
        return f"unset {error.variable}"
    place = settings.pictures
    if isinstance(place, ObjectPlace):
        given = "AWS_ENDPOINT_URL_S3=https://… AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=…"
        return f"export {given}  # for {place}"
    return "unset AUTOPILOT_SCREENSHOTS" if settings.screenshots else f"chmod -R u+rwX {quote(str(place))}"


def _workflows() -> str:
    if not KNOWLEDGE_BASE.is_file():
        raise FileNotFoundError(f"{KNOWLEDGE_BASE} is not there")
    return f"{len(WorkflowRegistry.from_file(KNOWLEDGE_BASE).list())} learnt"


def _consent_text(settings: Settings) -> str:
    return f"version {ConsentTexts.from_folder(CONSENT_TEXTS, settings.consent_version).current(()).version}"


def _mail(settings: Settings) -> Finding:
    """Whether it can be sent, and whether whoever reads it elsewhere comes back by its links."""
    found = _finding("E-mail", lambda: _mail_server(settings), _mend_mail)
    if not found.good or settings.base_url or not settings.mail():
        return found
    nowhere = f"{found.found}; its links lead to {settings.own_address}, which is nowhere on another machine"
    return replace(
        found, found=nowhere, state=State.LOOK, mend="export AUTOPILOT_BASE_URL=https://autopilot.company.example"
    )


def _mail_server(settings: Settings) -> str:
    """What was told; that a server takes it shows only when something is sent."""
    if found := settings.mail():
        server, sender = found
        return f"by {server}, from {sender}"
    return "not set up, so that people are told nothing by e-mail; AUTOPILOT_SMTP_URL and AUTOPILOT_MAIL_FROM do"


def _mend_mail(error: Exception) -> str:
    variable = error.variable if isinstance(error, BadSetting) else "AUTOPILOT_SMTP_URL"
    return f"export {variable}=autopilot@company.example" if variable.endswith("FROM") else f"unset {variable}"

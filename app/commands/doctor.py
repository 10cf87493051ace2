"""`autopilot doctor`: what is found, and for each thing missing the one command that mends it."""

import asyncio
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import typer

from app.bootstrap import CONSENT_TEXTS, KNOWLEDGE_BASE, build
from app.settings import Settings
from core.errors import CoreError
from core.security.consent_text import ConsentTexts
from core.workflows.registry import WorkflowRegistry

OLDEST_PYTHON = (3, 11)


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `mend` is the command that mends it, if it is missing."""

    name: str
    found: str
    good: bool = True
    mend: str = ""


def doctor() -> None:
    """Say what is installed, reachable and missing."""
    settings = Settings.read()
    findings = [
        _python(),
        _finding("Browser", lambda: asyncio.run(_browser(settings)), mend="scripts/install"),
        _finding(
            "Database and key", lambda: _database(settings), mend="autopilot doctor  (after reading the sentence above)"
        ),
        _finding("Workflows", _workflows, mend="autopilot learn tests/e2e"),
        _finding("Consent text", lambda: _consent_text(settings), mend="unset CONSENT_VERSION"),
        _model(settings),
    ]
    for finding in findings:
        typer.secho(
            f"{'✓' if finding.good else '✗'} {finding.name}: {finding.found}", fg=None if finding.good else "red"
        )
        if finding.mend and not finding.good:
            typer.echo(f"    mend it with: {finding.mend}")
    raise typer.Exit(0 if all(finding.good for finding in findings) else 1)


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding("Python", version, good=sys.version_info >= OLDEST_PYTHON, mend="install Python 3.11 or newer")


def _finding(name: str, look: Callable[[], str], mend: str) -> Finding:
    try:
        return Finding(name, look())
    except CoreError as error:
        return Finding(name, error.sentence, good=False, mend=mend)
    except OSError as error:
        return Finding(name, str(error), good=False, mend=mend)


async def _browser(settings: Settings) -> str:
    """Starts the browser, because only that tells."""
    browsers = build(settings).browsers
    try:
        return f"Chromium {await browsers.version()}"
    finally:
        await browsers.close()


def _database(settings: Settings) -> str:
    autopilot = build(settings)
    asyncio.run(autopilot.open())
    return f"{autopilot.services.database.url.render_as_string(hide_password=True)}, key {_where_key(settings)}"


def _where_key(settings: Settings) -> str:
    return "from ENCRYPTION_KEY" if settings.encryption_key else f"in {Path(settings.key_path)}"


def _workflows() -> str:
    if not KNOWLEDGE_BASE.is_file():
        raise FileNotFoundError(f"{KNOWLEDGE_BASE} is not there")
    return f"{len(WorkflowRegistry.from_file(KNOWLEDGE_BASE).list())} learnt"


def _consent_text(settings: Settings) -> str:
    return f"version {ConsentTexts.from_folder(CONSENT_TEXTS, settings.consent_version).current(()).version}"


def _model(settings: Settings) -> Finding:
    if settings.anthropic_api_key:
        return Finding("Model", "ANTHROPIC_API_KEY is set; nothing asks a model yet")
    return Finding("Model", "none, and none is needed: recorded locators and their alternatives work without")

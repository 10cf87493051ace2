"""A running WordPress: where it is, who may sign in, and what it says itself about what was made in it."""

import json
import os
import pwd
import secrets
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scripts.real.debian import program

PHP_CODE = Path(__file__).parent / "php"
# Mail goes to nobody, and a page has no notice of PHP's in it.
PHP_OPTIONS = ("-d", "sendmail_path=true", "-d", "display_errors=0", "-d", "log_errors=1", "-d", "opcache.enable_cli=1")
SALTS = tuple(f"{name}_{kind}" for kind in ("KEY", "SALT") for name in ("AUTH", "SECURE_AUTH", "LOGGED_IN", "NONCE"))
LONGEST_ANSWER = 60  # seconds


class PhpFailed(Exception):
    """What was to be done inside WordPress was not done."""


@dataclass(frozen=True)
class Site:
    """A WordPress that runs, with the passwords of its users by their names."""

    folder: Path
    url: str
    version: str
    users: Mapping[str, str] = field(repr=False)

    def password_of(self, name: str) -> str:
        """The password with which this user signs in."""
        return self.users[name]

    def application_passwords(self, user: str) -> list[str]:
        """The names of a user's application passwords, in the order in which they were made."""
        names: list[str] = self._ask("application-passwords", user)
        return names

    def make_application_password(self, user: str, name: str) -> str:
        """Make an application password of this name for a user; the password."""
        password: str = self._ask("make-application-password", user, name)
        return password

    def remove_application_passwords(self, user: str) -> None:
        """Remove every application password of a user."""
        self._ask("remove-application-passwords", user)

    def ask_for_the_email(self) -> None:
        """Show an administrator who signs in next the page that asks whether the site's e-mail address still holds."""
        self._ask("ask-for-the-email", "admin")

    def _ask(self, question: str, user: str, *words: str) -> Any:
        return json.loads(run_php("ask.php", code_of(self.folder), question, user, *words))


def code_of(folder: Path) -> Path:
    """Where a site's own copy of WordPress is."""
    return folder / "code"


def run_php(script: str, *words: str | Path, given: str = "") -> str:
    """What one of our scripts says that works inside WordPress, without a web server. Raises PhpFailed."""
    done = subprocess.run(  # noqa: S603  our own words
        [program("php") or "php", *PHP_OPTIONS, PHP_CODE / script, *words],
        input=given,
        capture_output=True,
        text=True,
        timeout=LONGEST_ANSWER,
        check=False,
    )
    if done.returncode:
        raise PhpFailed(f"{script} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def write_config(folder: Path, url: str, socket: Path) -> None:
    """Write wp-config.php. Its salts are new each time: who was signed in is not any more."""
    constants: dict[str, str | bool] = {
        "DB_NAME": "wordpress",
        "DB_USER": system_user(),
        "DB_PASSWORD": "",  # the database asks the kernel who is at the other end of its socket
        "DB_HOST": f"localhost:{socket}",
        "DB_CHARSET": "utf8mb4",
        **{name: secrets.token_urlsafe(48) for name in SALTS},
        "WP_HOME": url,
        "WP_SITEURL": url,
        "WP_ENVIRONMENT_TYPE": "local",  # else there are no application passwords without https
        "WP_HTTP_BLOCK_EXTERNAL": True,
        "DISABLE_WP_CRON": True,
        "AUTOMATIC_UPDATER_DISABLED": True,
        "DISALLOW_FILE_MODS": True,  # its administrator may not run code on this machine
    }
    lines = [f"define({_in_php(name)}, {_in_php(value)});" for name, value in constants.items()]
    ends = ["$table_prefix = 'wp_';", "defined('ABSPATH') || define('ABSPATH', __DIR__ . '/');"]
    code = ["<?php", *lines, *ends, "require_once ABSPATH . 'wp-settings.php';", ""]
    write_privately(code_of(folder) / "wp-config.php", "\n".join(code))


def write_privately(path: Path, text: str) -> None:
    """Replace a file, whole or not at all, with one that nobody else can read."""
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_text(text, "utf-8")
    draft.replace(path)


def system_user() -> str:
    """The name of the user that we are to the system, and so to the database."""
    return pwd.getpwuid(os.geteuid()).pw_name


def _in_php(value: str | bool) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"

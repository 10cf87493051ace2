"""The real WordPress on this machine: Debian's own, with a database, users and a folder of its own, on the loopback address."""

import json
import os
import re
import secrets
import shutil
import subprocess
import sys
from pathlib import Path

from scripts.real.command import do, real_folder, say
from scripts.real.debian import NotToBeHad, Tell, install_missing, program, unpack
from scripts.real.processes import DidNotStart, answers, free_port, listens
from scripts.real.product import RealProduct
from scripts.real.site import (
    PHP_CODE,
    PHP_OPTIONS,
    Site,
    code_of,
    run_php,
    system_user,
    write_config,
    write_privately,
)

NEEDED = ("php", "mariadbd", "mariadb-install-db")
PHP_MODULES = ("mysqli", "mbstring", "xml")
PROGRAMS = (
    *("php-cli", "php-mysql", "php-gd", "php-curl", "php-mbstring", "php-xml"),
    # Without mariadb-server itself, which would start a server of the whole machine.
    *("mariadb-server-core", "mariadb-client-core"),
)
CODE = ("wordpress", "wordpress-theme-twentytwentythree", "php-getid3", "libjs-underscore", "libjs-cropper")
DATABASE = Path(__file__).with_name("database.sql")
ROLES = {"admin": "administrator", "editor": "editor", "reader": "subscriber"}
WORKERS = "4"  # a page of the administration asks for some things at once
LONGEST_SOCKET = 107  # bytes; unix(7)


class RealWordPress(RealProduct[Site]):
    """A WordPress with a database of its own."""

    sign_in_page = "/wp-login.php"

    def __init__(self, folder: Path, tell: Tell = lambda _: None, packages: Path | None = None) -> None:
        super().__init__(folder, tell, packages)
        self._socket = self._folder / "database.sock"
        self._made = self._folder / "made"  # is there once the site is whole

    def _fetch(self) -> None:
        if len(os.fsencode(self._socket)) > LONGEST_SOCKET:
            raise NotToBeHad(f"{self._socket} is too long for a socket. Name a shorter folder in AUTOPILOT_REAL_DIR.")
        install_missing(_missing, PROGRAMS, self._tell)
        with self._packages_alone():
            unpack(CODE, self._packages, self._tell)

    def _forget_content(self) -> None:
        self._made.unlink(missing_ok=True)

    def _started(self) -> Site:
        known = self._known()
        port = free_port(int(known.url.rpartition(":")[2]) if known else None)
        users = known.users if known else {name: secrets.token_urlsafe(12) for name in ROLES}
        site = Site(self._folder, f"http://127.0.0.1:{port}", self._version(), users)
        if is_new := known is None or not self._made.exists():
            self._lay_out()
        self._start_database()
        write_config(self._folder, site.url, self._socket)
        write_privately(self._site_file, json.dumps({"url": site.url, "version": site.version, "users": site.users}))
        if is_new:
            self._tell("Installing WordPress ...")
            given = {name: {"role": ROLES[name], "password": password} for name, password in users.items()}
            run_php("install.php", code_of(self._folder), given=json.dumps(given))
            self._made.touch()
        self._serve(site.url, port)
        return site

    def _lay_out(self) -> None:
        """A copy of the code, and an empty database."""
        self._tell("Laying out the code and the database ...")
        database, code = self._folder / "database", code_of(self._folder)
        for one in (database, code):
            shutil.rmtree(one, ignore_errors=True)
        # What links to another package is copied from there; these two link to what Apache and the system would have.
        elsewhere = shutil.ignore_patterns(".htaccess", "ca-bundle.crt")
        shutil.copytree(self._packages / "usr/share/wordpress", code, ignore=elsewhere)
        (code / "wp-content" / "uploads").mkdir(exist_ok=True)
        who = [f"--user={system_user()}", f"--auth-root-socket-user={system_user()}"]
        command = [
            program("mariadb-install-db") or "",
            "--no-defaults",
            f"--datadir={database}",
            *who,
            "--skip-test-db",
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  our own words
        if done.returncode:
            raise DidNotStart(f"The database could not be made:\n{done.stdout}{done.stderr}")

    def _start_database(self) -> None:
        options: dict[str, str | int | Path] = {
            "datadir": self._folder / "database",
            "socket": self._socket,
            "pid-file": self._folder / "database.pid",
            "user": system_user(),
            "character-set-server": "utf8mb4",
            "innodb-flush-log-at-trx-commit": 2,  # quick; what a crash of the machine loses is a second
            "init-file": DATABASE,
        }
        words = [f"--{name}={value}" for name, value in options.items()]
        self._processes.start("database", [program("mariadbd") or "", "--no-defaults", "--skip-networking", *words])
        self._processes.await_ready("database", lambda: listens(self._socket))

    def _serve(self, url: str, port: int) -> None:
        served = ("-S", f"127.0.0.1:{port}", "-t", code_of(self._folder), PHP_CODE / "router.php")
        self._processes.start("web", [program("php") or "", *PHP_OPTIONS, *served], {"PHP_CLI_SERVER_WORKERS": WORKERS})
        self._processes.await_ready("web", lambda: answers(f"{url}/wp-json/"))

    def _version(self) -> str:
        text = (self._packages / "usr/share/wordpress/wp-includes/version.php").read_text("utf-8")
        found = re.search(r"\$wp_version = '([^']+)'", text)
        return found[1] if found else "of unknown version"

    def _known(self) -> Site | None:
        """The site as it was when it was last started."""
        try:
            return Site(self._folder, **json.loads(self._site_file.read_text("utf-8")))
        except (FileNotFoundError, ValueError, TypeError):
            return None


def _missing() -> list[str]:
    """What a start needs and is not installed, by its name."""
    programs = [name for name in NEEDED if program(name) is None]
    php = program("php")
    if php is None:
        return programs
    told = subprocess.run([php, "-m"], capture_output=True, text=True, check=False)  # noqa: S603  our own words
    return [*programs, *(f"PHP's {one}" for one in PHP_MODULES if one not in told.stdout.split())]


def main() -> int:
    """`scripts/real-wordpress`."""
    return do(RealWordPress(real_folder() / "wordpress", tell=say), "WordPress", "/wp-admin/")


if __name__ == "__main__":
    sys.exit(main())

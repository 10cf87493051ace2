"""The real pretix on this machine: the package, with an environment, a database and users of its own, on the loopback address."""

import hashlib
import json
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scripts.real.command import do, real_folder, say
from scripts.real.debian import NotToBeHad, Tell
from scripts.real.pretix_site import PretixSite
from scripts.real.processes import DidNotStart, answers, free_port
from scripts.real.product import RealProduct
from scripts.real.site import write_privately

LOCK = Path(__file__).with_name("pretix.lock")
INSIDE = Path(__file__).with_name("pretix_inside")  # what runs in pretix's environment, not in ours
OWNER, GERMAN_OWNER, GUARDED_OWNER = "owner@tea.example", "inhaberin@tea.example", "guarded@tea.example"
HELPER, STRANGER = "helper@tea.example", "stranger@tea.example"
PEOPLE: dict[str, dict[str, str | bool]] = {
    OWNER: {"team": "Owners", "fullname": "Olive Owner", "locale": "en"},
    GERMAN_OWNER: {"team": "Owners", "fullname": "Ida Inhaberin", "locale": "de"},
    GUARDED_OWNER: {"team": "Owners", "fullname": "Gus Guarded", "locale": "en", "require_2fa": True},
    HELPER: {"team": "Helpers", "fullname": "Hal Helper", "locale": "en"},
    STRANGER: {"team": "", "fullname": "Sam Stranger", "locale": "en"},
}
THREADS = "4"  # a page asks for some files at once
CONFIG = """[pretix]
instance_name=Tea House Tickets
url={url}
datadir={data}
registration=off
[database]
backend=sqlite3
[locale]
default=en
"""


class RealPretix(RealProduct[PretixSite]):
    """A pretix with an environment of its own.

    `packages` is what several sites share: pretix's environment, and a filled database that each site has a copy of.
    """

    sign_in_page = "/control/login"

    def __init__(self, folder: Path, tell: Tell = lambda _: None, packages: Path | None = None) -> None:
        super().__init__(folder, tell, packages)
        self._data = self._folder / "data"

    def _fetch(self) -> None:
        with self._packages_alone():
            if not _is_of(self._environment, _digest(LOCK)):
                self._install()
            if not _is_of(self._template, self._wanted):
                self._fill()

    def _install(self) -> None:
        """An environment of its own: what a pretix needs and what this project needs exclude each other."""
        self._tell("Installing pretix ...")
        python, uv = self._python, Path(sys.executable).with_name("uv")
        shutil.rmtree(self._environment, ignore_errors=True)
        if uv.exists():
            _do([sys.executable, "-m", "venv", "--without-pip", self._environment])
            _do([uv, "pip", "install", "--quiet", "--python", python, "--require-hashes", "-r", LOCK])
        else:
            _do([sys.executable, "-m", "venv", self._environment])
            _do([python, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", LOCK])
        _mark(self._environment, _digest(LOCK))

    def _fill(self) -> None:
        """A database with tables, people and something to sell, to be copied."""
        self._tell("Making a database ...")
        shutil.rmtree(self._template, ignore_errors=True)
        data, config = self._template / "data", self._template / "pretix.cfg"
        data.mkdir(parents=True)
        config.write_text(CONFIG.format(url="http://127.0.0.1", data=data), "utf-8")
        people = {email: {**one, "password": secrets.token_urlsafe(12)} for email, one in PEOPLE.items()}
        made = subprocess.run(  # noqa: S603  our own words
            [self._python, INSIDE / "fill.py"],
            input=json.dumps(people),
            env={**os.environ, **_variables(config)},
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            raise DidNotStart(f"pretix's database could not be made:\n{made.stderr[-1000:]}")
        users = {email: one["password"] for email, one in people.items()}
        known = json.loads(made.stdout.splitlines()[-1]) | {"users": users}
        write_privately(self._template / "known.json", json.dumps(known))
        _mark(self._template, self._wanted)

    def _forget_content(self) -> None:
        shutil.rmtree(self._data, ignore_errors=True)

    def _started(self) -> PretixSite:
        before = self._known()
        port = free_port(int(before.url.rpartition(":")[2]) if before else None)
        if not _is_of(self._data, self._wanted):
            shutil.rmtree(self._data, ignore_errors=True)
            shutil.copytree(self._template / "data", self._data)
            shutil.copy2(self._template / "known.json", self._data)
            _mark(self._data, self._wanted)
        known: dict[str, Any] = json.loads((self._data / "known.json").read_text("utf-8"))
        said = {"url": f"http://127.0.0.1:{port}", "version": self._version(), **known}
        write_privately(self._site_file, json.dumps(said))
        self._serve(str(said["url"]), port)
        return PretixSite(self._folder, **said)

    def _serve(self, url: str, port: int) -> None:
        config = self._folder / "pretix.cfg"
        config.write_text(CONFIG.format(url=url, data=self._data), "utf-8")
        words = (f"--listen=127.0.0.1:{port}", f"--threads={THREADS}", "served:application")
        self._processes.start("web", [self._python, "-m", "waitress", *words], _variables(config))
        self._processes.await_ready("web", lambda: answers(f"{url}/control/login"))

    def _version(self) -> str:
        found = sorted(self._environment.glob("lib/*/site-packages/pretix-*.dist-info"))
        return found[0].stem.removeprefix("pretix-") if found else "of unknown version"

    @property
    def _environment(self) -> Path:
        return self._packages / "environment"

    @property
    def _python(self) -> Path:
        return self._environment / "bin" / "python"

    @property
    def _template(self) -> Path:
        return self._packages / "template"

    @property
    def _wanted(self) -> str:
        return _digest(LOCK, *sorted(INSIDE.glob("*.py")), Path(__file__))

    def _known(self) -> PretixSite | None:
        """The site as it was when it was last started."""
        try:
            return PretixSite(self._folder, **json.loads(self._site_file.read_text("utf-8")))
        except (FileNotFoundError, ValueError, TypeError):
            return None


def _variables(config: Path) -> dict[str, str]:
    """What pretix is told when it starts."""
    return {
        "PRETIX_CONFIG_FILE": str(config),
        "DJANGO_SETTINGS_MODULE": "autopilot_settings",
        "PYTHONPATH": str(INSIDE),
        "PYTHONDONTWRITEBYTECODE": "",
    }


def _do(command: Sequence[str | Path]) -> None:
    """Do what an installation needs. Raises NotToBeHad, with the last that was said."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  our own words
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()[-1:]
        raise NotToBeHad(f"pretix could not be installed: {' '.join(said) or 'nothing was said'}")


def _digest(*files: Path) -> str:
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def _is_of(folder: Path, digest: str) -> bool:
    """Whether a folder was made to its end, of this."""
    made = folder / "made-of"
    return made.is_file() and made.read_text("utf-8") == digest


def _mark(folder: Path, digest: str) -> None:
    (folder / "made-of").write_text(digest, "utf-8")


def main() -> int:
    """`scripts/real-pretix`."""
    return do(RealPretix(real_folder() / "pretix", tell=say), "pretix", "/control/")


if __name__ == "__main__":
    sys.exit(main())

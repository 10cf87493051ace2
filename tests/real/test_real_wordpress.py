"""The script that stands up a real WordPress: each test says what it needs, and starting what runs costs nothing."""

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from scripts.real.command import ROOT
from scripts.real.debian import NotToBeHad
from scripts.real.processes import Processes
from scripts.real.site import Site
from scripts.real.wordpress import RealWordPress
from tests.real.sites import PACKAGES, WORDPRESS, wordpress_of


@dataclass(frozen=True)
class Script:
    """The script, with a folder of its own."""

    folder: Path

    def run(self, *words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        given = os.environ | {"AUTOPILOT_REAL_DIR": str(self.folder)} | environment
        return subprocess.run(
            ["/bin/sh", ROOT / "scripts" / "real-wordpress", *words],
            env=given,
            capture_output=True,
            text=True,
            check=False,
        )

    def site(self) -> Site:
        """The site, running."""
        done = self.run("start")
        assert done.returncode == 0, done.stderr
        return Site(self.folder / "wordpress", **json.loads((self.folder / "wordpress" / "site.json").read_text()))

    def processes(self) -> list[int]:
        """The processes in whose command line the folder stands."""
        commands = {int(one.parent.name): _text(one) for one in Path("/proc").glob("[0-9]*/cmdline")}
        return [pid for pid, command in commands.items() if str(self.folder) in command]


@pytest.fixture(scope="module")
def script(wordpress_is_here: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Script]:
    """The script in a folder that has the packages already."""
    script = Script(tmp_path_factory.mktemp("real"))
    (script.folder / "wordpress").mkdir()
    (script.folder / "wordpress" / "packages").symlink_to(PACKAGES)
    yield script
    script.run("stop")


@pytest.fixture(scope="module")
def wordpress_is_here(pytestconfig: pytest.Config) -> None:
    """Left out where there is no WordPress to be had."""
    wordpress_of(pytestconfig)


def test_the_session_has_a_wordpress_whose_api_knows_its_users(wordpress: Site) -> None:
    for name, role in (("admin", "administrator"), ("editor", "editor"), ("reader", "subscriber")):
        password = wordpress.make_application_password(name, "A test's")
        me = httpx.get(f"{wordpress.url}/wp-json/wp/v2/users/me?context=edit", auth=(name, password))
        assert me.json()["roles"] == [role]
        assert wordpress.application_passwords(name) == ["A test's"]
        wordpress.remove_application_passwords(name)
        assert wordpress.application_passwords(name) == []


def test_its_pages_say_its_version_and_ask_nobody_else(wordpress: Site) -> None:
    page = httpx.get(wordpress.url).text
    assert f'content="WordPress {wordpress.version}"' in page
    assert "gravatar" not in page
    assert httpx.get(f"{wordpress.url}/hello-world/").status_code == 200
    assert httpx.get(f"{wordpress.url}/nowhere/").status_code == 404
    assert httpx.get(f"{wordpress.url}/wp-config.php").text == ""


def test_starting_it_says_where_it_is_and_where_its_passwords_are(script: Script) -> None:
    site = script.site()
    again = script.run("start")
    assert again.returncode == 0
    assert f"WordPress {site.version} runs already: {site.url}/wp-admin/" in again.stdout
    file = site.folder / "site.json"
    assert str(file) in again.stdout
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not any(password in again.stdout + repr(site) for password in site.users.values())


def test_what_died_in_part_is_ended_and_started_anew(script: Script) -> None:
    site = script.site()
    before = script.processes()
    web = next(pid for pid in before if "-S" in _text(Path(f"/proc/{pid}/cmdline")).split())
    os.kill(web, signal.SIGKILL)
    assert script.run("status").returncode == 1
    assert script.site().url == site.url
    assert set(before).isdisjoint(script.processes())


def test_a_reset_brings_back_what_was_there_at_first(script: Script) -> None:
    site = script.site()
    site.make_application_password("admin", "A test's")
    assert script.run("reset").returncode == 0
    assert script.site() == site
    assert site.application_passwords("admin") == []


def test_stopping_leaves_no_process(script: Script) -> None:
    script.site()
    assert script.processes()
    assert script.run("stop").returncode == 0
    assert script.processes() == []
    assert Processes(script.folder / "wordpress").alive() == []
    assert script.run("status").returncode == 1
    assert script.run("stop").returncode == 0


def test_where_it_cannot_be_had_one_sentence_says_why(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "scripts.real.wordpress", "start"]
    environment = {"AUTOPILOT_REAL_DIR": str(tmp_path), "PATH": "/nowhere"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert done.stderr.startswith("There is no php")
    assert done.stderr.endswith(" here, nor apt-get to install it.\n")


def test_a_folder_too_long_for_a_socket_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotToBeHad, match="AUTOPILOT_REAL_DIR"):
        RealWordPress(tmp_path / ("long" * 30)).start()


def test_without_a_wordpress_tests_are_left_out_but_in_ci_they_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    class Session:
        stash = pytest.Stash()

    session = Session()
    session.stash[WORDPRESS] = NotToBeHad("There is no PHP here.")
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match=r"no real WordPress: There is no PHP here\."):
        wordpress_of(session)  # type: ignore[arg-type]  # as much of a configuration as is asked for
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="has to be a real WordPress"):
        wordpress_of(session)  # type: ignore[arg-type]  # as above


def _text(file: Path) -> str:
    """A file of proc(5); empty if its process is gone."""
    try:
        return file.read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""

"""The script that stands up a real pretix: its pages are whole, it starts again in seconds, and it ends without a trace."""

import json
import os
import re
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
from scripts.real.pretix import OWNER
from scripts.real.pretix_site import PretixSite
from scripts.real.processes import Processes
from tests.real.sites import PRETIX, PRETIX_PACKAGES, pretix_of


@dataclass(frozen=True)
class Script:
    """The script, with a folder of its own."""

    folder: Path

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            ["/bin/sh", ROOT / "scripts" / "real-pretix", *words],
            env=os.environ | {"AUTOPILOT_REAL_DIR": str(self.folder)},
            capture_output=True,
            text=True,
            check=False,
        )

    def site(self) -> PretixSite:
        """The site, running."""
        done = self.run("start")
        assert done.returncode == 0, done.stderr
        return PretixSite(self.folder / "pretix", **json.loads((self.folder / "pretix" / "site.json").read_text()))


@pytest.fixture
def pretix(pytestconfig: pytest.Config) -> PretixSite:
    """The real pretix of this session; its content is shared with all other tests that use it."""
    return pretix_of(pytestconfig)


@pytest.fixture(scope="module")
def script(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Script]:
    """The script in a folder that has the packages already; left out where there is no pretix to be had."""
    pretix_of(pytestconfig)
    script = Script(tmp_path_factory.mktemp("real"))
    (script.folder / "pretix").mkdir()
    (script.folder / "pretix" / "packages").symlink_to(PRETIX_PACKAGES)
    yield script
    script.run("stop")


def test_the_session_has_a_pretix_that_answers_for_its_tokens(pretix: PretixSite) -> None:
    before = pretix.tokens()
    token = pretix.make_token("A test's")
    signed = {"Authorization": f"Token {token}"}
    assert httpx.get(f"{pretix.url}/api/v1/version", headers=signed).json()["pretix"] == pretix.version
    assert pretix.tokens() == [*before, "A test's"]
    pretix.remove_tokens()
    assert httpx.get(f"{pretix.url}/api/v1/organizers/", headers=signed).status_code == 401
    assert pretix.tokens() == []


def test_its_pages_have_their_styles_and_scripts_and_ask_nobody_else(pretix: PretixSite) -> None:
    page = httpx.get(f"{pretix.url}/control/login").text
    files = set(re.findall(r"""(?:href|src)="(/static/[^"]+\.(?:css|js))""", page))
    assert {Path(one).suffix for one in files} == {".css", ".js"}
    for one in files:
        assert httpx.get(f"{pretix.url}{one}").status_code == 200
    assert not re.findall(r"""(?:href|src)="(?:https?:)?//(?!pretix\.eu)""", page)


def test_the_script_starts_says_where_it_is_and_ends_without_a_trace(script: Script) -> None:
    site = script.site()
    again = script.run("start")
    assert f"pretix {site.version} runs already: {site.url}/control/" in again.stdout
    file = site.folder / "site.json"
    assert str(file) in again.stdout
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not any(one in again.stdout + repr(site) for one in (*site.users.values(), site.token))
    assert site.password_of(OWNER)
    site.make_token("A test's")
    assert script.run("reset").returncode == 0
    assert site.tokens() == []
    assert script.run("stop").returncode == 0
    assert Processes(site.folder).alive() == []
    assert script.run("status").returncode == 1
    assert script.run("stop").returncode == 0


def test_where_it_can_not_be_had_one_sentence_says_why(tmp_path: Path) -> None:
    nowhere = {"UV_OFFLINE": "1", "UV_CACHE_DIR": str(tmp_path / "cache"), "PIP_NO_INDEX": "1", "PIP_NO_CACHE_DIR": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "scripts.real.pretix", "start"],
        cwd=ROOT,
        env=os.environ | nowhere | {"AUTOPILOT_REAL_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3
    assert done.stderr.startswith("pretix could not be installed: ")
    assert done.stderr.count("\n") == 1


def test_without_a_pretix_tests_are_left_out_but_in_ci_they_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    class Session:
        stash = pytest.Stash()

    session = Session()
    session.stash[PRETIX] = NotToBeHad("There is no network here.")
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match=r"no real pretix: There is no network here\."):
        pretix_of(session)  # type: ignore[arg-type]  # as much of a configuration as is asked for
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="has to be a real pretix"):
        pretix_of(session)  # type: ignore[arg-type]  # as above

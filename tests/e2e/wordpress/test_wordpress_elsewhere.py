"""The tests leave a WordPress elsewhere as they found it; here one that another process takes for such a one."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from scripts.real.command import ROOT
from scripts.real.site import Site
from tests.e2e.conftest import stranger
from tests.e2e.wordpress.admin import revoke_the_password
from tests.e2e.wordpress.conftest import ELSEWHERE
from tests.real.sites import wordpress_of

LONGEST = 100  # seconds for the tests in the other process
OWN = "The editor's own"

pytestmark = pytest.mark.skipif(bool(ELSEWHERE), reason="the tests are on a WordPress elsewhere already")


@pytest.fixture
def site(pytestconfig: pytest.Config) -> Iterator[Site]:
    """The WordPress of this session, in which the editor has an application password already."""
    site = wordpress_of(pytestconfig)
    site.make_application_password("editor", OWN)
    yield site
    site.remove_application_passwords("editor")


def test_a_wordpress_elsewhere_is_visited_once_and_keeps_only_its_own_passwords(site: Site) -> None:
    user = {"E2E_WORDPRESS_USERNAME": "editor", "E2E_WORDPRESS_PASSWORD": site.password_of("editor")}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "tests/e2e/wordpress/test_wordpress_setup.py"]
    environment = os.environ | {"E2E_WORDPRESS_URL": f"{site.url}/"} | user
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=LONGEST, check=False
    )
    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout
    assert site.application_passwords("editor") == [OWN]


def test_where_there_is_no_such_password_nothing_is_revoked(browser: Browser, site: Site) -> None:
    with stranger(browser) as page:
        revoke_the_password(page, site.url, "editor", site.password_of("editor"), "E2E that never was")
        expect(page.get_by_text("Application password revoked.")).to_be_hidden()
    assert site.application_passwords("editor") == [OWN]

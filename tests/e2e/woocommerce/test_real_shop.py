"""The tests leave a real shop as they found it; here one that another process takes for real."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.practice_shop.serving import serve_in_thread
from app.practice_shop.shop import PracticeShop
from tests.e2e.woocommerce.conftest import REAL

ROOT = Path(__file__).parents[3]
LONGEST = 100  # seconds for the tests in the other process


@pytest.mark.skipif(bool(REAL), reason="the tests are on a real shop already")
def test_a_real_shop_of_any_size_is_run_once_and_keeps_only_its_own_key() -> None:
    shop = PracticeShop()
    shop.products += [product | {"id": product["id"] + 100_000} for product in shop.products * 2]
    own = shop.make_key("The shop's own", "admin", "read_write").record
    with serve_in_thread(shop) as address:
        done = run_on(address, shop.password_of("admin"))
    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout
    assert shop.keys == (own,)
    next_key = shop.make_key("Next", "admin", "read").record
    assert next_key.id == own.id + 3


def run_on(address: str, password: str) -> subprocess.CompletedProcess[str]:
    """How the tests end that are given the address of a shop."""
    given = {"E2E_STORE_URL": f"{address}/", "E2E_STORE_USERNAME": "admin", "E2E_STORE_PASSWORD": password}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        "tests/e2e/woocommerce/test_woocommerce_setup.py",
    ]
    return subprocess.run(
        command, cwd=ROOT, env=os.environ | given, capture_output=True, text=True, timeout=LONGEST, check=False
    )

"""What a customer may have forgotten of a shop, and what they are told stays."""

import sqlite3
from contextlib import closing
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.pages.conftest import keep
from tests.pages.served import Demo, opened
from tests.pages.test_screens import ready

SECOND = "second.example"


@pytest.fixture
def second_shop(running: Demo) -> None:
    """Beside the demo's shop, which other tests ask about: another like it, with one product and the keys."""
    with closing(opened(running.database)) as database, database:
        connection_id = copy(database, "connections", {"store_origin": f"https://{SECOND}"})
        copy(database, "products", {"connection_id": connection_id, "search_id": str(uuid4().int >> 66)})
        for (field,) in database.execute("SELECT DISTINCT field FROM autonomous_credentials").fetchall():
            copy(database, "autonomous_credentials", {"store_origin": f"https://{SECOND}"}, f"field = '{field}'")


def copy(database: sqlite3.Connection, table: str, changed: dict[str, str], where: str = "1") -> str:
    """Copy a row under a new id; the id."""
    names = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
    row = dict(zip(names, database.execute(f"SELECT * FROM {table} WHERE {where} LIMIT 1").fetchone(), strict=True))
    row |= {"id": uuid4().hex, **changed}
    database.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", tuple(row.values()))
    return str(row["id"])


@pytest.mark.usefixtures("second_shop")
def test_a_shop_is_forgotten_after_a_yes_with_its_keys_and_products(screen: Page) -> None:
    ready(screen, "/settings/credentials")
    expect(screen.get_by_text(SECOND)).not_to_have_count(0)
    ready(screen, "/shops")
    shops, line = screen.locator(".card"), screen.locator(".card", has_text=SECOND)
    expect(shops).to_have_count(2)

    line.get_by_role("button", name="Forget").click()
    asked = screen.get_by_role("dialog")
    expect(asked).to_contain_text(f"Forget {SECOND}?")
    expect(asked).to_contain_text("The WooCommerce key named “OmniOps · op ")
    expect(asked).to_contain_text("Revoke it under WooCommerce → Settings → Advanced → REST API.")
    keep(screen, "forget")
    asked.get_by_role("button", name="Keep it").click()
    expect(asked).to_have_count(0)
    expect(line).to_be_visible()

    line.get_by_role("button", name="Forget").click()
    asked.get_by_role("button", name="Forget").click()
    expect(line).to_have_count(0)
    expect(screen.get_by_role("status").first).to_contain_text(
        f"{SECOND} is forgotten here. The WooCommerce key named “OmniOps · op "
    )
    expect(shops).to_have_count(1)
    keep(screen, "forgotten")
    ready(screen, "/settings/credentials")
    expect(screen.get_by_text(SECOND)).to_have_count(0)
    expect(screen.get_by_text("127.0.0.1")).not_to_have_count(0)

    ready(screen, "/audit")
    expect(screen.locator(".entries tbody tr").first).to_contain_text("Connection forgotten")
    expect(screen.locator(".entries tbody tr").first).to_contain_text(SECOND)

"""`autopilot db upgrade`, and a whole product on the PostgreSQL database that it leaves."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url
from typer.testing import CliRunner

from app.bootstrap import build
from app.cli import main
from app.settings import Settings
from core.database.server_roles import WrongRole
from tests.app.test_settings import NAMES
from tests.postgres import PostgresServer, as_product


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AUTOPILOT_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("AUTOPILOT_KEY_FILE", str(tmp_path / "configuration" / "master.key"))


@pytest.fixture
def owner_url(postgres: PostgresServer) -> Iterator[str]:
    with postgres.database() as url:
        yield make_url(url).set(password="canary-owner").render_as_string(hide_password=False)


def test_a_file_is_brought_up_to_date() -> None:
    for _ in range(2):
        told = CliRunner().invoke(main, ["db", "upgrade"])
        assert (told.exit_code, told.output.strip().endswith("autopilot.db is up to date.")) == (0, True)


async def test_the_product_works_on_what_the_owner_made(owner_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", as_product(owner_url))
    autopilot = build(Settings.read())
    for _ in range(2):
        told = CliRunner().invoke(main, ["db", "upgrade", "--owner-url", owner_url])
        assert told.exit_code == 0, told.output
        assert "canary" not in told.output
        assert "Autopilot signs in as autopilot." in told.output
    await autopilot.open()
    people = autopilot.services.people
    visitor = await people.add_user(await people.add_customer("Tea"), "ann@tea.example", "a long password, really")
    assert (await autopilot.services.trail.verify(visitor)).events == 1
    autopilot.services.database.close()


async def test_the_product_does_not_start_as_the_owner(owner_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", as_product(owner_url))
    monkeypatch.setenv("DATABASE_OWNER_URL", owner_url)
    assert CliRunner().invoke(main, ["db", "upgrade"]).exit_code == 0
    monkeypatch.setenv("DATABASE_URL", owner_url)
    autopilot = build(Settings.read())
    with pytest.raises(WrongRole, match="goes past row-level security"):
        await autopilot.open()
    autopilot.services.database.close()


@pytest.mark.parametrize(
    ("product", "owner", "told"),
    [
        ({}, None, "Give --owner-url or DATABASE_OWNER_URL"),
        ({"username": "owner"}, {}, "DATABASE_URL names the owner itself"),
        ({}, {"database": "another"}, "is another database"),
        ({"username": None, "password": None}, {}, "has to name a user"),
        ({"port": 1}, {"port": 1}, "was not upgraded"),
    ],
)
def test_what_can_not_be_upgraded_says_why(
    owner_url: str,
    monkeypatch: pytest.MonkeyPatch,
    product: dict[str, object],
    owner: dict[str, object] | None,
    told: str,
) -> None:
    def url(of: str, changed: dict[str, object]) -> str:
        return make_url(of).set(**changed).render_as_string(hide_password=False)  # type: ignore[arg-type]  # parts of an address

    named = make_url(as_product(owner_url))._replace(username=None, password=None) if "username" in product else None
    monkeypatch.setenv(
        "DATABASE_URL", str(named) if named and product["username"] is None else url(as_product(owner_url), product)
    )
    if owner is not None:
        monkeypatch.setenv("DATABASE_OWNER_URL", url(owner_url, owner))
    done = CliRunner().invoke(main, ["db", "upgrade"])
    assert done.exit_code == 1
    assert told in done.output
    assert "canary" not in done.output


@pytest.mark.parametrize(
    "url", ["no address, canary", "postgresql+psycopg://me:canary@db:port/x", "oracle+nothing://me:canary@db/x"]
)
def test_an_address_that_is_none_is_told_without_its_password(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("DATABASE_OWNER_URL", url.replace("me:", "you:"))
    done = CliRunner().invoke(main, ["db", "upgrade"])
    assert (done.exit_code, "canary" in done.output) == (1, False)

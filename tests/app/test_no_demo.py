"""Where the product runs for real there is no demo: no page of it, and nothing that leads there."""

from pathlib import Path

from tests.attacks.pressing import dashboard


async def test_the_demos_pages_are_none_and_stand_in_no_bar(tmp_path: Path, sqlite_template: Path) -> None:
    async with dashboard(tmp_path, sqlite_template, ("owner",)) as running:
        cookie = {"Cookie": running.owners["owner"].cookie}
        for address in ("/demo", "/demo/newest"):
            assert (await running.web.get(address, headers=cookie)).status_code == 404, address
        home = (await running.web.get("/?tour=1", headers=cookie)).text
        assert "Home" in home
        assert "/demo" not in home
        assert "Guided tour" not in home

"""What does not agree after a fault is found: every check of the table is shown to bite."""

import asyncio
import sys
from pathlib import Path

import pytest

from core.browser.launching import Quarters
from tests.faults import agreement
from tests.faults.agreement import disagreements
from tests.faults.embedded import Play, play


async def test_whatever_does_not_agree_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agreement, "GONE_WITHIN", 0.5)
    async with play(tmp_path) as made:
        assert (await made.finish()).wrong == ()

        another = made.shop.make_key("OmniOps", "admin", "read").record
        assert made.shop.most_keys == 2
        assert await disagreements(made.settings, made.shop) == ["it is done, and the shop has 2 keys"]
        made.shop.revoke_key(another.id)

        made.shop.products.append(made.shop.products[0] | {"id": 4711})
        assert await disagreements(made.settings, made.shop) == ["47 products came over of the shop's 48"]
        made.shop.products.pop()

        Quarters.at(made.settings.browser_folder).folder.mkdir()
        assert await disagreements(made.settings, made.shop) == ["browser is left"]
        Quarters.at(made.settings.browser_folder).folder.rmdir()

        await something_is_left_running(made)

        picture = next(made.folder.rglob("*.full.webp"))
        picture.write_bytes(b"another")
        (changed,) = await disagreements(made.settings, made.shop)
        assert changed.endswith("its picture was changed")
        picture.unlink()
        assert len(await disagreements(made.settings, made.shop)) == 2

        made.shop.revoke_key(made.shop.keys[0].id)
        made.shop.make_key("OmniOps", "admin", "read")
        assert "the key in the vault does not open the shop" in await disagreements(made.settings, made.shop)


async def something_is_left_running(made: Play) -> None:
    """A process that names a folder of ours is one of ours."""
    sleeping = [sys.executable, "-c", "import time; time.sleep(60)", str(made.folder)]
    process = await asyncio.create_subprocess_exec(*sleeping)
    while not agreement.processes_of(made.settings):  # noqa: ASYNC110  it may still be on its way from our command to its own
        await asyncio.sleep(0)
    (found,) = await disagreements(made.settings, made.shop)
    assert found.startswith("processes are left")
    process.kill()
    await process.wait()


async def test_what_is_half_done_is_told(tmp_path: Path) -> None:
    async with play(tmp_path) as made:
        assert await made.killed_at("after:intent:3")
        found = "; ".join(await disagreements(made.settings, made.shop))
    for one in ("the operation is in_progress", "are still under way", "the audit has 0 ends", "browser is left"):
        assert one in found

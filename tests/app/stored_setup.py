"""A setup that was done once and is gone on from by many tests: what is shown is what comes after it."""

import copy
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from app.practice_shop.faults import Fault
from app.practice_shop.serving import serve
from app.practice_shop.shop import PracticeShop
from core.operations.views import OperationView
from core.security.people.people import Visitor
from tests.app.running import Stage, at_work, settings, stage
from tests.app.secret_scan import shop_with


@dataclass(frozen=True)
class StoredSetup:
    """The product's folder and the shop as they were when the setup had ended."""

    folder: Path
    shop: PracticeShop
    port: int
    visitor: Visitor
    ended: OperationView

    @classmethod
    async def done(cls, folder: Path) -> "StoredSetup":
        """Do it, in this folder."""
        async with stage(folder, shop_with()) as play:
            ended = await play.ended(await play.begin())
            assert ended.failure is None
        return cls.of(play, ended)

    @classmethod
    def of(cls, play: Stage, ended: OperationView) -> "StoredSetup":
        """What a stage has left, once it is over."""
        return cls(play.folder, play.shop, int(play.store_url.rsplit(":", 1)[1]), play.visitor, ended)

    @asynccontextmanager
    async def gone_on_from(self, folder: Path, *faults: Fault, latency: float = 0.0) -> AsyncIterator[Stage]:
        """Everything running again, on a copy of what was stored, at the address that the shop had."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        shop = copy.deepcopy(self.shop)
        shop.requests.clear()
        shop.latency_seconds = latency
        shop.switch(faults)
        async with at_work(settings(folder, self.port)) as autopilot, serve(shop, self.port) as store_url:
            yield Stage(autopilot, autopilot.services, self.visitor, shop, store_url, folder)

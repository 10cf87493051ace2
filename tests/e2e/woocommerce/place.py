"""The practice shop, to prove the integration on."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from app.practice_shop.serving import serve_in_thread
from app.practice_shop.shop import PracticeShop
from tests.contract.place import Place


@contextmanager
def place(config: pytest.Config) -> Iterator[Place]:
    """A shop of its own, empty of keys."""
    shop = PracticeShop()
    with serve_in_thread(shop) as address:
        yield Place(address, "admin", shop.password_of("admin"), lambda: [key.description for key in shop.keys])

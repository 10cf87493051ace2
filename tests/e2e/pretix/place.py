"""The real pretix, to prove the integration on."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from scripts.real.pretix import OWNER
from tests.contract.place import Place
from tests.real.sites import pretix_of


@contextmanager
def place(config: pytest.Config) -> Iterator[Place]:
    """An owner of the site of this session, whose team may only look, and has no token."""
    site = pretix_of(config)
    site.remove_tokens()
    yield Place(site.url, OWNER, site.password_of(OWNER), site.tokens)
    site.remove_tokens()

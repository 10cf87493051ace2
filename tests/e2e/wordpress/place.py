"""The real WordPress, to prove the integration on."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.contract.place import Place
from tests.real.sites import wordpress_of


@contextmanager
def place(config: pytest.Config) -> Iterator[Place]:
    """An editor of the site of this session, without any application password."""
    site = wordpress_of(config)
    site.remove_application_passwords("editor")
    yield Place(site.url, "editor", site.password_of("editor"), lambda: site.application_passwords("editor"))
    site.remove_application_passwords("editor")

"""What the tests on real products share."""

import pytest

from scripts.real.site import Site
from tests.real.sites import wordpress_of


@pytest.fixture
def wordpress(pytestconfig: pytest.Config) -> Site:
    """The real WordPress of this session; its content is shared with all other tests that use it."""
    return wordpress_of(pytestconfig)

"""Where the browser puts what it needs: its sockets always have an address that is short enough."""

import os
from pathlib import Path

import pytest

from core.browser.launching import LONGEST_FOLDER, Quarters


@pytest.mark.parametrize("length", [20, *range(LONGEST_FOLDER - 12, LONGEST_FOLDER + 3), 200])
def test_sockets_have_short_addresses_and_are_found_again(length: int) -> None:
    folder = Path("/" + "f" * (length - 1))
    quarters = Quarters.at(folder)
    assert quarters.folder == folder
    assert len(os.fsencode(quarters.sockets)) <= LONGEST_FOLDER
    assert Quarters.at(folder) == quarters
    assert quarters.sockets.is_relative_to(folder) is (length + len("/sockets") <= LONGEST_FOLDER)

"""What is no envelope at all is refused in the same words as a wrong one."""

import os

import pytest

from core.security.keys.envelope import CannotOpen, unseal


@pytest.mark.parametrize("text", ["", "a", "no base64!", "\u00e9" * 40, "AAAA"])
def test_what_is_no_envelope_does_not_open(text: str) -> None:
    with pytest.raises(CannotOpen) as refused:
        unseal(os.urandom(32), text, b"here")
    assert str(refused.value) == str(CannotOpen())

"""What every integration does with the key that it has made asks for nothing more than the key. That it works: test_lifecycle.py."""

from core.integrations.every import every_integration
from core.security.addresses import AddressGuard, SystemResolver


def test_what_keeps_a_connection_up_asks_for_no_sign_in(service: str) -> None:
    found = [one for one in every_integration(AddressGuard(SystemResolver())) if one.keeps_up]
    of_service = [one for one in found if one.service == service]
    assert "check" in {one.operation for one in of_service}
    for one in of_service:
        assert (one.sign_in, one.unproven, one.ends, one.opens_browser) == ((), (), False, False)
        assert one.intro

"""What every integration does with the key that it has made: look whether it still works, and bring over again."""

from core.integrations.every import every_integration
from core.security.addresses import AddressGuard, SystemResolver
from tests.contract.place import Place
from tests.contract.running import Run


def test_what_keeps_a_connection_up_asks_for_no_sign_in(service: str) -> None:
    found = [one for one in every_integration(AddressGuard(SystemResolver())) if one.keeps_up]
    of_service = [one for one in found if one.service == service]
    assert "check" in {one.operation for one in of_service}
    for one in of_service:
        assert (one.sign_in, one.unproven, one.ends, one.opens_browser) == ((), (), False, False)
        assert one.intro


async def test_a_key_that_was_made_is_used_again(run: Run, place: Place) -> None:
    made = await run.done(run.setup)
    assert made.failure is None
    keys = place.keys()
    for one in run.services.integrations.upkeep(run.setup.service):
        await run.agree(one)
        ended = await run.ended(await run.start(one))
        assert ended.failure is None, one.operation
    (connected,) = await run.services.connections.list(run.visitor)
    assert (connected.trouble, place.keys()) == (None, keys)

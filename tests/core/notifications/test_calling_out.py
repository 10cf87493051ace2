"""A webhook's address is called where it was found to be, if that is public; nothing leads a call elsewhere."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.notifications import calling_out
from core.notifications.calling_out import PUBLIC_ONLY, BadWebhook, HookCaller, HookUrl, NotDelivered
from core.security.addresses import AddressGuard
from tests.core.integrations.woocommerce.certificate import self_signed
from tests.core.notifications.receiver import Receiver, receiver
from tests.core.notifications.telling import EVERYTHING, telling
from tests.core.operations.house import House
from tests.fakes.resolver import FakeResolver

NAME, PUBLIC, HERE = "hooks.example", "93.184.215.14", "127.0.0.1"
PRIVATE = ("127.0.0.1", "10.0.0.8", "169.254.169.254", "::1", "fd00::1", "::ffff:10.0.0.1")


def caller(resolver: FakeResolver, *allowed: str) -> HookCaller:
    return HookCaller(AddressGuard(resolver, frozenset(allowed)))


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example/",
        "https://hooks.example:8443/",
        "https://127.0.0.1/",
        "https://2130706433/",
        "https://[::1]/",
        "https://localhost/",
        "https://93.184.215.14/",
    ],
)
async def test_only_public_https_addresses_with_a_name_are_taken(cottage: House, url: str) -> None:
    told = telling(cottage, resolver=FakeResolver(**{NAME: (PUBLIC,)}))
    with pytest.raises(BadWebhook) as refused:
        await told.desk.add_webhook(cottage.visitor, url, EVERYTHING)
    assert refused.value.because == PUBLIC_ONLY
    assert await told.desk.webhooks(cottage.visitor) == ()


@pytest.mark.parametrize("address", PRIVATE)
async def test_a_name_that_leads_into_a_private_network_is_refused(cottage: House, address: str) -> None:
    told = telling(cottage, resolver=FakeResolver(**{NAME: (PUBLIC, address)}))
    with pytest.raises(BadWebhook, match="Only public"):
        await told.desk.add_webhook(cottage.visitor, f"https://{NAME}/", EVERYTHING)


async def test_a_name_that_nobody_has_is_told(cottage: House) -> None:
    with pytest.raises(BadWebhook, match=r"No server is known as nowhere\.example"):
        await telling(cottage, resolver=FakeResolver()).desk.add_webhook(
            cottage.visitor, "https://nowhere.example/", EVERYTHING
        )


async def test_a_name_that_leads_inside_later_is_not_called_then(cottage: House, listening: Receiver) -> None:
    """It was public when it was added; the call itself looks again."""
    resolver = FakeResolver(**{NAME: (PUBLIC,)})
    told = telling(cottage, resolver=resolver)
    await told.desk.add_webhook(cottage.visitor, f"https://{NAME}/", EVERYTHING)
    await told.ended()
    resolver.hosts[NAME] = (HERE,)
    await told.rounds.round()
    assert listening.calls == []
    (row,) = await told.outbox()
    assert row.last_failure == PUBLIC_ONLY


@contextmanager
def trusting(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> Iterator[ssl.SSLContext]:
    """A server's side of a certificate for this name, which calls trust."""
    server, trusted = self_signed(folder, name)
    with monkeypatch.context() as patch:
        patch.setattr(calling_out, "trusted", lambda: trusted)
        yield server


async def test_a_call_goes_to_the_address_that_was_looked_at_under_its_own_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system's resolver does not know this name: nobody but the guard asks for it, and once."""
    resolver = FakeResolver(**{NAME: (HERE,)})
    with trusting(tmp_path, monkeypatch, NAME) as context, receiver(context) as listening:
        place = f"{NAME}:{listening.port}"
        await caller(resolver, place).post(HookUrl.of(f"https://{place}/x"), b"{}", {})
    (call,) = listening.calls
    assert (call.path, call.headers["host"]) == ("/x", place)
    assert resolver.asked == [place]


async def test_a_certificate_of_another_name_or_one_that_nobody_vouches_for_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolver = FakeResolver(**{NAME: (HERE,)})
    with trusting(tmp_path, monkeypatch, "evil.example") as context, receiver(context) as listening:
        place = f"{NAME}:{listening.port}"
        with pytest.raises(NotDelivered, match="Nobody vouches"):
            await caller(resolver, place).post(HookUrl.of(f"https://{place}/"), b"{}", {})
    context, _ = self_signed(tmp_path, NAME)
    with receiver(context) as listening:
        place = f"{NAME}:{listening.port}"
        with pytest.raises(NotDelivered, match="Nobody vouches"):
            await caller(resolver, place).post(HookUrl.of(f"https://{place}/"), b"{}", {})
    assert listening.calls == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(listening: Receiver, status: int) -> None:
    with receiver() as inside:
        listening.statuses, listening.location = [status], inside.url
        resolver = FakeResolver(**{HERE: (HERE,)})
        with pytest.raises(NotDelivered, match=f"It said {status}. Redirects are not followed"):
            await caller(resolver, listening.host_port, inside.host_port).post(HookUrl.of(listening.url), b"{}", {})
        assert inside.calls == []


async def test_an_answer_without_an_end_is_not_read(listening: Receiver) -> None:
    listening.endless = True
    resolver = FakeResolver(**{HERE: (HERE,)})
    await caller(resolver, listening.host_port).post(HookUrl.of(listening.url), b"{}", {})
    assert len(listening.calls) == 1


async def test_who_does_not_listen_or_answer_is_told(listening: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    resolver = FakeResolver(**{HERE: (HERE,)})
    with pytest.raises(NotDelivered, match="could not be reached"):
        await caller(resolver, f"{HERE}:1").post(HookUrl.of(f"http://{HERE}:1/"), b"{}", {})
    monkeypatch.setattr(calling_out, "ANSWERS_WITHIN", 0.0001)
    with pytest.raises(NotDelivered, match="did not answer within"):
        await caller(resolver, listening.host_port).post(HookUrl.of(listening.url), b"{}", {})


async def test_no_proxy_of_the_environment_is_used(listening: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    with receiver() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://{proxy.host_port}")
        resolver = FakeResolver(**{HERE: (HERE,)})
        await caller(resolver, listening.host_port).post(HookUrl.of(listening.url), b"{}", {})
        assert (len(listening.calls), proxy.calls) == (1, [])

"""Secrets go in write-only, and come out one at a time, to a run that is under way, counted and recorded first."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from core.agents.integration import AUTHENTICATOR, ONE_TIME_CODE, UnknownService
from core.browser.secrets import FieldKind
from core.database.session import CustomerSession, Database
from core.database.states import OperationStatus
from core.errors import NotFound
from core.operations.credentials import BadCredentials
from core.operations.ending import Ending
from core.operations.lease import LeaseLost
from core.operations.run_time import RunTime
from core.security.audit import audit_log
from core.security.audit.audit_log import AuditAction
from core.security.one_time_codes import BadSeed, OneTimeCodes
from core.security.origin import BadAddress, Origin
from core.security.secret import LONGEST_SECRET, Secret
from core.security.vault.vault import NoCredential, SecretRef
from tests.core.operations.house import OTHER_SHOP, SECRETS, SHOP, House, house
from tests.fakes.clock import MovedClock
from tests.fakes.integration import PASSWORD, SERVICE, USERNAME

S = OperationStatus
SEED, KEY = AUTHENTICATOR.name, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


async def test_what_is_stored_is_told_of_without_any_value(cottage: House) -> None:
    await cottage.sign_in()
    stored = await cottage.credentials.list(cottage.visitor)
    assert {(one.service, one.origin, one.field, one.use_count) for one in stored} == {
        (SERVICE, SHOP, USERNAME, 0),
        (SERVICE, SHOP, PASSWORD, 0),
    }
    told = f"{stored!r} {await cottage.entries()!r}"
    assert [value for value in SECRETS.values() if value in told] == []
    assert await cottage.actions() == [AuditAction.CONSENT_GRANTED, *[AuditAction.SECRET_STORED] * 2]


async def test_a_second_sign_in_takes_the_place_of_the_first(cottage: House) -> None:
    lease = await cottage.claimed()
    await cottage.credentials.store(
        cottage.visitor, SERVICE, SHOP, {USERNAME: Secret("tea"), PASSWORD: Secret("a new one")}
    )
    assert len(await cottage.credentials.list(cottage.visitor)) == 2
    used = await cottage.secrets_of(lease).use(PASSWORD, "a test")
    assert used == Secret("a new one")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({USERNAME: "tea"}, "Give these fields, and no others: admin_username, admin_password"),
        ({USERNAME: "tea", PASSWORD: "canary-1", "shoe_size": "canary-2"}, "Give these fields, and no others"),
        ({}, "Give these fields"),
        ({USERNAME: "tea", PASSWORD: ""}, "“Password” is empty or too long"),
        ({USERNAME: "tea", PASSWORD: "canary" * LONGEST_SECRET}, "“Password” is empty or too long"),
        ({USERNAME: "tea", PASSWORD: "canary\udcff"}, "“Password” has characters that are no text"),
        ({USERNAME: "tea", PASSWORD: "cup"}, "“Password” is shorter than 4 characters"),
        ({USERNAME: "tea", PASSWORD: "  cup  "}, "“Password” is shorter than 4 characters"),
    ],
)
async def test_what_does_not_fit_is_refused_without_repeating_it(
    cottage: House, fields: Mapping[str, str], words: str
) -> None:
    given = {name: Secret(value) for name, value in fields.items()}
    with pytest.raises(BadCredentials, match=words) as refused:
        await cottage.credentials.store(cottage.visitor, SERVICE, SHOP, given)
    assert "canary" not in f"{refused.value!r} {refused.value} {refused.value.__cause__!r}"
    assert await cottage.credentials.list(cottage.visitor) == ()


async def test_an_authenticators_key_is_optional_checked_at_once_and_forgotten_with_the_next_sign_in(
    cottage: House,
) -> None:
    given = {USERNAME: Secret("tea"), PASSWORD: Secret("a long one")}
    for wrong in ("123456", "234567", " "):
        with pytest.raises((BadSeed, BadCredentials)):
            await cottage.credentials.store(cottage.visitor, SERVICE, SHOP, {**given, SEED: Secret(wrong)})
    assert await cottage.credentials.list(cottage.visitor) == ()
    with pytest.raises(BadCredentials, match="and, if need be, totp_seed"):
        await cottage.credentials.store(cottage.visitor, SERVICE, SHOP, {SEED: Secret(KEY)})
    await cottage.credentials.store(cottage.visitor, SERVICE, SHOP, {**given, SEED: Secret(KEY)})
    assert {one.field for one in await cottage.credentials.list(cottage.visitor)} == {USERNAME, PASSWORD, SEED}
    await cottage.credentials.store(cottage.visitor, SERVICE, SHOP, given)
    assert {one.field for one in await cottage.credentials.list(cottage.visitor)} == {USERNAME, PASSWORD}


async def test_codes_come_from_the_key_counted_and_at_the_moment_they_are_typed(home: House) -> None:
    lease = await home.claimed()
    given = {name: Secret(value) for name, value in SECRETS.items()}
    await home.credentials.store(home.visitor, SERVICE, SHOP, {**given, SEED: Secret(KEY)})
    secrets = home.secrets_of(lease)
    codes = []
    for _ in range(2):
        typed = await secrets.reveal(ONE_TIME_CODE)
        assert typed.secret == OneTimeCodes.of(Secret(KEY)).at(home.clock.now())
        assert (typed.origin, typed.kind) == (Origin.of(SHOP), FieldKind.CODE)
        codes.append(typed.reveal())
        home.clock.move(timedelta(seconds=30))
    assert codes[0] != codes[1]
    counted = {one.field: one.use_count for one in await home.credentials.list(home.visitor)}
    assert counted[SEED] == 2
    told = repr(await home.entries())
    assert [one for one in (KEY, *codes) if one in told] == []
    await home.run(partial(home.endings.write, lease, Ending.failed("internal", "It broke.")))
    assert await home.credentials.list(home.visitor) == ()


async def test_a_code_that_was_used_is_not_used_again_by_any_run_of_the_process(home: House) -> None:
    lease = await home.claimed()
    given = {name: Secret(value) for name, value in SECRETS.items()}
    for shop in (SHOP, OTHER_SHOP):
        await home.credentials.store(home.visitor, SERVICE, shop, {**given, SEED: Secret(KEY)})
    begun = home.clock.now()
    home.clock.move(timedelta(seconds=7))
    first = await home.secrets_of(lease).one_time_code()
    await home.secrets_of(lease, OTHER_SHOP).one_time_code()
    assert home.clock.now() == begun + timedelta(seconds=7)  # the first code of each shop is there at once
    second = await home.secrets_of(lease).one_time_code()
    assert home.clock.now() == begun + timedelta(seconds=30)
    assert (first, second) == (
        OneTimeCodes.of(Secret(KEY)).at(begun),
        OneTimeCodes.of(Secret(KEY)).at(home.clock.now()),
    )
    home.clock.move(timedelta(minutes=1))
    later = home.clock.now()
    await home.secrets_of(lease).one_time_code()
    assert home.clock.now() == later


async def test_services_share_a_shop_s_sign_in_and_take_its_codes_in_turn(home: House) -> None:
    lease = await home.claimed()
    given = {name: Secret(value) for name, value in SECRETS.items()}
    await home.credentials.store(home.visitor, SERVICE, SHOP, {**given, SEED: Secret(KEY)})
    other = SecretRef("wordpress", Origin.of(SHOP), SEED)
    actor = home.visitor.actor
    await home.run(
        lambda session: home.vault.store(
            session, lease.customer_id, other, Secret(KEY), at=home.clock.now(), actor=actor
        )
    )
    one = home.secrets_of(lease)
    codes = await asyncio.gather(one.one_time_code(), replace(one, service="wordpress").one_time_code())
    assert codes[0] != codes[1]


async def test_a_run_s_time_stands_still_while_the_next_code_is_waited_for(home: House) -> None:
    time, waited = RunTime(), list[float | None]()

    class Watched(MovedClock):
        async def until(self, moment: datetime) -> None:
            assert time._limit is not None
            waited.append(time._limit.when())
            await super().until(moment)

    lease = await home.claimed()
    given = {name: Secret(value) for name, value in SECRETS.items()}
    await home.credentials.store(home.visitor, SERVICE, SHOP, {**given, SEED: Secret(KEY)})
    secrets = replace(home.secrets_of(lease), clock=Watched(home.clock.now()), time=time)
    async with time.limited(60):
        for _ in range(2):
            await secrets.one_time_code()
    assert waited == [None]


async def test_without_a_key_there_is_no_code(cottage: House) -> None:
    secrets = cottage.secrets_of(await cottage.claimed())
    with pytest.raises(NoCredential, match="totp_seed"):
        await secrets.one_time_code()


async def test_what_is_taken_is_gone_with_it(home: House) -> None:
    lease = await home.claimed()
    secrets = home.secrets_of(lease)
    take = partial(secrets.take, field=PASSWORD, purpose="a test")
    assert await home.run(take) == Secret(SECRETS[PASSWORD])
    with pytest.raises(NoCredential):
        await home.run(take)
    await home.put(lease.operation_id, fence=7)
    with pytest.raises(LeaseLost):
        await home.run(partial(secrets.take, field=USERNAME, purpose="a test"))


async def test_a_user_name_may_be_short_and_a_password_just_long_enough(cottage: House) -> None:
    given = {USERNAME: Secret("a"), PASSWORD: Secret("cups")}
    await cottage.credentials.store(cottage.visitor, SERVICE, SHOP, given)
    assert len(await cottage.credentials.list(cottage.visitor)) == 2


@pytest.mark.parametrize(
    ("service", "shop", "error"), [("magento", SHOP, UnknownService), (SERVICE, "https://a@tea.example", BadAddress)]
)
async def test_nothing_is_stored_for_what_is_not_there(
    cottage: House, service: str, shop: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await cottage.credentials.store(cottage.visitor, service, shop, {})


async def test_deleted_is_gone_and_recorded(home: House, database: Database, clock: MovedClock) -> None:
    lease = await home.claimed()
    stranger = await house(database, clock)
    stored = {one.field: one.id for one in await home.credentials.list(home.visitor)}
    for credential_id in (stored[PASSWORD], uuid4()):
        with pytest.raises(NotFound):
            await stranger.credentials.delete(stranger.visitor, credential_id, because="mine?")
    await home.credentials.delete(home.visitor, stored[PASSWORD], because="it leaked")
    with pytest.raises(NoCredential):
        await home.secrets_of(lease).use(PASSWORD, "a test")
    entry = (await home.entries())[-1]
    assert (entry.action, entry.actor) == (AuditAction.SECRET_DELETED, home.visitor.actor)


async def test_a_use_is_counted_and_recorded(home: House) -> None:
    lease = await home.claimed()
    used = await home.secrets_of(lease).use(PASSWORD, purpose="sign in to the shop")
    assert used.reveal() == SECRETS[PASSWORD]
    counted = {one.field: one.use_count for one in await home.credentials.list(home.visitor)}
    assert counted == {USERNAME: 0, PASSWORD: 1}
    entry = (await home.entries())[-1]
    assert (entry.action, entry.actor, entry.operation_id) == (AuditAction.SECRET_USED, "agent", lease.operation_id)
    assert entry.detail is not None
    assert entry.detail["purpose"] == "sign in to the shop"


async def test_a_use_that_can_not_be_recorded_gives_no_value(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    lease = await home.claimed()

    def fail(*given: Any, **named: Any) -> int:
        raise RuntimeError("the chain is broken")

    monkeypatch.setattr(audit_log, "record", fail)
    with pytest.raises(RuntimeError) as failed:
        await home.secrets_of(lease).use(PASSWORD, "a test")
    assert SECRETS[PASSWORD] not in repr(failed.value)
    assert {one.use_count for one in await home.credentials.list(home.visitor)} == {0}


@pytest.mark.parametrize("status", [S.PENDING, S.CANCELLED, S.COMPLETED, S.FAILED])
async def test_what_is_not_under_way_uses_no_secret(home: House, status: OperationStatus) -> None:
    lease = await home.claimed()
    await home.put(lease.operation_id, status=status.value)
    before = await home.actions()
    with pytest.raises(LeaseLost):
        await home.secrets_of(lease).use(PASSWORD, "a test")
    assert await home.actions() == before


async def test_who_lost_the_operation_uses_no_secret(home: House) -> None:
    lost = await home.claimed()
    held = await home.take_over(lost)
    before = await home.actions()
    with pytest.raises(LeaseLost):
        await home.secrets_of(lost).use(PASSWORD, "a test")
    assert await home.actions() == before
    assert await home.secrets_of(held).use(PASSWORD, "a test") == Secret(SECRETS[PASSWORD])


async def test_a_run_finds_the_secrets_of_its_own_shop_only(cottage: House) -> None:
    lease = await cottage.claimed()
    mine = cottage.secrets_of(lease)
    elsewhere = replace(mine, origin=Origin.of(OTHER_SHOP))
    assert await mine.stored() == {USERNAME, PASSWORD}
    assert await elsewhere.stored() == frozenset()
    assert await replace(mine, service="magento").stored() == frozenset()
    for another in (elsewhere, replace(mine, origin=Origin.of("https://tea.example:8443"))):
        with pytest.raises(NoCredential, match="is not stored"):
            await another.use(PASSWORD, "a test")


async def test_what_is_typed_is_bound_to_a_place_and_a_kind_of_field(cottage: House) -> None:
    secrets = cottage.secrets_of(await cottage.claimed())
    name, password = await secrets.reveal(USERNAME), await secrets.reveal(PASSWORD)
    assert (name.kind, password.kind) == (FieldKind.USERNAME, FieldKind.PASSWORD)
    assert (password.origin, password.reveal()) == (Origin.of(SHOP), SECRETS[PASSWORD])
    assert SECRETS[PASSWORD] not in f"{password!r} {password} {secrets!r}"


async def test_a_key_is_kept_with_the_transaction_or_not_at_all(home: House) -> None:
    lease = await home.claimed()
    secrets = home.secrets_of(lease)
    keep = partial(secrets.keep, field="consumer_secret", secret=Secret("cs_canary"))

    def keep_and_fail(session: CustomerSession) -> None:
        keep(session)
        raise RuntimeError("after all")

    with pytest.raises(RuntimeError):
        await home.run(keep_and_fail)
    assert "consumer_secret" not in await secrets.stored()
    await home.run(keep)
    assert await secrets.use("consumer_secret", "a test") == Secret("cs_canary")
    assert "cs_canary" not in repr(await home.entries())

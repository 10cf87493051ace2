"""The second factor: a code is good once, for its own person, and guessing gets slow; its key is sealed."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from sqlmodel import select

from core.agents.integration import Integrations
from core.database.roles import Role
from core.database.session import CustomerSession, Database
from core.database.tables import CredentialRow, RecoveryCodeRow
from core.errors import CoreError
from core.operations.credentials import CredentialDesk
from core.operations.wordings import Wordings
from core.security.audit import audit_log
from core.security.consent.consent_text import ConsentTexts
from core.security.one_time_codes import OneTimeCodes
from core.security.people import second_factor
from core.security.people.accounts import Accounts
from core.security.people.people import People, WrongSignIn
from core.security.people.proof import Proof
from core.security.people.second_factor import AlreadyEnrolled, SecondFactors, WrongCode
from core.security.people.seeds import VaultSeeds
from core.security.people.throttle import FREE_TRIES, LONGEST_WAIT, TooManyTries
from core.security.people.visitor import Visitor
from core.security.secret import Secret
from core.security.vault.rollback import RolledBack
from core.security.vault.vault import NoCredential, Vault
from tests.core.operations.house import TEXTS
from tests.fakes.clock import MovedClock
from tests.fakes.keys import FixedKey

PERIOD = timedelta(seconds=30)
PROOF = Proof(Secret("a long enough one"))


class App:
    """Somebody's authenticator app."""

    def __init__(self, factors: SecondFactors, clock: MovedClock, who: Visitor) -> None:
        self.factors, self.clock, self.who = factors, clock, replace(who, session_id=uuid4())

    async def scan(self) -> None:
        enrolment = await self.factors.begin(self.who)
        self.codes = OneTimeCodes.of(enrolment.address)

    def code(self, late: int = 0) -> Secret:
        return self.codes.of_step(self.codes.step(self.clock.now()) + late)

    async def enrolled(self) -> "App":
        await self.scan()
        await self.factors.confirm(self.who, self.code())
        self.clock.move(2 * PERIOD)
        return self

    async def outcome(self, code: Secret) -> str:
        try:
            await self.factors.check(self.who, code)
        except CoreError as error:
            return error.code
        return "right"


@pytest.fixture
async def vault(database: Database, clock: MovedClock) -> Vault:
    vault = Vault(FixedKey())
    await database.run_across_customers(lambda s: vault.open_database(s, at=clock.now()), because="a test begins")
    return vault


@pytest.fixture
def factors(database: Database, clock: MovedClock, vault: Vault) -> SecondFactors:
    return SecondFactors(database, clock, VaultSeeds(vault), People(database, clock))


@pytest.fixture
async def ana(database: Database, clock: MovedClock, factors: SecondFactors) -> App:
    people = People(database, clock)
    company = await people.add_customer("OmniOps")
    return App(factors, clock, await people.add_user(company, "ana@x.example", "a long enough one", Role.ADMIN))


async def test_it_is_on_once_the_app_was_shown_to_work(factors: SecondFactors, ana: App) -> None:
    await ana.scan()
    first = ana.codes.key
    with pytest.raises(WrongCode):
        await factors.confirm(ana.who, Secret("000000"))
    assert not await factors.is_on(ana.who)
    await ana.scan()
    assert ana.codes.key == first  # who mistypes need not scan anew
    await factors.confirm(ana.who, ana.code())
    assert await factors.is_on(ana.who)
    with pytest.raises(AlreadyEnrolled):
        await factors.begin(ana.who)
    with pytest.raises(AlreadyEnrolled):
        await factors.confirm(ana.who, ana.code())


async def test_a_key_that_was_shown_in_another_session_is_worth_nothing(factors: SecondFactors, ana: App) -> None:
    """Whoever sat here before has scanned it, and waits for its person to turn it on."""
    before = App(factors, ana.clock, ana.who)
    await before.scan()
    await ana.scan()
    assert ana.codes.key != before.codes.key
    for code, who in ((before.code(), ana.who), (ana.code(), before.who), (before.code(), before.who)):
        with pytest.raises(WrongCode):
            await factors.confirm(who, code)
    await factors.confirm(ana.who, ana.code())
    assert await factors.is_on(ana.who)


async def test_after_a_hundred_wrong_codes_a_new_app_helps(ana: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """Six will do here."""
    monkeypatch.setattr(second_factor, "MOST_IN_A_ROW", FREE_TRIES + 1)
    await ana.enrolled()
    for _ in range(FREE_TRIES + 1):
        await ana.outcome(Secret("000000"))
        ana.clock.move(LONGEST_WAIT)
    assert await ana.outcome(ana.code()) == "wrong_code"
    await ana.factors.remove(ana.who, by="system")
    await ana.enrolled()
    assert await ana.outcome(ana.code()) == "right"


async def test_the_address_of_the_picture_is_one_that_apps_read(factors: SecondFactors, ana: App) -> None:
    enrolment = await factors.begin(ana.who)
    address = urlsplit(enrolment.address.reveal())
    assert (address.scheme, address.netloc) == ("otpauth", "totp")
    assert parse_qs(address.query) == {"secret": [enrolment.seed.reveal()], "issuer": ["OmniOps Autopilot"]}
    assert len(enrolment.seed.reveal()) == 32
    assert enrolment.seed.reveal() not in repr(enrolment)


async def test_a_code_is_good_once_and_so_is_none_before_it(ana: App) -> None:
    await ana.enrolled()
    assert await ana.outcome(ana.code()) == "right"
    assert await ana.outcome(ana.code()) == "wrong_code"
    assert await ana.outcome(ana.code(-1)) == "wrong_code"
    ana.clock.move(PERIOD)
    assert await ana.outcome(ana.code()) == "right"


async def test_the_code_of_the_enrolment_does_not_sign_in(ana: App) -> None:
    await ana.scan()
    code = ana.code()
    await ana.factors.confirm(ana.who, code)
    assert await ana.outcome(code) == "wrong_code"


@pytest.mark.parametrize(
    ("late", "found"), [(-2, "wrong_code"), (-1, "right"), (0, "right"), (1, "right"), (2, "wrong_code")]
)
async def test_clocks_may_differ_by_a_period(ana: App, late: int, found: str) -> None:
    await ana.enrolled()
    assert await ana.outcome(ana.code(late)) == found


async def test_of_two_at_once_with_the_same_code_one_gets_in(ana: App) -> None:
    await ana.enrolled()
    found = await asyncio.gather(*(ana.outcome(ana.code()) for _ in range(4)))
    assert sorted(found) == ["right", "wrong_code", "wrong_code", "wrong_code"]


@pytest.mark.parametrize("written", ["{0:.3} {0:3.6}", " {0} ", "{0}"])
async def test_spaces_do_not_matter(ana: App, written: str) -> None:
    await ana.enrolled()
    code = ana.code().reveal()
    text = f"{code[:3]} {code[3:]}" if written.startswith("{0:.3}") else written.format(code)
    assert await ana.outcome(Secret(text)) == "right"


@pytest.mark.parametrize("typed", ["", "0", "12345", "1234567", "١٢٣٤٥٦", "x" * 5000, "\ud800"])
async def test_anything_else_is_wrong(ana: App, typed: str) -> None:
    await ana.enrolled()
    assert await ana.outcome(Secret(typed)) == "wrong_code"


async def test_guessing_gets_slow(ana: App) -> None:
    await ana.enrolled()
    found = [await ana.outcome(Secret("000000")) for _ in range(FREE_TRIES + 1)]
    assert found == ["wrong_code"] * FREE_TRIES + ["too_many_tries"]
    with pytest.raises(TooManyTries):
        await ana.factors.check(ana.who, ana.code())


async def test_each_recovery_code_signs_in_once_and_new_ones_void_the_old(database: Database, ana: App) -> None:
    await ana.enrolled()
    old = await ana.factors.recovery_codes(ana.who, PROOF)
    codes = await ana.factors.recovery_codes(ana.who, PROOF)
    assert len({one.reveal() for one in codes}) == 8
    assert await ana.outcome(old[0]) == "wrong_code"
    assert await ana.outcome(Secret(codes[0].reveal().lower().replace("-", " "))) == "right"
    assert await ana.outcome(codes[0]) == "wrong_code"
    assert await ana.outcome(codes[1]) == "right"
    kept = await database.read(ana.who.customer_id, lambda s: repr(s.exec(select(RecoveryCodeRow)).all()))
    assert not any(one.reveal() in kept or one.reveal().replace("-", "") in kept for one in codes)


async def test_an_open_browser_makes_no_recovery_codes_without_the_password(ana: App) -> None:
    await ana.enrolled()
    codes = await ana.factors.recovery_codes(ana.who, PROOF)
    with pytest.raises(WrongSignIn):
        await ana.factors.recovery_codes(ana.who)
    assert await ana.outcome(codes[0]) == "right"


async def test_a_recovery_code_is_its_persons_alone(database: Database, ana: App) -> None:
    await ana.enrolled()
    codes = await ana.factors.recovery_codes(ana.who, PROOF)
    people = People(database, ana.clock)
    other = await people.add_user(ana.who.customer_id, "bo@x.example", "a long enough one", Role.OPERATOR)
    bo = await App(ana.factors, ana.clock, other).enrolled()
    assert await bo.outcome(codes[0]) == "wrong_code"
    assert await bo.outcome(ana.code()) == "wrong_code"


async def test_the_key_is_sealed_and_opens_for_its_own_person_alone(database: Database, ana: App) -> None:
    await ana.scan()
    people = People(database, ana.clock)
    other = await people.add_user(ana.who.customer_id, "bo@x.example", "a long enough one", Role.OPERATOR)
    bo = App(ana.factors, ana.clock, other)
    await bo.scan()

    def swap(session: CustomerSession) -> str:
        one, two = session.exec(select(CredentialRow)).all()
        kept = repr((one, two))
        one.envelope, two.envelope = two.envelope, one.envelope
        session.add(one)
        session.add(two)
        return kept

    kept = await database.run(ana.who.customer_id, swap)
    enrolment = OneTimeCodes(ana.codes.key)
    assert enrolment.key.hex() not in kept
    with pytest.raises(RolledBack):  # before it is even opened: it is not what was stored there
        await ana.factors.confirm(ana.who, ana.code())


WORDINGS = Wordings(ConsentTexts.from_folder(TEXTS, "2.0"))


async def test_it_is_no_credential_of_the_companys_shops(database: Database, vault: Vault, ana: App) -> None:
    await ana.enrolled()
    desk = CredentialDesk(database, vault, Integrations([]), WORDINGS, ana.clock)
    assert await desk.list(ana.who) == ()
    (seed,) = await database.read(ana.who.customer_id, vault.stored)
    with pytest.raises(NoCredential):
        await desk.delete(ana.who, seed.id, because="mine?")
    with pytest.raises(NoCredential):
        await desk.limit(ana.who, seed.id, ana.clock.now() + PERIOD)
    assert await database.read(ana.who.customer_id, vault.stored) == (seed,)


async def test_who_has_lost_everything_is_asked_for_nothing_once_it_is_removed(database: Database, ana: App) -> None:
    await ana.enrolled()
    codes = await ana.factors.recovery_codes(ana.who, PROOF)
    await ana.factors.remove(ana.who, by="system")
    assert not await ana.factors.is_on(ana.who)
    assert await ana.outcome(codes[0]) == "wrong_code"
    left = await database.read(ana.who.customer_id, lambda s: s.exec(select(CredentialRow)).all())
    assert list(left) == []
    await ana.enrolled()
    actions = [one.action for one in await database.read(ana.who.customer_id, audit_log.read)]
    assert actions.count("second_factor_added") == 2
    assert "second_factor_removed" in actions


@pytest.mark.parametrize("role", Role)
def test_staff_can_not_do_without_and_in_the_demo_everybody_can(
    database: Database, clock: MovedClock, vault: Vault, role: Role
) -> None:
    who = Visitor(uuid4(), uuid4(), "x@x.example", role)
    assert SecondFactors(database, clock, VaultSeeds(vault), People(database, clock)).is_mandatory(who) is role.is_staff
    assert not SecondFactors(
        database, clock, VaultSeeds(vault), People(database, clock), Accounts(is_demo=True)
    ).is_mandatory(who)

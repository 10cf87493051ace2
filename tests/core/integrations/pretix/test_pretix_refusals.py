"""What a real pretix refuses is told as such, and a token that is wider than the consent does not stay there."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest
import pytest_asyncio

from core.agents.keys import PASSWORD, USERNAME
from core.agents.person import QuestionKind
from core.database.states import OperationStatus
from core.integrations.pretix.api import PretixApi
from core.integrations.pretix.key import API_TOKEN
from core.integrations.pretix.rights import CHANGES_PRODUCTS, OTHERS
from core.integrations.pretix.words import CHANGE_PRODUCTS, CREATE_TOKEN, READ_EVENTS
from core.operations.consents import ConsentRequest
from core.operations.service import NewOperation
from core.operations.views import OperationView
from core.security.origin import Origin
from core.security.secret import Secret
from scripts.real.pretix import GUARDED_OWNER, HELPER, OWNER, STRANGER
from scripts.real.pretix_site import PretixSite
from tests.app.watching import until
from tests.contract.place import Place
from tests.contract.running import Run, new_customer, running
from tests.core.integrations.conftest import WayOut
from tests.real.sites import pretix_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

# What pretix's own form of a team knows, by what it is to a token.
EVENT_RIGHTS: dict[str, set[str]] = {
    "event.settings.general:write": {"change settings of events"},
    "event.settings.payment:write": set(),  # with the right above, no token can use it
    "event.settings.tax:write": {"change taxes"},
    "event.settings.invoicing:write": set(),  # as above
    "event.subevents:write": {"change dates"},
    "event.items:write": {"change products"},
    "event.orders:read": {"see orders", "check guests in"},  # who sees orders sees the lists of guests
    "event.orders:write": {"change orders"},
    "event.orders:checkin": {"check guests in"},
    "event.vouchers:read": {"see vouchers"},
    "event.vouchers:write": {"change vouchers"},
    "event:cancel": set(),  # only people can
}
ORGANIZER_RIGHTS: dict[str, set[str]] = {
    "organizer.events:create": {"create events"},
    "organizer.settings.general:write": {"change the organizer's settings"},
    "organizer.teams:write": {"change teams"},
    "organizer.giftcards:read": {"see gift cards"},
    "organizer.giftcards:write": {"change gift cards"},
    "organizer.customers:read": {"see customers"},
    "organizer.customers:write": {"change customers"},
    "organizer.reusablemedia:read": {"see reusable media"},
    "organizer.reusablemedia:write": {"change reusable media"},
    "organizer.devices:read": {"see devices"},
    "organizer.devices:write": {"change devices"},
    "organizer.seatingplans:write": {"change seating plans"},
    "organizer.outgoingmails:read": set(),  # only people can
}
SEEN = EVENT_RIGHTS | ORGANIZER_RIGHTS
# pretix lets nobody change what they may not see.
RIGHTS_BESIDE = {
    one: [reads] for one in SEEN if one.endswith(":write") and (reads := one.replace(":write", ":read")) in SEEN
}


@pytest.fixture
def site(pytestconfig: pytest.Config) -> Iterator[PretixSite]:
    """The pretix of this session, whose team may only look."""
    site = pretix_of(pytestconfig)
    yield site
    site.allow()
    site.rename_team("OmniOps")
    site.remove_tokens()


@pytest.fixture(params=[OWNER])
def username(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def opened(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> AsyncIterator[Run]:
    """The product, and one browser, for all of them."""
    site = pretix_of(pytestconfig)
    place = Place(site.url, OWNER, site.password_of(OWNER), site.tokens)
    async with running(tmp_path_factory.mktemp("pretix"), "pretix", place) as one:
        yield one


@pytest_asyncio.fixture(loop_scope="module")
async def run(opened: Run, site: PretixSite, username: str) -> Run:
    """A customer of its own, who signs in as somebody."""
    place = Place(site.url, username, site.password_of(username), site.tokens)
    return replace(opened, visitor=await new_customer(opened.services), place=place)


async def failed_with(run: Run) -> tuple[str, str]:
    """The code with which a setup fails, and the reason."""
    ended = await run.done(run.setup)
    assert (ended.status, run.place.keys()) == (OperationStatus.FAILED, [])
    assert ended.failure is not None
    assert ended.failure.left_behind == ""
    return ended.failure.code, ended.failure.sentence


@pytest.mark.parametrize(
    ("username", "code"),
    [(HELPER, "no_rights"), (STRANGER, "no_rights")],
    indirect=["username"],
)
async def test_who_may_not_is_told_so(run: Run, code: str) -> None:
    assert (await failed_with(run))[0] == code


@pytest.mark.parametrize("username", [GUARDED_OWNER], indirect=True)
async def test_who_has_a_second_step_is_asked_for_its_code(run: Run) -> None:
    operation = await run.begin(run.setup)
    asking = await until(
        run.services, run.visitor, operation.id, lambda view: bool(view.question or view.status.is_over)
    )
    assert asking.question is not None, asking.failure
    assert asking.question.kind is QuestionKind.CODE
    await run.services.questions.decline(run.visitor, operation.id, asking.question.id)
    ended = await run.ended(operation)
    assert ended.failure is not None
    assert (ended.failure.code, ended.failure.left_behind, run.place.keys()) == ("second_factor", "", [])


async def test_where_there_is_no_team_of_ours_it_is_said_what_to_do(run: Run, site: PretixSite) -> None:
    site.rename_team("Omni")
    code, because = await failed_with(run)
    assert code == "no_team"
    assert "There is no team named “OmniOps”" in because


async def test_a_token_wider_than_the_consent_does_not_stay(run: Run, site: PretixSite) -> None:
    site.allow(events=["event.items:write", "event.orders:read"])
    code, because = await failed_with(run)
    assert code == "key_too_wide"
    assert "The team “OmniOps” may also: change products, see orders, check guests in." in because
    assert await run.services.connections.list(run.visitor) == ()


async def test_a_wider_consent_is_for_a_wider_token(run: Run, site: PretixSite) -> None:
    site.allow(events=["event.items:write"])
    made = await set_up_wider(run)
    assert made.failure is None
    assert made.result is not None
    assert (made.result.key_permission, made.result.product_count) == ("view and change", 3)
    assert Secret(await run.unsealed(API_TOKEN)) != Secret("")


async def set_up_wider(run: Run) -> OperationView:
    """A setup that may change products."""
    one, allowed = run.setup, (CREATE_TOKEN, READ_EVENTS, CHANGE_PRODUCTS)
    sign_in = {USERNAME: Secret(run.place.username), PASSWORD: Secret(run.place.password)}
    await run.services.credentials.store(run.visitor, one.service, run.place.store_url, sign_in)
    asked = (one.service, one.operation, run.place.store_url, allowed)
    await run.services.consents.grant(run.visitor, ConsentRequest(*asked))
    return await run.ended(await run.services.operations.initiate(run.visitor, NewOperation(*asked)))


async def test_every_right_that_a_team_can_have_is_seen_at_its_token(site: PretixSite, way_out: WayOut) -> None:
    rights = {right.words: right for right in (*OTHERS, CHANGES_PRODUCTS)}
    assert set(rights) == set().union(*SEEN.values())
    origin = Origin.of(site.url)
    api = PretixApi(origin, Secret(site.make_token("A test's")), await way_out(origin))
    organizer = await api.organizer()
    (event, *_), _ = await api.events(organizer, 1)
    for one, words in SEEN.items():
        given = [one, *RIGHTS_BESIDE.get(one, ())]
        of_events = [each for each in given if each in EVENT_RIGHTS]
        # In a thread: the way out to the API is in this one, and would stand still.
        await asyncio.to_thread(site.allow, of_events, [each for each in given if each in ORGANIZER_RIGHTS])
        assert [word for word in words if not await api.has(rights[word], organizer, event)] == []


async def test_no_right_of_a_team_is_forgotten(site: PretixSite) -> None:
    assert site.all_rights() == {*EVENT_RIGHTS, *ORGANIZER_RIGHTS}

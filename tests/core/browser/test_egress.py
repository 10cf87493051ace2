"""The origin lock: nothing but the shop is reached, whatever the page tries; and a shut gate stops everything at once."""

import asyncio
import base64
import time

import pytest

from core.browser.actions import Click, Open
from core.browser.egress import EgressProxy
from core.browser.http_head import LONGEST_HEAD
from core.browser.page import OriginRefused, RunStopped
from core.browser.sessions import BrowserRun
from core.security.addresses import AddressGuard, AddressRefused
from core.security.origin import Origin
from core.workflows.step import Check, Matcher
from tests.core.browser.shown import SOON, css, show, text_of
from tests.fakes.resolver import FakeResolver
from tests.fakes.web import Answer, Web

pytestmark = pytest.mark.asyncio(loop_scope="module")


def introduction(proxy: EgressProxy) -> str:
    return "Proxy-Authorization: Basic " + base64.b64encode(f"{proxy.username}:{proxy.password}".encode()).decode()


async def say(proxy: EgressProxy, *lines: str) -> str:
    """What the proxy answers to a head."""
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
    async with asyncio.timeout(20):
        answer = (await reader.read()).decode("latin-1")
    writer.close()
    return answer


WAYS_OUT = {
    "a redirect of the page": "<script>location='/away'</script>",
    "a redirect of a fetch": "<script>fetch('/away',{mode:'no-cors'}).catch(()=>0)</script>",
    "a fetch": "<script>fetch('AWAY/fetch',{mode:'no-cors'}).catch(()=>0)</script>",
    "a frame": "<iframe src=AWAY/frame></iframe>",
    "a picture": "<img src=AWAY/picture>",
    "a form": "<form id=f method=post action=AWAY/form><input name=p value=x></form><script>f.submit()</script>",
    "a re-sent form (307)": "<form id=f method=post action=/again><input name=p value=x></form><script>f.submit()</script>",
    "a web socket": "<script>new WebSocket('AWAY/socket'.replace('http','ws'))</script>",
    "a beacon": "<script>navigator.sendBeacon('AWAY/beacon','x')</script>",
    "a worker": '<script>new Worker(URL.createObjectURL(new Blob([\'fetch("AWAY/worker",{mode:"no-cors"})\'])))</script>',
    "a shared worker": '<script>new SharedWorker(URL.createObjectURL(new Blob([\'fetch("AWAY/shared",{mode:"no-cors"})\'])))</script>',
    "an early connection": "<link rel=preconnect href=AWAY><link rel=prefetch href=AWAY/prefetch>",
}


async def attempt_all(run: BrowserRun, web: Web, foreign: Web) -> None:
    """Open a page for each way out, and give each the time that a request on this machine takes."""
    away = str(foreign.origin)
    web.pages["/away"] = Answer(status=302, headers=(("Location", f"{away}/redirected"),))
    web.pages["/again"] = Answer(status=307, headers=(("Location", f"{away}/re-sent"),))
    for body in WAYS_OUT.values():
        await show(
            run.page, web, body.replace("AWAY", away) + "<script>setTimeout(()=>document.title='tried',250)</script>"
        )
        await run.page.expect(Check(Matcher.TITLE, value="tried"), SOON)


async def test_no_way_leads_out_of_the_shop(run: BrowserRun, egress: EgressProxy, web: Web, foreign: Web) -> None:
    await attempt_all(run, web, foreign)
    assert foreign.requests == []
    assert egress.refusals >= len(WAYS_OUT) - 1
    assert {refusal.to for refusal in egress.refused} >= {str(foreign.origin)}


async def test_without_the_lock_every_one_of_them_would(
    run: BrowserRun, egress: EgressProxy, web: Web, foreign: Web
) -> None:
    """The control: the same page, with the other server allowed, reaches it in all these ways."""
    egress._pinned[foreign.origin] = "127.0.0.1"
    await attempt_all(run, web, foreign)
    reached = {line.split(" ")[1].split("/")[1] for line in foreign.requests}
    # A plain web socket is another protocol, which the proxy forwards nowhere at all.
    assert reached >= {
        "redirected",
        "fetch",
        "frame",
        "picture",
        "form",
        "re-sent",
        "beacon",
        "worker",
        "shared",
        "prefetch",
    }


async def test_a_web_socket_is_refused_even_to_the_shop(run: BrowserRun, egress: EgressProxy, web: Web) -> None:
    await show(
        run.page,
        web,
        "<h1></h1><script>s=new WebSocket(location.origin.replace('http','ws')+'/s');s.onerror=()=>document.querySelector('h1').textContent='refused'</script>",
    )
    assert await text_of(run.page, "h1", "refused")
    assert not any("/s" in line for line in web.requests)
    upgrade = await say(egress, f"GET {web.origin}/s HTTP/1.1", "Host: x", "Upgrade: websocket", introduction(egress))
    assert upgrade.startswith("HTTP/1.1 403 ")


async def test_a_page_that_strays_is_told_and_may_only_be_opened_anew(run: BrowserRun, web: Web, foreign: Web) -> None:
    await show(run.page, web, f"<a href={foreign.origin}/x>out</a>")
    await run.page.perform(Click(css("a")))
    verdict = await run.page.expect(Check(Matcher.VISIBLE, css("h1")), SOON)
    assert f"wanted to go to {foreign.origin}, which is outside the shop" in verdict.seen
    with pytest.raises(OriginRefused):
        await run.page.perform(Click(css("body")))
    await run.page.perform(Open("/"))
    assert await run.page.present(css("a")) == 1


async def test_a_shut_gate_stops_a_hanging_page_at_once(run: BrowserRun, web: Web) -> None:
    web.pages["/hangs"] = Answer("late", after=30)
    await show(run.page, web, "<a href=/hangs>x</a><script>setInterval(()=>fetch('/ping'),20)</script>")
    opening = asyncio.ensure_future(run.page.perform(Open("/hangs")))
    waiting = asyncio.ensure_future(run.page.expect(Check(Matcher.VISIBLE, css("h1")), SOON * 5))
    await web.reached("/hangs")
    began = time.monotonic()
    run.gate.shut(because="the customer withdrew consent")
    for work in (opening, waiting):
        with pytest.raises(RunStopped, match="the customer withdrew consent"):
            await work
    assert time.monotonic() - began < 5
    reached = len(web.requests)
    with pytest.raises(RunStopped, match="the customer withdrew consent"):
        await run.page.perform(Open("/"))
    assert len(web.requests) == reached


async def test_a_shut_gate_lets_no_request_through_even_if_the_browser_lives(egress: EgressProxy, web: Web) -> None:
    web.show("x")
    head = (f"GET {web.origin}/ HTTP/1.1", "Host: x", introduction(egress))
    assert (await say(egress, *head)).startswith("HTTP/1.1 200")
    reader, writer = await asyncio.open_connection("127.0.0.1", egress.port)
    egress.gate.shut(because="revoked")
    writer.write(("\r\n".join(head) + "\r\n\r\n").encode())
    with pytest.raises(OSError, match=r"."):  # noqa: PT012  either the read or the new connection may be the one that fails
        if not await reader.read():
            raise ConnectionResetError("cut")
    with pytest.raises(ConnectionRefusedError):
        await say(egress, *head)
    assert len(web.requests) == 1
    assert egress.gate.because == "revoked"


async def test_strangers_are_asked_for_credentials(egress: EgressProxy, web: Web) -> None:
    wrong = "Proxy-Authorization: Basic " + base64.b64encode(f"{egress.username}:guess".encode()).decode()
    for lines in (
        (f"GET {web.origin}/ HTTP/1.1",),
        (f"GET {web.origin}/ HTTP/1.1", wrong),
        ("CONNECT 127.0.0.1:1 HTTP/1.1",),
    ):
        assert (await say(egress, *lines)).startswith("HTTP/1.1 407 ")
    assert web.requests == []


async def test_what_is_not_exactly_the_shop_is_refused(egress: EgressProxy, web: Web, foreign: Web) -> None:
    port = web.origin.port
    for line in (
        f"GET {foreign.origin}/ HTTP/1.1",
        f"GET http://localhost:{port}/ HTTP/1.1",
        f"GET http://127.0.0.1.nip.example:{port}/ HTTP/1.1",
        f"GET http://127.0.0.1:{port}@evil.example/ HTTP/1.1",
        f"GET https://127.0.0.1:{port}/ HTTP/1.1",
        "GET ftp://127.0.0.1/ HTTP/1.1",
        "GET / HTTP/1.1",
        f"CONNECT 127.0.0.1:{port} HTTP/1.1",
        "CONNECT 169.254.169.254:80 HTTP/1.1",
    ):
        assert (await say(egress, line, introduction(egress))).startswith("HTTP/1.1 403 "), line
    assert web.requests == foreign.requests == []


async def test_a_request_is_passed_on_as_the_shop_expects_it(egress: EgressProxy, web: Web) -> None:
    web.show("body")
    answer = await say(
        egress, f"GET {web.origin}/?a=1 HTTP/1.1", "Host: evil.example", introduction(egress), "Cookie: a=b"
    )
    assert answer.startswith("HTTP/1.1 200 ")
    assert "Connection: close" in answer
    assert web.requests == ["GET /?a=1 HTTP/1.1"]


async def test_heads_that_are_too_long_or_no_heads_are_refused(egress: EgressProxy) -> None:
    for lines in (
        ("GET / HTTP/1.1", "X: " + "a" * (LONGEST_HEAD + 10)),
        ("GET / HTTP/1.1", "no colon"),
        ("GET / HTTP/1.1", "X : y"),
    ):
        assert (await say(egress, *lines)).startswith("HTTP/1.1 400 ")


async def test_a_first_line_that_is_no_request_line_is_refused(egress: EgressProxy, web: Web) -> None:
    for line in (
        f"GET {web.origin}/",
        f"GET  {web.origin}/ HTTP/1.1",
        f"GET {web.origin}/ HTTP/1.1 more",
        f"GET {web.origin}/ HTTP/1.1\nX-Slipped-In: y",
        f"GET\nX-Slipped-In: y {web.origin}/ HTTP/1.1",
        f"GET {web.origin}/ SPDY",
        "CONNECT HTTP/1.1",
        "GET",
        "",
    ):
        answer = await say(egress, line, introduction(egress))
        assert answer.startswith("HTTP/1.1 400 "), (line, answer)
    assert web.requests == []


async def test_the_address_is_resolved_once_and_pinned(web: Web) -> None:
    resolver = FakeResolver(**{"shop.test": ("127.0.0.1",)})
    origin = Origin("http", "shop.test", web.origin.port)
    proxy = await EgressProxy.opened(frozenset({origin}), AddressGuard(resolver, frozenset({origin.host_port})))
    resolver.hosts["shop.test"] = ("203.0.113.9",)
    web.show("x")
    for _ in range(2):
        assert (await say(proxy, f"GET {origin}/ HTTP/1.1", introduction(proxy))).startswith("HTTP/1.1 200 ")
    assert len(resolver.asked) == 1
    proxy.gate.shut(because="done")


async def test_a_private_address_is_refused_before_anything_listens() -> None:
    guard = AddressGuard(FakeResolver(**{"shop.example": ("10.0.0.8",)}))
    with pytest.raises(AddressRefused):
        await EgressProxy.opened(frozenset({Origin.of("https://shop.example")}), guard)


async def test_a_tunnel_carries_bytes_both_ways_until_the_gate_is_shut() -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(100):
            writer.write(data.upper())
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    origin = Origin("https", "127.0.0.1", server.sockets[0].getsockname()[1])
    proxy = await EgressProxy.opened(
        frozenset({origin}), AddressGuard(FakeResolver(**{"127.0.0.1": ("127.0.0.1",)}), frozenset({origin.host_port}))
    )
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    writer.write(f"CONNECT {origin.host_port} HTTP/1.1\r\n{introduction(proxy)}\r\n\r\n".encode())
    assert b" 200 " in await reader.readuntil(b"\r\n\r\n")
    writer.write(b"hello")
    assert await reader.readexactly(5) == b"HELLO"
    proxy.gate.shut(because="revoked")
    with pytest.raises(OSError, match=r"."):  # noqa: PT012  a cut connection may also look like its end
        writer.write(b"more")
        if not await reader.read():
            raise ConnectionResetError("cut")
    server.close()


async def test_nothing_leaves_once_the_run_is_lost_though_nobody_was_awake_to_shut_the_gate(
    egress: EgressProxy, web: Web
) -> None:
    """As when a process was stopped in the middle of a request, and woken after another has taken its run over."""
    web.show("x")
    head = (f"GET {web.origin}/ HTTP/1.1", "Host: x", introduction(egress))
    ours = [True]
    egress.gate.only_while(lambda: ours[0])
    assert (await say(egress, *head)).startswith("HTTP/1.1 200")
    reader, writer = await asyncio.open_connection("127.0.0.1", egress.port)
    ours[0] = False
    writer.write(("\r\n".join(head) + "\r\n\r\n").encode())
    with pytest.raises(OSError, match=r"."):  # noqa: PT012  a cut connection may also look like its end
        if not await reader.read():
            raise ConnectionResetError("cut")
    assert (len(web.requests), egress.gate.because) == (1, "this process has lost the run")


async def test_what_waits_in_a_tunnel_is_not_passed_on_either() -> None:
    heard = bytearray()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(100):
            heard.extend(data)
            writer.write(data)
        writer.close()

    server, ours = await asyncio.start_server(listen, "127.0.0.1", 0), [True]
    origin = Origin("https", "127.0.0.1", server.sockets[0].getsockname()[1])
    guard = AddressGuard(FakeResolver(**{"127.0.0.1": ("127.0.0.1",)}), frozenset({origin.host_port}))
    proxy = await EgressProxy.opened(frozenset({origin}), guard)
    proxy.gate.only_while(lambda: ours[0])
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    writer.write(f"CONNECT {origin.host_port} HTTP/1.1\r\n{introduction(proxy)}\r\n\r\n".encode())
    assert b" 200 " in await reader.readuntil(b"\r\n\r\n")
    writer.write(b"hello")
    assert await reader.readexactly(5) == b"hello"
    ours[0] = False
    writer.write(b"the form")
    await proxy.gate.wait_shut()
    server.close()
    assert heard == b"hello"

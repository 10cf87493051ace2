"""What was typed and not sent yet: which fields are put back into a page that is loaded anew, for whom, and until when. See keep.js."""

from hashlib import sha256

from nicegui import ui

from core.security.people.visitor import Visitor

KEEP = "data-keep"  # of a field, and never of one for a secret, or for what is asked for once


def typed_by(who: Visitor) -> str:
    """Whose it is, for their browser: nobody signs in with it, and it is no other's."""
    return sha256(f"{who.customer_id}:{who.user_id}".encode()).hexdigest()[:16]


def forget_typed() -> None:
    """What was typed on this page was used, or let be by its person."""
    ui.run_javascript("window.forgetTyped?.()")

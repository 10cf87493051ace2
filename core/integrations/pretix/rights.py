"""What a token of pretix may do beyond looking at its events: pretix has no list of it, so each right is asked for.

pretix looks at the rights before it looks for what is to be changed. So a change to number 0, which nothing has, is
refused to who may not, and finds nothing for who may. What is asked for changes nothing either way.
"""

from dataclasses import dataclass

from core.integrations.calling import Method


@dataclass(frozen=True)
class Right:
    """One right, in a sentence's end, and the request that shows whether a token has it."""

    words: str
    method: Method
    path: str


CHANGES_PRODUCTS = Right("change products", "PUT", "{event}/items/0/")
# The widest first: an error names the first few.
OTHERS = (
    Right("change teams", "GET", "{organizer}/teams/"),
    Right("change the organizer's settings", "GET", "{organizer}/webhooks/"),
    Right("create events", "POST", "{organizer}/events/"),  # without a body it makes none: an event needs a name
    Right("change settings of events", "PUT", "{event}/item_meta_properties/0/"),
    Right("change taxes", "PUT", "{event}/taxrules/0/"),
    Right("change orders", "PUT", "{event}/orders/0/"),
    Right("see orders", "GET", "{event}/orders/?page_size=1"),
    Right("check guests in", "GET", "{event}/checkinlists/?page_size=1"),
    Right("change dates", "PUT", "{event}/subevents/0/"),
    Right("change vouchers", "PUT", "{event}/vouchers/0/"),
    Right("see vouchers", "GET", "{event}/vouchers/?page_size=1"),
    Right("change customers", "PUT", "{organizer}/customers/0/"),
    Right("see customers", "GET", "{organizer}/customers/?page_size=1"),
    Right("change gift cards", "PUT", "{organizer}/giftcards/0/"),
    Right("see gift cards", "GET", "{organizer}/giftcards/?page_size=1"),
    Right("change devices", "PUT", "{organizer}/devices/0/"),
    Right("see devices", "GET", "{organizer}/devices/?page_size=1"),
    Right("change reusable media", "PUT", "{organizer}/reusablemedia/0/"),
    Right("see reusable media", "GET", "{organizer}/reusablemedia/?page_size=1"),
    Right("change seating plans", "PUT", "{organizer}/seatingplans/0/"),
)

"""Makes the tables of a new pretix and what is in them: a tea house, what it sells, and the people who may sign in.

It is given the people and their passwords as JSON, and says the token by which the site answers for itself.
"""

import json
import sys
from datetime import timedelta
from decimal import Decimal
from typing import Any

import django  # type: ignore[import-not-found]  # it is in another environment than ours
from django.core.management import call_command  # type: ignore[import-not-found]  # as above

django.setup()

from django.utils.timezone import now  # type: ignore[import-not-found]  # noqa: E402  as above; not before the set-up
from django_scopes import scopes_disabled  # type: ignore[import-not-found]  # noqa: E402  as above
from pretix.base.models import Organizer, User  # type: ignore[import-not-found]  # noqa: E402  as above

EVENTS = {
    "tasting": ("Tea tasting", {"Seat": "24.00", "Seat at the window": "31.50"}),
    "workshop": ("Matcha workshop", {"Workshop with a bowl": "79.00"}),
}


def main() -> None:
    """Make it all."""
    people: dict[str, dict[str, Any]] = json.load(sys.stdin)
    call_command("migrate", run_syncdb=True, interactive=False, verbosity=0)
    with scopes_disabled():
        organizer = Organizer.objects.create(name="Tea House", slug="teahouse")
        for slug, (name, items) in EVENTS.items():
            _make_event(organizer, slug, name, items)
        teams = _make_teams(organizer)
        for email, person in people.items():
            team = teams.get(person.pop("team"))
            user = User.objects.create_user(email, **person)
            if team:
                team.members.add(user)
        token = teams["Owners"].tokens.create(name="The site's own")
    sys.stdout.write(json.dumps({"token": token.token, "team": teams["OmniOps"].pk}))


def _make_event(organizer: Any, slug: str, name: str, items: dict[str, str]) -> None:
    begins = now() + timedelta(days=30)
    event = organizer.events.create(name=name, slug=slug, date_from=begins, currency="EUR", live=True)
    event.set_defaults()
    for position, (item, price) in enumerate(items.items()):
        event.items.create(name=item, default_price=Decimal(price), position=position)


def _make_teams(organizer: Any) -> dict[str, Any]:
    """Who may do everything, who may do a little, and a team of nobody that may only look."""
    everything = {"all_event_permissions": True, "all_organizer_permissions": True}
    rights: dict[str, dict[str, Any]] = {
        "Owners": everything,
        "Helpers": {"limit_event_permissions": {"event.orders:checkin": True}},
        "OmniOps": {},
        "OmniOps tests": everything,
    }
    return {name: organizer.teams.create(name=name, all_events=True, **given) for name, given in rights.items()}


main()

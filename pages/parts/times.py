"""Moments as the viewer's own clock shows them: their browser tells its time zone with every page it asks for."""

from datetime import UTC, date, datetime, tzinfo
from urllib.parse import unquote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from nicegui import ui

from pages.texts import later, t

COOKIE = "zone"
MONTHS = (
    *(later("Jan"), later("Feb"), later("Mar"), later("Apr"), later("May"), later("Jun")),
    *(later("Jul"), later("Aug"), later("Sep"), later("Oct"), later("Nov"), later("Dec")),
)
# Runs before anything else of a page, so that the sign-in has told the zone once the first screen with a time is asked for. A
# screen that was drawn for another zone is asked for again: once, for then the cookie is right, and before anybody could type.
# Where nobody is signed in no time is told, and nothing needs to be.
TELLS_ZONE = """<script>(() => {
  const here = 'zone=' + encodeURIComponent(Intl.DateTimeFormat().resolvedOptions().timeZone || '')
  const isTold = () => document.cookie.split('; ').includes(here)
  const wasTold = isTold()
  document.cookie = here + '; path=/; max-age=31536000; samesite=lax'
  if (!wasTold && isTold() && !/^\\/(sign-in|second-factor|first-admin)(\\/|$)/.test(location.pathname)) location.reload()
})()</script>"""


def zone() -> tzinfo:
    """The viewer's time zone; UTC for whoever has not told one, or one that there is not."""
    name = unquote(ui.context.client.request.cookies.get(COOKIE, ""))
    try:
        return ZoneInfo(name) if name else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: the name of a folder of zones, or a very long one
        return UTC


def zone_name() -> str:
    """The viewer's time zone as the field names it, as Europe/Berlin."""
    found = zone()
    return found.key if isinstance(found, ZoneInfo) else "UTC"


def day(moment: datetime | None) -> str:
    """A day as people write it."""
    if not moment:
        return t("never")
    here = moment.astimezone(zone())
    return t("{day} {month} {year}", day=here.day, month=month_of(here), year=here.year)


def month_of(day: date) -> str:
    """A day's month, in short."""
    return t(MONTHS[day.month - 1])


def minute(moment: datetime | None) -> str:
    """A moment; in UTC it says so."""
    return t("{day}, {time}", day=day(moment), time=time_of_day(moment)) if moment else t("never")


def second(moment: datetime) -> str:
    """A moment of this year, to the second."""
    here = moment.astimezone(zone())
    return t("{day} {month} {time}", day=here.day, month=month_of(here), time=format(here, "%H:%M:%S"))


def time_of_day(moment: datetime | None) -> str:
    """A moment of today; in UTC it says so."""
    return f"{moment.astimezone(zone()):%H:%M}{_unless_local()}" if moment else t("once")


def _unless_local() -> str:
    return " UTC" if zone() is UTC else ""

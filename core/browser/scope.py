"""What one run may do: at which shop, with which secrets, for how long, and what nobody may see on its pictures."""

from dataclasses import dataclass, field
from datetime import timedelta

from core.browser.live_sink import LiveSink
from core.browser.secrets import SecretSource
from core.security.origin import Origin
from core.workflows.locator import Locator


@dataclass(frozen=True)
class Viewport:
    """The size of the visible part of a page, in CSS pixels."""

    width: int = 1280
    height: int = 800


@dataclass(frozen=True)
class PageLimits:
    """How long things may take."""

    action: timedelta = timedelta(seconds=5)  # an element that is not there by then was not meant
    navigation: timedelta = timedelta(seconds=30)  # slow shops take 10


@dataclass(frozen=True)
class RunScope:
    """One run's rules. `sensitive` elements are covered in every picture; `live` takes what may be seen while it goes on."""

    origin: Origin
    secrets: SecretSource
    sensitive: tuple[Locator, ...] = ()
    limits: PageLimits = field(default_factory=PageLimits)
    live: LiveSink | None = None

"""Where a browser signed in from, so that its person knows it again: its network, and what it calls itself, in short."""

from dataclasses import dataclass
from typing import Self

from core.security.people.throttle import network_of

# What it says of itself, in an order in which the first that is found is right: each later one is named by the others, too.
BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "Firefox/": "Firefox",
    "FxiOS/": "Firefox",
    "HeadlessChrome/": "Chrome",
    "CriOS/": "Chrome",
    "Chrome/": "Chrome",
    "Safari/": "Safari",
}
SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "Macintosh": "macOS",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}


@dataclass(frozen=True)
class SeenFrom:
    """Where somebody is; nothing where nobody told."""

    network: str | None = None
    browser: str | None = None

    @classmethod
    def of(cls, address: str, user_agent: str = "") -> Self:
        """What is kept of an address, and of a User-Agent: too little to recognise anybody else by."""
        browser = next((name for sign, name in BROWSERS.items() if sign in user_agent), None)
        system = next((name for sign, name in SYSTEMS.items() if sign in user_agent), None)
        named = f"{browser or 'a browser'} on {system}" if system else browser
        return cls(network_of(address) if address else None, named)


NOWHERE = SeenFrom()

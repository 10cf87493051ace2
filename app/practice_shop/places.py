"""Where things are in the admin pages: the tabs and sections of WooCommerce's settings and status, and plainer places."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.practice_shop.faults import Fault
from app.practice_shop.shop import WOOCOMMERCE, PracticeShop
from app.practice_shop.wording import wording

SETTINGS, STATUS = "/wp-admin/admin.php?page=wc-settings", "/wp-admin/admin.php?page=wc-status"
TABS = {
    "general": "General",
    "products": "Products",
    "tax": "Tax",
    "shipping": "Shipping",
    "checkout": "Payments",
    "account": "Accounts & Privacy",
    "email": "Emails",
    "integration": "Integration",
    "advanced": "Advanced",
}
STATUS_TABS = {"status": "System status", "tools": "Tools", "logs": "Logs"}
KEYS_AFTER_MOVING = "developer-access"
FOR_ADMINISTRATORS = frozenset({"plugins.php", "options-general.php", "users.php"})
FOR_EVERYBODY = frozenset({"profile.php"})


@dataclass(frozen=True)
class Plain:
    """A place of the menu with nothing to do: a sentence, and facts by their names."""

    heading: str
    words: str
    facts: Mapping[str, str] = field(default_factory=dict)


PLAIN = {
    "edit.php": Plain("Posts", "No posts found."),
    "upload.php": Plain("Media", "The pictures of this shop are drawn as they are asked for."),
    "plugins.php": Plain(
        "Plugins",
        "One plugin is active.",
        {
            "WooCommerce": f"Version {WOOCOMMERCE}. An eCommerce toolkit that helps you sell anything.",
            "Updates": "None available",
        },
    ),
    "options-general.php": Plain(
        "General Settings",
        "A practice shop keeps these as they are.",
        {
            "Site Title": "Practice Tea Shop",
            "Tagline": "A shop to practise on",
            "Administration Email Address": "owner@tea.example",
            "New User Default Role": "Subscriber",
            "Timezone": "UTC+0",
        },
    ),
    "profile.php": Plain("Profile", "This is who you are signed in as."),
    "wc-orders": Plain("Orders", "When you receive a new order, it will appear here."),
    "wc-customers": Plain("Customers", "Nobody has bought anything yet: this shop is for practice."),
    "wc-analytics": Plain("Analytics", "There is nothing to count yet."),
}


@dataclass(frozen=True)
class Link:
    """A tab or section."""

    name: str
    address: str
    current: bool


@dataclass(frozen=True)
class Frame:
    """The tabs above a page, and below them the sections of the one that is open."""

    tabs: tuple[Link, ...]
    sections: tuple[Link, ...] = ()


def settings_frame(shop: PracticeShop, tab: str, section: str = "") -> Frame:
    """The frame of a page of WooCommerce's settings."""
    return Frame(
        tuple(Link(name, f"{SETTINGS}&tab={slug}", slug == tab) for slug, name in settings_tabs(shop).items()),
        tuple(
            Link(name, f"{SETTINGS}&tab=advanced&section={slug}", slug == section)
            for slug, name in sections(shop).items()
            if tab == "advanced"
        ),
    )


def status_frame(shop: PracticeShop, tab: str) -> Frame:
    """The frame of a page of WooCommerce's status, where the keys have moved under the fault `moved_menu`."""
    moved = {KEYS_AFTER_MOVING: "Developer access"} if shop.has(Fault.MOVED_MENU) else {}
    tabs = STATUS_TABS | moved
    return Frame(tuple(Link(name, f"{STATUS}&tab={slug}", slug == tab) for slug, name in tabs.items()))


def settings_tabs(shop: PracticeShop) -> dict[str, str]:
    """The tabs of the settings, by what stands in their address."""
    return {slug: name for slug, name in TABS.items() if slug != "advanced" or not shop.has(Fault.MOVED_MENU)}


def keys_section(shop: PracticeShop) -> str:
    """What stands in the address of the keys."""
    return "api_keys" if shop.has(Fault.OLD_VERSION) else "keys"


def sections(shop: PracticeShop) -> dict[str, str]:
    """The sections of the advanced settings, by what stands in their address."""
    return {
        "": "Page setup",
        keys_section(shop): wording(shop).section,
        "webhooks": "Webhooks",
        "legacy_api": "Legacy API",
        "woocommerce_com": "WooCommerce.com",
        "features": "Features",
    }

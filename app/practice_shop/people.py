"""Who works in the practice shop, and with which made-up passwords."""

from dataclasses import dataclass

# Obviously made up: this shop sells nothing and holds nobody's data.
PRACTICE_PASSWORDS = {"admin": "practice-tea-4711", "manager": "practice-pot-4711", "reader": "practice-cup-4711"}

PRACTICE_SEED = "PRACTICE TEA2 SHOP PRACTICE TEA2 SHOP"  # as authenticator apps take it


@dataclass(frozen=True)
class Person:
    """Somebody who signs in to the shop."""

    id: int
    login: str
    email: str
    role: str

    @property
    def may_manage(self) -> bool:
        """Whether WooCommerce's settings are open to them."""
        return self.role in {"administrator", "shop_manager"}

    @property
    def may_administer(self) -> bool:
        """Whether WordPress's own settings are open to them."""
        return self.role == "administrator"

    @property
    def told(self) -> str:
        """How a picker of people names them."""
        return f"{self.login} (#{self.id} – {self.email})"  # noqa: RUF001  as WooCommerce writes it


PEOPLE = (
    Person(1, "admin", "owner@tea.example", "administrator"),
    Person(2, "manager", "manager@tea.example", "shop_manager"),
    Person(3, "reader", "reader@tea.example", "subscriber"),
)


def person_named(login: str) -> Person | None:
    """By login or e-mail address."""
    return next((one for one in PEOPLE if login in {one.login, one.email}), None)


def person_with(number: str | int | None) -> Person | None:
    """By number, as forms and addresses carry it."""
    return next((one for one in PEOPLE if str(one.id) == str(number)), None)

"""The screens, a module each."""

from core.services import Services
from pages import (
    audit,
    consents,
    customers,
    demo,
    first_admin,
    health,
    home,
    layout,
    live,
    operation,
    operations,
    people,
    products,
    second_factor,
    set_up,
    settings,
    shops,
    sign_in,
    statistics,
    trouble,
    workflows,
)


def register(services: Services) -> None:
    """Put every screen up."""
    layout.register()
    live.register(services)
    sign_in.register()
    trouble.register()
    for module in (home, set_up, shops, operations, operation, products, consents, workflows, audit, statistics):
        module.register(services)
    for module in (settings, people, customers, health):
        module.register(services)
    second_factor.register(services)
    first_admin.register(services)
    demo.register(services)

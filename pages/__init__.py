"""The screens, a module each."""

from core.services import Services
from pages import (
    audit,
    consents,
    layout,
    operation,
    operations,
    products,
    settings,
    sign_in,
    start,
    statistics,
    trouble,
    workflows,
)


def register(services: Services) -> None:
    """Put every screen up."""
    layout.register()
    sign_in.register()
    trouble.register()
    for module in (start, operations, operation, products, consents, workflows, audit, statistics, settings):
        module.register(services)

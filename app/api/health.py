"""Whether the service is well, for whoever watches it."""

from importlib.metadata import PackageNotFoundError, version

from fastapi import APIRouter
from sqlmodel import select

from core.database.tables import Customer
from core.services import Services


def router(services: Services) -> APIRouter:
    """The route."""
    routes = APIRouter()

    @routes.get("/healthz", tags=["health"])
    async def healthz() -> dict[str, str]:
        look = select(Customer.id).limit(1)
        await services.database.run_across_customers(
            lambda session: session.exec(look).first(), because="whether the database answers"
        )
        return {"status": "ok", "database": "ok", "version": _version()}

    return routes


def _version() -> str:
    try:
        return version("omniops-autopilot")
    except PackageNotFoundError:
        return "from source"

"""Whether the service is well, for whoever watches it."""

import asyncio
from importlib.metadata import PackageNotFoundError, version
from typing import ClassVar

from fastapi import APIRouter
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import select

from app.api.schemas import Out
from core.database.tables import Customer
from core.errors import Unavailable
from core.services import Services

ANSWERS_WITHIN = 5  # seconds; who watches does not wait for longer


class NoDatabase(Unavailable):
    """The database does not answer."""

    code: ClassVar[str] = "no_database"


class HealthOut(Out):
    """It is well; but for `audit`, which may be broken."""

    status: str
    database: str
    audit: str
    version: str


def router(services: Services) -> APIRouter:
    """The route."""
    routes = APIRouter(tags=["health"])

    async def healthz() -> HealthOut:
        """200 if all is well, 503 if the database does not answer. Needs no sign-in.

        `audit` says how the audit chains stood when they were verified last: intact, unverified, or broken. A broken one
        is for people to look at, and no reason to send nobody here any more.
        """
        look = select(Customer.id).limit(1)
        try:
            async with asyncio.timeout(ANSWERS_WITHIN):
                await services.database.run_across_customers(
                    lambda session: session.exec(look).first(), because="whether the database answers"
                )
                chains = await services.chains.standing()
        except (SQLAlchemyError, TimeoutError) as error:
            raise NoDatabase from error
        return HealthOut(status="ok", database="ok", audit=chains.word, version=our_version())

    routes.add_api_route("/healthz", healthz, methods=["GET"])
    routes.add_api_route("/healthz", healthz, methods=["HEAD"], include_in_schema=False)
    return routes


def our_version() -> str:
    """The version that is installed."""
    try:
        return version("omniops-autopilot")
    except PackageNotFoundError:
        return "from source"

"""Whether the service is well, for whoever watches it."""

from datetime import datetime
from typing import ClassVar

from fastapi import APIRouter
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import select

from app.api.schemas import Out
from app.api.visitor import Who
from app.version import our_version
from core.database.tables import Customer
from core.errors import Unavailable
from core.health import State
from core.one_at_a_time import OneAtATime
from core.readiness import ANSWERS_WITHIN
from core.services import Services


class NoDatabase(Unavailable):
    """The database does not answer."""

    code: ClassVar[str] = "no_database"


class HealthOut(Out):
    """It is well; but for `audit`, which may be broken."""

    status: str
    database: str
    audit: str
    version: str


class FindingOut(Out):
    """One thing that was looked at: well, look at it, or broken; and what to do, if it is not well."""

    name: str
    found: str
    state: State
    mend: str


class HealthReportOut(Out):
    """How the service is, as its worst line is."""

    at: datetime
    state: State
    findings: list[FindingOut]


class ReadyOut(Out):
    """It is ready."""

    status: str


def router(services: Services) -> APIRouter:
    """The routes."""
    routes = APIRouter(tags=["health"])
    well = OneAtATime(lambda: _look(services))

    async def healthz() -> HealthOut:
        """200 if all is well, 503 if the database does not answer. Needs no sign-in.

        `audit` says how the audit chains stood when they were verified last: intact, unverified, or broken. A broken one
        is for people to look at, and no reason to send nobody here any more.
        """
        try:
            word = await well.answer(ANSWERS_WITHIN)
        except (SQLAlchemyError, TimeoutError) as error:
            raise NoDatabase from error
        return HealthOut(status="ok", database="ok", audit=word, version=our_version())

    async def readyz() -> ReadyOut:
        """200 if this process can serve people, 503 with the reasons if not. Needs no sign-in.

        It can't if the database does not answer or is of another version, if no browser was found, or if it is about
        to end.
        """
        await services.readiness.check()
        return ReadyOut(status="ready")

    for path, answer in (("/healthz", healthz), ("/readyz", readyz)):
        routes.add_api_route(path, answer, methods=["GET"])
        routes.add_api_route(path, answer, methods=["HEAD"], include_in_schema=False)
    return routes


def staff_router(services: Services) -> APIRouter:
    """The route for staff: what is not well, line by line."""
    routes = APIRouter(prefix="/api/autonomous", tags=["health"])

    @routes.get("/health")
    async def report(visitor: Who) -> HealthReportOut:
        """Workers, queue, notifications, database, audit chains, browser, model, disk and rounds. For staff."""
        return HealthReportOut.model_validate(await services.health.report(visitor))

    return routes


async def _look(services: Services) -> str:
    """Ask the database anything; how the audit chains stand."""
    await services.database.run_across_customers(
        lambda session: session.exec(select(Customer.id).limit(1)).first(), because="whether the database answers"
    )
    return (await services.chains.standing()).word

"""The REST API, and who may come in."""

from fastapi import Depends, FastAPI

from app.api import (
    audit,
    callbacks,
    changes,
    consents,
    credentials,
    docs,
    health,
    history,
    metrics,
    operations,
    pictures,
    privacy,
    product_pictures,
    schedules,
    sign_in,
    staff,
    statistics,
    webhooks,
    workflows,
)
from app.api.auth import Gate
from app.api.bodies import Bodies
from app.api.errors import WHAT_CAN_GO_WRONG, answer_errors_as_problems, nothing_here
from app.api.requests import put_outermost
from app.api.visitor import signed_in
from core.services import Services

# Changes come before workflows: there, what follows is an id.
FOR_VISITORS = (
    operations,
    history,
    schedules,
    consents,
    credentials,
    webhooks,
    audit,
    statistics,
    changes,
    workflows,
    product_pictures,
    pictures,
    privacy,
    staff,
)


def install(application: FastAPI, services: Services, base_url: str | None = None) -> None:
    """Put routes, error answers and the gate onto an application.

    `base_url` is where people see it, if that differs from what the server sees: behind a proxy that ends TLS.
    """
    routers = [*(module.router(services) for module in FOR_VISITORS), health.staff_router(services)]
    for router in routers:
        application.include_router(router, dependencies=[Depends(signed_in)], responses=WHAT_CAN_GO_WRONG)
    for router in (
        sign_in.router(services, base_url),
        health.router(services),
        metrics.router(services),
        callbacks.router(services),
        docs.router(),
    ):
        application.include_router(router)
        routers.append(router)
    application.include_router(nothing_here(routers))
    answer_errors_as_problems(application)
    application.add_middleware(Bodies)
    application.add_middleware(Gate, services=services, base_url=base_url)
    put_outermost(application)

"""The REST API, and who may come in."""

from fastapi import FastAPI

from app.api import audit, consents, credentials, docs, health, operations, pictures, sign_in, statistics, workflows
from app.api.auth import Gate
from app.api.errors import answer_errors_as_problems, nothing_here
from core.services import Services


def install(application: FastAPI, services: Services) -> None:
    """Put routes, error answers and the gate onto an application."""
    for module in (operations, consents, credentials, audit, statistics, workflows, pictures, sign_in, health, docs):
        application.include_router(module.router(services))
    application.include_router(nothing_here())
    answer_errors_as_problems(application)
    application.add_middleware(Gate, services=services)

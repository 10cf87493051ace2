"""Every use case asks whether its visitor may, before it does anything: also one that only reads."""

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from app.bootstrap import build
from core.database.roles import Role
from core.security.people.authorize import NotAllowed
from core.security.people.visitor import Visitor
from core.services import Services
from tests.app.running import settings

# They ask nobody: a session is begun for whoever has shown who they are, a refusal is noted of who was refused, and
# whether a code is asked for has to be known before anybody may do anything.
ASK_NOBODY = {"Sessions.begin", "Refusals.note", "SecondFactors.is_on"}
ANYTHING: Any = SimpleNamespace()  # whatever is looked at before the right, is no anything


def use_cases(services: Services) -> Iterator[tuple[str, Any]]:
    """Every coroutine of every desk that takes a visitor first."""
    for one in fields(services):
        desk = getattr(services, one.name)
        for name, method in inspect.getmembers(desk, inspect.iscoroutinefunction):
            takes = list(inspect.signature(method).parameters)
            if not name.startswith("_") and takes[:1] == ["visitor"]:
                yield f"{type(desk).__name__}.{name}", method


async def test_every_use_case_refuses_who_may_nothing(tmp_path: Path) -> None:
    """By a token that is good for nothing, of somebody who may do everything."""
    nobody = Visitor(uuid4(), uuid4(), "x@x.example", Role.ADMIN, frozenset())
    services = build(settings(tmp_path, 0)).services
    found = dict(use_cases(services))
    assert len(found) > 40
    assert found.keys() >= ASK_NOBODY
    for name in found.keys() - ASK_NOBODY:
        others = list(inspect.signature(found[name]).parameters.values())[1:]
        given = {one.name: ANYTHING for one in others if one.default is inspect.Parameter.empty}
        with refused(name):
            await found[name](nobody, **given)
    services.database.close()


@contextmanager
def refused(name: str) -> Iterator[None]:
    """What is done within has to be refused, before anything else is looked at."""
    try:
        yield
    except NotAllowed:
        return
    except AttributeError as error:
        pytest.fail(f"{name} looks before it asks: {error}")
    pytest.fail(f"{name} asks nobody")

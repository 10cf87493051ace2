"""Where an integration is proven: a running service that gives out keys, and somebody who may have one made there."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

import pytest

from core.agents.keys import KeyKind

ROOT = Path(__file__).parents[2]
INTEGRATIONS, TESTS = ROOT / "core" / "integrations", ROOT / "tests" / "e2e"
SERVICES = sorted(path.parent.name for path in INTEGRATIONS.glob("*/__init__.py"))

THE_QUICKEST = "woocommerce"  # at a shop of this process: what is the same for all costs least there


@dataclass(frozen=True)
class Place:
    """One service. `keys` asks it, in its own way, what the keys are called that this user has there."""

    store_url: str
    username: str
    password: str = field(repr=False)
    keys: Callable[[], list[str]]


def place_of(service: str, config: pytest.Config) -> AbstractContextManager[Place]:
    """The place of a service: from the file `place.py` beside its end-to-end tests."""
    opened: AbstractContextManager[Place] = import_module(f"tests.e2e.{service}.place").place(config)
    return opened


def kind_of(service: str) -> KeyKind:
    """The kind of key of an integration: `KEY` in its file `key.py`."""
    found: KeyKind = import_module(f"core.integrations.{service}.key").KEY
    return found

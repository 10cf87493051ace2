"""Calls that nobody would make by hand: drawn from the API's own description, fitting and unfitting, the same each time."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import quote, urlencode

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case as AnyCase
from schemathesis import GenerationMode
from schemathesis.core import NotSet
from schemathesis.core.result import Ok
from schemathesis.generation.feedback import NO_FEEDBACK
from schemathesis.schemas import APIOperation

Case: TypeAlias = AnyCase[Any]
Operation: TypeAlias = APIOperation[Any, Any, Any, Any]

EACH, ECHOES = 5, 2  # calls of one operation: drawn of each kind, and with a text that must not come back
ECHO = "zq7-what-was-sent-xk3"
SHORTEST = 8  # characters of what was sent that are looked for in an answer; shorter ones are in any sentence


@dataclass(frozen=True)
class Sent:
    """A call as it goes out; `texts` is all that stands in it."""

    method: str
    address: str
    content: bytes | None
    texts: frozenset[str]


@dataclass(frozen=True)
class Known:
    """What whoever calls has got hold of: ids by the name of what they are put into, and words that are good in a body."""

    ids: Mapping[str, tuple[str, ...]]
    words: Mapping[str, tuple[str, ...]]


def operations_of(described: dict[str, Any]) -> list[Operation]:
    """Every operation that is described. Who calls is up to the test, so nothing is drawn for signing in."""
    for calls in described["paths"].values():
        for call in calls.values():
            call.pop("security", None)
    found = list(schemathesis.openapi.from_dict(described).get_all_operations())
    operations = [one.ok() for one in found if isinstance(one, Ok)]
    assert len(operations) == len(found)
    return operations


def calls_of(operation: Operation, known: Known) -> Iterator[Sent]:
    """Calls of one operation.

    1. What fits its description, and what all but fits, as it was drawn.
    2. What fits, with ids and words that are known in its place.
    3. What fits, with the same text in the place of every other: it must not come back.
    """
    fitting = _drawn(operation, GenerationMode.POSITIVE)
    for case in [*fitting, *_drawn(operation, GenerationMode.NEGATIVE)]:
        yield _sent(case, case.path_parameters, case.query, case.body)
    in_place = [(case, number, "") for number, case in enumerate(fitting)]
    for case, number, instead in in_place + [(case, number, ECHO) for case, number, _ in in_place[-ECHOES:]]:
        places = (case.path_parameters, case.query, case.body)
        yield _sent(case, *(_put(place, "", known, number, instead) for place in places))


def with_nul(operation: Operation) -> Iterator[Sent]:
    """A call for each text that may stand behind the address, with a NUL in it: what is drawn has none of them at times."""
    for parameter in operation.query:
        if parameter.definition.get("schema", {}).get("type") == "string":
            yield Sent("GET", f"{operation.path}?{urlencode({parameter.name: chr(0)})}", None, frozenset())


def _drawn(operation: Operation, mode: GenerationMode) -> list[Case]:
    """A few cases, the same in each run; none if whatever is sent fits."""
    cases: list[Case] = []
    quietly = settings(
        derandomize=True,
        database=None,
        deadline=None,
        max_examples=EACH,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )

    def keep(case: Case) -> None:
        cases.append(case)

    try:
        quietly(given(operation.as_strategy(generation_mode=mode, feedback=NO_FEEDBACK))(keep))()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE, operation.label
    return cases


def _put(value: Any, name: str, known: Known, number: int, instead: str) -> Any:
    """A part of a call with what is known, and else `instead`, in the place of each of its texts."""
    if isinstance(value, dict):
        return {key: _put(inner, key, known, number, instead) for key, inner in value.items()}
    if isinstance(value, list):
        return [_put(inner, name, known, number, instead) for inner in value]
    if not isinstance(value, str):
        return value
    good = known.ids.get(name, () if instead else known.words.get(name, ()))
    return good[number % len(good)] if good else instead or value


def _sent(case: Case, path: Any, query: Any, body: Any) -> Sent:
    address = case.path  # what stands in it was drawn as it is written in an address
    for name, value in path.items():
        address = address.replace(f"{{{name}}}", quote(str(value), safe="%"))
    if query:
        address = f"{address}?{urlencode(query, doseq=True)}"
    return Sent(case.method, address, _content(body), frozenset(_texts([path, query, body])))


def _content(body: Any) -> bytes | None:
    if isinstance(body, NotSet):
        return None
    return body if isinstance(body, bytes) else json.dumps(body).encode()


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts([key, inner])
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, str) and len(value) >= SHORTEST:
        yield value

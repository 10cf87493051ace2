"""The API's own description (OpenAPI), with its errors as they are answered, and examples drawn from it."""

from copy import deepcopy
from typing import Any

from fastapi import FastAPI

from app.version import our_version

TITLE = "OmniOps Autopilot: API"
OURS = ("/api/", "/pictures/", "/healthz", "/readyz", "/metrics")
WORDS = (
    "Call it with a token (`Authorization: Bearer …`, made by `autopilot tokens add`) or signed in, in a browser. "
    "JSON is in camelCase. Errors are problems of RFC 9457: a stable `code`, and a sentence in `detail`."
)
EXAMPLES: dict[str, Any] = {
    "uuid": "0d9c2f6e-5b1a-4c7e-9f3d-2a8b7c6d5e4f",
    "date-time": "2026-11-24T16:00:00Z",
    "date": "2026-11-24",
    "integer": 1,
    "number": 0.5,
    "boolean": True,
    "object": {},
    "null": None,
}


def description_of(application: FastAPI) -> dict[str, Any]:
    """What can be called, as OpenAPI; without what only the pages call."""
    whole = deepcopy(application.openapi())
    whole["info"] = {"title": TITLE, "version": our_version(), "description": WORDS}
    whole["paths"] = {path: calls for path, calls in whole["paths"].items() if path.startswith(OURS)}
    for calls in whole["paths"].values():
        for call in calls.values():
            _tell_of_problems(call["responses"])
    return whole


def _tell_of_problems(answers: dict[str, Any]) -> None:
    """Errors are of a kind of their own, also the one that FastAPI describes by itself."""
    for status, answer in answers.items():
        if status.startswith(("4", "5")):
            problem = {"schema": {"$ref": "#/components/schemas/ProblemOut"}}
            answer["content"] = {"application/problem+json": problem}


def example_of(schema: dict[str, Any], known: dict[str, Any]) -> Any:
    """A value that fits a schema; `known` are the schemas that can be referred to. None of ours refers to itself."""
    if "$ref" in schema:
        return example_of(known[schema["$ref"].rpartition("/")[2]], known)
    given = [*schema.get("examples", []), *schema.get("enum", []), schema.get("const"), schema.get("default")]
    if any(one is not None for one in given):
        return next(one for one in given if one is not None)
    if "anyOf" in schema:
        return example_of(schema["anyOf"][0], known)
    if "properties" in schema:
        return {name: example_of(one, known) for name, one in schema["properties"].items()}
    if schema.get("type") == "array":
        return [example_of(one, known) for one in schema.get("prefixItems") or [schema.get("items", {})]]
    return EXAMPLES.get(schema.get("format", "")) or EXAMPLES.get(schema.get("type", ""), "text")

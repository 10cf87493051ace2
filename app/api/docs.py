"""`/docs`: the API's own description as a page to read, drawn here and from nothing elsewhere."""

import json
from html import escape
from string import Template
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse

from app.api.description import description_of, example_of

PAGE = Template("""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title><style>
:root { color-scheme: light dark; --ink: #16202e; --soft: #4b5a6e; --line: #e4e8ee; --card: #fff; --ground: #f6f7f9; --blue: #3a4ed5 }
@media (prefers-color-scheme: dark) { :root { --ink: #e7ebf2; --soft: #a4b0c2; --line: #2a3342; --card: #171d27; --ground: #0f141b; --blue: #93a1ff } }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: var(--ink); background: var(--ground) }
a, b { color: var(--blue) } h1 { font-size: 1.5rem } h2 { font-size: 1.05rem; margin: 2rem 0 .5rem; text-transform: capitalize }
details { background: var(--card); border: 1px solid var(--line); border-radius: 10px; margin: 8px 0; padding: 10px 16px }
summary { cursor: pointer } summary span { color: var(--soft); margin-left: .5rem }
h3 { font-size: .85rem; color: var(--soft); margin: 1rem 0 .25rem } code, pre { font: 13px/1.45 ui-monospace, monospace }
pre { background: var(--ground); border: 1px solid var(--line); border-radius: 8px; padding: 8px 12px; overflow-x: auto; margin: 4px 0 }
table { border-collapse: collapse; width: 100% } td { border-top: 1px solid var(--line); padding: 4px 12px 4px 0; vertical-align: top }
</style></head><body><main><h1>$title</h1><p>$words</p>
<p>For programs: <a href="/openapi.json">openapi.json</a> · version $version · <a href="/">back to the dashboard</a></p>
$sections</main></body></html>""")

CREATED = ("200", "201", "204")


def router() -> APIRouter:
    """The routes."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/docs")
    async def docs(request: Request) -> HTMLResponse:
        return HTMLResponse(drawn(description_of(request.app)))

    @routes.get("/openapi.json")
    async def openapi(request: Request) -> JSONResponse:
        return JSONResponse(description_of(request.app))

    return routes


def drawn(description: dict[str, Any]) -> str:
    """The page."""
    known = description.get("components", {}).get("schemas", {})
    by_tag: dict[str, list[str]] = {}
    for path, calls in description["paths"].items():
        for method, call in calls.items():
            by_tag.setdefault(call["tags"][0], []).append(_call(method, path, call, known))
    sections = "\n".join(f"<h2>{escape(tag)}</h2>{''.join(calls)}" for tag, calls in by_tag.items())
    info = description["info"]
    return PAGE.substitute(
        title=escape(info["title"]),
        version=escape(info["version"]),
        words=escape(info["description"]),
        sections=sections,
    )


def _call(method: str, path: str, call: dict[str, Any], known: dict[str, Any]) -> str:
    """One thing that can be called: what it takes, how to try it, and what it answers."""
    told = call.get("description", "")
    body = _schema(call.get("requestBody", {}))
    sent = example_of(body, known) if body else None
    return (
        f"<details><summary><code><b>{method.upper()}</b> {escape(path)}</code><span>{escape(told)}</span></summary>"
        f"{_parameters(call)}{_words(body, known)}<h3>Try it</h3><pre>{escape(_curl(method, path, sent))}</pre>"
        f"{_answers(call, known)}</details>"
    )


def _parameters(call: dict[str, Any]) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(one['name'])}</code></td><td>{escape(one['in'])}"
        f"{', required' if one.get('required') else ''}</td><td><code>{escape(_kind(one['schema']))}</code></td></tr>"
        for one in call.get("parameters", [])
        if one["in"] in {"path", "query"}
    )
    return f"<h3>Parameters</h3><table>{rows}</table>" if rows else ""


def _kind(schema: dict[str, Any]) -> str:
    """A parameter's type, and within which limits."""
    for one in schema.get("anyOf", []):
        if one.get("type") != "null":
            return _kind(one)
    kind = " | ".join(schema["enum"]) if "enum" in schema else schema.get("format") or schema.get("type", "")
    limits = [f"{sign} {schema[name]}" for name, sign in (("minimum", "≥"), ("maximum", "≤")) if name in schema]
    default = [f"default {schema['default']}"] if schema.get("default") else []
    return ", ".join([kind, *limits, *default])


def _words(body: dict[str, Any] | None, known: dict[str, Any]) -> str:
    """What a body's schema says of itself."""
    name = (body or {}).get("$ref", "").rpartition("/")[2]
    words = known.get(name, {}).get("description", "")
    return f"<h3>Body</h3><p>{escape(words)}</p>" if words else ""


def _curl(method: str, path: str, sent: Any) -> str:
    lines = [f'curl -X {method.upper()} "$AUTOPILOT{path}" -H "Authorization: Bearer $TOKEN"']
    if sent is not None:
        lines += [f"  -H 'Content-Type: application/json' -d '{json.dumps(sent, indent=2, ensure_ascii=False)}'"]
    return " \\\n".join(lines)


def _answers(call: dict[str, Any], known: dict[str, Any]) -> str:
    parts = []
    for status in CREATED:
        if answer := call["responses"].get(status):
            schema = _schema(answer)
            shown = json.dumps(example_of(schema, known), indent=2, ensure_ascii=False) if schema else ""
            parts.append(f"<h3>Answer {status}</h3>" + (f"<pre>{escape(shown)}</pre>" if shown else ""))
    return "".join(parts)


def _schema(part: dict[str, Any]) -> dict[str, Any] | None:
    schema: dict[str, Any] | None = part.get("content", {}).get("application/json", {}).get("schema")
    return schema

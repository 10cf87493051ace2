"""`/docs`: the API's own description, drawn without anything from elsewhere."""

from html import escape
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse

from core.services import Services

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>OmniOps Autopilot: API</title><style>
body {{ font: 14px/1.45 system-ui; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #16202e; background: #f6f7f9 }}
section {{ background: #fff; border: 1px solid #e4e8ee; border-radius: 10px; padding: 12px 16px; margin: 12px 0 }}
code {{ font-family: ui-monospace, monospace }} b {{ color: #3a4ed5 }} p {{ margin: 4px 0; color: #4b5a6e }}
</style></head><body><h1>OmniOps Autopilot: API</h1>
<p>Bearer token or session cookie; JSON in camelCase; errors as RFC 9457. Machine-readable: <a href="/openapi.json">/openapi.json</a></p>
{sections}</body></html>"""


def router(services: Services) -> APIRouter:
    """The routes."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/docs")
    async def docs(request: Request) -> HTMLResponse:
        paths = request.app.openapi()["paths"]
        told = [_section(path, method, call) for path, calls in paths.items() for method, call in calls.items()]
        return HTMLResponse(PAGE.format(sections="\n".join(told)))

    @routes.get("/openapi.json")
    async def openapi(request: Request) -> JSONResponse:
        return JSONResponse(request.app.openapi())

    return routes


def _section(path: str, method: str, call: dict[str, Any]) -> str:
    takes = [one["name"] for one in call.get("parameters", [])]
    body = call.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {}).get("$ref", "")
    takes += [body.rpartition("/")[2]] if body else []
    answers = ", ".join(call.get("responses", {}))
    return (
        f"<section><code><b>{escape(method.upper())}</b> {escape(path)}</code><p>takes: {escape(', '.join(takes) or 'nothing')}"
        f" · answers: {escape(answers)}</p></section>"
    )

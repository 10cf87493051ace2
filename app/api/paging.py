"""How an answer of many pages names those beside it: by the header Link (RFC 8288)."""

from collections.abc import Mapping
from typing import Any

from fastapi import Request, Response

LINK = {"description": "the next and the previous page (RFC 8288)", "schema": {"type": "string"}}
LINKS: dict[int | str, dict[str, Any]] = {200: {"headers": {"Link": LINK}}}


def name_pages(request: Request, response: Response, pages: Mapping[str, dict[str, str]], *, by: list[str]) -> None:
    """Name the pages beside this one: under `next` and `prev` what their addresses ask for instead of what this one does."""
    bare = request.url.remove_query_params(by)
    found = ((rel, bare.include_query_params(**asked)) for rel, asked in pages.items())
    if links := ", ".join(f'<{url.path}?{url.query}>; rel="{rel}"' for rel, url in found):
        response.headers["Link"] = links

"""`python -m app.practice_shop`: the practice shop by itself."""

import asyncio
from typing import Annotated

import typer

from app.practice_shop.faults import Fault
from app.practice_shop.serving import serve
from app.practice_shop.shop import PracticeShop


def main(
    port: int = 8081,
    fault: Annotated[list[Fault] | None, typer.Option(help="What goes wrong.")] = None,
    latency_ms: Annotated[int, typer.Option(help="How long every answer takes.")] = 0,
) -> None:
    """Serve a practice shop until interrupted."""
    asyncio.run(_serve(PracticeShop(fault or (), latency_ms / 1000), port))


async def _serve(shop: PracticeShop, port: int) -> None:
    async with serve(shop, port) as address:
        typer.echo(f"{address}/wp-admin/  (admin, {shop.password_of('admin')})")
        await asyncio.Event().wait()


typer.run(main)

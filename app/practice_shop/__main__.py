"""`python -m app.practice_shop`: the practice shop by itself."""

import asyncio
import contextlib
from typing import Annotated

import typer

from app.practice_shop.faults import Fault
from app.practice_shop.serving import serve
from app.practice_shop.shop import PracticeShop


def main(
    port: Annotated[int, typer.Option(help="0 takes a free one.", min=0, max=65535)] = 8081,
    fault: Annotated[list[Fault] | None, typer.Option(help="What goes wrong; may be given several times.")] = None,
    latency_ms: Annotated[int, typer.Option(help="How long every answer takes.", min=0)] = 0,
) -> None:
    """Serve a practice shop until interrupted."""
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(PracticeShop(fault or (), latency_ms / 1000), port))


async def _serve(shop: PracticeShop, port: int) -> None:
    try:
        async with serve(shop, port) as address:
            typer.echo(f"{address}/wp-admin/  (admin, {shop.password_of('admin')})")
            for fault in shop.faults:
                typer.echo(f"  {fault}: {fault.words}")
            typer.echo("Ctrl-C ends it.")
            await asyncio.Event().wait()
    except OSError as error:
        typer.echo(f"Port {port} can't be used: {error.strerror}. Give another with --port.", err=True)
        raise typer.Exit(1) from error


if __name__ == "__main__":
    typer.run(main)

"""Files that are made for one answer: they have no name in the file system, and are gone once they are sent."""

import tempfile
from collections.abc import Awaitable, Callable, Iterator
from typing import IO

from fastapi.responses import StreamingResponse

PIECE = 64 * 1024  # bytes sent at a time


async def zip_of(name: str, write: Callable[[IO[bytes]], Awaitable[None]]) -> StreamingResponse:
    """What `write` writes, as a zip to download."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  it is closed once it is sent
    try:
        await write(file)
    except BaseException:
        file.close()
        raise
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Length": str(file.tell())}
    return StreamingResponse(_pieces(file), media_type="application/zip", headers=headers)


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while piece := file.read(PIECE):
            yield piece

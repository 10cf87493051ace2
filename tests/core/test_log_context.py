"""What a line is about goes along into tasks and threads, and no further."""

import asyncio

from core.log_context import about, about_from_now_on, fields


async def test_tasks_and_threads_carry_it_along() -> None:
    with about(operation="one"):
        task = asyncio.ensure_future(asyncio.to_thread(fields))
    with about(operation="two"):
        assert (await task, fields()) == ({"operation": "one"}, {"operation": "two"})
    assert fields() == {}


async def test_what_a_task_is_about_is_no_other_tasks_business() -> None:
    known: dict[str, str] = {}

    async def serve() -> dict[str, str]:
        about_from_now_on(lambda: known)
        known["route"] = "found later"
        return dict(fields())

    assert await asyncio.ensure_future(serve()) == {"route": "found later"}
    assert fields() == {}

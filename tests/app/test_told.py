"""The running product tells what happens by itself: what fails is in a mailbox and at a webhook within seconds."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import SecretStr

from app.bootstrap import build
from core.browser.sessions import Browsers
from core.database.session import CustomerSession
from core.database.states import NotificationEvent, OperationStatus
from core.database.tables import OperationRow
from core.notifications.outbox import tell
from core.security.people.visitor import Visitor
from tests.app.running import free_port, settings
from tests.core.notifications.mailbox import mailbox
from tests.core.notifications.receiver import receiver

WITHIN = 60  # seconds; rounds follow each other every three
FAILED = NotificationEvent.FAILED
AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


async def test_what_happens_is_told_by_the_rounds_of_the_running_product(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def no_browser(browsers: Browsers) -> None:
        """Nothing is opened here."""

    monkeypatch.setattr(Browsers, "prepare", no_browser)
    with mailbox() as box, receiver() as listening:
        told = {
            "allowed_hosts": f"{listening.host_port},{box.host_port}",
            "smtp_url": SecretStr(f"smtp://{box.host_port}"),
            "mail_from": "autopilot@omni.example",
            "base_url": "https://autopilot.example/",
        }
        async with build(settings(tmp_path, free_port()).model_copy(update=told)).running() as services:
            company = await services.people.add_customer("Tea Shop")
            owner = await services.people.add_user(company, "owner@tea.example", "a long enough one")
            await services.notifications.choose_emails(owner, [FAILED])
            added = await services.notifications.add_webhook(owner, listening.url, [FAILED])
            failed = failing(owner)
            await services.database.run(company, failed)
            for arrived in (box.arrived, listening.arrived):
                assert await asyncio.to_thread(arrived.wait, WITHIN)
    (call,), (mail,) = listening.calls, box.mails
    assert call.is_signed_with(added.secret.reveal())
    assert call.told["data"]["link"].startswith("https://autopilot.example/operations/")
    assert (mail["Subject"], mail["To"]) == ("Failed: WooCommerce at tea.example", "owner@tea.example")
    assert call.told["data"]["link"] in str(mail.get_payload())


def failing(owner: Visitor) -> Callable[[CustomerSession], None]:
    """A transaction in which an operation is found to have failed."""

    def fail(session: CustomerSession) -> None:
        row = OperationRow(
            customer_id=owner.customer_id,
            id=uuid4(),
            requested_by=owner.user_id,
            service="woocommerce",
            operation="api_key_generation",
            store_origin="https://tea.example",
            permissions=["read_products"],
            status=OperationStatus.FAILED,
            created_at=AT,
            finished_at=AT,
        )
        session.add(row)
        session.flush()
        tell(session, row, FAILED, "The shop refused it.", AT)

    return fail

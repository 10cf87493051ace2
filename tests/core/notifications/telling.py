"""A house whose people want to be told: their desk, and what sends it, to real receivers on this machine."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select

from core.database.states import NotificationEvent
from core.database.tables import NotificationRow
from core.notifications.calling_out import HookCaller
from core.notifications.delivery import Delivery, DeliveryTools
from core.notifications.desk import AddedWebhook, NotificationDesk
from core.notifications.mail import Mailer, MailServer, SmtpMailer
from core.notifications.rounds import NotificationRounds
from core.operations.ending import Ending
from core.security.addresses import AddressGuard, Resolver, SystemResolver
from core.security.people.people import People
from tests.core.notifications.mailbox import Mailbox
from tests.core.notifications.receiver import Receiver
from tests.core.operations.house import SHOP, House
from tests.fakes.agents import RESULT

E = NotificationEvent
EVERYTHING = (E.FINISHED, E.FAILED, E.NEEDS_YOU)
SITE = "https://autopilot.example"
SENDER = "OmniOps Autopilot <autopilot@omni.example>"
REFUSED = Ending.failed("wrong_password", "The shop refused it.")


@dataclass
class Telling:
    """The house, its desk, and the rounds."""

    house: House
    tools: DeliveryTools
    desk: NotificationDesk
    delivery: Delivery
    rounds: NotificationRounds

    async def hook(self, to: Receiver, events: Iterable[NotificationEvent] = EVERYTHING) -> AddedWebhook:
        """Have a receiver called from now on."""
        return await self.desk.add_webhook(self.house.visitor, to.url, events)

    async def ended(self, ending: Ending | None = None, shop: str = SHOP) -> UUID:
        """An operation that ends now; its id."""
        lease = await self.house.claimed(shop)
        ending = ending or Ending.of(RESULT)
        await self.house.run(lambda session: self.house.endings.write(lease, ending, session))
        return lease.operation_id

    async def outbox(self) -> list[NotificationRow]:
        """What is to be told, or was, the oldest first."""
        rows = select(NotificationRow).order_by(col(NotificationRow.created_at), col(NotificationRow.id))
        return await self.house.database.read(self.house.visitor.customer_id, lambda s: list(s.exec(rows).all()))


def telling(
    house: House, *receivers: Receiver, mailer: Mailer | None = None, resolver: Resolver | None = None
) -> Telling:
    """Wired as in production; these receivers are allowed to be on this machine."""
    guard = AddressGuard(resolver or SystemResolver(), frozenset(one.host_port for one in receivers))
    tools = DeliveryTools(
        house.database,
        house.vault,
        HookCaller(guard),
        mailer,
        lambda service, operation: house.integrations.get(service, operation).title,
        SITE,
        house.clock,
    )
    delivery = Delivery(tools)
    desk = NotificationDesk(tools, delivery, People(house.database, house.clock))
    return Telling(house, tools, desk, delivery, NotificationRounds(house.database, delivery, house.clock))


def mailer_to(box: Mailbox) -> SmtpMailer:
    """One that hands over to this server, which need not be encrypted."""
    server = MailServer.of(f"smtp://{box.host_port}", frozenset({box.host_port}))
    return SmtpMailer(server, SENDER)

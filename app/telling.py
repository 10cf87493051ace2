"""Everything that telling people and programs needs, wired: by e-mail if a server was told, and by webhook."""

from dataclasses import dataclass
from typing import Self

from app.ground import Ground
from app.settings import Settings
from core.agents.integration import Integrations
from core.notifications.calling_out import HookCaller
from core.notifications.delivery import Delivery, DeliveryTools
from core.notifications.desk import NotificationDesk
from core.notifications.mail import Mailer, SmtpMailer
from core.notifications.message import Titles
from core.notifications.rounds import NotificationRounds
from core.security.people.proof import ChecksPasswords


@dataclass(frozen=True)
class Telling:
    """Where it is chosen, and what sends it."""

    desk: NotificationDesk
    rounds: NotificationRounds

    @classmethod
    def wired(cls, on: Ground, people: ChecksPasswords) -> Self:
        """Both by one way of delivering."""
        tools = DeliveryTools(
            database=on.database,
            vault=on.vault,
            caller=HookCaller(on.guard),
            mailer=_mailer(on.settings),
            titles=_titles(on.integrations),
            site=on.settings.own_address.rstrip("/"),
            clock=on.clock,
        )
        delivery = Delivery(tools)
        return cls(NotificationDesk(tools, delivery, people), NotificationRounds(on.database, delivery, on.clock))


def _mailer(settings: Settings) -> Mailer | None:
    found = settings.mail()
    return SmtpMailer(*found) if found else None


def _titles(integrations: Integrations) -> Titles:
    """What an operation is called; one of a version that knew more is called as it was kept."""

    def title(service: str, operation: str) -> str:
        known = integrations.find(service, operation)
        return known.title if known else service

    return title

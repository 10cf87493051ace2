"""What is told: as the JSON of a webhook, and as the text of an e-mail. No key, no product and nothing typed is in either."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any
from uuid import UUID

from core.database.states import NotificationEvent
from core.notifications.calling_out import NotDelivered

E = NotificationEvent
SUBJECTS = {E.FINISHED: "Done", E.FAILED: "Failed", E.NEEDS_YOU: "Needs you"}
CHOSEN = "You are told because you chose it. Choose otherwise: {link}"
TESTED = "This is a test. It is about no operation."


@dataclass(frozen=True)
class About:
    """The operation that something is told of, in its own names and in words."""

    operation_id: UUID
    service: str
    operation: str
    store_url: str
    title: str


@dataclass(frozen=True)
class Message:
    """One thing to be told. Its id and its moment are the same at every try."""

    id: UUID
    event: NotificationEvent
    at: datetime
    status: str
    sentence: str
    about: About | None
    site: str

    @property
    def link(self) -> str:
        """Where to see it."""
        return f"{self.site}/operations/{self.about.operation_id}" if self.about else self.settings_link

    @property
    def settings_link(self) -> str:
        """Where it is chosen who is told of what."""
        return f"{self.site}/settings/notifications"

    def body(self) -> bytes:
        """As a webhook is told."""
        told: dict[str, Any] = {"type": _kind(self.event), "timestamp": _moment(self.at), "data": self._data()}
        return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()

    def _data(self) -> dict[str, Any]:
        told = {"sentence": self.sentence, "link": self.link}
        if self.about is None:
            return told
        return {
            "operationId": str(self.about.operation_id),
            "service": self.about.service,
            "operation": self.about.operation,
            "storeUrl": self.about.store_url,
            "status": self.status,
            **told,
        }

    def email(self, to: str, sender: str) -> EmailMessage:
        """As a person is told. Its Message-ID is the same at every try, so that one that comes twice can be told.

        Raises NotDelivered.
        """
        made = EmailMessage()
        made["Subject"] = self._subject()
        made["From"], made["To"] = sender, _recipient(to)
        made["Date"] = format_datetime(self.at)
        made["Message-ID"] = f"<{self.id}@{sender.rpartition('@')[2].strip('> ')}>"
        made["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers to it
        chosen = CHOSEN.format(link=self.settings_link)
        made.set_content("\n\n".join(filter(None, [self._subject(), self.sentence, self.link, chosen])) + "\n")
        return made

    def _subject(self) -> str:
        if self.about is None:
            return "A test of OmniOps Autopilot"
        shop = self.about.store_url.partition("://")[2]
        return f"{SUBJECTS[self.event]}: {self.about.title} at {shop}"


def _recipient(to: str) -> Address:
    """One person, whatever the text could be read as."""
    try:
        return Address(addr_spec=to)
    except (ValueError, AttributeError, IndexError, MessageError):  # as Python's parser goes wrong
        raise NotDelivered(because="This is no address that mail can be sent to.", for_good=True) from None


Titles = Callable[[str, str], str]  # what an operation of a service is called


def _kind(event: NotificationEvent) -> str:
    return "webhook.test" if event is E.TEST else f"operation.{event.value}"


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")

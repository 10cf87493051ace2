"""Sends e-mail by somebody's SMTP server: encrypted, and its certificate looked at.

It is done in threads of its own: those that the database is asked in must not wait for a mail server.
"""

import asyncio
import smtplib
import ssl
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import ClassVar, Protocol
from urllib.parse import unquote, urlsplit

from core.errors import BadInput
from core.notifications.calling_out import NotDelivered
from core.security.secret import Secret

AT_ONCE = 2  # connections to the server
ANSWERS_WITHIN = 15.0  # seconds for each of its answers
WHOLE_WITHIN = 60.0  # seconds for all of them
PORTS = {"smtps": 465, "smtp": 587}
NO_STARTTLS = "The mail server does not encrypt: it does not know STARTTLS."
NO_SIGN_IN = "The mail server knows no sign-in."
IS_FINAL = 500  # reply codes from here on say that another try is no use; RFC 5321, 4.2.1


class BadMailServer(BadInput):
    """This is not the address of a mail server."""

    code: ClassVar[str] = "bad_mail_server"


class Mailer(Protocol):
    """Who brings e-mail on its way."""

    sender: str

    async def send(self, message: EmailMessage) -> None:
        """Hand it over. Raises NotDelivered."""
        ...


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed over. `smtps` is encrypted from the start; `smtp` by STARTTLS, unless it need not be."""

    scheme: str
    host: str
    port: int
    username: str = ""
    password: Secret = field(default_factory=lambda: Secret(""), repr=False)
    plain: bool = False

    @classmethod
    def of(cls, address: str, allowed_host_ports: frozenset[str] = frozenset()) -> "MailServer":
        """What an address says; what is allowed to be plain needs no encryption. Raises BadMailServer."""
        try:
            parts = urlsplit(address.strip())
            port = parts.port or PORTS.get(parts.scheme, 0)
        except ValueError:
            raise BadMailServer(because="Its port or host can't be read.") from None
        if parts.scheme not in PORTS or not parts.hostname or parts.path not in {"", "/"} or parts.query:
            raise BadMailServer(because="It should be like smtps://user:password@mail.example:465.")
        username, password = unquote(parts.username or ""), Secret(unquote(parts.password or ""))
        plain = parts.scheme == "smtp" and f"{parts.hostname}:{port}" in allowed_host_ports
        return cls(parts.scheme, parts.hostname, port, username, password, plain)

    def __str__(self) -> str:
        how = "without encryption" if self.plain else "encrypted"
        return f"{self.host}:{self.port}, {how}"


class SmtpMailer:
    """Hands mail over to one server."""

    def __init__(self, server: MailServer, sender: str, trusted: ssl.SSLContext | None = None) -> None:
        self.server = server
        self.sender = sender
        self._trusted = trusted
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="mail")

    async def send(self, message: EmailMessage) -> None:
        """Hand it over. Raises NotDelivered."""
        try:
            async with asyncio.timeout(WHOLE_WITHIN):
                await asyncio.get_running_loop().run_in_executor(self._threads, self._send, message)
        except smtplib.SMTPRecipientsRefused as refused:
            codes = [code for code, _ in refused.recipients.values()]
            raise NotDelivered(
                because=f"The mail server does not take it for this address: {min(codes)}.",
                for_good=min(codes) >= IS_FINAL,
            ) from None
        except smtplib.SMTPAuthenticationError:
            raise NotDelivered(because="The mail server does not accept our sign-in.") from None
        except smtplib.SMTPNotSupportedError:
            raise NotDelivered(because="The mail server takes no address with such letters.", for_good=True) from None
        except smtplib.SMTPResponseException as refused:
            is_final = isinstance(refused, smtplib.SMTPDataError) and refused.smtp_code >= IS_FINAL
            raise NotDelivered(because=f"The mail server said {refused.smtp_code}.", for_good=is_final) from None
        except ssl.SSLCertVerificationError:
            raise NotDelivered(because="Nobody vouches for the mail server's certificate.") from None
        except (smtplib.SMTPException, OSError, TimeoutError) as error:
            raise NotDelivered(because=f"The mail server was not reached: {type(error).__name__}.") from None

    def _send(self, message: EmailMessage) -> None:
        server, context = self.server, self._trusted or ssl.create_default_context()
        with self._connected(context) as connection:
            try:
                if server.scheme == "smtp" and not server.plain:
                    told = NO_STARTTLS
                    connection.starttls(context=context)
                if server.username:
                    told = NO_SIGN_IN
                    connection.login(server.username, server.password.reveal())
            except smtplib.SMTPNotSupportedError:
                raise NotDelivered(because=told) from None
            connection.send_message(message)

    def _connected(self, context: ssl.SSLContext) -> smtplib.SMTP:
        server = self.server
        if server.scheme == "smtps":
            return smtplib.SMTP_SSL(server.host, server.port, timeout=ANSWERS_WITHIN, context=context)
        return smtplib.SMTP(server.host, server.port, timeout=ANSWERS_WITHIN)

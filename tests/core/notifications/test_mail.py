"""E-mail is handed over encrypted, signed in for and to a server whose certificate fits; else it is not handed over."""

from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from uuid import uuid4

import pytest

from core.database.states import NotificationEvent
from core.notifications.calling_out import NotDelivered
from core.notifications.mail import BadMailServer, MailServer, SmtpMailer
from core.notifications.message import Message
from tests.core.integrations.woocommerce.certificate import self_signed
from tests.core.notifications.mailbox import Mailbox, mailbox

SENDER = "autopilot@omni.example"
USER, PASSWORD = "autopilot", "p@ss:w/rd"
WRITTEN = "p%40ss%3Aw%2Frd"


def letter(to: str = "owner@tea.example") -> EmailMessage:
    made = EmailMessage()
    made["To"], made["From"], made["Subject"] = to, SENDER, "Done: Tea"
    made.set_content("It is done.")
    return made


async def test_it_is_encrypted_by_starttls_and_signed_in_for(tmp_path: Path) -> None:
    server, trusted = self_signed(tmp_path)
    with mailbox(starttls=server, sign_in=(USER, PASSWORD)) as box:
        place = MailServer.of(f"smtp://{USER}:{WRITTEN}@{box.host_port}")
        await SmtpMailer(place, SENDER, trusted).send(letter())
        assert (box.encrypted, box.signed_in, len(box.mails)) == (True, True, 1)
        assert box.mails[0]["To"] == "owner@tea.example"


async def test_it_is_encrypted_from_the_start(tmp_path: Path) -> None:
    server, trusted = self_signed(tmp_path)
    with mailbox(wrapped=server) as box:
        await SmtpMailer(MailServer.of(f"smtps://{box.host_port}"), SENDER, trusted).send(letter())
        assert (box.encrypted, len(box.mails)) == (True, 1)


async def test_to_a_server_that_does_not_encrypt_nothing_is_said_unless_it_is_allowed(box: Mailbox) -> None:
    with pytest.raises(NotDelivered, match="does not know STARTTLS"):
        await SmtpMailer(MailServer.of(f"smtp://{USER}:{WRITTEN}@{box.host_port}"), SENDER).send(letter())
    assert (box.mails, box.signed_in) == ([], False)
    allowed = MailServer.of(f"smtp://{box.host_port}", frozenset({box.host_port}))
    await SmtpMailer(allowed, SENDER).send(letter())
    assert len(box.mails) == 1


async def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    server, _ = self_signed(tmp_path)
    with mailbox(starttls=server) as by_starttls, mailbox(wrapped=server) as wrapped:
        for address in (f"smtp://{by_starttls.host_port}", f"smtps://{wrapped.host_port}"):
            with pytest.raises(NotDelivered, match="Nobody vouches"):
                await SmtpMailer(MailServer.of(address), SENDER).send(letter())
        assert by_starttls.mails + wrapped.mails == []


async def test_what_the_server_does_not_want_is_told_without_what_it_says(tmp_path: Path, box: Mailbox) -> None:
    plain = SmtpMailer(MailServer.of(f"smtp://{box.host_port}", frozenset({box.host_port})), SENDER)
    for code, for_good in ((450, False), (550, True)):
        box.refusals = [code]
        with pytest.raises(NotDelivered, match=str(code)) as refused:
            await plain.send(letter())
        assert refused.value.for_good is for_good
    for code, for_good in ((452, False), (552, True), (554, True)):
        box.rejections = [code]
        with pytest.raises(NotDelivered, match=str(code)) as refused:
            await plain.send(letter())
        assert refused.value.for_good is for_good
    assert box.mails == []
    server, trusted = self_signed(tmp_path)
    with mailbox(starttls=server, sign_in=(USER, "another")) as strict:
        place = MailServer.of(f"smtp://{USER}:{WRITTEN}@{strict.host_port}")
        with pytest.raises(NotDelivered, match="does not accept our sign-in") as wrong:
            await SmtpMailer(place, SENDER, trusted).send(letter())
    assert PASSWORD not in str(wrong.value)
    assert not wrong.value.for_good
    with pytest.raises(NotDelivered, match="was not reached"):
        await SmtpMailer(MailServer.of("smtp://127.0.0.1:1"), SENDER).send(letter())


async def test_an_address_with_letters_that_the_server_does_not_take_is_told_so(box: Mailbox) -> None:
    plain = SmtpMailer(MailServer.of(f"smtp://{box.host_port}", frozenset({box.host_port})), SENDER)
    with pytest.raises(NotDelivered, match="takes no address with such letters") as refused:
        await plain.send(letter("Öwner@tea.example"))
    assert (refused.value.for_good, box.mails) == (True, [])


@pytest.mark.parametrize(
    "to", ["a@b.example,evil@x.example", "a:b;@c.example", "a@[1", "<a@b.example>", "a@b.example\nBcc: x@y.z"]
)
def test_a_mail_goes_to_one_address_or_to_none(to: str) -> None:
    test = Message(
        uuid4(), NotificationEvent.TEST, datetime(2026, 11, 23, tzinfo=UTC), "", "A test.", None, "https://x.example"
    )
    assert [one.addr_spec for one in test.email("o'neil+tea@b.example", SENDER)["To"].addresses] == [
        "o'neil+tea@b.example"
    ]
    with pytest.raises(NotDelivered, match="no address") as refused:
        test.email(to, SENDER)
    assert refused.value.for_good


async def test_nothing_can_be_put_into_the_head_of_a_mail() -> None:
    with pytest.raises(ValueError, match="linefeed"):
        letter("owner@tea.example\nBcc: all@evil.example")


@pytest.mark.parametrize(
    ("address", "read"),
    [
        ("smtps://mail.example", ("smtps", "mail.example", 465, "", "")),
        ("smtp://mail.example", ("smtp", "mail.example", 587, "", "")),
        (f"smtp://{USER}:{WRITTEN}@mail.example:25/", ("smtp", "mail.example", 25, USER, PASSWORD)),
    ],
)
def test_an_address_says_server_port_and_sign_in(address: str, read: tuple[object, ...]) -> None:
    found = MailServer.of(address)
    assert (found.scheme, found.host, found.port, found.username, found.password.reveal()) == read
    assert not found.plain
    assert PASSWORD not in f"{found!r} {found}"


@pytest.mark.parametrize("address", ["mail.example", "https://mail.example", "smtp://", "smtp://x:y/", "smtp://x/path"])
def test_what_is_no_address_of_a_mail_server_is_refused(address: str) -> None:
    with pytest.raises(BadMailServer):
        MailServer.of(address)


def test_what_begins_encrypted_is_never_allowed_to_be_plain() -> None:
    assert not MailServer.of("smtps://mail.example:465", frozenset({"mail.example:465"})).plain

"""What is due is sent: once, whoever else sends; again after a pause, to an end; and again if its sender died, under the same id."""

import asyncio
import quopri
from datetime import timedelta
from functools import partial

import pytest
from sqlmodel import select

from core.database.tables import NotificationRow
from core.notifications.calling_out import NotDelivered
from core.notifications.delivery import LEASE, MOST_TRIES, PAUSES, Delivery
from core.notifications.rounds import KEPT, MOST_OF_ONE
from core.security.audit.audit_log import AuditAction
from tests.core.notifications.mailbox import Mailbox
from tests.core.notifications.receiver import Receiver, receiver
from tests.core.notifications.telling import EVERYTHING, E, Telling, mailer_to, telling
from tests.core.operations.house import House, house

LONGER = timedelta(seconds=1) + PAUSES[-1] * 1.2  # than any pause


async def due(home: House, to: Receiver) -> Telling:
    """A webhook that has something to be told."""
    told = telling(home, to)
    await told.hook(to)
    await told.ended()
    return told


async def test_of_two_that_send_at_once_one_does(home: House, listening: Receiver) -> None:
    told = await due(home, listening)
    (row,) = await told.outbox()
    another = Delivery(told.tools)
    await asyncio.gather(*(one.deliver(row.customer_id, row.id) for one in (told.delivery, another, another)))
    assert len(listening.calls) == 1
    assert [one.tries for one in await told.outbox()] == [1]


async def test_what_failed_is_sent_again_after_a_pause_that_grows_under_the_same_id(
    home: House, listening: Receiver
) -> None:
    told = await due(home, listening)
    listening.statuses = [503, 302, 200]
    for number, pause in enumerate(PAUSES[:2], start=1):
        began = home.clock.now()
        await told.rounds.round()
        (row,) = await told.outbox()
        assert len(listening.calls) == number
        assert abs(row.next_at - began - pause) <= pause * 0.2
        home.clock.move(row.next_at - began - timedelta(milliseconds=1))
        await told.rounds.round()
        assert len(listening.calls) == number
        home.clock.move(timedelta(milliseconds=1))
    await told.rounds.round()
    assert len(listening.calls) == 3
    assert len({call.id for call in listening.calls}) == 1
    assert len({call.body for call in listening.calls}) == 1
    assert len({call.headers["webhook-timestamp"] for call in listening.calls}) == 3
    (row,) = await told.outbox()
    assert (row.sent_at, row.last_failure) == (home.clock.now(), None)


async def test_it_comes_to_an_end_which_is_on_record_and_shown(home: House, listening: Receiver) -> None:
    told = await due(home, listening)
    listening.statuses = [500] * 50
    for _ in range(MOST_TRIES + 3):
        await told.rounds.round()
        home.clock.move(LONGER)
    assert len(listening.calls) == MOST_TRIES
    (shown,) = await told.desk.webhooks(home.visitor)
    assert (shown.undelivered.number, shown.undelivered.last_because) == (1, "It said 500.")
    failed = [one for one in await home.entries() if one.action == AuditAction.NOTIFICATION_FAILED]
    assert [one.operation_id for one in failed] == [(await told.outbox())[0].operation_id]
    assert failed[0].detail is not None
    assert (failed[0].detail["to"], failed[0].detail["tries"]) == (f"webhook:{shown.id}", MOST_TRIES)
    assert (failed[0].detail["event"], failed[0].detail["because"]) == ("finished", "It said 500.")


async def test_who_says_that_they_are_gone_is_not_asked_again(cottage: House, listening: Receiver) -> None:
    told = await due(cottage, listening)
    listening.statuses = [410]
    await told.rounds.round()
    cottage.clock.move(LONGER)
    await told.rounds.round()
    assert len(listening.calls) == 1
    assert (await told.outbox())[0].given_up_at is not None


async def test_whoever_dies_between_sending_and_noting_it_has_it_sent_once_more(
    home: House, listening: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = await due(home, listening)
    with monkeypatch.context() as patch:
        patch.setattr(Delivery, "_conclude", _killed)
        with pytest.raises(asyncio.CancelledError):
            await told.rounds.round()
    assert len(listening.calls) == 1
    await told.rounds.round()
    assert len(listening.calls) == 1  # the lease is not over
    home.clock.move(LEASE)
    await told.rounds.round()
    home.clock.move(LEASE)
    await told.rounds.round()
    assert [call.id for call in listening.calls] == [str((await told.outbox())[0].id)] * 2


def _killed(*_: object) -> None:
    raise asyncio.CancelledError


async def test_what_kills_every_sender_comes_to_an_end(cottage: House, listening: Receiver) -> None:
    told = await due(cottage, listening)
    (row,) = await told.outbox()
    for _ in range(MOST_TRIES + 2):
        await cottage.run(partial(told.delivery._claim, row.id))
        cottage.clock.move(LEASE)
    await told.rounds.round()
    assert listening.calls == []
    (row,) = await told.outbox()
    assert (row.tries, row.last_failure) == (MOST_TRIES, "Nobody knows what became of the last try.")
    assert (await cottage.actions())[-1] == AuditAction.NOTIFICATION_FAILED


async def test_a_late_sender_does_not_undo_what_became_of_it(cottage: House, listening: Receiver) -> None:
    """One was asleep past its lease; another has sent it by then."""
    told = await due(cottage, listening)
    (row,) = await told.outbox()
    asleep = await cottage.run(partial(told.delivery._claim, row.id))
    cottage.clock.move(LEASE)
    await told.rounds.round()
    sent_at = cottage.clock.now()
    cottage.clock.move(timedelta(minutes=1))
    await cottage.run(partial(told.delivery._conclude, asleep, NotDelivered("It was asleep.")))
    (row,) = await told.outbox()
    assert (row.tries, row.sent_at, row.last_failure) == (2, sent_at, None)


async def test_one_customer_whose_receiver_fails_keeps_nobody_else_waiting(home: House, listening: Receiver) -> None:
    with receiver() as theirs:
        ours, others = telling(home, listening, theirs), telling(await house(home.database, home.clock), theirs)
        await ours.hook(listening)
        for _ in range(MOST_OF_ONE + 2):
            await ours.ended()
        await others.hook(theirs)
        await others.ended()
        listening.statuses = [500] * 50
        await ours.rounds.round()
        assert (len(listening.calls), len(theirs.calls)) == (MOST_OF_ONE, 1)
        assert (await others.outbox())[0].sent_at is not None


async def test_what_was_sent_or_given_up_is_kept_for_a_month(home: House, listening: Receiver) -> None:
    told = await due(home, listening)
    await told.ended()
    await told.rounds.round()
    home.clock.move(KEPT)
    await told.rounds.purge()
    assert len(await told.outbox()) == 2
    await told.ended()
    home.clock.move(timedelta(seconds=1))
    await told.rounds.purge()
    assert [row.sent_at for row in await told.outbox()] == [None]


async def test_a_broken_row_of_one_customer_is_told_and_the_others_are_sent(
    cottage: House, listening: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    told = await due(cottage, listening)
    await told.ended()
    (first, _) = await told.outbox()

    def break_it(session: object) -> None:
        row = session.exec(select(NotificationRow).where(NotificationRow.id == first.id)).one()  # type: ignore[attr-defined]
        row.webhook_id = None
        row.user_id = None
        session.add(row)  # type: ignore[attr-defined]

    await cottage.run(break_it)
    await told.rounds.round()
    assert len(listening.calls) == 1
    assert f"ALERT: notification {first.id} was not sent" in caplog.text


async def test_people_are_told_by_email_what_they_chose(home: House, box: Mailbox) -> None:
    told = telling(home, mailer=mailer_to(box))
    await told.desk.choose_emails(home.visitor, [E.FINISHED])
    operation_id = await told.ended()
    await told.rounds.round()
    (mail,) = box.mails
    assert mail["To"] == home.visitor.email
    assert mail["From"] == "OmniOps Autopilot <autopilot@omni.example>"
    assert mail["Subject"] == "Done: WooCommerce at tea.example"
    assert mail["Message-ID"] == f"<{(await told.outbox())[0].id}@omni.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    text = quopri.decodestring(str(mail.get_payload())).decode()
    assert "47 products synced." in text
    assert f"https://autopilot.example/operations/{operation_id}" in text
    assert "https://autopilot.example/settings/notifications" in text


async def test_a_mail_that_is_refused_for_now_is_sent_again_and_one_for_good_is_not(
    cottage: House, box: Mailbox
) -> None:
    told = telling(cottage, mailer=mailer_to(box))
    await told.desk.choose_emails(cottage.visitor, EVERYTHING)
    await told.ended()
    box.refusals = [450]
    await told.rounds.round()
    cottage.clock.move(LONGER)
    await told.rounds.round()
    assert len(box.mails) == 1
    box.refusals = [550]
    await told.ended()
    await told.rounds.round()
    cottage.clock.move(LONGER)
    await told.rounds.round()
    assert len(box.mails) == 1
    choice = await told.desk.emails(cottage.visitor)
    assert choice.undelivered.number == 1
    assert "550" in choice.undelivered.last_because


async def test_who_has_changed_their_mind_is_not_told_any_more(cottage: House, box: Mailbox) -> None:
    told = telling(cottage, mailer=mailer_to(box))
    await told.desk.choose_emails(cottage.visitor, EVERYTHING)
    await told.ended()
    await told.desk.choose_emails(cottage.visitor, [])
    await told.rounds.round()
    assert (box.mails, await told.outbox()) == ([], [])


async def test_without_a_mail_server_it_is_said_that_there_is_none(cottage: House) -> None:
    told = telling(cottage)
    await told.desk.choose_emails(cottage.visitor, EVERYTHING)
    assert (await told.desk.emails(cottage.visitor)).is_possible is False
    await told.ended()
    await told.rounds.round()
    (row,) = await told.outbox()
    assert (row.given_up_at, row.last_failure) == (None, "Whoever operates this has not set up e-mail.")
    for _ in range(MOST_TRIES):
        cottage.clock.move(LONGER)
        await told.rounds.round()
    assert "has not set up e-mail" in (await told.desk.emails(cottage.visitor)).undelivered.last_because


async def test_what_a_process_without_a_mail_server_could_not_send_another_sends(cottage: House, box: Mailbox) -> None:
    without, with_one = telling(cottage), telling(cottage, mailer=mailer_to(box))
    await without.desk.choose_emails(cottage.visitor, EVERYTHING)
    await without.ended()
    await without.rounds.round()
    cottage.clock.move(LONGER)
    await with_one.rounds.round()
    assert len(box.mails) == 1

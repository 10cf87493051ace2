"""Holds shop, database, vault, audit trail, pictures and machine against each other, once an operation is over."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import col, select

from app.bootstrap import Autopilot, build
from app.commands.people import terminal_visitor
from app.practice_shop.shop import PracticeShop
from app.settings import Settings
from core.browser.launching import Quarters
from core.browser.screenshots import picture_named
from core.database.session import CustomerSession
from core.database.states import OperationStatus, StepState
from core.database.tables import CredentialRow, OperationRow, ProductRow, StepRow
from core.operations.picture_check import check_pictures
from core.security.audit import audit_log
from core.security.audit.audit_log import AuditAction, AuditEntry
from core.security.origin import Origin
from core.security.people.people import Visitor
from core.security.vault.vault import SecretRef

A = AuditAction
ENDINGS = frozenset({A.OPERATION_COMPLETED, A.OPERATION_FAILED, A.OPERATION_CANCELLED})
SIGN_IN = frozenset({"admin_username", "admin_password"})
KEY = ("consumer_key", "consumer_secret")
PROC = Path("/proc")
GONE_WITHIN = 15.0  # seconds the driver and the browser of a process that was killed may take to notice


@dataclass(frozen=True)
class Found:
    """What there is of one try, and of its customer."""

    row: OperationRow
    steps: list[StepRow]
    products: list[ProductRow]
    fields: frozenset[str]
    entries: tuple[AuditEntry, ...]


async def disagreements(settings: Settings, shop: PracticeShop) -> list[str]:
    """What does not fit, in sentences; nothing if all is well. Nobody else has the database."""
    wrong = [*await left_on_the_machine(settings)]
    autopilot = build(settings)
    await autopilot.open()
    try:
        wrong += await disagreements_of(autopilot, await terminal_visitor(autopilot), shop)
    finally:
        autopilot.services.database.close()
    return wrong


async def disagreements_of(autopilot: Autopilot, visitor: Visitor, shop: PracticeShop) -> list[str]:
    """What does not fit of one customer, who has this shop alone, and nobody else has that."""
    wrong: list[str] = []
    tries = await autopilot.services.database.read(visitor.customer_id, _found)
    for one in tries:
        wrong += [*in_the_timeline(one), *in_the_audit(one), *await in_the_evidence(autopilot, visitor, one)]
    last = tries[-1]
    wrong += [*at_the_shop(last, shop), *in_the_vault_at_its_end(last)]
    if last.row.status == OperationStatus.COMPLETED and shop.keys:
        wrong += await in_the_vault(autopilot, visitor, last, shop)
    return wrong


def _found(session: CustomerSession) -> list[Found]:
    """What there is of every try, the first first."""
    return [_of(session, row) for row in session.exec(select(OperationRow).order_by(col(OperationRow.created_at)))]


def _of(session: CustomerSession, row: OperationRow) -> Found:
    steps = select(StepRow).where(col(StepRow.operation_id) == row.id).order_by(col(StepRow.position))
    return Found(
        row,
        list(session.exec(steps)),
        list(session.exec(select(ProductRow))),
        frozenset(one.field for one in session.exec(select(CredentialRow))),
        audit_log.read(session, operation_id=row.id, before_seq=None, limit=5000)[::-1],
    )


def at_the_shop(found: Found, shop: PracticeShop) -> Iterator[str]:
    """Whether the shop holds one key of ours if it is done, and else none that is not named; and the same products."""
    row, keys = found.row, shop.keys
    if not OperationStatus(row.status).is_over:
        yield f"the operation is {row.status}"
    named = row.left_behind or ""
    if row.status == OperationStatus.COMPLETED:
        if len(keys) != 1:
            yield f"it is done, and the shop has {len(keys)} keys"
        if sorted(one.remote_id for one in found.products) != sorted(one["id"] for one in shop.products):
            yield f"{len(found.products)} products came over of the shop's {len(shop.products)}"
    elif any(key.description not in named for key in keys) and "connected" not in named:
        yield f"it is {row.status}, {len(keys)} keys are left, and it names “{named}”"
    if not row.failure_code and row.status != OperationStatus.COMPLETED:
        yield "it does not say why it ended"


def in_the_timeline(found: Found) -> Iterator[str]:
    """Whether every step has an end."""
    if running := [step.position for step in found.steps if step.state == StepState.RUNNING]:
        yield f"steps {running} are still under way"
    if found.row.status == OperationStatus.COMPLETED:
        by_code = [step for step in found.steps if step.action == "code"]
        if not by_code or any(step.state != StepState.DONE for step in by_code):
            yield "it is done, and a step of it is not"


def in_the_audit(found: Found) -> Iterator[str]:
    """Whether there are as many attempts as there were, each intent is told to its end, and there is one end of it all."""
    attempts = sum(entry.action in {A.OPERATION_STARTED, A.OPERATION_RESUMED} for entry in found.entries)
    if attempts != found.row.fence:
        yield f"the audit has {attempts} attempts, the operation {found.row.fence}"
    if (ends := sum(entry.action in ENDINGS for entry in found.entries)) != 1:
        yield f"the audit has {ends} ends"
    yield from in_its_steps(found)


def in_its_steps(found: Found) -> Iterator[str]:
    """Whether each intent has its outcome, or the remark that nobody knows it: where the next attempt begins, and at the end."""
    open_steps: set[object] = set()
    resumed = False
    for entry in found.entries:
        if resumed and entry.action != A.STEP_UNKNOWN:
            resumed = False
            if open_steps:
                yield f"what became of steps {open_steps} was not recorded as unknown"
                open_steps.clear()
        step = (entry.detail or {}).get("step")
        if entry.action == A.STEP_INTENDED:
            open_steps.add(step)
        elif entry.action in {A.STEP_CONCLUDED, A.STEP_UNKNOWN}:
            open_steps.discard(step)
        resumed = resumed or entry.action == A.OPERATION_RESUMED
    if open_steps:
        yield f"it is over, and what became of steps {open_steps} was not recorded"


async def in_the_evidence(autopilot: Autopilot, visitor: Visitor, found: Found) -> list[str]:
    """Whether the chain verifies, is signed for to the operation's end, and every picture is the one it was."""
    wrong = []
    verified = await autopilot.services.trail.verify(visitor)
    if not verified.intact:
        wrong.append(f"the audit trail does not verify: {verified.because}")
    if await autopilot.services.trail.receipt(visitor, found.row.id) is None:
        wrong.append("its end was not signed for")
    pictures = autopilot.services.pictures
    if fault := await check_pictures(autopilot.services.database, pictures, visitor.customer_id):
        wrong.append(f"entry {fault.seq}: {fault.because}")
    kept = await pictures.digests(visitor.customer_id)
    if missing := [step.position for step in found.steps if step.picture_id and step.picture_id not in kept]:
        wrong.append(f"the pictures of steps {missing} are missing")
    return wrong


def in_the_vault_at_its_end(last: Found) -> Iterator[str]:
    """Whether what was given for this one operation went with it, once nothing is tried any more."""
    over = OperationStatus(last.row.status).is_over
    if over and last.fields & (SIGN_IN | {f"new_{part}" for part in KEY}):
        yield f"the vault still holds {sorted(last.fields)}"


async def in_the_vault(autopilot: Autopilot, visitor: Visitor, found: Found, shop: PracticeShop) -> list[str]:
    """Whether the key that is sealed is the key at the shop, and opens it."""
    if not set(KEY) <= found.fields:
        return ["it is done, and the vault has no key"]
    origin, at = Origin.of(found.row.store_origin), autopilot.services.clock.now()

    def use(session: CustomerSession) -> list[str]:
        refs = [SecretRef(found.row.service, origin, part) for part in KEY]
        return [
            autopilot.vault.use(
                session, ref, at=at, purpose="a test compares it", actor="test", operation_id=None
            ).reveal()
            for ref in refs
        ]

    key, secret = await autopilot.services.database.run(visitor.customer_id, use)
    record = shop.keyring.of(key)
    if record is None or not shop.keyring.secret_fits(record, secret):
        return ["the key in the vault does not open the shop"]
    return []


async def left_on_the_machine(settings: Settings) -> list[str]:
    """Processes and temporary files of ours, once every process has ended."""
    quarters = Quarters.at(settings.browser_folder)
    try:
        async with asyncio.timeout(GONE_WITHIN):
            while processes_of(settings):  # noqa: ASYNC110  nobody tells when a process that is not our child ends
                await asyncio.sleep(0.1)
    except TimeoutError:
        return [f"processes are left: {processes_of(settings)}"]
    left = [path for path in (quarters.folder, quarters.sockets) if await asyncio.to_thread(path.exists)]
    parts = await asyncio.to_thread(lambda: list(settings.data_dir.parent.rglob("*.part")))
    # A picture that was being written is called by its number, and goes with the round of pictures.
    return [f"{path.name} is left" for path in (*left, *(one for one in parts if picture_named(one.stem) is None))]


def descendants(ancestor: int) -> dict[int, str]:
    """Number and command of the processes that a process has started, and those have started, and so on."""
    children: dict[int, list[int]] = {}
    for one in processes():
        with suppress(OSError):
            parent = int((PROC / str(one) / "stat").read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(one)
    found, begun = dict[int, str](), [ancestor]
    while begun:
        for one in children.get(begun.pop(), ()):
            with suppress(OSError):
                found[one] = (PROC / str(one) / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            begun.append(one)
    return found


def processes() -> Iterator[int]:
    """The number of every process."""
    yield from (int(one) for one in os.listdir(PROC) if one.isdigit())


def processes_of(settings: Settings) -> dict[int, str]:
    """Number and command of the processes that name a folder of ours, also in their environment; dead ones name none."""
    ours = [os.fsencode(one) for one in (settings.data_dir.parent, Quarters.at(settings.browser_folder).sockets)]
    found = {}
    for one in processes():
        if one == os.getpid():
            continue
        try:
            command, environment = (
                (PROC / str(one) / "cmdline").read_bytes(),
                (PROC / str(one) / "environ").read_bytes(),
            )
        except OSError:
            continue
        if any(our in command + environment for our in ours):
            found[one] = command.replace(b"\0", b" ").decode("utf-8", "replace").strip()
    return found

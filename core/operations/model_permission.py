"""Whether a run may ask the model, looked up in the database before each request: it may be withdrawn at any moment."""

from core.database.session import CustomerSession
from core.operations import lease as leases
from core.operations.allowance import check_allowed, is_allowed_too
from core.operations.lease import Lease
from core.operations.step_log import ACTOR, StepLogTools
from core.planner.spending import ModelNotAllowed
from core.security.audit import audit_log
from core.security.audit.audit_log import AuditAction, AuditEvent
from core.security.consent.agreement import Purpose, Recipient


class ModelPermission:
    """One run's. That the model was not asked, although it would have been, is recorded once.

    `recipient` is who would be sent the question now: a consent that names another allows nothing.
    """

    def __init__(self, tools: StepLogTools, lease: Lease, recipient: Recipient | None) -> None:
        self._tools = tools
        self._lease = lease
        self._recipient = recipient
        self._told = False

    async def __call__(self) -> None:
        """Return if the model may be asked now. Raises ModelNotAllowed, ConsentMissing or LeaseLost."""
        if not await self._tools.database.run(self._lease.customer_id, self._allowed):
            self._told = True
            raise ModelNotAllowed

    def _allowed(self, session: CustomerSession) -> bool:
        now = self._tools.clock.now()
        leases.renew(session, self._lease, now)  # who withdraws it waits for this, or this for them
        row = leases.row_of(session, self._lease.operation_id)
        check_allowed(session, row, now)
        allowed = is_allowed_too(session, row, Purpose.ASK_MODEL, now, self._recipient)
        if not (allowed or self._told):
            detail = {"because": "the customer has not allowed it"}
            event = AuditEvent(AuditAction.MODEL_NOT_ASKED, ACTOR, row.id, detail)
            audit_log.record(session, row.customer_id, event, at=now)
        return allowed

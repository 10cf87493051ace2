"""What is deleted from the vault with a consent that was withdrawn."""

from datetime import datetime

from core.agents.integration import Integration, Integrations
from core.database.session import CustomerSession
from core.database.states import ConsentEnding
from core.security.consent.agreement import ANY_OPERATION, Consent, Purpose
from core.security.consent.consent import consents, end_all
from core.security.vault.vault import Vault

BECAUSE = "the consent was withdrawn"


def delete_secrets(
    session: CustomerSession, vault: Vault, integrations: Integrations, consent: Consent, *, actor: str, at: datetime
) -> None:
    """Delete what was kept for this consent: the shop's sign-in, and the keys that were made under it.

    A key stays if another consent stands that it is used under, and so does everything for what only takes keys back:
    there they are still to be shown as refused.
    """
    scope, purpose = consent.scope, consent.scope.purpose
    if purpose not in {Purpose.ACT, Purpose.STORE_SIGN_IN}:
        return
    sign_in = {one.name for one in integrations.of_service(scope.service).asked_for}
    only_sign_in = purpose is Purpose.STORE_SIGN_IN or _keys_stay(session, integrations, consent, at)
    for one in vault.stored(session):
        here = (one.service, one.origin) == (scope.service, str(scope.origin))
        if here and (one.field in sign_in or not only_sign_in):
            vault.delete_by_id(session, one.id, at=at, actor=actor, because=BECAUSE)
    kept = scope.for_purpose(Purpose.STORE_SIGN_IN)
    end_all(session, actor, kept, ConsentEnding.EXPIRED, at=at, because=BECAUSE)


def _keys_stay(session: CustomerSession, integrations: Integrations, consent: Consent, at: datetime) -> bool:
    """Whether the keys of this shop are still used under another consent, or this one neither made them nor is the last.

    One that only looks at a connection or brings products over again made no key: what it leaves is deleted if the setup
    that made it was withdrawn before, and stays if that has merely had its day.
    """

    def of(one: Consent) -> Integration | None:
        return integrations.find(one.scope.service, one.scope.operation)

    def uses_keys(one: Consent) -> bool:
        operation = of(one)
        return operation is not None and not operation.ends and one.scope.operation != ANY_OPERATION

    here = (consent.scope.service, consent.scope.origin)
    at_shop = [
        one
        for one in consents(session)
        if one.scope.purpose is Purpose.ACT and uses_keys(one) and (one.scope.service, one.scope.origin) == here
    ]
    if not uses_keys(consent) or any(one.id != consent.id and one.is_in_force(at) for one in at_shop):
        return True
    this = of(consent)
    setup = next((one for one in at_shop if (made := of(one)) and not made.keeps_up), None)  # the newest
    return this is not None and this.keeps_up and not (setup and setup.ended_as is ConsentEnding.WITHDRAWN)

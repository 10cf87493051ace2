"""Takes a key back at the service that gave it, shows that it is refused from then on, and forgets the connection."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import ClassVar

from core.agents.agent import AgentResult, CodeStep
from core.agents.integration import Integration, Permission
from core.agents.keys import Key, KeyAgent, KeyKind
from core.agents.slots import Slots
from core.database.session import CustomerSession
from core.errors import CoreError, NotFound
from core.security.secret import Secret
from core.security.vault.vault import NoCredential
from core.workflows.step import Workflow

FORGOTTEN = "forgotten"
REVOKE = "revoke_keys"  # the permission, and the operation


class StillAccepted(CoreError):
    """The key was revoked, and the service accepts it all the same."""

    code: ClassVar[str] = "still_accepted"


class NotAllRevoked(CoreError):
    """A key of an earlier setup could not be revoked, so the connection is kept."""

    code: ClassVar[str] = "not_all_revoked"


class RevokingAgent(KeyAgent):
    """Ends a connection where it was made: at the service first, and here only when it is gone there."""

    def get_workflow(self) -> Workflow:
        """Learnt from the test that proves the way back."""
        return self.task.workflows.get(self.kind.revokes)

    async def get_credentials(self) -> Slots:
        """The key's name and the sign-in. Raises NotFound if nothing is connected, or SignInMissing."""
        if self.browser_is_done:
            return self.slots("", self.task.operation_id)
        made_by = await self.task.shelf.made_by(self.kind.service, self.task.origin)
        if made_by is None:
            raise NotFound(because=f"No {self.kind.noun} of {self.task.origin} is kept here.")
        return await self.signed_in_as(made_by, or_else="Enter the user name and password, and start again.")

    @property
    def browser_is_done(self) -> bool:
        """The connection was forgotten by an earlier attempt."""
        return FORGOTTEN in self.task.log.done_before

    def follow_up(self) -> Sequence[CodeStep]:
        """Show that the key opens nothing any more, then forget it."""
        noun = self.kind.noun
        return (
            CodeStep(f"See that the {noun} is refused", "It opens nothing any more", self._refused),
            CodeStep("Forget the connection", "Nothing of it is kept here", self._forget),
        )

    async def take_over(self, captured: Mapping[str, Secret]) -> None:
        """Nothing is read off the page."""

    async def before_first_step(self) -> None:
        """Nothing is half done: revoking a second time finds nothing to do."""

    async def finish(self) -> str:
        """All is done by then."""
        return ""

    async def clean_up(self) -> str:
        """Nothing was made that would have to go."""
        return ""

    async def extract_result(self) -> AgentResult:
        """There is no key any more."""
        return AgentResult(f"The {self.kind.noun} is revoked, and forgotten here.", str(self.task.origin))

    async def _refused(self) -> str:
        if self.browser_is_done:
            return "it was refused before"
        try:
            key = await self._key()
        except NoCredential:  # as after a consent was withdrawn, when what was stored for it is deleted
            return "its secret is not kept here any more, so it could not be tried; the service lists it no more"
        if not await self.kind.is_refused(self.task, key):
            raise StillAccepted(because=f"Look under {self.kind.where}.")
        return "the service does not know it any more"

    async def _forget(self) -> str:
        if not self.browser_is_done:
            await self.remove_leftovers()
            if left := await self.remove_superseded():
                raise NotAllRevoked(because=left)
        await self.task.log.once(FORGOTTEN, self._forgotten)
        return "its secrets and what it brought over are deleted"

    async def _key(self) -> Key:
        use = self.task.credentials.use
        return {part: await use(part, purpose="see that it is refused") for part in self.kind.parts}

    def _forgotten(self, session: CustomerSession) -> None:
        self.task.shelf.disconnect(session, self.kind.service, self.task.origin)
        for part in self.kind.parts:
            with suppress(NoCredential):
                self.task.credentials.forget(session, part, because="it was revoked")


def revocation(setup: Integration, kind: KeyKind) -> Integration:
    """The operation that takes back what a setup of this service made."""
    return replace(
        setup,
        operation=REVOKE,
        summary=f"Revokes the {kind.noun} that was made for OmniOps, and forgets the connection.",
        needs="The address, and the sign-in of somebody who may revoke it there.",
        in_short=lambda _: f"no {kind.noun} any more, there or here",
        permissions=(
            Permission(
                REVOKE, f"**Revoke** every {kind.noun} that it made there for OmniOps. It looks under {kind.where}."
            ),
        ),
        required=frozenset({REVOKE}),
        will_not=("Touch any **other** key, or change anything else.", "Visit any other site."),
        kept=("Of the connection **nothing**: what came over by it is deleted here, too.",),
        unproven=(),
        make_agent=partial(RevokingAgent, kind=kind),
        ends=True,
    )

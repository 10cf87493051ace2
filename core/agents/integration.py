"""What a service offers to be set up: its words for people, its permissions, its way in, and the agent that does it."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol
from uuid import UUID

from core.agents.approval import OwnerApproval
from core.database.states import OperationStatus
from core.errors import BadInput
from core.security.origin import BadAddress, Origin

if TYPE_CHECKING:
    from core.agents.agent import AutonomousAgent
    from core.agents.task import AgentTask


class UnknownService(BadInput):
    """There is no such service or operation here."""

    code: ClassVar[str] = "unknown_service"


class UnknownPermission(BadInput):
    """This operation knows no such permission."""

    code: ClassVar[str] = "unknown_permission"


class TooFewPermissions(BadInput):
    """This is less than the operation needs."""

    code: ClassVar[str] = "too_few_permissions"


@dataclass(frozen=True)
class Permission:
    """One thing a customer can allow, in a sentence; `**` marks the decisive word."""

    name: str
    will: str


@dataclass(frozen=True)
class CredentialField:
    """One field of a service's sign-in, and whether it may never be shown; `hint` says what an optional one is for."""

    name: str
    label: str
    secret: bool
    optional: bool = False
    hint: str = ""


ONE_TIME_CODE = "one_time_code"  # the name by which a run types the code of the moment that an authenticator makes
# With its key the codes of a second step come by themselves; without it a person is asked for each.
AUTHENTICATOR = CredentialField(
    "totp_seed",
    "Authenticator key (optional)",
    secret=True,
    optional=True,
    hint="Only if signing in there asks for a code of an authenticator app. Without it, you are asked for the code.",
)


@dataclass(frozen=True)
class OriginRules:
    """Where a service may live. Without `hosts` anywhere; with them only there: whole names, or `*.` and what is below."""

    hosts: tuple[str, ...] = ()

    def objection(self, origin: Origin) -> str:
        """Why the service can't be at this origin; empty if it can."""
        if not self.hosts or any(_is_below(origin.host, host) for host in self.hosts):
            return ""
        return f"It should be at {' or '.join(self.hosts)}."


def _is_below(host: str, rule: str) -> bool:
    return host.endswith(rule[1:]) if rule.startswith("*.") else host == rule


@dataclass(frozen=True)
class Seen:
    """One thing that runs at a place, and its version, if it tells that to everybody."""

    name: str
    version: str = ""

    @property
    def words(self) -> str:
        """As people say it."""
        return f"{self.name} {self.version}".rstrip()


class ShopProbe(Protocol):
    """Looks at a shop from outside, before anybody is asked for anything."""

    async def __call__(self, origin: Origin) -> None:
        """Return if the service is there. Raises a CoreError with the reason in a sentence if it is not."""
        ...

    async def versions(self, origin: Origin) -> tuple[Seen, ...]:
        """What runs there, where the service is. A version that can't be read is left out; nothing is raised for it."""
        ...


@dataclass(frozen=True)
class Integration:
    """One operation of one service. `required` permissions come together; the others are optional.

    `in_short` says, for what was allowed, what comes of it: the line under a running operation's title.
    `unproven` names the vault's fields of what a run has made and not proven yet: unless it is, they go with the sign-in.
    `what_is_left` says, for an operation's id, what may remain at the shop if it could not be cleaned up.
    One that `ends` or `keeps_up` a connection is offered where connections are, the others where one is set up.
    One with an `approval` waits for the owner of the shop; `intro` opens its consent instead of the usual words.
    """

    service: str
    title: str
    operation: str
    summary: str
    in_short: Callable[[frozenset[str]], str]
    needs: str
    permissions: tuple[Permission, ...]
    required: frozenset[str]
    will_not: tuple[str, ...]
    kept: tuple[str, ...]
    sign_in: tuple[CredentialField, ...]
    unproven: tuple[str, ...]
    probe: ShopProbe
    make_agent: Callable[["AgentTask"], "AutonomousAgent"]
    what_is_left: Callable[[UUID], str]
    origins: OriginRules = OriginRules()
    ends: bool = False
    keeps_up: bool = False
    address_label: str = "Shop address"
    approval: OwnerApproval | None = None
    intro: str = ""

    @property
    def asked_for(self) -> tuple[CredentialField, ...]:
        """All that may be given to sign in with: `sign_in`, and what a second step there may need."""
        return (*self.sign_in, AUTHENTICATOR) if self.sign_in else ()

    @property
    def begins(self) -> OperationStatus:
        """Where it stands once it is consented to: it waits for its owner's approval, or for a worker."""
        return OperationStatus.AWAITING_INPUT if self.approval else OperationStatus.PENDING

    @property
    def opens_browser(self) -> bool:
        """Whether a browser is opened for it, so that there are pictures."""
        return self.approval is None and not self.keeps_up

    def origin_of(self, address: str) -> Origin:
        """The origin of an address, if the service can live there. Raises BadAddress."""
        origin = Origin.of(address)
        if objection := self.origins.objection(origin):
            raise BadAddress(because=objection)
        return origin

    def wanted(self, asked: Iterable[str]) -> frozenset[str]:
        """The permissions of a request: those it must have and those asked for. Raises UnknownPermission."""
        known = {permission.name for permission in self.permissions}
        unknown = sorted(set(asked) - known)
        if unknown:
            raise UnknownPermission(because=f"It knows: {', '.join(sorted(known))}.")
        return self.required | frozenset(asked)

    def allowed(self, named: Collection[str]) -> frozenset[str]:
        """The permissions of a consent: all it must have, or exactly those named. Raises as `wanted`, or TooFewPermissions."""
        wanted = self.wanted(named)
        if named and (unnamed := sorted(wanted - frozenset(named))):
            raise TooFewPermissions(because=f"Allow this, too: {', '.join(unnamed)}.")
        return wanted


class Integrations:
    """All that can be set up, by service and operation."""

    def __init__(self, known: Iterable[Integration]) -> None:
        self._known = {(one.service, one.operation): one for one in known}

    def all(self) -> tuple[Integration, ...]:
        """In the order they were given."""
        return tuple(self._known.values())

    def get(self, service: str, operation: str) -> Integration:
        """Raises UnknownService with what there is."""
        found = self._known.get((service, operation))
        if found is None:
            known = ", ".join(f"{service}/{operation}" for service, operation in self._known)
            raise UnknownService(because=f"There are: {known}.")
        return found

    def setups(self) -> tuple[Integration, ...]:
        """Those that connect something."""
        return tuple(one for one in self._known.values() if not one.ends and not one.keeps_up)

    def find(self, service: str, operation: str) -> Integration | None:
        """The one of these names, if there is one."""
        return self._known.get((service, operation))

    def ending(self, service: str) -> Integration | None:
        """The operation that ends a connection of this service where it was made, if there is one."""
        return next((one for one in self._known.values() if one.service == service and one.ends), None)

    def upkeep(self, service: str) -> tuple[Integration, ...]:
        """What can be done with a key of this service that is there already."""
        return tuple(one for one in self._known.values() if one.service == service and one.keeps_up)

    def of_service(self, service: str) -> Integration:
        """The first operation of a service that signs in there. Raises UnknownService."""
        for one in self._known.values():
            if one.service == service and one.approval is None:
                return one
        return self.get(service, "")

    def approved(self, service: str) -> Integration | None:
        """The operation of a service that its owner approves in their own browser, if there is one."""
        return next((one for one in self._known.values() if one.service == service and one.approval), None)

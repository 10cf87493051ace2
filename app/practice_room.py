"""The room of the demo: the practice shop of this process, as core's seam has it, and the use cases of showing it."""

from collections.abc import Mapping
from dataclasses import replace

from app.practice_shop.faults import Fault
from app.practice_shop.shop import PracticeShop
from app.practice_shop.showing import SHOWN, not_with
from core.agents.keys import PASSWORD, USERNAME
from core.agents.pace import Pace
from core.demo.desk import DemoDesk, DemoTools
from core.demo.practice_room import PracticeFault, PracticeRoom
from core.errors import NotFound
from core.operations.consents import ConsentRequest
from core.security.one_time_codes import OneTimeCodes
from core.security.secret import Secret
from core.security.vault.vault import Vault
from core.services import Services

PERMITTED = ("create_api_keys", "read_products")
WHO = "admin"


class ShopRoom:
    """A practice shop at an address, and how fast agents go there."""

    def __init__(self, shop: PracticeShop, address: str) -> None:
        self._shop = shop
        self._setup = ConsentRequest("woocommerce", "api_key_generation", address, PERMITTED)
        self._pace = Pace()

    @property
    def setup(self) -> ConsentRequest:
        """What is set up here, where, and with which permissions."""
        return self._setup

    @property
    def sign_in(self) -> Mapping[str, Secret]:
        """The made-up sign-in of the shop's administrator, by field."""
        return {USERNAME: Secret(WHO), PASSWORD: Secret(self._shop.password_of(WHO))}

    @property
    def pace(self) -> Pace:
        """How fast agents go."""
        return self._pace

    def faults(self) -> tuple[PracticeFault, ...]:
        """Everything that can go wrong, as it is switched; in the order in which it is shown."""
        return tuple(
            PracticeFault(
                name=fault.value,
                group=shown.group,
                title=shown.title,
                does=fault.words,
                expected=shown.expected,
                is_on=self._shop.has(fault),
                not_with=tuple(sorted(one.value for one in not_with(fault))),
            )
            for fault, shown in SHOWN.items()
        )

    def set_fault(self, name: str, on: bool) -> None:
        """Switch a fault; whatever it does not fit with goes off as it comes on. Raises NotFound."""
        try:
            fault = Fault(name)
        except ValueError:
            raise NotFound(because="There is no such fault.") from None
        # A set of its own: an answer that is under way goes on with the one it began with.
        self._shop.faults = self._shop.faults - not_with(fault) | {fault} if on else self._shop.faults - {fault}

    def one_time_code(self) -> str:
        """What the shop's authenticator app shows at this moment."""
        return OneTimeCodes.of(Secret(self._shop.totp_seed)).at(self._shop.clock.now()).reveal()

    def begin_anew(self) -> None:
        """What happens only once can happen once again."""
        self._shop.switch(self._shop.faults)

    def reset(self) -> None:
        """As at first, and without rests."""
        self._shop.reset()
        self._pace.change(0.0)


def shown(services: Services, vault: Vault, room: PracticeRoom | None) -> Services:
    """The same services; with those of the demo, where there is a room for one."""
    if room is None:
        return services
    tools = DemoTools(
        database=services.database,
        operations=services.operations,
        consents=services.consents,
        credentials=services.credentials,
        vault=vault,
        pictures=services.pictures,
        progress=services.progress,
        clock=services.clock,
    )
    return replace(services, demo=DemoDesk(room, tools))

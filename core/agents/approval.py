"""How the owner of a shop gives a key out in their own browser: what they are asked for, and what their shop then sends."""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field

from core.security.origin import Origin
from core.security.secret import Secret

if TYPE_CHECKING:
    from core.agents.keys import KeyKind

SentText = Annotated[str, Field(min_length=1, max_length=100, repr=False, pattern=r"^[!-~]+$")]


@dataclass(frozen=True)
class AskedApproval:
    """What an owner is asked for: by whom, how wide the key is to be, and where the answer goes. The state is a secret."""

    origin: Origin
    app_name: str
    scope: str
    state: Secret
    callback_url: str
    return_url: str


@dataclass(frozen=True)
class SentKey:
    """What a shop sends once its owner has approved: the state it was asked with, and a key that can so much."""

    service: str
    state: Secret
    permission: str
    key: Mapping[str, Secret]


class KeyAnswer(BaseModel):
    """The body in which a service sends a key, in the service's own names."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    @abstractmethod
    def sent(self) -> SentKey:
        """The same in ours."""


@dataclass(frozen=True)
class OwnerApproval:
    """How an owner gives a key out in their own browser, so that nobody signs in for them.

    `scope` says, in the service's word, how wide the key is to be; `address` is where the owner approves, `answer` what
    the service then sends, and `hint` what to know of the page that stands there. Who said no comes back with a query in
    which `declined` finds the state; there is none in any other.
    """

    kind: "KeyKind"
    scope: Callable[[frozenset[str]], str]
    address: Callable[[AskedApproval], str]
    answer: type[KeyAnswer]
    declined: Callable[[Mapping[str, str]], Secret | None]
    hint: str

"""What people are shown before they agree, and what is recorded of it: the text, its sentences, and the terms."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from core.agents.budget import MOST_ACTIONS
from core.agents.integration import Integration
from core.errors import BadInput
from core.planner.spending import Limits
from core.security.consent.agreement import (
    UNNAMED,
    Circumstances,
    ConsentScope,
    Controller,
    Purpose,
    Recipient,
    Wording,
)
from core.security.consent.consent_text import ConsentText, ConsentTexts
from core.security.origin import Origin

SCHEMA_VERSION = "3"  # of the record: which fields it has, and what they hold
# Until version 2 of the text these were no questions of their own; whoever agreed to act was told of them.
TOLD_BEFORE = ("Your password: encrypted, only until this is done, then **deleted**.",)
PICTURES_BEFORE = "Pictures of each step, with every secret **covered**."
APART = (Purpose.STORE_SIGN_IN, Purpose.ASK_MODEL, Purpose.KEEP_PICTURES)  # the boxes, in their order


class PurposeNotOffered(BadInput):
    """Nobody is asked for this consent here."""

    code: ClassVar[str] = "purpose_not_offered"


@dataclass(frozen=True)
class ConsentLine:
    """One sentence of the consent: a permission that can be given. Optional ones are not ticked beforehand."""

    permission: str
    sentence: str
    optional: bool


@dataclass(frozen=True)
class ConsentBox:
    """A consent of its own beside the one to act, never ticked beforehand; `needed` says why it can't go without."""

    purpose: Purpose
    sentence: str
    needed: str = ""


@dataclass(frozen=True)
class ConsentSheet:
    """What the consent dialog shows."""

    heading: str
    intro: str
    will: tuple[ConsentLine, ...]
    will_not: tuple[str, ...]
    kept: tuple[str, ...]
    boxes: tuple[ConsentBox, ...]
    days: int
    version: str
    sha256: str


@dataclass(frozen=True)
class Wordings:
    """Puts texts, services and terms together. `model` is who is asked if the agent is stuck, if anybody is."""

    texts: ConsentTexts
    controller: Controller = UNNAMED
    model: Recipient | None = None

    def sheet(self, integration: Integration, origin: Origin) -> ConsentSheet:
        """What somebody would agree to at this shop."""
        text = self.text(integration)
        return ConsentSheet(
            heading=text.heading.format(shop=str(origin).partition("://")[2]),
            intro=integration.intro or text.intro,
            will=tuple(
                ConsentLine(one.name, one.will, optional=one.name not in integration.required)
                for one in integration.permissions
            ),
            will_not=integration.will_not,
            kept=self._kept(integration),
            boxes=tuple(
                ConsentBox(one, self._sentence(one), _needed(one, integration)) for one in self.offered(integration)
            ),
            days=text.days,
            version=text.version,
            sha256=text.sha256,
        )

    def offered(self, integration: Integration) -> tuple[Purpose, ...]:
        """The consents that this operation asks for beside the one to act."""
        asked = {
            Purpose.STORE_SIGN_IN: bool(integration.sign_in),
            Purpose.ASK_MODEL: self.model is not None and integration.opens_browser,
            Purpose.KEEP_PICTURES: integration.opens_browser,
        }
        return tuple(one for one in APART if asked[one] and self.texts.of_purpose(one))

    def check_offered(self, integration: Integration, purposes: Iterable[Purpose]) -> None:
        """Return if each of these is asked for. Raises PurposeNotOffered."""
        offered = self.offered(integration)
        for one in purposes:
            if one is Purpose.ASK_MODEL and self.model is None:
                raise PurposeNotOffered(because="“ask_model”: there is no model here that could be asked.")
            if one is not Purpose.ACT and one not in offered:
                raise PurposeNotOffered(because=f"“{one}” is not asked for by this operation, or not by this text.")

    def text(self, integration: Integration) -> ConsentText:
        """The text of the consent to act, with everything that is shown of a service."""
        return self.texts.current(shown_with(integration, self._kept(integration)))

    def of(self, integration: Integration, scope: ConsentScope, given: Circumstances) -> Wording:
        """What is recorded when somebody agrees to this. What was told of a sign-in alone is recorded with its sentence."""
        text = self.text(integration)
        if scope.purpose is not Purpose.ACT:
            text = self.texts.current((scope.purpose, self._sentence(scope.purpose)))
        return Wording(text, self._terms(integration, scope), given)

    def _kept(self, integration: Integration) -> tuple[str, ...]:
        """What is kept, in sentences; a text that asks for it in boxes does not say it twice."""
        if self.texts.of_purpose(Purpose.KEEP_PICTURES):
            return integration.kept
        password = TOLD_BEFORE if integration.sign_in else ()
        return (*password, *integration.kept, *((PICTURES_BEFORE,) if integration.opens_browser else ()))

    def _sentence(self, purpose: Purpose) -> str:
        told = self.texts.of_purpose(purpose)
        if told is None:
            return ""
        model = self.model or Recipient("nobody", "nowhere")
        return told.sentence.format(provider=model.name, country=model.country)

    def _terms(self, integration: Integration, scope: ConsentScope) -> dict[str, Any]:
        """A snapshot: what the text, the settings or the service say later makes no difference to it."""
        told = self.texts.of_purpose(scope.purpose)
        sends = scope.purpose is Purpose.ASK_MODEL and self.model
        who = self.controller
        return {
            "schemaVersion": SCHEMA_VERSION,
            "shown": self._shown(integration, scope),
            **(told.told if told else {}),
            **self.texts.told,
            "recipients": [asdict(self.model)] if sends and self.model else [],
            "storageLocation": who.stored_in,
            "jurisdiction": who.jurisdiction,
            "controller": {"name": who.name, "address": who.address, "contact": who.contact},
            "constraints": {"origins": [str(scope.origin)]} | _budgets(scope.purpose),
        }

    def _shown(self, integration: Integration, scope: ConsentScope) -> list[str]:
        """The sentences somebody has read, and allowed."""
        if scope.purpose is not Purpose.ACT:
            return [self._sentence(scope.purpose)]
        will = [one.will for one in integration.permissions if one.name in scope.permissions]
        return [*will, *(f"Not: {one}" for one in integration.will_not), *self._kept(integration)]


def shown_with(integration: Integration, kept: tuple[str, ...]) -> tuple[str, ...]:
    """Every sentence of a service that is shown before somebody agrees, in its order."""
    own_intro = (integration.intro,) if integration.intro else ()
    will = tuple(one.will for one in integration.permissions)
    return (*own_intro, *will, *integration.will_not, *kept)


def _needed(purpose: Purpose, integration: Integration) -> str:
    if purpose is not Purpose.STORE_SIGN_IN:
        return ""
    return "The agent signs in for you, so it has to keep the sign-in until it is over. Tick that, or don't allow it."


def _budgets(purpose: Purpose) -> dict[str, int]:
    """The most that one run may do of it."""
    if purpose is Purpose.ACT:
        return {"mostActions": MOST_ACTIONS}
    if purpose is Purpose.ASK_MODEL:
        most = Limits()
        return {"mostQuestions": most.calls, "mostTokens": most.tokens, "mostMillionthsOfADollar": most.millionths}
    return {}

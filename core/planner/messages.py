"""One question to Anthropic's Messages API and its one answer; whatever goes wrong there becomes one sentence.

Importing this takes more than a second, so it is imported when the first question is asked.
"""

import asyncio
import base64
import logging
from types import TracebackType
from typing import Any, Self

import anthropic
import httpx2
from pydantic import BaseModel, ConfigDict, NonNegativeInt, ValidationError

from core.planner.commands import SCHEMA, BadAnswer
from core.planner.connection import MOST_TOKENS, ClaudeSettings, NoAnswer
from core.planner.models import Usage
from core.planner.prompts import SYSTEM
from core.planner.spending import Purse, Spent
from core.planner.troubles import Trouble, trouble_of
from core.planner.way_out import WayOut

CONNECTS_WITHIN = 5.0  # seconds
PAUSES = (0.5, 2.0)  # seconds before the second and the third try, unless the service names its own


class Block(BaseModel):
    """One part of an answer; thinking and whatever is new have other types and are passed over."""

    model_config = ConfigDict(strict=True)

    type: str
    text: str = ""


class Counted(BaseModel):
    """The tokens as the service counted them."""

    model_config = ConfigDict(strict=True)

    input_tokens: NonNegativeInt
    output_tokens: NonNegativeInt
    cache_read_input_tokens: NonNegativeInt | None = None
    cache_creation_input_tokens: NonNegativeInt | None = None


class Reply(BaseModel):
    """What is needed of a message. The SDK itself checks no answer, so this does."""

    model_config = ConfigDict(strict=True)

    content: list[Block]
    stop_reason: str | None
    usage: Counted

    @property
    def used(self) -> Usage:
        """Its tokens."""
        told = self.usage
        cached = (told.cache_read_input_tokens or 0, told.cache_creation_input_tokens or 0)
        return Usage(told.input_tokens, told.output_tokens, *cached)

    @property
    def text(self) -> str:
        """The text of the answer. Raises NoAnswer if it was refused or cut, BadAnswer if there is none."""
        if self.stop_reason == "refusal":
            raise NoAnswer(because="It refuses to answer about this page.")
        if self.stop_reason != "end_turn":
            raise NoAnswer(because="Its answer is not whole.")
        text = "".join(block.text for block in self.content if block.type == "text")
        if not text:
            raise BadAnswer(because="It is empty.")
        return text


class Asker:
    """Asks one model. Nothing of it depends on the environment: neither key, nor address, nor headers, nor proxy."""

    def __init__(self, settings: ClaudeSettings) -> None:
        logging.getLogger("anthropic").setLevel(logging.WARNING)  # what it says in detail is the whole question
        self._settings = settings
        self._client = anthropic.AsyncAnthropic(
            api_key=settings.key.reveal(),
            base_url=settings.base_url,
            timeout=httpx2.Timeout(None, connect=CONNECTS_WITHIN),  # the rest has one time for all, see ask
            max_retries=0,  # the SDK would obey any pause the service names, however long, and retry a spent budget
            open_telemetry=False,
            http_client=httpx2.AsyncClient(transport=WayOut(settings.key), trust_env=False, follow_redirects=False),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.close()

    async def ask(self, request: dict[str, Any], most: Spent, purse: Purse) -> str:
        """The text of the answer, within the settings' time, tries and pauses included.

        Before each try the purse is asked whether it may be, at what it costs at `most`; it is paid afterwards. Raises
        NoAnswer, BadAnswer, BudgetSpent or ModelNotAllowed.
        """
        try:
            async with asyncio.timeout(self._settings.timeout):
                reply = await self._asked(request, most, purse)
        except TimeoutError:
            raise NoAnswer(because=f"It did not answer within {self._settings.timeout:g} seconds.") from None
        return reply.text

    async def _asked(self, request: dict[str, Any], most: Spent, purse: Purse) -> Reply:
        """Ask, and ask again while that may help."""
        for pause in PAUSES:
            try:
                return await self._once(request, most, purse)
            except Trouble as trouble:
                if not trouble.may_pass:
                    raise NoAnswer(because=trouble.because) from None
                wait = pause if trouble.pause is None else trouble.pause
            await asyncio.sleep(wait)
        try:
            return await self._once(request, most, purse)
        except Trouble as trouble:
            raise NoAnswer(because=trouble.because) from None

    async def _once(self, request: dict[str, Any], most: Spent, purse: Purse) -> Reply:
        """One request. What nobody has counted is paid as the most it can cost, also if it is cancelled."""
        await purse.open(most)
        owed = most
        try:
            answer = await self._client.messages.with_raw_response.create(**request)
            reply = Reply.model_validate_json(await answer.read())
            owed = self._settings.model.cost(reply.used)
        except (anthropic.AnthropicError, httpx2.HTTPError) as error:
            trouble = trouble_of(error)
            owed = Spent(calls=1) if trouble.is_free else most
            raise trouble from None
        except ValidationError:
            raise Trouble(because="What answers there is not the model's service.") from None
        finally:
            purse.pay(owed)
        return reply


def request_of(settings: ClaudeSettings, picture: bytes, question: str) -> dict[str, Any]:
    """One turn without a history: the picture first, then the question. System and schema are the same every time."""
    image = {"type": "base64", "media_type": "image/jpeg", "data": base64.b64encode(picture).decode()}
    return {
        "model": settings.model.id,
        "max_tokens": MOST_TOKENS,
        "system": [{"type": "text", "text": SYSTEM, "cache_control": {"type": "ephemeral"}}],
        "output_config": {"effort": "low", "format": {"type": "json_schema", "schema": SCHEMA}},
        "messages": [
            {
                "role": "user",
                "content": [
                    {"type": "image", "source": image, "transformations": {"oversized_image": "error"}},
                    {"type": "text", "text": question},
                ],
            }
        ],
    }

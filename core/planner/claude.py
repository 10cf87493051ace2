"""The fourth rung: Claude is shown the page and the step, and may answer one command of a closed set."""

import asyncio
import json
import math
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from PIL import Image

from core.browser.page import ActionFailed, BrowserPage
from core.errors import CoreError
from core.planner.commands import SCHEMA, BadAnswer, command_of
from core.planner.connection import MOST_TOKENS, ClaudeSettings, NoAnswer
from core.planner.fitting import Asked, choice_of
from core.planner.heard import ModelHeard
from core.planner.planner import Choice, Situation, Undecided
from core.planner.prompts import SYSTEM, question_of
from core.planner.spending import BudgetSpent, ModelNotAllowed
from core.workflows.step import ActionKind

if TYPE_CHECKING:
    from core.planner.messages import Asker

TRIES = 2  # answers asked for; a model that is told what was wrong with the first seldom errs in the same way twice
QUALITY = 65  # of the JPEG; text can be read at about 80 kB, and its size in bytes costs no tokens
LARGEST_SIDE = 1568  # pixels; no model sees more of them
PATCH = 28  # pixels; a picture costs a token for each square of this side
LETTERS_PER_TOKEN = 2.5  # fewer than any language of ours has, so that an estimate is never too low
DECIDED_ON = frozenset(
    {
        ActionKind.CLICK,
        ActionKind.FILL,
        ActionKind.PRESS,
        ActionKind.CHECK,
        ActionKind.UNCHECK,
        ActionKind.SELECT,
        ActionKind.HOVER,
        ActionKind.CAPTURE,
    }
)


class SecretInQuestion(CoreError):
    """A secret would have left with the question; it was not asked."""

    code: ClassVar[str] = "secret_in_question"


class KnowsSecrets(Protocol):
    """Knows the secrets that are live in one run, and takes them out of texts."""

    def redact(self, text: str) -> str:
        """The text with every live secret replaced, in whichever form it is written."""
        ...


class ClaudePlanner:
    """Asks Claude where the step is to be done. What can't be answered, understood or paid for leaves it undecided.

    `secrets_of` gives what knows the live secrets of a page's run.
    """

    def __init__(
        self,
        settings: ClaudeSettings,
        secrets_of: Callable[[BrowserPage], KnowsSecrets],
        heard: ModelHeard | None = None,
    ) -> None:
        self._settings = settings
        self._secrets_of = secrets_of
        self._heard = heard or ModelHeard()

    async def decide(self, situation: Situation, page: BrowserPage) -> Choice:
        """What the model says, if it fits the page. Raises RunStopped, and nothing else but a bug."""
        if situation.glance or situation.step.action not in DECIDED_ON:
            return Undecided(because="the model is not asked about this")
        try:
            await situation.purse.may_ask()  # and before each request again; this spares the look at the page
            async with await asyncio.to_thread(_asker, self._settings) as asker:
                choice = await self._ask_until_it_fits(situation, page, asker)
                self._heard.answered()
                return choice
        except NoAnswer as error:
            self._heard.failed(error.sentence)
            return Undecided(because=error.sentence)
        except (ActionFailed, BadAnswer, BudgetSpent, ModelNotAllowed, SecretInQuestion) as error:
            return Undecided(because=error.sentence)

    async def _ask_until_it_fits(self, situation: Situation, page: BrowserPage, asker: "Asker") -> Choice:
        """Ask; an answer that can't be used is told to the model once, with the page as it is then."""
        wrong: tuple[str, ...] = ()
        for _ in range(TRIES - 1):
            try:
                return await self._turn(situation, page, asker, wrong)
            except BadAnswer as error:
                wrong = (*wrong, f"Your answer could not be used: {error.because}")
        return await self._turn(situation, page, asker, wrong)

    async def _turn(self, situation: Situation, page: BrowserPage, asker: "Asker", wrong: tuple[str, ...]) -> Choice:
        """One question and its answer.

        1. Look at the page: its elements, then its picture, covered as every picture is.
        2. Write the question; if a secret is in it, it is not sent.
        3. Ask, within the run's purse.
        4. Read the command strictly, and hold it against the elements that were sent.
        """
        from core.planner.messages import request_of  # noqa: PLC0415  imported by now, see _asker

        redact = self._secrets_of(page).redact
        snapshot = await page.snapshot()
        covered = await page.picture().ready()
        jpeg = await asyncio.to_thread(jpeg_of, covered.webp)
        question = question_of(replace(situation, tried=(*situation.tried, *wrong)), snapshot, redact)
        request = request_of(self._settings, jpeg, question.text)
        refuse_secrets(request, redact)
        most = self._settings.model.at_most(tokens_of(question.text, covered.width, covered.height), MOST_TOKENS)
        command = command_of(await asker.ask(request, most, situation.purse))
        return await choice_of(command, Asked(situation, page, question.listed, redact, self._settings.model.id))


def _asker(settings: ClaudeSettings) -> "Asker":
    """In a thread: the import takes more than a second, and reading the certificates a while, too."""
    from core.planner.messages import Asker  # noqa: PLC0415  see above

    return Asker(settings)


def jpeg_of(webp: bytes) -> bytes:
    """The covered picture as JPEG, without anything but its pixels."""
    file = BytesIO()
    with Image.open(BytesIO(webp), formats=["WEBP"]) as image:
        picture = image.convert("RGB")
    picture.thumbnail((LARGEST_SIDE, LARGEST_SIDE))
    picture.save(file, "JPEG", quality=QUALITY)
    return file.getvalue()


def tokens_of(question: str, width: int, height: int) -> int:
    """At most this many tokens are in a question with a picture of this size."""
    letters = len(question) + len(SYSTEM) + len(json.dumps(SCHEMA))
    return math.ceil(width / PATCH) * math.ceil(height / PATCH) + math.ceil(letters / LETTERS_PER_TOKEN)


def refuse_secrets(request: dict[str, Any], redact: Callable[[str], str]) -> None:
    """The last look at what is about to leave. Raises SecretInQuestion.

    The picture's bytes are left aside, and so are the words and the schema that are the same for every run: they tell
    nothing, and a password that is an ordinary word may well be among them.
    """
    if any(redact(text) != text for text in _texts(request["messages"])):
        raise SecretInQuestion


def _texts(part: Any) -> list[str]:
    """Every text, but not the picture's bytes."""
    if isinstance(part, dict):
        return [text for name, value in part.items() if name != "data" for text in _texts(value)]
    if isinstance(part, list):
        return [text for one in part for text in _texts(one)]
    return [part] if isinstance(part, str) else []

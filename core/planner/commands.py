"""The closed set of what the model may answer: no free text to type, no script, no selector, no address, no wait."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError

from core.errors import CoreError
from core.planner.plain import plain

LONGEST_WORDS = 300  # characters of a reason; more is no sentence for people
LONGEST_ANSWER = 4_000  # characters of JSON; the longest answer that is understood has a tenth of that
LONGEST_COMPLAINT = 160  # characters of what is wrong with an answer


class BadAnswer(CoreError):
    """The model's answer can't be used."""

    code: ClassVar[str] = "bad_answer"


def _lower(word: object) -> object:
    """The API does not promise the case of a constant."""
    return word.lower() if isinstance(word, str) else word


Ref = Annotated[str, StringConstraints(pattern=r"^e[0-9]+$", max_length=8)]
Words = Annotated[str, AfterValidator(lambda words: plain(words, LONGEST_WORDS)), StringConstraints(min_length=1)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Command(BaseModel):
    """What is common to all: nothing may be added, and nothing is converted. `why` and the like are the model's words."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Use(Command):
    """The step is done on this element."""

    do: Annotated[Literal["use"], BeforeValidator(_lower)]
    ref: Ref


class Click(Command):
    """This has to be clicked first."""

    do: Annotated[Literal["click"], BeforeValidator(_lower)]
    ref: Ref
    why: Words


class Choose(Command):
    """This option has to be chosen first."""

    do: Annotated[Literal["choose"], BeforeValidator(_lower)]
    ref: Ref
    option: Name
    why: Words


class Tick(Command):
    """This box has to be ticked first."""

    do: Annotated[Literal["tick"], BeforeValidator(_lower)]
    ref: Ref
    why: Words


class Fill(Command):
    """This field has to be filled first, from a plain slot of the run."""

    do: Annotated[Literal["fill"], BeforeValidator(_lower)]
    ref: Ref
    slot: Name
    why: Words


class Ask(Command):
    """Only a person can say how to go on."""

    do: Annotated[Literal["ask_person"], BeforeValidator(_lower)]
    question: Words


class GiveUp(Command):
    """The step can't be done on this page."""

    do: Annotated[Literal["give_up"], BeforeValidator(_lower)]
    reason: Words


Detouring = Click | Choose | Tick | Fill
AnyCommand = Use | Detouring | Ask | GiveUp


class _Answer(BaseModel):
    """The whole answer: exactly one command."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    answer: AnyCommand = Field(union_mode="smart")


def command_of(text: str) -> AnyCommand:
    """The one command that this text is. Raises BadAnswer, which says what is wrong with it."""
    if len(text) > LONGEST_ANSWER:
        raise BadAnswer(because=f"It has {len(text):,} characters.")
    try:
        return _Answer.model_validate_json(text).answer
    except ValidationError as error:
        raise BadAnswer(because=_complaint(error)) from None


def _complaint(error: ValidationError) -> str:
    """What is wrong, of the command that the answer comes nearest to: the one with the fewest faults."""
    faults: dict[str, list[str]] = {}
    for one in error.errors(include_input=False, include_url=False, include_context=False):
        place = [str(part) for part in one["loc"]]
        faults.setdefault("".join(place[1:2]), []).append(f"{'.'.join(place[2:]) or 'answer'}: {one['msg']}")
    nearest = min(faults.values(), key=lambda said: (any(one.startswith("do:") for one in said), len(said)))
    return plain("; ".join(nearest), LONGEST_COMPLAINT)


def _command(do: str, meaning: str, **fields: str) -> dict[str, Any]:
    """The schema of one command; its fields are texts, and all of them have to be there."""
    texts = {name: {"type": "string", "description": said} for name, said in fields.items()}
    return {
        "type": "object",
        "description": meaning,
        "properties": {"do": {"type": "string", "const": do}, **texts},
        "required": ["do", *fields],
        "additionalProperties": False,
    }


REF = "The ref of one element of the list, such as e12."
WHY = "One short sentence for people: why this has to be done first."

# Written by hand: what the SDK would make of the classes above says less. Refs are no enum, so that it is the same for
# every call and stays in the service's cache.
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "answer": {
            "anyOf": [
                _command("use", "The step is done on this element, now.", ref=REF),
                _command("click", "Something else has to be clicked first.", ref=REF, why=WHY),
                _command(
                    "choose",
                    "An option has to be chosen in a list first.",
                    ref=REF,
                    option="One of the element's options, exactly as listed.",
                    why=WHY,
                ),
                _command("tick", "A box has to be ticked first.", ref=REF, why=WHY),
                _command(
                    "fill",
                    "Another field has to be filled first, from a slot of this run.",
                    ref=REF,
                    slot="The name of one of the plain slots, exactly as listed.",
                    why=WHY,
                ),
                _command(
                    "ask_person",
                    "Only a person can say how to go on.",
                    question="One question that a person can answer without seeing the page.",
                ),
                _command("give_up", "The step can't be done on this page.", reason="One sentence: what is missing."),
            ]
        }
    },
    "required": ["answer"],
    "additionalProperties": False,
}

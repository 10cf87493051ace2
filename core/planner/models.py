"""The models that may be asked and what they cost, read from dated data; prices are never in code."""

import json
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from pathlib import Path
from typing import Any, ClassVar, Self

from core.errors import BadInput
from core.planner.spending import Spent


class UnknownModel(BadInput):
    """There are no prices for this model."""

    code: ClassVar[str] = "unknown_model"


@dataclass(frozen=True)
class Usage:
    """The tokens of one answer, as the service counted them. `fresh` are those of the question that no cache knew."""

    fresh: int
    output: int
    cache_read: int = 0
    cache_write: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.fresh + self.output + self.cache_read + self.cache_write


@dataclass(frozen=True)
class Model:
    """One model. Prices are dollars for a million tokens, which is millionths of a dollar for one."""

    id: str
    input: Decimal
    output: Decimal
    cache_read: Decimal
    cache_write: Decimal
    context_tokens: int
    most_output_tokens: int
    least_cached_tokens: int

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Self:
        """One entry of the data."""
        return cls(
            id=str(told["id"]),
            input=Decimal(told["input"]),
            output=Decimal(told["output"]),
            cache_read=Decimal(told["cache_read"]),
            cache_write=Decimal(told["cache_write"]),
            context_tokens=int(told["context_tokens"]),
            most_output_tokens=int(told["most_output_tokens"]),
            least_cached_tokens=int(told["least_cached_tokens"]),
        )

    def cost(self, usage: Usage) -> Spent:
        """What one answered call has cost, rounded up."""
        millionths = (
            usage.fresh * self.input
            + usage.output * self.output
            + usage.cache_read * self.cache_read
            + usage.cache_write * self.cache_write
        )
        return Spent(calls=1, tokens=usage.total, millionths=_up(millionths))

    def at_most(self, question: int, answer: int) -> Spent:
        """What a call can cost at most: all of the question at its dearest, and an answer as long as it may be."""
        dearest = max(self.input, self.cache_write)
        return Spent(calls=1, tokens=question + answer, millionths=_up(question * dearest + answer * self.output))


@dataclass(frozen=True)
class Models:
    """Every model there are prices for; `date` and `source` say when and where these were read."""

    default: str
    date: str
    source: str
    every: tuple[Model, ...]

    @classmethod
    def from_file(cls, path: Path) -> Self:
        """The models of this file."""
        told = json.loads(path.read_text("utf-8"), parse_float=Decimal)
        every = tuple(Model.from_json(one) for one in told["models"])
        return cls(told["default"], told["prices"]["date"], told["prices"]["source"], every)

    def named(self, name: str | None) -> Model:
        """The model of this name, or the default. Raises UnknownModel: what nobody can count must not be spent."""
        wanted = name or self.default
        for model in self.every:
            if model.id == wanted:
                return model
        known = ", ".join(model.id for model in self.every)
        raise UnknownModel(because=f"“{wanted}” is not one of: {known}.")

    def costs(self, usage: Usage) -> str:
        """What calls with this usage cost, one line for each model."""
        lines = [f"{one.id:20} ${one.cost(usage).millionths / 1_000_000:.4f}" for one in self.every]
        return "\n".join([*lines, f"Prices of {self.date}, {self.source}"])


def _up(amount: Decimal) -> int:
    return int(amount.to_integral_value(ROUND_CEILING))

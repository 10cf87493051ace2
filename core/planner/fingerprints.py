"""What the elements of learnt steps looked like when the tests were run, and the file that it is kept in."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, Self

from core.browser.snapshot import ElementSeen, Look
from core.errors import CoreError

FORMAT = 1
NO_VALUES: Mapping[str, str] = MappingProxyType({})
NUMBERED = re.compile(r"\S*\d\S*")  # dates, counts and the ends of keys are other ones the next time


class BadFingerprints(CoreError):
    """The fingerprints can't be read."""

    code: ClassVar[str] = "bad_fingerprints"


@dataclass(frozen=True)
class Fingerprint(Look):
    """What an element looked like when a test met it; texts may hold `{{slots}}`."""

    @classmethod
    def of_element(cls, element: ElementSeen) -> Self:
        """The lasting part of what was seen."""
        return cls(**{part.name: getattr(element, part.name) for part in fields(cls)})

    def with_values(self, values: Mapping[str, str]) -> Self:
        """The same, as it looks with these values in its slots."""
        return self._in_texts({f"{{{{{name}}}}}": value for name, value in values.items()})

    def with_slots(self, values: Mapping[str, str]) -> Self:
        """The same, with slots where it shows these values of one run."""
        slotted = self._in_texts({value: f"{{{{{name}}}}}" for name, value in values.items() if value})
        return replace(slotted, near=tuple(NUMBERED.sub("", text).strip() for text in slotted.near))

    def _in_texts(self, replacements: Mapping[str, str]) -> Self:
        def changed(text: str) -> str:
            for old, new in replacements.items():
                text = text.replace(old, new)
            return text

        near = tuple(changed(one) for one in self.near)
        return replace(self, name=changed(self.name), text=changed(self.text), near=near)


class Fingerprints:
    """The fingerprints of learnt steps, by workflow and the step's order; a step may have been met in several guises."""

    def __init__(self, known: Mapping[tuple[str, int], tuple[Fingerprint, ...]] | None = None) -> None:
        self._known = dict(known or {})

    @classmethod
    def from_file(cls, path: Path) -> Self:
        """Raises BadFingerprints with what is wrong."""
        try:
            told = json.loads(path.read_text("utf-8"))
            if told["format"] != FORMAT:
                raise BadFingerprints(because=f"{path.name} has format {told['format']}, and {FORMAT} is read here.")
            return cls({(one["workflow"], one["order"]): _read(one["looks"]) for one in told["steps"]})
        except OSError as error:
            raise BadFingerprints(because=f"{path}: {error.strerror}.") from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadFingerprints(because=f"{path.name} is damaged.") from error

    def of_step(self, workflow_id: str, order: int, values: Mapping[str, str] = NO_VALUES) -> tuple[Fingerprint, ...]:
        """How the element of this step looked, with these values in its slots; nothing if no test has met it."""
        return tuple(look.with_values(values) for look in self._known.get((workflow_id, order), ()))

    def updated(self, newer: "Fingerprints") -> Self:
        """These, with the newer ones in place of those of the same steps."""
        return type(self)(self._known | newer._known)

    def to_text(self) -> str:
        """The file's text, sorted."""
        steps = [
            {"workflow": workflow, "order": order, "looks": [_told(look) for look in looks]}
            for (workflow, order), looks in sorted(self._known.items())
        ]
        return json.dumps({"format": FORMAT, "steps": steps}, indent=1, ensure_ascii=False) + "\n"


def _told(look: Fingerprint) -> dict[str, Any]:
    """A fingerprint without what it does not have."""
    return {name: value for name, value in asdict(look).items() if value not in ("", (), 0) or name == "nth"}


def _read(looks: Iterable[dict[str, Any]]) -> tuple[Fingerprint, ...]:
    return tuple(Fingerprint(**{name: _frozen(value) for name, value in one.items()}) for one in looks)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value

"""The file that learnt workflows are kept in: plain JSON, the same bytes for the same tests."""

import json
from collections.abc import Iterable
from dataclasses import fields, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, ClassVar

from core.errors import CoreError
from core.workflows.locator import Locator, Pattern
from core.workflows.step import ActionKind, Check, Control, Matcher, Parameter, Resolution, TaskStep, Workflow

FORMAT = 1


class BadKnowledgeBase(CoreError):
    """The knowledge base can't be read."""

    code: ClassVar[str] = "bad_knowledge_base"


def to_text(workflows: Iterable[Workflow]) -> str:
    """The file's text, workflows sorted by id."""
    told = [_workflow_to_json(one) for one in sorted(workflows, key=lambda one: one.id)]
    return json.dumps({"format": FORMAT, "workflows": told}, indent=1, ensure_ascii=False) + "\n"


def version_of(workflow: Workflow) -> str:
    """How what is replayed is known: twelve hexadecimal digits of the digest of all that was learnt, but where from.

    A test that is learnt anew and does the same keeps its version; what staff accept is laid over it, and does not count.
    """
    steps = tuple(replace(step, at="", via=()) for step in workflow.steps)
    told = _workflow_to_json(replace(workflow, source_file="", source_line=0, source_sha256="", steps=steps))
    return sha256(json.dumps(told, sort_keys=True, separators=(",", ":")).encode()).hexdigest()[:12]


def from_file(path: Path) -> tuple[Workflow, ...]:
    """The workflows of a file. Raises BadKnowledgeBase with what is wrong."""
    try:
        told = json.loads(path.read_text("utf-8"))
        if told["format"] != FORMAT:
            raise BadKnowledgeBase(because=f"{path.name} has format {told['format']}, and {FORMAT} is read here.")
        return tuple(_workflow_from_json(one) for one in told["workflows"])
    except OSError as error:
        raise BadKnowledgeBase(because=f"{path}: {error.strerror}. Make it with: autopilot learn tests/e2e") from error
    except (ValueError, KeyError, TypeError, StopIteration) as error:
        raise BadKnowledgeBase(
            because=f"{path.name} is damaged. Make it anew with: autopilot learn tests/e2e"
        ) from error


def _workflow_to_json(workflow: Workflow) -> dict[str, Any]:
    return {
        "id": workflow.id,
        "title": workflow.title,
        "source": {"file": workflow.source_file, "line": workflow.source_line, "sha256": workflow.source_sha256},
        "parameters": [_parameter_to_json(one) for one in workflow.parameters],
        "outputs": [_parameter_to_json(one) for one in workflow.outputs],
        "coverage": workflow.coverage,
        "steps": [_step_to_json(step) for step in workflow.steps],
    }


def _workflow_from_json(told: dict[str, Any]) -> Workflow:
    return Workflow(
        id=told["id"],
        title=told["title"],
        source_file=told["source"]["file"],
        source_line=told["source"]["line"],
        source_sha256=told["source"]["sha256"],
        parameters=tuple(Parameter(**one) for one in told["parameters"]),
        outputs=tuple(Parameter(**one) for one in told["outputs"]),
        steps=tuple(_step_from_json(one) for one in told["steps"]),
    )


def _parameter_to_json(parameter: Parameter) -> dict[str, Any]:
    return {
        one.name: value for one in fields(parameter) if (value := getattr(parameter, one.name)) not in (None, False)
    }


def _step_to_json(step: TaskStep) -> dict[str, Any]:
    """A step without what it does not have."""
    told: dict[str, Any] = {
        "order": step.order,
        "intent": step.intent,
        "intentSource": step.intent_source,
        "action": step.action.value,
        "target": step.target,
        "locator": step.locator and step.locator.to_json(),
        "alternatives": [one.to_json() for one in step.alternatives],
        "value": step.value,
        "output": step.output,
        "acceptsDialog": step.accepts_dialog or None,
        "expectedResult": step.expected_result,
        "checks": [_check_to_json(check) for check in step.checks],
        "control": [{"visible": one.visible.to_json(), "negated": one.negated} for one in step.controls],
        "resolution": step.resolution.value,
        "why": step.why,
        "via": list(step.via),
        "at": step.at,
    }
    kept_if_empty = {"expectedResult", "locator", "value"}
    return {name: value for name, value in told.items() if value or name in kept_if_empty or value == 0}


def _step_from_json(told: dict[str, Any]) -> TaskStep:
    return TaskStep(
        order=told["order"],
        intent=told["intent"],
        intent_source=told["intentSource"],
        action=ActionKind(told["action"]),
        target=told["target"],
        locator=Locator.from_json(told["locator"]) if told["locator"] else None,
        alternatives=tuple(Locator.from_json(one) for one in told.get("alternatives", ())),
        value=told["value"],
        output=told.get("output"),
        accepts_dialog=told.get("acceptsDialog") is True,
        expected_result=told["expectedResult"],
        checks=tuple(_check_from_json(one) for one in told.get("checks", ())),
        controls=tuple(
            Control(Locator.from_json(one["visible"]), bool(one["negated"])) for one in told.get("control", ())
        ),
        resolution=Resolution(told["resolution"]),
        why=told.get("why"),
        via=tuple(told.get("via", ())),
        at=told["at"],
    )


def _check_to_json(check: Check) -> dict[str, Any]:
    value = check.value.to_json() if isinstance(check.value, Pattern) else check.value
    told: dict[str, Any] = {"matcher": check.matcher.value, "source": check.source}
    told |= {"locator": check.locator.to_json()} if check.locator else {}
    told |= {"value": value} if value is not None else {}
    return told | ({"negated": True} if check.negated else {})


def _check_from_json(told: dict[str, Any]) -> Check:
    value = told.get("value")
    return Check(
        matcher=Matcher(told["matcher"]),
        locator=Locator.from_json(told["locator"]) if "locator" in told else None,
        value=Pattern(**value) if isinstance(value, dict) else value,
        negated=bool(told.get("negated", False)),
        source=told["source"],
    )

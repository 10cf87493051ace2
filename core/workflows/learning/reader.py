"""Reads a test statement by statement, helpers inlined, into steps. Nothing is dropped, and nothing is made up."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from core.workflows.learning.dialogs import UNCLEAR, Dialogs, Given, answer_to_dialogs
from core.workflows.learning.expressions import Expressions, either, selected
from core.workflows.learning.frame import Frame
from core.workflows.learning.playwright_words import (
    ARGUMENTS,
    COMMANDS,
    MATCHERS,
    ON_ELEMENT,
    ON_PAGE,
    READING,
    SCRIPTS,
    WAITING,
)
from core.workflows.learning.secret_signs import kind_of_target
from core.workflows.learning.secrets import Secrets
from core.workflows.learning.source_code import in_code
from core.workflows.learning.sources import Function, SourceTree
from core.workflows.learning.values import Expectation, Found, ThePage, Unknown, Value, Visible
from core.workflows.locator import Locator, Pattern, Text
from core.workflows.step import ActionKind, Check, Control, Matcher, Parameter, Resolution, TaskStep

DEEPEST = 8  # helpers that call helpers
SHOWS_VALUE = frozenset({ActionKind.FILL, ActionKind.SELECT})
SHOWING = frozenset({Matcher.HAS_VALUE, Matcher.HAS_TEXT, Matcher.CONTAINS_TEXT})


@dataclass
class Reading:
    """What has been read so far."""

    steps: list[TaskStep] = field(default_factory=list)
    outputs: list[Parameter] = field(default_factory=list)


class Reader:
    """Reads one test."""

    def __init__(self, tree: SourceTree, secrets: Secrets) -> None:
        self._tree = tree
        self._secrets = secrets
        self._dialogs = Dialogs()
        self.reading = Reading()

    def read(self, test: Function) -> Reading:
        """The steps of a test. Its parameters are slots, but for the page."""
        names: dict[str, Value] = {one: ThePage() if one == "page" else f"{{{{{one}}}}}" for one in test.parameters}
        self._body(test.node.body, Frame(test, names))
        self.reading.steps = self._dialogs.complete(self.reading.steps)
        return self.reading

    def _body(self, statements: Sequence[ast.stmt], frame: Frame) -> None:
        for statement in statements:
            self._statement(statement, frame)

    def _statement(self, statement: ast.stmt, frame: Frame) -> None:
        match statement:
            case ast.Expr(value=ast.Call() as call):
                self._call(statement, call, frame)
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                frame.names[name] = self._assigned(statement, name, value, frame)
            case ast.If():
                self._branch(statement, frame)
            case ast.For() | ast.With():
                self._block(statement, frame)
            case ast.Assert(test=test):
                self._add(statement, frame, self._step(ActionKind.ASSERT, value=in_code(test)))
            case _ if not _says_nothing(statement):
                self._opaque(statement, frame, in_code(statement).splitlines()[0])

    def _block(self, statement: ast.For | ast.With, frame: Frame) -> None:
        """A loop over a list that stands there is unrolled; what stands in a `with` is read in place."""
        match statement:
            case ast.With(body=body):
                self._body(body, frame)
            case ast.For(target=ast.Name(id=name), iter=ast.List(elts=items) | ast.Tuple(elts=items), body=body):
                for item in items:
                    frame.names[name] = self._secrets.named(name, self._values(frame).value(item))
                    self._body(body, frame)
            case _:
                self._opaque(statement, frame, in_code(statement).splitlines()[0])

    def _branch(self, statement: ast.If, frame: Frame) -> None:
        """A condition an agent can decide becomes a control; a known one is decided; any other is walked and flagged."""
        condition = self._values(frame).value(statement.test)
        if isinstance(condition, Visible):
            yes, no = Control(condition.locator, condition.negated), Control(condition.locator, not condition.negated)
            self._body(statement.body, replace(frame, controls=(*frame.controls, yes)))
            self._body(statement.orelse, replace(frame, controls=(*frame.controls, no)))
        elif isinstance(condition, bool):
            self._body(statement.body if condition else statement.orelse, frame)
        else:
            words = in_code(statement.test)
            self._body(statement.body, replace(frame, undecided=f"only if {words}"))
            self._body(statement.orelse, replace(frame, undecided=f"only if not {words}"))

    def _assigned(self, statement: ast.stmt, name: str, value: ast.expr, frame: Frame) -> Value:
        """What a name stands for from here on; reading off the page is a step, and so is asking an API."""
        if not isinstance(value, ast.Call):
            return self._secrets.named(name, self._values(frame).value(value))
        if isinstance(value.func, ast.Attribute) and value.func.attr in READING:
            owner = self._values(frame).value(value.func.value)
            if isinstance(owner, Found):
                secret = self._secrets.is_secret(name) or kind_of_target(owner.locator) is not None
                self.reading.outputs.append(Parameter(name, "captured", secret=secret))
                self._add(statement, frame, self._step(ActionKind.CAPTURE, owner, output=name))
                return f"{{{{{name}}}}}"
        known = self._values(frame).value(value)
        if isinstance(known, Unknown):
            self._call(statement, value, frame)
        return self._secrets.named(name, known)

    def _call(self, statement: ast.stmt, call: ast.Call, frame: Frame) -> None:
        if isinstance(call.func, ast.Name):
            self._function(statement, call, call.func.id, frame)
        elif isinstance(call.func, ast.Attribute):
            self._method(statement, call, call.func, frame)
        else:
            self._opaque(statement, frame, in_code(call))

    def _function(self, statement: ast.stmt, call: ast.Call, name: str, frame: Frame) -> None:
        """A helper that takes the page is read in place; one that does not can only ask an API."""
        values = self._values(frame)
        given = [*values.arguments(call), *values.named(call).values()]
        helper = self._tree.function(frame.function.module, name)
        touches_page = any(isinstance(one, ThePage | Found) for one in given)
        if not touches_page:
            self._add(statement, frame, self._step(ActionKind.API, value=name))
        elif helper is None or len(frame.via) >= DEEPEST:
            self._opaque(statement, frame, in_code(call))
        else:
            names = dict(zip(helper.parameters, values.arguments(call), strict=False)) | values.named(call)
            names = {one: self._secrets.named(one, value) for one, value in names.items()}
            comment = frame.function.module.comment_above(statement)
            inner = replace(frame, function=helper, names=names, via=(*frame.via, name), comment=comment)
            self._body(helper.node.body, inner)
            self._dialogs.leave(inner)

    def _method(self, statement: ast.stmt, call: ast.Call, func: ast.Attribute, frame: Frame) -> None:
        owner, name = self._values(frame).value(func.value), func.attr
        named = self._values(frame).named(call)
        arguments = [*self._values(frame).arguments(call), *(named[one] for one in ARGUMENTS if one in named)]
        if isinstance(owner, ThePage) and name in ON_ELEMENT and arguments and isinstance(arguments[0], str):
            # The older way: page.fill(selector, value).
            owner, arguments = Found(Locator((selected(arguments[0]),))), arguments[1:]
        if isinstance(owner, Expectation):
            self._expect(statement, owner, name, arguments, frame)
        elif name in WAITING and isinstance(owner, ThePage | Found):
            self._add(statement, frame, self._step(ActionKind.WAIT))
        elif isinstance(owner, ThePage) and name in ON_PAGE:
            self._add(statement, frame, self._with_value(self._step(ON_PAGE[name]), arguments))
        elif isinstance(owner, Found) and name in ON_ELEMENT:
            self._add(statement, frame, self._with_value(self._step(ON_ELEMENT[name], owner), arguments))
        elif isinstance(owner, ThePage | Found) and name in SCRIPTS:
            step = self._step(ActionKind.SCRIPT, value=name)
            self._add(statement, frame, replace(step, resolution=Resolution.OPAQUE, why="it runs a script"))
        elif isinstance(owner, ThePage | Found):
            self._otherwise(statement, call, owner, frame)
        else:
            self._add(statement, frame, self._step(ActionKind.API, value=in_code(call.func)))

    def _otherwise(self, statement: ast.stmt, call: ast.Call, owner: ThePage | Found, frame: Frame) -> None:
        """What is asked of a page besides: to answer dialogs; else it is not known."""
        answer = answer_to_dialogs(call) if isinstance(owner, ThePage) else None
        if answer is None:
            self._opaque(statement, frame, in_code(call))
            return
        unclear = self._placed(statement, frame, self._not_understood(in_code(call), UNCLEAR))
        self._dialogs.give(Given(answer, frame, len(self.reading.steps), unclear))

    def _expect(self, statement: ast.stmt, owner: Expectation, name: str, arguments: list[Value], frame: Frame) -> None:
        """An expectation belongs to the step before it, if that is taken under the same conditions; else it is a step."""
        matcher = MATCHERS.get(name.replace("not_to_", "to_"))
        value = arguments[0] if arguments else None
        if matcher is None or isinstance(value, Unknown | ThePage | Found | Visible | Expectation):
            self._opaque(statement, frame, in_code(statement))
            return
        locator = either(owner.of) if owner.of else None
        value = self._shown(locator, matcher, value)
        check = Check(matcher, locator, value, negated=name.startswith("not_to_"))
        last = self.reading.steps[-1] if self.reading.steps else None
        if last and last.controls == frame.controls and last.action not in {ActionKind.API, ActionKind.WAIT}:
            self.reading.steps[-1] = replace(last, checks=(*last.checks, check))
            return
        self._add(statement, frame, replace(self._step(ActionKind.ASSERT), checks=(check,)))

    def _step(
        self, action: ActionKind, on: Found | None = None, value: str | None = None, output: str | None = None
    ) -> TaskStep:
        locator = on.locator if on else None
        return TaskStep(
            order=0,
            intent="",
            action=action,
            target="",
            locator=locator,
            alternatives=on.alternatives if on else (),
            value=value,
            output=output,
        )

    def _with_value(self, step: TaskStep, arguments: list[Value]) -> TaskStep:
        """The step with what is typed, chosen or opened; a secret's literal never gets into it."""
        if not arguments:
            return step
        value = arguments[0]
        if not isinstance(value, str):
            why = value.why if isinstance(value, Unknown) else "its value is not a text"
            return replace(step, resolution=Resolution.PARTIAL, why=f"the text does not say what {why} is")
        if step.action is ActionKind.GOTO and value.startswith("/"):
            value = "{{store_url}}" + value
        kind = self._kind_of(step)
        if kind and (step.action is ActionKind.FILL or _types_a_letter(step.action, value)):
            value = self._secrets.typed(value, kind)
        resolution = Resolution.BOUND if "{{" in value else Resolution.LITERAL
        step = replace(step, value=value, resolution=resolution)
        if step.action not in SHOWS_VALUE:
            return step
        return replace(step, checks=(Check(Matcher.HAS_VALUE, step.locator, value, source="intrinsic"),))

    def _shown(self, locator: Locator | None, matcher: Matcher, value: Text | int | None) -> Text | int | None:
        """What an expectation holds a field against: of a secret's field it is the secret."""
        kind = kind_of_target(locator)
        if not kind or not isinstance(value, str | Pattern) or matcher not in SHOWING:
            return value
        words = value.re if isinstance(value, Pattern) else value
        is_said = matcher is not Matcher.HAS_VALUE and not any(one.isdigit() for one in words)
        return value if is_said else self._secrets.typed(value, kind)

    def _kind_of(self, step: TaskStep) -> str | None:
        """What kind of secret is typed in this step, if one is; an alternative's name tells it as well."""
        return next((kind for one in (step.locator, *step.alternatives) if (kind := kind_of_target(one))), None)

    def _opaque(self, statement: ast.stmt, frame: Frame, words: str) -> None:
        self._add(statement, frame, self._not_understood(words, "it is not a step that is known"))

    def _not_understood(self, words: str, why: str) -> TaskStep:
        return replace(self._step(ActionKind.OPAQUE, value=words), resolution=Resolution.OPAQUE, why=why)

    def _add(self, statement: ast.stmt, frame: Frame, step: TaskStep) -> None:
        self.reading.steps.append(self._dialogs.met(self._placed(statement, frame, step), frame))

    def _placed(self, statement: ast.stmt, frame: Frame, step: TaskStep) -> TaskStep:
        """The step with where it stands, what is said of it there, and under which conditions it is taken."""
        said = frame.function.module.comment_above(statement) or frame.comment
        if frame.undecided and step.resolution is not Resolution.OPAQUE:
            step = replace(step, resolution=Resolution.PARTIAL, why=frame.undecided)
        return replace(
            step,
            intent=said or "",
            intent_source="comment" if said else "synth",
            controls=frame.controls,
            via=frame.via,
            at=frame.function.module.place(statement),
        )

    def _values(self, frame: Frame) -> Expressions:
        return Expressions(self._tree, frame.function.module, frame.names, self._secrets)


def _types_a_letter(action: ActionKind, key: str) -> bool:
    is_command = key.startswith(("Control+", "ControlOrMeta+", "Meta+", "Alt+")) or key.rpartition("+")[2] in COMMANDS
    return action is ActionKind.PRESS and not is_command


def _says_nothing(statement: ast.stmt) -> bool:
    """A docstring, a `pass`, an import, a return: nothing that is done to a page."""
    plain = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return plain or isinstance(statement, ast.Pass | ast.Import | ast.ImportFrom | ast.Return)

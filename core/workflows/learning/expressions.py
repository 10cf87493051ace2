"""Works out what an expression of a test is, by its text alone."""

import ast
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from core.workflows.learning.playwright_words import FILTERS, LOOKING, ROLE_OPTIONS
from core.workflows.learning.secrets import Secrets
from core.workflows.learning.source_code import in_code
from core.workflows.learning.sources import Module, SourceTree
from core.workflows.learning.values import Expectation, Found, ThePage, Unknown, Value, Visible
from core.workflows.locator import By, Link, Locator, Pattern

DEEPEST = 20  # constants that refer to constants


class Expressions:
    """Evaluates expressions of one module, with the names of the function that is read."""

    def __init__(
        self, tree: SourceTree, module: Module, names: Mapping[str, Value], secrets: Secrets, depth: int = 0
    ) -> None:
        self._tree = tree
        self._module = module
        self._names = names
        self._secrets = secrets
        self._depth = depth
        self._readers: dict[type[ast.expr], Callable[[Any], Value]] = {
            ast.Name: lambda node: self._name(node.id),
            ast.JoinedStr: lambda node: self._joined(node.values),
            ast.BinOp: self._added,
            ast.UnaryOp: self._negated,
            ast.Call: self._call,
            ast.Subscript: self._of_environment,
            ast.Attribute: self._first_or_last,
        }

    def value(self, node: ast.expr) -> Value:
        """What this is; Unknown if the text does not say."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str | int | bool | None):
            return Unknown("a text with braces") if "{{" in str(node.value) else node.value
        read = self._readers.get(type(node))
        return read(node) if read else Unknown(in_code(node))

    def arguments(self, call: ast.Call) -> list[Value]:
        """The values of the arguments that are given by place."""
        return [self.value(one) for one in call.args]

    def named(self, call: ast.Call) -> dict[str, Value]:
        """The values of the arguments that are given by name."""
        return {one.arg: self.value(one.value) for one in call.keywords if one.arg}

    def _name(self, name: str) -> Value:
        if name in self._names:
            return self._names[name]
        constant = self._tree.constant(self._module, name)
        if constant is None or self._depth > DEEPEST:
            return Unknown(name)
        value = Expressions(self._tree, constant[0], {}, self._secrets, self._depth + 1).value(constant[1])
        return self._secrets.named(name, value)

    def _added(self, node: ast.BinOp) -> Value:
        return self._joined([node.left, node.right]) if isinstance(node.op, ast.Add) else Unknown(in_code(node))

    def _negated(self, node: ast.UnaryOp) -> Value:
        return _not(self.value(node.operand)) if isinstance(node.op, ast.Not) else Unknown(in_code(node))

    def _of_environment(self, node: ast.Subscript) -> Value:
        match node:
            case ast.Subscript(value=ast.Attribute(attr="environ"), slice=ast.Constant(value=str() as name)):
                return f"{{{{{name.lower()}}}}}"
        return Unknown(in_code(node))

    def _first_or_last(self, node: ast.Attribute) -> Value:
        which = {"first": 0, "last": -1}.get(node.attr)
        return Unknown(in_code(node)) if which is None else self._nth(self.value(node.value), which)

    def _joined(self, parts: list[ast.expr]) -> Value:
        texts = [self.value(one.value if isinstance(one, ast.FormattedValue) else one) for one in parts]
        if unknown := next((one for one in texts if not isinstance(one, str | int)), None):
            return unknown if isinstance(unknown, Unknown) else Unknown("a text made of something else")
        return "".join(str(one) for one in texts)

    def _call(self, call: ast.Call) -> Value:
        if isinstance(call.func, ast.Name) and call.func.id == "expect" and len(call.args) == 1:
            of = self.value(call.args[0])
            return Expectation(None) if isinstance(of, ThePage) else _expected(of)
        if not isinstance(call.func, ast.Attribute):
            return Unknown(in_code(call))
        if isinstance(call.func.value, ast.Name) and (call.func.value.id, call.func.attr) in {
            ("re", "compile"),
            ("os", "getenv"),
        }:
            return self._of_library(call, call.func.attr)
        return self._on(self.value(call.func.value), call.func.attr, call)

    def _of_library(self, call: ast.Call, name: str) -> Value:
        first = self.value(call.args[0]) if call.args else None
        if not isinstance(first, str):
            return Unknown(in_code(call))
        if name == "getenv":
            return f"{{{{{first.lower()}}}}}"
        ignores_case = any("IGNORECASE" in ast.unparse(one) or ast.unparse(one) == "re.I" for one in call.args[1:])
        return Pattern(first, "i" if ignores_case else "")

    def _on(self, owner: Value, method: str, call: ast.Call) -> Value:
        """A method of the page or of a locator that gives a locator, or says whether it is visible."""
        links: tuple[Link, ...] = ()
        if isinstance(owner, Found):
            links = owner.locator.links
        elif not isinstance(owner, ThePage):
            return Unknown(in_code(call))
        if method in LOOKING:
            return self._looked(links, LOOKING[method], call)
        if isinstance(owner, Found):
            return self._narrowed(owner, method, call)
        return Unknown(in_code(call))

    def _looked(self, links: tuple[Link, ...], by: By, call: ast.Call) -> Value:
        arguments, named = self.arguments(call), self.named(call)
        if not arguments or not isinstance(arguments[0], str | Pattern):
            return Unknown(in_code(call))
        name = named.get("name")
        if name is not None and not isinstance(name, str | Pattern):
            return Unknown(in_code(call))
        options = tuple(sorted((k, v) for k, v in named.items() if k in ROLE_OPTIONS and isinstance(v, bool | int)))
        said = selected(arguments[0]) if by is By.CSS and isinstance(arguments[0], str) else Link(by, arguments[0])
        return Found(Locator((*links, replace(said, name=name, exact=named.get("exact") is True, options=options))))

    def _narrowed(self, owner: Found, method: str, call: ast.Call) -> Value:
        arguments = self.arguments(call)
        if method == "is_visible":
            return Visible(owner.locator)
        if method == "nth" and arguments and isinstance(arguments[0], int):
            return self._nth(owner, arguments[0])
        if method == "or_" and arguments and isinstance(arguments[0], Found):
            return Found(owner.locator, (*owner.alternatives, arguments[0].locator, *arguments[0].alternatives))
        if method == "filter":
            return self._filtered(owner, call)
        return Unknown(in_code(call))

    def _filtered(self, owner: Found, call: ast.Call) -> Value:
        links = list(owner.locator.links)
        for name, value in self.named(call).items():
            inner = value.locator if isinstance(value, Found) else value
            if name not in FILTERS or not isinstance(inner, str | bool | Pattern | Locator):
                return Unknown(in_code(call))
            links.append(Link(FILTERS[name], inner))
        return Found(Locator(tuple(links)))

    def _nth(self, owner: Value, number: int) -> Value:
        if not isinstance(owner, Found):
            return Unknown("one of several of something unknown")
        return Found(Locator((*owner.locator.links, Link(By.NTH, number))))


def selected(selector: str) -> Link:
    """What a selector of Playwright's looks for."""
    is_xpath = selector.startswith(("xpath=", "//"))
    return Link(By.XPATH, selector.removeprefix("xpath=")) if is_xpath else Link(By.CSS, selector)


def either(found: Found) -> Locator:
    """One locator for an element and its alternatives."""
    return Locator((*found.locator.links, *(Link(By.OR, one) for one in found.alternatives)))


def _expected(of: Value) -> Value:
    return Expectation(of) if isinstance(of, Found) else Unknown("an expectation of something unknown")


def _not(value: Value) -> Value:
    if isinstance(value, Visible):
        return Visible(value.locator, not value.negated)
    return not value if isinstance(value, bool) else Unknown("not of something unknown")

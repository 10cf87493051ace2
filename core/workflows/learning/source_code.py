"""What a test's source says without its literals: code in words, and which literals it gives the name of a secret."""

import ast
from collections.abc import Iterator

from core.workflows.learning.secret_signs import (
    QUERY,
    USERINFO,
    kind_of_secret,
    names_a_secret,
    names_a_secret_in_a_query,
)

LEFT_OUT = "…"
LONGEST_NUMBER = 3  # digits of a number that is told: a status is no secret, a PIN may be one


def in_code(node: ast.AST) -> str:
    """A piece of source in words. The texts and long numbers in it are left out, for any of them may be a secret."""
    # Parsed anew, so that the tree that is being read stays as it is.
    return ast.unparse(_WithoutLiterals().visit(ast.parse(ast.unparse(node)))).strip()


def secret_literals(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """The literals that a module gives the name of a secret, and the kind of each: "password" or "secret"."""
    for node in ast.walk(tree):
        for name, value in _named(node):
            if names_a_secret(name) and (literal := _literal(value)):
                yield literal, kind_of_secret(name) or "secret"
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from _in_address(node.value)


class _WithoutLiterals(ast.NodeTransformer):
    """Beside the name of a secret no number is told either."""

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        sides = [node.left, *node.comparators]
        if any(names_a_secret(_name(side)) for side in sides):
            node.left, *node.comparators = [ast.Constant(LEFT_OUT) if _literal(side) else side for side in sides]
        return self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if isinstance(node.value, bool | None) or node.value is ...:
            return node
        is_told = isinstance(node.value, int | float) and len(str(node.value)) <= LONGEST_NUMBER
        return node if is_told else ast.Constant(LEFT_OUT)


def _named(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Every name that a node gives to a value, by assigning, calling, defining, or in a dictionary; or compares it with."""
    match node:
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                yield from _paired(target, value)
        case ast.AnnAssign(target=target, value=ast.expr() as value) | ast.NamedExpr(target=target, value=value):
            yield _name(target), value
        case ast.keyword(arg=str() as name, value=value):
            yield name, value
        case ast.Compare(left=left, comparators=[right]):
            yield from ((_name(left), right), (_name(right), left))
        case _:
            yield from _named_beside(node)


def _named_beside(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Names and values that stand in two lists, or a value that is the argument after its name."""
    match node:
        case ast.Dict(keys=keys, values=values):
            yield from ((_name(key), value) for key, value in zip(keys, values, strict=True) if key)
        case ast.arguments(args=names, defaults=values):
            yield from ((one.arg, value) for one, value in zip(reversed(names), reversed(values), strict=False))
        case ast.Call(args=[ast.Constant(value=str() as name), value]):
            yield name, value


def _paired(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple | ast.List):
        for one, its_value in zip(target.elts, value.elts, strict=False):
            yield _name(one), its_value
    else:
        yield _name(target), value


def _name(node: ast.AST) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.Constant(value=str() as name):
            return name
        case ast.Subscript(slice=key):
            return _name(key)
    return ""


def _literal(node: ast.AST) -> str | None:
    """The text of a literal that could be a secret."""
    if not isinstance(node, ast.Constant) or isinstance(node.value, bool):
        return None
    if isinstance(node.value, bytes):
        return node.value.decode(errors="ignore")
    return str(node.value) if isinstance(node.value, str | int) else None


def _in_address(text: str) -> Iterator[tuple[str, str]]:
    for found in USERINFO.finditer(text):
        _, _, password = found.group().rstrip("@").partition(":")
        if password:
            yield password, "password"
    for found in QUERY.finditer(text):
        if names_a_secret_in_a_query(found["name"]):
            yield found["value"], "secret"

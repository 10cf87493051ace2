"""Finds the texts in a screen's code that people would read and that are not told by `t` or `tn`, so the catalogue lacks them."""

import ast
import re
from collections.abc import Iterator

TELLING = {"t", "tn", "later"}
DRAWN = {  # which arguments of what draws are read by people
    "words": (0,),
    "heading": (0,),
    "paragraph": (0,),
    "sentence": (0,),
    "button": (0,),
    "link": (0,),
    "icon_button": (1,),
    "frame": (0,),
    "bare": (0,),
    "title_of": (0, 1),
    "form": (1,),
    "field": (0,),
    "tick": (0,),
    "labelled_input": (1,),
    "draw_text": (1,),
    "draw_choice": (1,),
    "draw_parts": (0, 1),
    "draw_picks": (0,),
    "confirmed": (0, 1, 2, 3),
    "asked_how": (0, 1),
    "end_chosen": (0, 1),
    "own_password": (0, 1, 2),
    "refused": (0, 1),
    "sheet_for": (0,),
    "not_found": (0, 1),
    "Step": (1,),
    "ProgressBar": (0,),
    "Mark": (1,),
    "set_text": (0,),
    "notify": (0,),
    "page_title": (0,),
    "skip_link": (0,),
    "textarea": (0,),
    "tooltip": (0,),
    "_fact": (0, 1),
    "_lines": (0,),
    "_opener": (1,),
    "_say": (0, 1),
    "_show_once": (0,),
    "_titled": (1,),
}
SPOKEN = {"aria-label", "placeholder", "title", "alt", "label", "data-label"}  # attributes whose values are read
IN_PROPS = re.compile(r"\b(aria-label|placeholder|title|alt|label)=(\"?)(?!https?:)([^\s\"]|$)")
NOT_READ = {"props", "classes", "style", "on", "compile", "TypeVar"}  # what is given to these is no text
AS_THEY_ARE = {
    "OmniOps Autopilot",
    "Implicit handshake failed",
}  # a name, and what NiceGUI's script in the browser knows
IS_TEXT = re.compile(
    r"[A-Z]\w*[a-z]|[A-Z] |\d+ [a-z]|[a-z]+,? [a-z]+\b(?!=)[^=(]*$"
)  # a sentence, a title, a few words
IS_PROSE = re.compile(r"(^|[\s(])[a-z]{2,}[,.;:?!)]?(\s|$)")


def untold(tree: ast.AST) -> Iterator[str]:
    """Each such text, with its line."""
    left_out = set(_left_out(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            for text in _drawn_by(node):
                yield from _if_untold(text)
            if _name(node) in TELLING:
                yield from _unreadable(node)
            if _name(node) == "props" and IN_PROPS.search("".join(_pieces(node))):
                yield f"{node.lineno}: {ast.unparse(node.args[0])}"
        elif isinstance(node, ast.Assign) and _is_spoken(node.targets[0]):
            yield from _if_untold(node.value)
        elif id(node) not in left_out and _reads_as_text(node):
            yield f"{node.lineno}: {ast.unparse(node)}"  # type: ignore[attr-defined]  # a text has a place


def _unreadable(call: ast.Call) -> Iterator[str]:
    """What the catalogue's extractor can't read: texts that are put together or chosen inside, and f-strings anywhere."""
    texts = call.args[: 2 if _name(call) == "tn" else 1]
    chosen = [one for one in texts if not isinstance(one, ast.Constant)]
    inside = (part for one in chosen for part in ast.walk(one) if _is_literal(part))
    put_together = (part for part in ast.walk(call) if isinstance(part, ast.JoinedStr))
    if any(inside) or any(put_together):
        yield f"{call.lineno}: the catalogue can't tell what this is: {ast.unparse(call)}"


def _is_literal(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _drawn_by(call: ast.Call) -> Iterator[ast.expr]:
    for place in DRAWN.get(_name(call), ()):
        if place < len(call.args):
            yield call.args[place]


def _if_untold(text: ast.expr) -> Iterator[str]:
    """What of an argument is a text of its own: a literal with a letter, and any put together."""
    for part in _choice(text):
        yield from _if_untold(part)
    kept = text.value if isinstance(text, ast.Subscript) else text
    if isinstance(kept, ast.Name) and kept.id.isupper() and len(kept.id) > 1:
        yield f"{text.lineno}: a constant is drawn without being told: {ast.unparse(text)}"
    is_literal = (
        isinstance(text, ast.Constant) and re.search(r"[^\W\d_]", str(text.value)) and text.value not in AS_THEY_ARE
    )
    if isinstance(text, ast.JoinedStr | ast.BinOp) or is_literal:
        yield f"{text.lineno}: {ast.unparse(text)}"


def _choice(text: ast.expr) -> list[ast.expr]:
    """What it is one of: of a choice, of an alternative, or of a look-up."""
    if isinstance(text, ast.IfExp):
        return [text.body, text.orelse]
    if isinstance(text, ast.BoolOp):
        return text.values
    if isinstance(text, ast.Call) and isinstance(text.func, ast.Attribute) and text.func.attr == "get":
        return [text.func.value, *text.args[1:]]
    return []


def _reads_as_text(node: ast.AST) -> bool:
    """Whether a text that is kept, given back or put together is one that people read."""
    if isinstance(node, ast.JoinedStr):
        text = "".join(_literals(node))
        return bool(IS_PROSE.search(text)) and "</" not in text  # markup is no prose
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value not in AS_THEY_ARE
    return is_text and bool(IS_TEXT.match(node.value))  # type: ignore[attr-defined]  # it is a text


def _left_out(tree: ast.AST) -> Iterator[int]:
    """The nodes whose texts are told, or are read by no person."""
    raised = {id(node.exc) for node in ast.walk(tree) if isinstance(node, ast.Raise)}
    for node in ast.walk(tree):
        inner: list[ast.AST] = []
        if isinstance(node, ast.Call):
            inner = [*node.args, *node.keywords] if _name(node) in TELLING | NOT_READ else [*node.args[_places(node) :]]
            recorded = (
                set() if id(node) in raised else {"because"}
            )  # what goes into the record; an error's reason is shown
            inner += [one for one in node.keywords if one.arg in {"classes", "name"} | recorded]
        elif isinstance(node, ast.Compare):
            inner = [node]
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            inner = [node]  # a docstring
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            inner = [one for one in (node.returns, *(each.annotation for each in node.args.args)) if one]
        yield from (id(one) for each in inner for one in ast.walk(each))


def _places(call: ast.Call) -> int:
    return max(DRAWN.get(_name(call), (1_000,))) + 1


def _is_spoken(target: ast.expr) -> bool:
    return (
        isinstance(target, ast.Subscript)
        and ast.unparse(target.value).endswith(".props")
        and isinstance(target.slice, ast.Constant)
        and target.slice.value in SPOKEN
    )


def _name(call: ast.Call) -> str:
    return ast.unparse(call.func).rpartition(".")[2]


def _literals(text: ast.JoinedStr) -> Iterator[str]:
    for one in text.values:
        yield str(one.value) if isinstance(one, ast.Constant) else "{}"


def _pieces(call: ast.Call) -> Iterator[str]:
    for one in call.args:
        if isinstance(one, ast.Constant):
            yield str(one.value)
        elif isinstance(one, ast.JoinedStr):
            yield from _literals(one)

"""The modules of a test tree, parsed: their functions, fixtures, constants, imports, and the comments above statements."""

import ast
import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path


@dataclass(frozen=True)
class Function:
    """A function and the module it stands in."""

    module: "Module"
    node: ast.FunctionDef

    @property
    def parameters(self) -> list[str]:
        """The names of its parameters."""
        return [one.arg for one in (*self.node.args.args, *self.node.args.kwonlyargs)]


class Module:
    """One parsed file."""

    def __init__(self, path: Path, root: Path) -> None:
        raw = path.read_bytes()
        self.path = path
        self.name = path.relative_to(root).as_posix()
        self.sha256 = hashlib.sha256(raw).hexdigest()
        self.tree = ast.parse(raw, filename=self.name)
        self._lines = raw.decode().splitlines()

    @cached_property
    def functions(self) -> dict[str, Function]:
        """Top-level functions by name."""
        return {node.name: Function(self, node) for node in self.tree.body if isinstance(node, ast.FunctionDef)}

    @cached_property
    def constants(self) -> dict[str, ast.expr]:
        """What is assigned once at the top, by name."""
        found: dict[str, ast.expr] = {}
        for node in self.tree.body:
            if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
                found[node.targets[0].id] = node.value
        return found

    @cached_property
    def imports(self) -> dict[str, tuple[str, str]]:
        """Names from other modules: local name → (dotted module, name there)."""
        return {
            alias.asname or alias.name: (node.module, alias.name)
            for node in self.tree.body
            if isinstance(node, ast.ImportFrom) and node.module and not node.level
            for alias in node.names
        }

    def comment_above(self, node: ast.stmt) -> str | None:
        """The words of the comment lines right above a statement."""
        words: list[str] = []
        number = node.lineno - 2
        while number >= 0 and self._lines[number].strip().startswith("#"):
            words.insert(0, self._lines[number].strip().lstrip("#").strip())
            number -= 1
        return " ".join(words) or None

    def place(self, node: ast.AST) -> str:
        """Where a node stands, for people."""
        return f"{self.name}:{getattr(node, 'lineno', 0)}"


class SourceTree:
    """Modules below one root, parsed when they are first needed."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self._modules: dict[Path, Module] = {}

    def module(self, path: Path) -> Module:
        """The module of a file. Raises SyntaxError."""
        path = path.resolve()
        if path not in self._modules:
            self._modules[path] = Module(path, self.root)
        return self._modules[path]

    @property
    def modules(self) -> tuple[Module, ...]:
        """The modules that were needed so far."""
        return tuple(self._modules.values())

    def function(self, module: Module, name: str) -> Function | None:
        """A function by the name it has in a module, also if it is imported from elsewhere in the tree."""
        if name in module.functions:
            return module.functions[name]
        home = self._home_of(module, name)
        return home[0].functions.get(home[1]) if home else None

    def constant(self, module: Module, name: str) -> tuple[Module, ast.expr] | None:
        """A constant by the name it has in a module."""
        if name in module.constants:
            return module, module.constants[name]
        home = self._home_of(module, name)
        return (home[0], home[0].constants[home[1]]) if home and home[1] in home[0].constants else None

    def _home_of(self, module: Module, name: str) -> tuple[Module, str] | None:
        if name not in module.imports:
            return None
        dotted, original = module.imports[name]
        path = self.root.joinpath(*dotted.split(".")).with_suffix(".py")
        beside = module.path.parent.joinpath(*dotted.split(".")).with_suffix(".py")
        for candidate in (path, beside):
            if candidate.is_file():
                return self.module(candidate), original
        return None

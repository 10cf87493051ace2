"""The rules of the house that no linter holds; each is shown to bite."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scripts.parts import PARTS, words_of
from tests.untold import untold

ROOT = Path(__file__).parents[1]
CODE = [path for room in ("app", "pages", "core") for path in sorted((ROOT / room).rglob("*.py"))]
SCREENS = sorted((ROOT / "pages").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("test_*.py"))
MIGRATIONS = ROOT / "core" / "database" / "migrations" / "versions"
LOCKS = (
    ROOT / "requirements.lock",
    ROOT / "requirements-test.lock",
    ROOT / "scripts" / "uv.lock",
    ROOT / "scripts" / "real" / "pretix.lock",
)

LONGEST_FILE, LONGEST_FUNCTION = 300, 40  # lines
BANNED = {"utils", "helpers", "common", "base", "misc", "manager", "util", "helper"}
MAY_CATCH_EVERYTHING = {
    "core/operations/attempt.py",
    "core/operations/step_log.py",
}  # the outermost edges, each says why
READS_ENVIRONMENT = {"app/settings.py", "core/browser/launching.py", "core/browser/find_browser.py"}
LEADS_TO_SHOPS = {"pages/parts/approval.py"}  # to the shop's own page, whose address is made of its checked origin

Functions = ast.FunctionDef | ast.AsyncFunctionDef


def long_functions(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, Functions) and (node.end_lineno or 0) - node.lineno + 1 > LONGEST_FUNCTION:
            yield f"{node.name} has more than {LONGEST_FUNCTION} lines"


def missing_opening_sentence(tree: ast.AST) -> Iterator[str]:
    said = ast.get_docstring(tree) if isinstance(tree, ast.Module) else None
    if not said or said.splitlines()[0][-1] not in ".:?":
        yield "a module opens with one sentence on what it is for"


def caught_everything(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler):
            caught = ast.unparse(node.type) if node.type else ""
            if caught in {"", "Exception"}:
                yield "everything is caught"


def read_environment(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node) in {"os.environ", "os.getenv"}:
            yield "the environment is read"


def sleeping(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"time.sleep", "sleep"}:
            yield "the process sleeps"


def markup_put_in(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        if name.endswith("ui.html") and any(one.arg == "sanitize" for one in node.keywords):
            yield "markup is put into a page as it is"
        if re.search(r"\bui\.add_(head_html|body_html|css|scss|sass)$", name) and not _is_ours(node.args[0]):
            yield "what is put into a page's head or body is no text of ours"


def scripts_put_together(tree: ast.AST) -> Iterator[str]:
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        is_constant = bool(call.args) and isinstance(call.args[0], ast.Constant)
        if ast.unparse(call.func).endswith("run_javascript") and not is_constant:
            yield "a script is put together"


def led_astray(tree: ast.AST) -> Iterator[str]:
    """Where a browser is sent is a screen of ours: a text that begins with a slash, or made by address_of."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and re.search(r"\bnavigate\.(to|history\.\w+)$", ast.unparse(node.func)):
            target = node.args[0] if node.args else None
            begins = target.values[0] if isinstance(target, ast.JoinedStr) else target
            ours = isinstance(begins, ast.Constant) and re.match(r"/\w", str(begins.value))
            if not ours and not (isinstance(target, ast.Call) and ast.unparse(target.func) == "address_of"):
                yield "a browser is sent to an address that was not looked at"


def _is_ours(text: ast.expr) -> bool:
    """Whether a text is a constant, or put together of names of constants."""
    if isinstance(text, ast.JoinedStr):
        inner = [ast.unparse(one.value) for one in text.values if isinstance(one, ast.FormattedValue)]
        return all(name.isupper() or name == "version" for name in inner)
    return isinstance(text, ast.Constant)


RULES: dict[Callable[[ast.AST], Iterator[str]], tuple[set[str], str]] = {
    long_functions: (set(), "def f():\n" + "    x = 1\n" * 41),
    missing_opening_sentence: (set(), "x = 1"),
    caught_everything: (MAY_CATCH_EVERYTHING, "try:\n    pass\nexcept Exception:\n    pass"),
    read_environment: (READS_ENVIRONMENT, "import os\nos.environ['X']"),
    sleeping: (set(), "import time\ntime.sleep(1)"),
    markup_put_in: (set(), "ui.html(x, sanitize=False)"),
    scripts_put_together: (set(), "ui.run_javascript(f'go({x})')"),
    led_astray: (LEADS_TO_SHOPS, "ui.navigate.to(address)"),
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_house_keeps_the_rule(rule: Callable[[ast.AST], Iterator[str]]) -> None:
    allowed, _ = RULES[rule]
    faults = [
        f"{name}: {fault}"
        for path in CODE
        if (name := path.relative_to(ROOT).as_posix()) not in allowed and path.parent != MIGRATIONS
        for fault in rule(ast.parse(path.read_text("utf-8")))
    ]
    assert faults == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_rule_bites(rule: Callable[[ast.AST], Iterator[str]]) -> None:
    assert list(rule(ast.parse(RULES[rule][1])))


@pytest.mark.parametrize(
    ("rule", "wrong"),
    [
        (markup_put_in, "ui.html(x, sanitize=False)"),
        (markup_put_in, "ui.add_head_html(f'<title>{name}</title>')"),
        (markup_put_in, "ui.add_css(style)"),
        (scripts_put_together, "client.run_javascript('go(' + x + ')')"),
        (led_astray, "ui.navigate.to(next)"),
        (led_astray, "ui.navigate.to(f'{next}/x')"),
        (led_astray, "ui.navigate.to('//evil.example')"),
        (led_astray, "ui.navigate.to('https://evil.example')"),
        (led_astray, "ui.navigate.history.replace(path)"),
    ],
)
def test_a_page_holds_no_data_as_markup_script_or_address(rule: Callable[[ast.AST], Iterator[str]], wrong: str) -> None:
    assert list(rule(ast.parse(wrong)))


@pytest.mark.parametrize(
    ("rule", "right"),
    [
        (markup_put_in, "ui.html('<b>x</b>')"),
        (markup_put_in, "ui.add_head_html(f'<link href={STYLE}?v={version}>')"),
        (scripts_put_together, "ui.run_javascript('go()')"),
        (led_astray, "ui.navigate.to(f'/operations/{view.id}')"),
        (led_astray, "ui.navigate.to(address_of('/sign-in', next=here))"),
    ],
)
def test_what_is_ours_is_left_alone(rule: Callable[[ast.AST], Iterator[str]], right: str) -> None:
    assert list(rule(ast.parse(right))) == []


def test_every_text_of_the_screens_is_told_by_the_catalogue() -> None:
    found = {path.relative_to(ROOT).as_posix(): list(untold(ast.parse(path.read_text("utf-8")))) for path in SCREENS}
    assert {name: faults for name, faults in found.items() if faults} == {}


@pytest.mark.parametrize(
    "wrong",
    [
        "heading('Nothing fits')",
        "words('receipt')",
        "paragraph(f'{number} products')",
        "words('Ask ' + name)",
        "button(t('Stop it') if runs else 'Go on', act)",
        "words(known.get(code, 'Something else'))",
        "paragraph(said or NOTHING_LEFT)",
        "words(TITLES[kind], 'h2')",
        "ui.notify('Withdrawn.', position='top')",
        "await confirmed(t('Stop it?'), follows, t('Yes'), 'no')",
        "made.props['aria-label'] = 'Menu'",
        "made.props('dense aria-label=\"Menu\"')",
        "made.props(f'aria-label=\"{name}\"')",
        "follows = 'It ends at once.'",
        "WAITING = {1: 'It begins in a moment.', 2: later('It waits.')}",
        "SCOPES = {1: 'read the audit'}",
        "DURATIONS = {15: '15 minutes'}",
        "def told():\n    return f'It ended at step {at}'",
        "raise NotFound(because='The address may be mistyped.')",
        "t(f'Signed in as {email}')",
        "t('On' if is_on else 'Off')",
        "t('{number} runs', number=f'{number:,}')",
    ],
)
def test_a_text_that_is_not_told_is_found(wrong: str) -> None:
    assert list(untold(ast.parse(wrong)))


@pytest.mark.parametrize(
    "right",
    [
        "heading(t('Nothing fits'))",
        "words(t(TITLES[kind]), 'h2', f'badge {status.value}')",
        "words(one.name, classes='card rows')",
        "words(' · ')",
        "words('OmniOps Autopilot')",
        "link(t('the operation'), f'/operations/{view.id}')",
        "made.props('type=button aria-haspopup=menu alt=\"\"')",
        "made.props(f'aria-labelledby=home-{name}')",
        "WAITING = {1: later('It begins in a moment.')}",
        "services.revoke(who, because='withdrawn under Consents')",
        "def one() -> 'Asked':\n    'What was asked.'",
        "tn('{number} run', '{number} runs', found)",
    ],
)
def test_what_is_told_or_is_no_text_is_left_alone(right: str) -> None:
    assert list(untold(ast.parse(right))) == []


def is_in(part: str, test: Path) -> bool:
    """Whether this part runs that file."""
    words = words_of(part)
    own, left = ([word for word in words if word.startswith("--ignore=") is ignored] for ignored in (False, True))
    return any(test.is_relative_to(ROOT / path) for path in own) and not any(
        test.is_relative_to(ROOT / path.removeprefix("--ignore=")) for path in left
    )


def test_no_room_has_outgrown_its_walls() -> None:
    lengths = {path.relative_to(ROOT).as_posix(): len(path.read_text("utf-8").splitlines()) for path in CODE}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE and "migrations" not in name} == {}


def test_rooms_are_named_after_what_is_in_them() -> None:
    assert [path for path in CODE if BANNED & {path.stem, *path.parent.parts}] == []


def test_locks_name_no_index_and_every_package_has_its_hash() -> None:
    for lock in LOCKS:
        text = lock.read_text()
        assert not re.search(r"https?://|--index|--find-links|file:", text)
        pinned = re.findall(r"^([a-z0-9][\w.-]*)==", text, re.MULTILINE)
        blocks = re.split(r"^(?=[a-z0-9][\w.-]*==)", text, flags=re.MULTILINE)[1:]
        assert len(pinned) == len(blocks) > 0
        assert all("--hash=sha256:" in block for block in blocks)


def test_no_secret_and_no_place_of_a_machine_is_in_the_knowledge_base() -> None:
    text = (ROOT / "data" / "AGENT_KNOWLEDGE_BASE.json").read_text("utf-8")
    assert not re.search(r"c[ks]_[0-9a-f]{40}|practice-\w+-\d|/root/|/home/|/work/", text)


def test_no_two_files_of_tests_have_the_same_name() -> None:
    names = [path.name for path in TESTS]
    assert sorted(names) == sorted(set(names))  # pytest takes the second for the first


def test_each_file_of_tests_is_in_exactly_one_part() -> None:
    for test in TESTS:
        assert len([name for name in PARTS if is_in(name, test)]) == 1, test

"""No literal that is a secret gets into the knowledge base, in whatever way a test writes it."""

import re
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.workflows import knowledge_base
from core.workflows.learning.learn import learn
from core.workflows.learning.report import report_of
from core.workflows.learning.write import write
from core.workflows.step import Parameter, Resolution, Workflow

HEX = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b"  # of no meaning
TYPED = (
    "hunter2-Typed!",
    "hunter2-Located!",
    "hunter2-Sequence!",
    "hunter2-Keys!",
    "hunter2-Named!",
    "hunter2-Constant!",
)
NAMED = ("hunter2-Helper!", "hunter2-Local!", "hunter2-Imported!", "hunter2-Default!", "hunter2-Pair!", "hunter2-Loop!")
OTHER = (
    "hunter2-Shown!",
    "hunter2-Said!",
    "pw-Address!",
    "tok-Query!",
    "hunter2-Bytes!",
    "hunter2-Opaque!",
    "hunter2-Format!",
)
PLAIN = ("correcthorse", "4711", "81192")
SHAPED = (f"cs_{HEX}", f"ck_{HEX}", "sk_live_51HqLyjWDarjt", "ghp_16C7e42F292c6912E7", "AKIAIOSFODNN7EXAMPLE")
MORE_SHAPED = (
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dozjgNryP4J3jVmN",
    "MIIEvQIBADANBgkqhkiG9w0",
    "4111 1111 1111 1111",
)
DRAWN_BY_LOT = ("Zk3Qx9Lm2Vb7Rt5Wp8Nc4Yd6", "550e8400e29b41d4a716446655440000")
LITERALS = (*TYPED, *NAMED, *OTHER, *PLAIN, *SHAPED, *MORE_SHAPED, *DRAWN_BY_LOT)

WAYS = """
    IMPORTED_PASSWORD = "hunter2-Imported!"

    def sign_in(page, login, password):
        # Sign in with hunter2-Helper! as always
        page.get_by_label("Username").fill(login)
        page.locator("#login-field").fill(password)
"""
SOURCE = f"""
    import os
    import re
    from base64 import b64encode
    from playwright.sync_api import expect
    from ways import IMPORTED_PASSWORD, sign_in

    WORD = "hunter2-Constant!"
    ADMIN_PASSWORD = "correcthorse"
    PASSWORD_FIELD = "#user_pass"

    def test_everything(page, store_url):
        '''Sign in with hunter2-Typed! and cs_{HEX}.'''
        page.fill("#user_pass", "hunter2-Typed!")
        page.locator("#user_pass").fill("hunter2-Located!")
        page.locator("input[name=pwd]").press_sequentially("hunter2-Sequence!")
        page.get_by_placeholder("API key").type("hunter2-Keys!")
        page.locator(PASSWORD_FIELD).fill(value="hunter2-Named!")
        page.locator("form #user_pass >> visible=true").fill(WORD)
        page.locator("#a").fill(ADMIN_PASSWORD)
        page.locator("#b").fill(IMPORTED_PASSWORD)
        # The password is correcthorse, and the token: hunter2-Said!
        page.locator("#c").click()
        sign_in(page, "anna", "hunter2-Helper!")
        sign_in(page, login="anna", password="hunter2-Local!")
        secret = "hunter2-Loop!"
        page.locator("#d").fill(f"Bearer {{secret}}")
        user, password = "anna", "hunter2-Pair!"
        page.get_by_text("hunter2-Pair!").click()
        page.get_by_role("textbox", name="PIN").fill("4711")
        expect(page.get_by_label("Password")).to_have_value("hunter2-Shown!")
        expect(page.get_by_label("Password")).to_have_value(re.compile("hunter2-Shown!"))
        page.goto("https://admin:pw-Address!@shop.example/?page=2&token=tok-Query!#top")
        page.goto(f"{{store_url}}/?page=2&api_key=tok-Query!")
        expect(page).to_have_url("https://admin:pw-Address!@shop.example/?page=2&token=tok-Query!")
        assert secret == "cs_{HEX}"
        assert otp == 81192
        assert page.title() == "ck_{HEX}"
        page.locator("#e").fill(b64encode(b"hunter2-Bytes!"))
        page.locator("#e").evaluate("e => e.value = 'hunter2-Opaque!'")
        page.locator("#e").set_input_files("hunter2-Opaque!")
        page.locator("#e").fill(f"hunter2-Format!{{page.url}}")
        page.keyboard.type("hunter2-Opaque!")
        if os.environ.get("ADMIN_TOKEN", "hunter2-Default!") == "hunter2-Default!":
            page.locator("#f").click()
        while page.title() != "hunter2-Opaque!": pass
        unknown(page, token="hunter2-Opaque!")
        page.locator("#field7").fill("cs_{HEX}")
        page.locator("#field8").fill("the key sk_live_51HqLyjWDarjt is new")
        page.locator("#field9").fill("4111 1111 1111 1111")
        page.get_by_text("ghp_16C7e42F292c6912E7").click()
        page.locator("[data-key='AKIAIOSFODNN7EXAMPLE']").click()
        page.locator("#list").filter(has_text=re.compile("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dozjgNryP4J3jVmN")).click()
        page.locator("#pem").fill("-----BEGIN PRIVATE KEY-----\\nMIIEvQIBADANBgkqhkiG9w0\\n-----END PRIVATE KEY-----")
        # Paste Zk3Qx9Lm2Vb7Rt5Wp8Nc4Yd6
        page.locator("#field10").fill("Zk3Qx9Lm2Vb7Rt5Wp8Nc4Yd6")
        expect(page.locator("#field11")).to_contain_text("550e8400e29b41d4a716446655440000")

    def test_another_one(page):
        # Not with hunter2-Located! this time
        page.get_by_label("Password").fill("hunter2-Local!")
"""


def written(folder: Path, source: str, ways: str = "") -> tuple[str, dict[str, Workflow]]:
    """What `autopilot learn` writes for a test file, and what it says; and the workflows, read back."""
    (folder / "ways.py").write_text(dedent(ways), "utf-8")
    (folder / "test_it.py").write_text(dedent(source), "utf-8")
    result, path = learn([folder / "test_it.py"], folder), folder / "known.json"
    write(result, path)
    told = path.read_text("utf-8") + report_of(result)
    return told, {one.id: one for one in knowledge_base.from_file(path)}


def the_only(folder: Path, *lines: str) -> Workflow:
    body = "".join(f"    {line}\n" for line in lines)
    (workflow,) = written(folder, f"from playwright.sync_api import expect\ndef test_it(page):\n{body}")[1].values()
    return workflow


def test_a_file_with_every_way_to_write_a_secret_teaches_none_of_them(tmp_path: Path) -> None:
    source = dedent(SOURCE) + dedent(WAYS)
    assert [one for one in LITERALS if one not in source] == []
    told, workflows = written(tmp_path, SOURCE, WAYS)
    assert [one for one in (*LITERALS, "hunter2", HEX) if one in told] == []
    assert set(workflows) == {"everything", "another-one"}
    for workflow in workflows.values():
        assert all(one.default is None for one in workflow.parameters)


def test_a_dropped_literal_becomes_a_secret_parameter_that_the_agent_can_type(tmp_path: Path) -> None:
    workflow = the_only(
        tmp_path,
        'page.fill("#user_pass", "hunter2")',
        'page.get_by_label("API key").fill("abc123")',
        'page.locator("#user_pass_again").type("hunter2")',
        'page.locator("#new_password").fill("hunter3")',
    )
    assert [step.value for step in workflow.steps] == ["{{password}}", "{{secret}}", "{{password}}", "{{password_2}}"]
    assert {step.resolution for step in workflow.steps} == {Resolution.BOUND}
    assert workflow.parameters == tuple(
        Parameter(name, "fixture", secret=True) for name in ("password", "secret", "password_2")
    )
    assert workflow.steps[0].expected_result == "“user pass” shows “{{password}}”"


def test_what_a_fixture_types_into_a_secret_field_is_secret_whatever_its_name(tmp_path: Path) -> None:
    _, workflows = written(tmp_path, 'def test_it(page, code):\n    page.get_by_label("Password").fill(code)\n')
    assert workflows["it"].parameters == (Parameter("code", "fixture", secret=True),)


def test_an_address_keeps_all_but_its_secrets(tmp_path: Path) -> None:
    workflow = the_only(tmp_path, 'page.goto("https://admin:pw@shop.example/a?page=2&token=abc&tab=keys#top")')
    assert workflow.steps[0].value == "https://shop.example/a?page=2&token={{secret}}&tab=keys#top"
    assert workflow.steps[0].intent == "Open https://shop.example/a?page=2&token={{secret}}&tab=keys#top"


def test_beside_the_name_of_a_secret_no_number_is_told(tmp_path: Path) -> None:
    step, other = the_only(tmp_path, "assert cvc == 123", "assert answer.status_code == 200").steps
    assert (step.value, other.value) == ("cvc == '…'", "answer.status_code == 200")


def test_code_keeps_its_names_and_loses_its_literals(tmp_path: Path) -> None:
    (step,) = the_only(tmp_path, """page.mystery(f"a{page.url:>20}", b"c", 1234, key='x', on=True)""").steps
    assert step.value == "page.mystery(f'…{page.url:…}', '…', '…', key='…', on=True)"
    assert step.resolution is Resolution.OPAQUE


def test_what_is_read_off_a_secret_field_is_secret_whatever_its_name(tmp_path: Path) -> None:
    workflow = the_only(tmp_path, 'shown = page.locator("#key_consumer_secret").input_value()')
    assert workflow.secret_outputs == ("shown",)


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ('page.locator("#user_pass").press("Enter")', "Enter"),
        ('page.locator("#user_pass").press("Control+A")', "Control+A"),
        ('page.get_by_label("Shipping address").fill("12 Harbour Lane")', "12 Harbour Lane"),
        ('page.locator("#password-form").get_by_label("Username").fill("anna")', "anna"),
        ('page.locator("#password-form input[type=text][name=log]").fill("anna")', "anna"),
        ('page.get_by_label("Application password name").fill("Autopilot")', "Autopilot"),
        ('page.locator("#key_description").fill("E2E key of 2024-05-06")', "E2E key of 2024-05-06"),
        ('page.locator("#token_type").select_option("bearer")', "bearer"),
        ('page.goto("/wp-admin/admin.php?page=wc-settings&tab=advanced&section=keys&create-key=1")', None),
        ('page.locator("#sku").fill("woocommerce-blocks-cart-2024-item-12")', "woocommerce-blocks-cart-2024-item-12"),
        ('page.locator(".Header_navigationLink__3xY7a").fill("1234567890123")', "1234567890123"),
    ],
)
def test_what_is_no_secret_stays(tmp_path: Path, line: str, value: str | None) -> None:
    (step,) = the_only(tmp_path, line).steps
    assert step.value == (value or re.sub(r'page.goto\("(.*)"\)', r"{{store_url}}\1", line))
    assert "{{secret}}" not in repr(step)


def test_a_password_that_is_anybodys_first_guess_takes_no_word_out_of_other_texts(tmp_path: Path) -> None:
    workflow = the_only(
        tmp_path,
        'page.goto("/wp-admin/")',
        'page.get_by_label("Username").fill("admin")',
        'page.get_by_label("Password").fill("admin")',
        'page.locator("#password").fill("password")',
    )
    assert [step.value for step in workflow.steps] == [
        "{{store_url}}/wp-admin/",
        "admin",
        "{{password}}",
        "{{password_2}}",
    ]
    assert workflow.steps[3].target == "“password”"


LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!$%*+-.:;<=>?@^_|~ /#&"
PASSWORDS = st.text(LETTERS, min_size=6, max_size=40).filter(lambda text: re.search(r"\d[^\w]|[^\w]\d", text))
TYPING = [
    'page.fill("#user_pass", {0!r})',
    'page.locator("form #user_pass").fill({0!r})',
    'page.get_by_label("Password").type("x" + {0!r})',
    'page.get_by_role("textbox", name="Secret key").press_sequentially({0!r})',
    'page.locator("xpath=//input[@id=\'api_key\']").fill(f"{{page}}" if page else {0!r})',
    "password = {0!r}; page.locator('#a').fill(password)",
    "type_it(page, {0!r})",
    "assert page.title() == {0!r}",
    "page.mystery(lambda: {0!r})",
    "if {0!r} in page.url: page.reload()",
    'expect(page.locator("#cvc")).to_have_value({0!r})',
]
HELPER = "def type_it(page, secret):\n    page.locator('#b').fill(secret)\n    page.get_by_text(secret).click()\n\n"


@given(PASSWORDS, st.sampled_from(TYPING))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_password_is_written_however_it_is_typed(tmp_path: Path, password: str, way: str) -> None:
    told, _ = written(tmp_path, f"{HELPER}def test_it(page):\n    {way.format(password)}\n")
    assert password not in told
    assert password.strip() not in told


HEXADECIMAL, BASE62 = (
    st.text("0123456789abcdef", min_size=40, max_size=40),
    st.from_regex(r"[A-Za-z0-9]{36}", fullmatch=True),
)
KEYS = st.one_of(
    st.builds("{}_1{}".format, st.sampled_from(["ck", "cs"]), HEXADECIMAL),
    st.builds("{}_live_{}".format, st.sampled_from(["sk", "pk"]), BASE62),
    st.builds("ghp_{}".format, BASE62),
    st.builds("AKIA{}".format, st.from_regex(r"[A-Z0-9]{16}", fullmatch=True)),
    st.builds("eyJ{0}.eyJ{0}.{0}".format, BASE62),
)
PLACES = [
    'page.locator("#field7").fill({0!r})',
    "page.goto('/a?x=' + {0!r})",
    "page.get_by_text({0!r}).click()",
    "page.locator('#a').filter(has_text={0!r}).click()",
    "expect(page.locator('#a')).to_have_text({0!r})",
    "page.locator('[data-x=\"' + {0!r} + '\"]').click()",
    "page.reload()  # {0}",
    "if page.get_by_title({0!r}).is_visible(): page.reload()",
]


@given(KEYS, st.sampled_from(PLACES), st.sampled_from(["", "Bearer ", "(", "x=", "“"]))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_key_is_written_wherever_it_stands(tmp_path: Path, key: str, place: str, before: str) -> None:
    line = place.format(before + key)
    told, _ = written(tmp_path, f"def test_it(page):\n    '''With {key}.'''\n    # {before}{key}\n    {line}\n")
    assert key not in told
    assert key.rpartition("_")[2] not in told

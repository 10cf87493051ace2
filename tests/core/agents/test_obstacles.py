"""Pages on which only a person can go on are recognised, in many languages; those that look a little like them are not."""

import pytest

from core.agents.obstacles import Obstacle, obstacle_of
from core.agents.person import QuestionKind
from core.browser.page import Box
from core.browser.snapshot import ElementSeen, Snapshot

BUTTON = ElementSeen("button", "Log In", "submit", words=("wp", "submit"), ref="e9")
PASSWORD = ElementSeen("textbox", "Password", "password", words=("user", "pass", "current", "password"), ref="e8")


def page(*elements: ElementSeen, title: str = "Log In - Tea Shop", notices: tuple[str, ...] = ()) -> Snapshot:
    return Snapshot("https://tea.example/wp-login.php", title, (*elements, BUTTON), notices)


def field(name: str = "", words: str = "", kind: str = "text", **more: str) -> ElementSeen:
    return ElementSeen(
        "textbox", name, kind, words=tuple(words.split()), placeholder=more.get("placeholder", ""), ref="e1"
    )


def heading(text: str) -> ElementSeen:
    return ElementSeen("heading", text, ref="e0")


def frame(words: str, height: float = 78) -> ElementSeen:
    return ElementSeen("frame", "", words=tuple(words.split()), box=Box(0, 0, 304, height), ref="e2")


@pytest.mark.parametrize(
    "asked",
    [
        field("Authentication code", "authcode one time code"),
        field("", "one time code"),
        field("Code", "otp"),
        field("TOTP"),
        field("", "mfa token"),
        field("Google Authenticator code", "googleotp"),
        field("Enter your 2FA code"),
        field("Two-Factor Code"),
        field("6-digit verification code"),
        field("Security code", kind="tel"),
        field("", placeholder="One-time password"),
        field("Einmalcode"),
        field("Bestätigungscode eingeben"),
        field("Authentifizierungscode"),
        field("Code de vérification"),
        field("Code d'authentification"),
        field("Código de verificación"),
        field("Código de autenticação"),
        field("Codice di verifica"),
        field("Verificatiecode"),
        field("Kod weryfikacyjny"),
        field("Doğrulama kodu"),
        field("Код подтверждения"),
        field("認証コード"),
        field("验证码"),
    ],
    ids=lambda one: one.name or " ".join(one.words) or one.placeholder,
)
def test_a_field_for_a_code_is_one_in_whatever_language(asked: ElementSeen) -> None:
    found = obstacle_of(page(asked))
    assert found is not None
    assert (found.kind, found.field) == (QuestionKind.CODE, asked)
    assert not asked.name or f"“{asked.name}”" in found.words


@pytest.mark.parametrize(
    ("asked", "page_says"),
    [
        (field("Code"), "Two-factor authentication"),
        (field("Enter the code"), "Zwei-Faktor-Authentifizierung"),
        (field("PIN"), "Verify it's you"),
        (field("Código"), "Verificación en dos pasos"),
    ],
)
def test_what_is_just_a_code_is_one_where_the_page_speaks_of_a_second_step(asked: ElementSeen, page_says: str) -> None:
    for told in (page(heading(page_says), asked), page(asked, title=page_says), page(asked, notices=(page_says,))):
        found = obstacle_of(told)
        assert found is not None
        assert found.kind is QuestionKind.CODE
    assert obstacle_of(page(asked)) is None


@pytest.mark.parametrize(
    "other",
    [
        field("Postcode", "billing postcode"),
        field("ZIP code"),
        field("Coupon code", "coupon code"),
        field("Gutscheincode"),
        field("Code promo"),
        field("Card security code (CVC)", "cvc"),
        field("Google verification code", "site verification"),
        field("Country code", "dial code"),
        field("Tracking code"),
        field("SKU"),
        field("Description", "key description"),
        field("2FA code (optional)", "otp"),
        ElementSeen("searchbox", "Search one-time codes", "search", ref="e1"),
        ElementSeen("textbox", "Authentication code", "text", enabled=False, ref="e1"),
        ElementSeen("textbox", "Authentication code", "text", read_only=True, ref="e1"),
        ElementSeen("link", "Enter a verification code", ref="e1"),
        PASSWORD,
    ],
    ids=lambda one: f"{one.role} {one.name}",
)
def test_what_sounds_a_little_like_it_is_none(other: ElementSeen) -> None:
    assert obstacle_of(page(heading("Sign in"), other)) is None


def test_a_code_that_a_device_gives_is_told_apart_from_others_on_a_page_about_both() -> None:
    second = heading("Two-factor authentication")
    assert obstacle_of(page(second, field("Coupon code", "coupon code"))) is None


@pytest.mark.parametrize(
    ("asked", "typed"),
    [
        (field("Type the letters you see", "captcha letters"), True),
        (field("Security code", "siwp captcha value"), True),
        (field("CAPTCHA"), True),
        (frame("www google com recaptcha api anchor size normal"), False),
        (frame("newassets hcaptcha com captcha"), False),
        (frame("challenges cloudflare com turnstile"), False),
        (ElementSeen("checkbox", "I'm not a robot", "checkbox", ref="e1"), False),
        (ElementSeen("checkbox", "Ich bin kein Roboter", "checkbox", ref="e1"), False),
    ],
)
def test_a_captcha_is_one_in_a_field_a_frame_or_a_box(asked: ElementSeen, typed: bool) -> None:
    found = obstacle_of(page(PASSWORD, asked))
    assert found is not None
    assert (found.kind, found.field) == (QuestionKind.CAPTCHA, asked if typed else None)


@pytest.mark.parametrize(
    "other",
    [
        frame("www google com recaptcha api anchor size invisible"),
        frame("grecaptcha badge recaptcha"),
        heading("How to switch the CAPTCHA off"),
        frame("player vimeo com video"),
    ],
)
def test_what_watches_and_asks_nothing_is_no_captcha(other: ElementSeen) -> None:
    assert obstacle_of(page(PASSWORD, other)) is None


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Continue as admin", "Continue as manager"),
        ("Weiter als admin", "Weiter als Laden"),
        ("Continuer en tant que admin", "Continuer en tant que gérant"),
        ("Continuar como admin", "Continuar como gestor"),
    ],
)
def test_a_choice_between_accounts_has_their_names(first: str, second: str) -> None:
    choices = tuple(ElementSeen("button", name, ref=f"e{number}") for number, name in enumerate((first, second)))
    found = obstacle_of(page(*choices))
    assert found is not None
    assert (found.kind, found.options, found.choices) == (QuestionKind.CHOICE, (first, second), choices)
    assert obstacle_of(page(choices[0])) is None


def test_addresses_or_radios_are_accounts_where_the_page_says_so() -> None:
    links = [ElementSeen("link", f"Tea {name}@tea.example", ref=f"e{number}") for number, name in enumerate(("a", "b"))]
    radios = [ElementSeen("radio", name, "radio", ref=f"e{number}") for number, name in enumerate(("Tea", "Coffee"))]
    for choices in (links, radios):
        for words in ("Choose an account", "Konto auswählen", "Choisissez un compte", "アカウントの選択"):
            found = obstacle_of(page(heading(words), *choices))
            assert found is not None
            assert found.choices == tuple(choices)
        assert obstacle_of(page(heading("Who should be told?"), *choices)) is None


def test_a_captcha_comes_before_the_code_on_the_same_page() -> None:
    found = obstacle_of(page(field("Authentication code"), field("Type the letters you see", "captcha")))
    assert found is not None
    assert found.kind is QuestionKind.CAPTCHA


def test_a_page_without_any_of_it_is_no_obstacle() -> None:
    assert obstacle_of(page(field("Username or Email Address", "user login log username"), PASSWORD)) is None
    assert obstacle_of(Snapshot("about:blank", "", ())) is None


def test_it_asks_in_words_with_its_options_and_where() -> None:
    choices = (
        ElementSeen("button", "Continue as admin", ref="e1"),
        ElementSeen("button", "Continue as manager", ref="e2"),
    )
    asked = Obstacle(QuestionKind.CHOICE, "Which?", choices=choices).question(3, "https://tea.example/", None)
    assert (asked.kind, asked.words, asked.position) == (QuestionKind.CHOICE, "Which?", 3)
    assert (asked.options, asked.page_url) == (("Continue as admin", "Continue as manager"), "https://tea.example/")

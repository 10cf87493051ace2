"""Recognises a page on which only a person can go on: it asks for a one-time code, a captcha, or which account to use."""

import re
from dataclasses import dataclass

from core.agents.person import Question, QuestionKind
from core.browser.page import PendingPicture
from core.browser.snapshot import ElementSeen, Snapshot
from core.planner.resemblance import words_of

TYPED_INTO = frozenset({"textbox", "spinbutton"})
PRESSED = frozenset({"button", "link", "radio", "option", "menuitem"})
HEADINGS = frozenset({"heading"})
SHOWN_BY = frozenset({"frame", "checkbox"})  # how a captcha shows that is not typed; a menu may have the word, too


def _any_of(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns))


# Who asks for one calls it like this: in ids and autocomplete, and in the languages of shops.
CODE = _any_of(
    r"\b(t?otp|hotp|mfa|one ?time ?(pass)?(code|password)|authcode|passcode)\b",
    r"\b(2|two) ?(fa|factor|step)\b",
    r"\b(verification|authentication|authenticator|security|confirmation|log ?in|sign ?in|backup|recovery) code\b",
    r"einmal(code|passwort|kennwort)|(best[äa]tigungs|sicherheits|verifizierungs|authentifizierungs)code",
    r"code (de|d) ?(v[ée]rification|authentification|s[ée]curit[ée]|confirmation)|code [àa] usage unique",
    r"c[óo]digo (de )?(verificaci[óo]n|verifica[çc][ãa]o|autenticaci[óo]n|autentica[çc][ãa]o|seguridad|seguran[çc]a|un solo uso)",
    r"codice (di )?(verifica|autenticazione|sicurezza|monouso)",
    r"(verificatie|authenticatie|beveiligings)code|eenmalige code|verifieringskod|eng[åa]n[gk]s?kod|bekr[æa]ftelseskode",
    r"kod (weryfikacyjny|uwierzytelniaj[ąa]cy)|do[ğg]rulama kodu|код (подтверждения|проверки)",
    r"認証コード|確認コード|ワンタイム|驗證碼|验证码|인증 ?코드",
)
# A field that is only called a code is one if the page speaks of a second step.
JUST_A_CODE = _any_of(r"\b(code|kod|kode|c[óo]digo|codice|token|pin)\b", "コード", "код")
SECOND_STEP = _any_of(
    r"\b(2|two|dual|multi) ?(fa|factor|step)\b|\b(mfa|authenticator|second step|verify (it s you|your identity))\b",
    r"zwei ?(faktor|schritt|stufig)|zweistufig|deux (facteurs|[ée]tapes)|dos (factores|pasos)|due (fattori|passaggi)",
    r"twee ?(factor|staps)|dois fatores|duas etapas|tv[åa]faktor|dwu(sk[łl]adnikow|etapow)|двухфактор|二段階|两步",
)
# What is called a code as well, and is known to whoever set the shop up.
OTHER_CODES = _any_of(
    r"\b(zip|post(al)?|postcode|plz|cap|coupon|promo|voucher|discount|gift|country|area|dial|currency|tax|vat|sku|color|colour)\b",
    r"\b(google(?! authenticator)|bing|yandex|baidu|pinterest|site|domain|webmaster|search|tracking|cvc|cvv|card|iban|bic|swift|qr|html|short)\b",
    r"\b(optional|if enabled|freiwillig)\b|gutschein|postleitzahl|code promo",
)

CAPTCHA = _any_of(
    r"captcha|turnstile|\bcf challenge\b|\bbotdetect\b|\bi ?m not a robot\b|\bi am (not a robot|human)\b",
    r"\bare you (a )?human\b|\bkein roboter\b|pas un robot|no soy un robot|non sono un robot|geen robot|не робот",
    r"(type|enter) the (letters|characters|text|numbers) (you see|shown|in the (picture|image))|図形認証|图形验证码",
)
INVISIBLE = re.compile(r"\binvisible\b|\bbadge\b")  # it watches, and asks nothing

CONTINUE_AS = _any_of(
    r"^(continue|go on|proceed|sign in|log in|enter) as \S",
    r"^(weiter|fortfahren|anmelden) als \S|^continuer en tant que \S|^(continuar|entrar|acceder) como \S",
    r"^(continua|accedi) come \S|^(doorgaan|inloggen) als \S|^forts[æa]tt som \S|^fortsett som \S|^kontynuuj jako \S",
)
WHICH_ACCOUNT = _any_of(
    r"\b(choose|select|pick|which)( an| your| the)? account\b|konto (ausw[äa]hlen|w[äa]hlen)|w[äa]hlen sie (ein|ihr) konto",
    r"(choisi(r|ssez)|s[ée]lectionne[rz]) (un|votre) compte|(elige|elegir|selecciona(r)?) una cuenta|(scegli|seleziona) un account",
    r"(escolh[ae]r?|selecione) uma conta|kies een account|v[äa]lj (ett )?konto|wybierz konto|выберите (аккаунт|учетную запись)|アカウント(を|の)選択",
)
AN_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.\w+")


@dataclass(frozen=True)
class Obstacle:
    """What only a person can answer, in words for them.

    `field` is where a typed answer goes; a captcha that is not typed has none, and nobody can solve it from here.
    `choices` are what to press, in the order of `options`.
    """

    kind: QuestionKind
    words: str
    field: ElementSeen | None = None
    choices: tuple[ElementSeen, ...] = ()

    @property
    def options(self) -> tuple[str, ...]:
        """What there is to choose from, as the page calls it."""
        return tuple(one.name or one.text for one in self.choices)

    def question(self, position: int, page_url: str | None, picture: PendingPicture | None) -> Question:
        """What to ask a person about it."""
        return Question(self.kind, self.words, position, self.options, page_url=page_url, picture=picture)


def obstacle_of(snapshot: Snapshot) -> Obstacle | None:
    """What this page wants of a person, if it does."""
    return _captcha(snapshot) or _code(snapshot) or _choice(snapshot)


def _captcha(snapshot: Snapshot) -> Obstacle | None:
    found = [one for one in snapshot.elements if _is_captcha(one)]
    if not found:
        return None
    field = next((one for one in found if one.role in TYPED_INTO and one.enabled), None)
    if field is None and not any(one.role in SHOWN_BY for one in found):
        return None
    if field is None:
        return Obstacle(QuestionKind.CAPTCHA, "The shop wants to see for itself that a person is here.")
    return Obstacle(QuestionKind.CAPTCHA, f"The shop asks what its picture says{_called(field)}.", field)


def _is_captcha(element: ElementSeen) -> bool:
    if element.role in HEADINGS:
        return False
    about = _about(element)
    return CAPTCHA.search(about) is not None and not INVISIBLE.search(about)


def _code(snapshot: Snapshot) -> Obstacle | None:
    page = _told_by(snapshot)
    fields = (one for one in snapshot.elements if one.role in TYPED_INTO and one.enabled and not one.read_only)
    field = next((one for one in fields if _is_code(one, page)), None)
    if field is None:
        return None
    words = (
        f"The shop asks for a one-time code{_called(field)}. It comes from an authenticator app, by e-mail or by phone."
    )
    return Obstacle(QuestionKind.CODE, words, field)


def _is_code(element: ElementSeen, page: str) -> bool:
    about = _about(element)
    if OTHER_CODES.search(about):
        return False
    if CODE.search(about):
        return True
    return JUST_A_CODE.search(about) is not None and SECOND_STEP.search(f"{page} {_plain(*element.near)}") is not None


def _choice(snapshot: Snapshot) -> Obstacle | None:
    pressed = [one for one in snapshot.elements if one.role in PRESSED and one.enabled]
    choices = [one for one in pressed if CONTINUE_AS.search(_plain(one.name or one.text))]
    if len(choices) < 2 and WHICH_ACCOUNT.search(_told_by(snapshot)):
        choices = [one for one in pressed if one.role == "radio" or AN_ADDRESS.search(f"{one.name} {one.text}")]
    if len(choices) < 2:
        return None
    return Obstacle(QuestionKind.CHOICE, "The shop asks which account to go on with.", choices=tuple(choices))


def _about(element: ElementSeen) -> str:
    """What an element calls itself."""
    return _plain(element.name, element.placeholder, " ".join(element.words))


def _told_by(snapshot: Snapshot) -> str:
    """What a page says it is: its title, headings and notices."""
    headings = (one.name or one.text for one in snapshot.elements if one.role in HEADINGS)
    return _plain(snapshot.title, *headings, *snapshot.notices)


def _called(field: ElementSeen) -> str:
    """What the page calls it; one that calls it a password is not quoted to a person."""
    return f" (“{field.name}”)" if field.name and "password" not in words_of((field.name,)) else ""


def _plain(*texts: str) -> str:
    """Texts as the patterns have them: lower case, and one space for whatever parts words; full stops part texts."""
    return " . ".join(re.sub(r"[\W_]+", " ", text.casefold()).strip() for text in texts if text)

"""What stands between the right password and the admin pages: a captcha, a second step, a choice of accounts."""

import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from hmac import compare_digest
from typing import TYPE_CHECKING

from fastapi import Response

from app.practice_shop.faults import Fault
from app.practice_shop.people import Person, person_named
from core.security.one_time_codes import OneTimeCodes
from core.security.secret import Secret

if TYPE_CHECKING:
    from app.practice_shop.shop import PracticeShop
    from app.practice_shop.web import Site

LETTERS, HOW_MANY = "ABCDEFGHKLMNPRSTUVWXYZ", 5  # none that looks like another
ACCOUNTS = ("admin", "manager")  # who one can go on as
LATE_BY = (0, -1, 1)  # periods; clocks that go wrong are put up with
MOST_ON_THE_WAY = 100  # who began and never went on is forgotten
PAGES = {
    Fault.CAPTCHA: "captcha.html",
    Fault.TWO_FACTOR: "two_factor.html",
    Fault.CHOOSE_ACCOUNT: "choose_account.html",
}  # in the order they are met
WRONG = {
    Fault.CAPTCHA: "Those are not the letters in the picture.",
    Fault.TWO_FACTOR: "Invalid verification code.",
    Fault.CHOOSE_ACCOUNT: "Choose one of your accounts.",
}


@dataclass(frozen=True)
class HalfWay:
    """Somebody who gave the right password, and is not in yet."""

    person: Person
    to: str
    passed: frozenset[Fault] = frozenset()
    wrong: str = ""


def random_letters() -> str:
    """What a captcha shows."""
    return "".join(secrets.choice(LETTERS) for _ in range(HOW_MANY))


def next_obstacle(site: "Site", half_way: HalfWay) -> Response | None:
    """The page of what comes next, if anything does."""
    for fault, template in PAGES.items():
        if fault not in half_way.passed and site.shop.strikes(fault):
            token = _remember(site.shop, half_way)
            return site.page(
                template, half=token, wrong=half_way.wrong, accounts=[person_named(one) for one in ACCOUNTS]
            )
    return None


def _remember(shop: "PracticeShop", half_way: HalfWay) -> str:
    """What the form of somebody who is on the way says who they are by."""
    while len(shop.half_way) >= MOST_ON_THE_WAY:
        del shop.half_way[next(iter(shop.half_way))]
    token = secrets.token_urlsafe(16)
    shop.half_way[token] = half_way
    return token


def after(site: "Site", half_way: HalfWay, sent: dict[str, str]) -> HalfWay:
    """Where somebody is who sent this."""
    fault = next((one for one in PAGES if one not in half_way.passed and site.shop.has(one)), None)
    if fault is None:
        return half_way
    right = {
        Fault.CAPTCHA: _letters_are_right,
        Fault.TWO_FACTOR: _code_is_right,
        Fault.CHOOSE_ACCOUNT: _is_one_of_theirs,
    }
    if not right[fault](site.shop, sent):
        return replace(half_way, wrong=WRONG[fault])
    chosen = person_named(sent["account"]) if fault is Fault.CHOOSE_ACCOUNT else None
    return HalfWay(chosen or half_way.person, half_way.to, half_way.passed | {fault})


def drawn_letters(site: "Site") -> Response:
    """The picture of a captcha: the letters, askew, behind a few lines."""
    letters = "".join(
        f'<text x="{22 + 36 * place}" y="{44 + 6 * (place % 2)}" rotate="{(-14, 9, -6, 15, -10)[place]}">{letter}</text>'
        for place, letter in enumerate(site.shop.captcha_answer)
    )
    lines = "".join(f'<path d="M0 {y}C60 {y - 30} 140 {y + 30} 220 {y - 8}"/>' for y in (22, 40, 58))
    drawn = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 220 72" width="220" height="72">'
        '<rect width="220" height="72" fill="#eef1f4"/>'
        f'<g font-family="serif" font-size="38" font-weight="700" fill="#2c3338">{letters}</g>'
        f'<g stroke="#8c8f94" fill="none" stroke-width="1.5">{lines}</g></svg>'
    )
    return Response(drawn, media_type="image/svg+xml", headers={"Cache-Control": "no-store"})


def _letters_are_right(shop: "PracticeShop", sent: dict[str, str]) -> bool:
    """Whether they are; other letters come after wrong ones."""
    right = compare_digest(sent.get("letters", "").strip().upper().encode(), shop.captcha_answer.encode())
    if not right:
        shop.captcha_answer = random_letters()
    return right


def _code_is_right(shop: "PracticeShop", sent: dict[str, str]) -> bool:
    """Whether it is one of now that was not taken before, nor was a later one (RFC 6238, section 5.2)."""
    codes, given = OneTimeCodes.of(Secret(shop.totp_seed)), Secret("".join(sent.get("authcode", "").split()))
    moments = [shop.clock.now() + late * timedelta(seconds=codes.period) for late in LATE_BY]
    taken = [codes.step(one) for one in moments if codes.at(one) == given and codes.step(one) > shop.last_code]
    shop.last_code = max([shop.last_code, *taken])
    return bool(taken)


def _is_one_of_theirs(shop: "PracticeShop", sent: dict[str, str]) -> bool:
    return sent.get("account") in ACCOUNTS

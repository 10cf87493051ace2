"""Knows what nobody is ever asked for on a page's or a model's word: secrets, and visits to an address."""

import re

from core.planner.plain import readings

NEVER_ASKED = re.compile(
    r"pass\s?(word|phrase|code|key)|\bpins?\b|\bcvv|\bcvc|card number|credit card|\biban\b|secret|\bapi key|"
    r"\btokens?\b|recovery|(security|verification|authentication|confirmation) code|one-time|\botp\b|://|www\.|"
    r"passwor|kennwort|geheim|kreditkarte|(best.?tigungs|sicherheits|zugangs)code|mot de passe|contrase|wachtwoord|"
    r"parola|palavra-passe|senha|has[lł]o|l.senord|adgangskode|şifre|sifre|пароль|パスワード|暗証|密码|密碼|비밀번호",
    re.IGNORECASE,
)


def asks_for_a_secret(words: str) -> bool:
    """Whether somebody who reads this could be brought to tell a secret, or is shown an address."""
    return NEVER_ASKED.search(readings(words)) is not None

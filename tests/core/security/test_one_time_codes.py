"""Codes are those of RFC 6238, from keys as people copy them; what is no key is told at once, without repeating it."""

import base64
from datetime import UTC, datetime

import pytest

from core.security.one_time_codes import BadSeed, OneTimeCodes
from core.security.secret import Secret

# RFC 6238, appendix B: seconds since 1970, and the code of each algorithm.
VECTORS = {
    "SHA1": {
        59: "94287082",
        1111111109: "07081804",
        1111111111: "14050471",
        1234567890: "89005924",
        2000000000: "69279037",
    },
    "SHA256": {59: "46119246", 1111111109: "68084774", 1111111111: "67062674", 1234567890: "91819424"},
    "SHA512": {59: "90693936", 1111111109: "25091201", 1111111111: "99943326", 1234567890: "93441116"},
}
LENGTHS = {"SHA1": 20, "SHA256": 32, "SHA512": 64}
SEED = base64.b32encode(b"12345678901234567890").decode()


def moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@pytest.mark.parametrize("algorithm", VECTORS)
def test_the_codes_are_those_of_the_standard(algorithm: str) -> None:
    key = base64.b32encode((b"1234567890" * 7)[: LENGTHS[algorithm]]).decode()
    codes = OneTimeCodes.of(Secret(f"otpauth://totp/Tea:admin?secret={key}&digits=8&algorithm={algorithm}&period=30"))
    for seconds, code in VECTORS[algorithm].items():
        assert codes.at(moment(seconds)) == Secret(code)


@pytest.mark.parametrize(
    "written",
    [
        SEED,
        SEED.lower(),
        f"  {' '.join(SEED[at : at + 4] for at in range(0, len(SEED), 4))}\n",
        "-".join(SEED[at : at + 8] for at in range(0, len(SEED), 8)),
        f"otpauth://totp/Tea%20Shop:admin?secret={SEED}&issuer=Tea%20Shop",
        f"OTPAUTH://TOTP/?SECRET=x&secret={SEED.lower()}&period=30&digits=6&algorithm=sha-1",
    ],
)
def test_a_key_is_read_however_it_is_written(written: str) -> None:
    assert OneTimeCodes.of(Secret(written)).at(moment(59)) == Secret("287082")


def test_a_short_key_with_or_without_padding_is_read() -> None:
    short = "JBSWY3DPEHPK3PXP"  # ten bytes, as most plugins give out
    assert OneTimeCodes.of(Secret(short)) == OneTimeCodes.of(Secret(f"{short[:-1]}{short[-1]}===="))
    assert len(OneTimeCodes.of(Secret(short)).key) == 10


def test_a_code_is_shown_until_its_step_is_over() -> None:
    codes = OneTimeCodes.of(Secret(f"otpauth://totp/?secret={SEED}&period=60"))
    assert [codes.step(moment(at)) for at in (0, 59, 60)] == [0, 0, 1]
    assert [codes.shown_until(moment(at)) for at in (0, 59, 60)] == [moment(60), moment(60), moment(120)]


def test_a_period_of_its_own_is_kept() -> None:
    minute = OneTimeCodes.of(Secret(f"otpauth://totp/x?secret={SEED}&period=60"))
    assert minute.at(moment(0)) == minute.at(moment(59)) != minute.at(moment(60))


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("", "too short"),
        ("123456", "not the code itself"),
        ("1" * 16, "letters and the digits 2 to 7"),
        ("234567", "not the code itself"),
        ("canary!canary!canary", "letters and the digits"),
        ("é" * 20, "letters and the digits"),
        (f"otpauth://hotp/x?secret={SEED}&counter=1", "begin with otpauth://totp/"),
        ("otpauth-migration://offline?data=canary", "begin with otpauth://totp/"),
        ("https://evil.example/canary", "begin with otpauth://totp/"),
        ("otpauth://totp/canary", "too short"),
        ("otpauth://[canary", "can't be read"),
        (f"otpauth://totp/x?secret={SEED}&digits=5", "6 to 8 digits"),
        (f"otpauth://totp/x?secret={SEED}&digits=²", "6 to 8 digits"),
        (f"otpauth://totp/x?secret={SEED}&digits=canary", "6 to 8 digits"),
        (f"otpauth://totp/x?secret={SEED}&period=0", "1 to 300 seconds"),
        (f"otpauth://totp/x?secret={SEED}&period={'9' * 5000}", "1 to 300 seconds"),
        (f"otpauth://totp/x?secret={SEED}&algorithm=MD5", "SHA1, SHA256, SHA512"),
    ],
)
def test_what_is_no_key_is_told_without_repeating_it(written: str, words: str) -> None:
    with pytest.raises(BadSeed, match=words) as refused:
        OneTimeCodes.of(Secret(written))
    assert "canary" not in f"{refused.value!r} {refused.value} {refused.value.__cause__!r}"


def test_a_key_shows_nowhere() -> None:
    codes = OneTimeCodes.of(Secret(SEED))
    assert "1234567890" not in repr(codes)
    assert repr(codes.at(moment(59))) == "•••"

"""An address is read once, and means the same place ever after, whatever tricks are in it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.security.origin import BadAddress, Origin

SHOP = Origin("https", "tea.example", 443)


@pytest.mark.parametrize(
    "address",
    [
        "https://tea.example", "tea.example", "  tea.example/shop?a=b#c  ", "HTTPS://Tea.EXAMPLE:443/wp-admin/",
        "https://tea.example.", "https://tea.example:", "https://tea.example:00443", "https://tea.example\u3002",
        "https://tea\uff0eexample", "https://\uff54ea.example", "https://te\u00ada.example",
        "https://tea.example/@evil.example", "https://tea.example?@evil.example", "https://tea.example#@evil.example",
    ],
)  # fmt: skip
def test_many_ways_to_write_one_shop(address: str) -> None:
    assert Origin.of(address) == SHOP


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://bücher.example", "xn--bcher-kva.example"),
        ("https://BÜCHER.example", "xn--bcher-kva.example"),
        ("https://xn--BCHER-KVA.example", "xn--bcher-kva.example"),
        ("https://faß.example", "xn--fa-hia.example"),
        ("https://\u0442ea.example", "xn--ea-qmc.example"),  # a Cyrillic letter: another shop
    ],
)
def test_names_of_other_scripts_are_compared_by_what_is_asked_of_the_network(address: str, host: str) -> None:
    assert Origin.of(address).host == host


@pytest.mark.parametrize(
    "address",
    [
        "https://tea.example@evil.example", "https://@evil.example", "https://tea.example:x@evil.example",
        "https://:@evil.example", "https://tea.example\uff20evil.example",
        "https://tea.example\\@evil.example", "https:\\\\evil.example", "https://tea.example\\.evil.example", "https://tea.example/\\evil.example",
        "https://tea .example", "https://tea\t.example", "https://tea\n.example", "https://tea\u00a0.example",
        "https://tea\u2028.example", "https://tea\x00.example", "https://tea.example\x7f",
        "https://%74ea.example", "https://tea.example%2eevil.example", "https://tea..example", "https://.tea.example",
        "https://-tea.example", "https://te_a.example", "https://xn--a", "https://tea\u2044.example",
        "https://tea.example:99999", "https://tea.example:-1", "https://tea.example:443:443", "https://tea.example:+443",
        "https://tea.example:\u0664\u0664\u0663", "https://tea.example:443x",
        "javascript://tea.example", "file:///etc/passwd", "data:text/html,x", "ftp://tea.example", "ws://tea.example",
        "tea.example/go?to=http://evil.example", "//tea.example", "://tea.example", "https://", "http:///x", "https://.", "", "   ", "https://[::1", "https://[::1]x",
        "https://x[::1]", "https://[::1]x:443", "https://[v1.x]", "https://[127.0.0.1]", "https://" + "a" * 64 + ".example",
        "https://" + "a." * 150 + "example",
    ],
)  # fmt: skip
def test_what_could_mean_another_place_is_refused(address: str) -> None:
    with pytest.raises(BadAddress) as refused:
        Origin.of(address)
    assert refused.value.because


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("http://tea.example", "http://tea.example"),
        ("http://tea.example:443", "http://tea.example:443"),
        ("https://tea.example:80", "https://tea.example:80"),
        ("tea.example:8443", "https://tea.example:8443"),
        ("https://tea.example:0", "https://tea.example:0"),
        ("https://127.0.0.1:8081", "https://127.0.0.1:8081"),
        ("https://[::1]", "https://[::1]"),
        ("https://[0:0::0:1]:8443/x", "https://[::1]:8443"),
        ("https://[fe80::1%25eth0]", "https://[fe80::1%25eth0]"),
    ],
)
def test_it_is_written_as_browsers_write_it_and_read_again_the_same(address: str, written: str) -> None:
    origin = Origin.of(address)
    assert str(origin) == written
    assert Origin.of(written) == origin


def test_a_pair_of_host_and_port_is_written_as_in_the_setting() -> None:
    assert Origin.of("http://127.0.0.1:8081").host_port == "127.0.0.1:8081"
    assert Origin.of("http://[::1]:8081").host_port == "[::1]:8081"


def test_origins_are_compared_whole_and_never_by_their_beginning() -> None:
    others = (
        "http://tea.example",
        "https://tea.example:8443",
        "https://tea.example.evil.example",
        "https://a.tea.example",
    )
    assert [Origin.of(other) == SHOP for other in others] == [False] * 4


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=30) | st.from_regex(r"https?://[a-z.:@\[\]\\%0-9/。-]{1,20}", fullmatch=True))
def test_whatever_is_written_is_refused_or_means_one_place(address: str) -> None:
    try:
        origin = Origin.of(address)
    except BadAddress:
        return
    assert Origin.of(str(origin)) == origin


def test_a_long_address_is_not_told_back_whole() -> None:
    with pytest.raises(BadAddress) as refused:
        Origin.of("https://" + "ä" * 3_000)
    assert "is not a host name" in refused.value.sentence
    assert len(refused.value.sentence) < 200

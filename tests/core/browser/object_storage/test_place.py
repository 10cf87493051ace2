"""A place in an object store is taken as it is written, or refused in a sentence that repeats nothing of it."""

import pytest

from core.browser.object_storage.place import AccessKeys, BadPlace, ObjectPlace, StoreAccess, is_address
from core.security.secret import Secret


@pytest.mark.parametrize(
    ("url", "root"),
    [
        ("s3://pictures", "pictures"),
        ("s3://pictures/", "pictures"),
        ("S3://pictures.of-us/a/b_1/", "pictures.of-us/a/b_1"),
    ],
)
def test_bucket_and_prefix_are_told_by_the_address(url: str, root: str) -> None:
    place = ObjectPlace.of(url, StoreAccess("https://store.example"))
    assert (place.root, str(place)) == (root, f"s3://{root} at https://store.example")


@pytest.mark.parametrize(
    ("url", "because"),
    [
        ("gs://canary/x", "no other address is known"),
        ("file:///canary", "no other address is known"),
        ("https://canary.example/x", "no other address is known"),
        ("s3:canary", "comes the bucket"),
        ("s3:/canary/x", "comes the bucket"),
        ("s3://", "comes the bucket"),
        ("s3://Canary", "comes the bucket"),
        ("s3://ca", "comes the bucket"),
        ("s3://canary:9000/x", "comes the bucket"),
        ("s3://canary:canary@pictures/x", "takes no keys"),
        ("s3://pictures/x?key=canary", "takes no keys"),
        ("s3://pictures/canary//x", "single slashes"),
        ("s3://pictures/canary/../x", "single slashes"),
        ("s3://pictures/canary x", "single slashes"),
        ("s3://[canary", "no address"),
    ],
)
def test_any_other_address_is_refused_in_a_sentence(url: str, because: str) -> None:
    with pytest.raises(BadPlace, match=because) as refused:
        ObjectPlace.of(url, StoreAccess())
    assert "canary" not in f"{refused.value!r} {refused.value}".lower()


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://store.example",
        "http://127.0.0.1:9000",
        "http://minio:9000/",
        "https://[::1]:9000",
        "https://x.example/s3",
    ],
)
def test_a_store_has_an_address_of_the_web(endpoint: str) -> None:
    assert StoreAccess(endpoint).endpoint == endpoint


@pytest.mark.parametrize(
    "endpoint",
    ["canary", "ftp://canary.example", "https://", "https://me:canary@store.example", "https://canary example", "http://canary:port"],
)  # fmt: skip
def test_what_is_no_address_of_a_store_is_refused(endpoint: str) -> None:
    with pytest.raises(BadPlace, match="A store's address") as refused:
        StoreAccess(endpoint)
    assert "canary" not in f"{refused.value!r} {refused.value}"


@pytest.mark.parametrize(
    ("text", "told"), [("s3://x", True), ("s3:x", True), ("/s3:x", False), ("pictures", False), ("C:\\pictures", False)]
)
def test_a_folder_is_no_address(text: str, told: bool) -> None:
    assert is_address(text) is told


def test_keys_are_never_shown() -> None:
    access = StoreAccess(None, AccessKeys(Secret("canary"), Secret("canary"), Secret("canary")))
    assert "canary" not in f"{access!r} {ObjectPlace('pictures', '', access)!r}"

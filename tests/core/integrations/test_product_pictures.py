"""Pictures of products are fetched by the server: once, small, from where one may go, and nothing that is no picture."""

import asyncio
import io
import random
import struct
import zlib
from uuid import uuid4

import pytest
from PIL import Image

from core.catalog.catalog import Catalog
from core.catalog.sync import Product
from core.database.session import Database
from core.errors import NotFound
from core.integrations.product_pictures import ProductPictures
from core.integrations.small_pictures import FORMATS, SIDE, SmallPicture, made_small
from core.security.addresses import AddressGuard, SystemResolver
from core.security.origin import Origin
from tests.core.catalog.shelves import Keeper
from tests.fakes.clock import MovedClock
from tests.fakes.resolver import FakeResolver
from tests.fakes.web import Answer, Web, serving

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def drawn(kind: str, size: tuple[int, int] = (640, 480)) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", size, (180, 90, 30)).save(written, kind)
    return written.getvalue()


async def shown(
    database: Database, clock: MovedClock, address: str, *allowed: Origin
) -> tuple[ProductPictures, Keeper, SmallPicture | None]:
    """What is shown of a product whose shop says that its picture is there."""
    keeper = await Keeper.of(database, clock, "tea")
    await keeper.connect()
    await keeper.fill([Product(1, "Earl Grey", image_url=address)])
    guard = AddressGuard(SystemResolver(), frozenset(origin.host_port for origin in allowed))
    pictures = ProductPictures(Catalog(database), guard)
    (product,) = (await Catalog(database).search(keeper.visitor, "")).products
    return pictures, keeper, await pictures.of(keeper.visitor, product.id)


def put(web: Web, path: str, content: bytes) -> str:
    web.pages[path] = Answer(body=content)
    return f"{web.origin}{path}"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "BMP"])
def test_a_picture_is_drawn_anew_and_small(kind: str) -> None:
    small = made_small(drawn(kind))
    assert small
    assert small.media_type == "image/webp"
    with Image.open(io.BytesIO(small.content)) as image:
        assert (image.format, image.size) == ("WEBP", (SIDE, 72))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html><h1>No</h1></html>",
        b"\xff\xd8\xff",
        drawn("PNG")[:100],
        SVG + b" " * 300_000,
        b"GIF89a" + b"\0" * 50,
    ],
    ids=len,
)
def test_what_is_no_picture_is_none(content: bytes) -> None:
    assert made_small(content) is None


def test_a_picture_of_too_many_pixels_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.integrations.small_pictures.MOST_PIXELS", 640 * 480 - 1)
    assert made_small(drawn("PNG")) is None


EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\nshowpage\n%%EOF\n"


def test_a_format_that_starts_a_program_is_not_even_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[object] = []

    def ghostscript(*given: object) -> object:
        started.append(given)
        return Image.new("RGB", (10, 10)).im

    monkeypatch.setattr("PIL.EpsImagePlugin.Ghostscript", ghostscript)
    with Image.open(io.BytesIO(EPS)) as image:
        image.convert("RGB")  # the control: Pillow by itself does start it
    assert started
    started.clear()
    assert made_small(EPS) is None
    assert not started


@pytest.mark.parametrize("kind", ["ICNS", "ICO", "TIFF", "PPM"])
def test_formats_that_no_shop_shows_are_none(kind: str) -> None:
    assert made_small(drawn(kind, (64, 64))) is None


def test_a_picture_that_breaks_in_the_middle_is_none_and_no_error() -> None:
    """Pillow calls that a SyntaxError, of the file."""
    written = io.BytesIO()
    Image.effect_noise((200, 200), 50).save(written, "PNG")
    whole = written.getvalue()
    middle = whole.index(b"IDAT") + 500
    head = whole[: middle - 504] + struct.pack(">I", 496) + whole[middle - 500 : middle]
    broken = head + struct.pack(">I", zlib.crc32(whole[middle - 500 : middle])) + b"\0\0\0\5\0\1\2\3" + b"x" * 100
    with pytest.raises(SyntaxError), Image.open(io.BytesIO(broken)) as image:
        image.load()
    assert made_small(broken) is None


def test_a_damaged_picture_is_none_and_no_error() -> None:
    """Each format with each of many bytes changed, and cut off anywhere: Pillow has an error of its own for each."""
    dice = random.Random(1)  # noqa: S311  no secret
    for kind in FORMATS:
        whole = drawn(kind, (40, 30))
        for _ in range(300):
            damaged = bytearray(whole[: dice.randrange(20, len(whole) + 1)])
            for _ in range(dice.randrange(4)):
                damaged[dice.randrange(len(damaged))] = dice.randrange(256)
            assert isinstance(made_small(bytes(damaged)), SmallPicture | None)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_a_picture_of_any_mode_is_drawn(mode: str) -> None:
    written = io.BytesIO()
    Image.new(mode, (640, 480)).save(written, "PNG")
    small = made_small(written.getvalue())
    assert small
    assert small.media_type == "image/webp"


async def test_a_picture_is_fetched_once_for_all_who_look(sqlite_database: Database, clock: MovedClock) -> None:
    async with serving() as web:
        pictures, keeper, first = await shown(
            sqlite_database, clock, put(web, "/tea.png", drawn("PNG")) + "?w=640", web.origin
        )
        (product,) = (await Catalog(sqlite_database).search(keeper.visitor, "")).products
        others = await asyncio.gather(*(pictures.of(keeper.visitor, product.id) for _ in range(5)))
        assert first
        assert {*others} == {first}
        assert len(web.requests) == 1


async def test_a_drawing_stays_a_drawing(sqlite_database: Database, clock: MovedClock) -> None:
    async with serving() as web:
        _, _, found = await shown(sqlite_database, clock, put(web, "/tea.svg", SVG), web.origin)
        assert found == SmallPicture(SVG, "image/svg+xml")


async def test_redirects_are_followed_where_one_may_go_and_not_for_ever(
    sqlite_database: Database, clock: MovedClock
) -> None:
    async with serving() as web:
        put(web, "/here.png", drawn("PNG"))
        web.pages["/moved.png"] = Answer(status=302, headers=(("Location", "/here.png"),))
        web.pages["/round.png"] = Answer(status=302, headers=(("Location", "/round.png"),))
        web.pages["/odd.png"] = Answer(status=302, headers=(("Location", BAD),))
        web.pages["/long.png"] = Answer(status=302, headers=(("Location", LONG),))
        web.pages["/inside.png"] = Answer(status=302, headers=(("Location", "https://10.0.0.1/x.png"),))
        guard = AddressGuard(SystemResolver(), frozenset({web.origin.host_port}))
        keeper = await Keeper.of(sqlite_database, clock, "tea")
        await keeper.connect()
        names = ("inside", "long", "moved", "odd", "round")
        shelf = [Product(number, name, image_url=f"{web.origin}/{name}.png") for number, name in enumerate(names)]
        await keeper.fill(shelf)
        products = (await Catalog(sqlite_database).search(keeper.visitor, "")).products
        pictures = ProductPictures(Catalog(sqlite_database), guard)
        found = {one.name: await pictures.of(keeper.visitor, one.id) is not None for one in products}
        assert found == {"inside": False, "long": False, "moved": True, "odd": False, "round": False}


BAD = "https://[bad/x.png"
LONG = f"https://tea.example/{'x' * 70_000}"


@pytest.mark.parametrize(
    "address",
    [
        "https://127.0.0.1/x.png",
        "http://tea.example/x.png",
        "javascript:alert(1)",
        "x",
        BAD,
        LONG,
        "https://tea.example/\x7f",
    ],
    ids=lambda address: address[:30],
)
async def test_where_one_may_not_go_nothing_is_fetched(
    address: str, sqlite_database: Database, clock: MovedClock
) -> None:
    keeper = await Keeper.of(sqlite_database, clock, "tea")
    await keeper.connect()
    await keeper.fill([Product(1, "Earl Grey", image_url=address)])
    (product,) = (await Catalog(sqlite_database).search(keeper.visitor, "")).products
    guard = AddressGuard(FakeResolver(**{"tea.example": ("93.184.216.34",)}))
    assert await ProductPictures(Catalog(sqlite_database), guard).of(keeper.visitor, product.id) is None


async def test_anothers_product_is_none(sqlite_database: Database, clock: MovedClock) -> None:
    async with serving() as web:
        pictures, keeper, _ = await shown(sqlite_database, clock, put(web, "/tea.png", drawn("PNG")), web.origin)
        (product,) = (await Catalog(sqlite_database).search(keeper.visitor, "")).products
        other = await Keeper.of(sqlite_database, clock, "pots")
        for who, one in ((other.visitor, product.id), (keeper.visitor, uuid4())):
            with pytest.raises(NotFound):
                await pictures.of(who, one)

"""The products that were brought over, and answers to questions about them."""

from urllib.parse import urlsplit

from nicegui import ui

from core.catalog.catalog import Answer, ProductView
from core.security.people.authorize import Action
from core.services import Services
from pages.layout import frame
from pages.parts.outcome import FIRST_QUESTION, question_form
from pages.parts.upkeep import SHOPS, draw_troubles
from pages.parts.words import address_of, count, heading, link, paragraph, price, words
from pages.visitor import allowed, visitor

EXAMPLES = (FIRST_QUESTION, "Teapots under 40", "What is out of stock?", "The cheapest teas")
STOCK = {"instock": "In stock", "outofstock": "Out of stock", "onbackorder": "On back-order"}
SHOWN = 50  # products on one screen


def register(services: Services) -> None:
    """Put the screen up."""

    @ui.page("/products")
    async def products_page(q: str = "") -> None:
        who = visitor()
        answer = await services.catalog.search(who, q, limit=SHOWN)
        connected = bool(answer.total or await services.catalog.connections(who))
        with frame("Products", "/products"):
            with ui.element("div").classes("stack"):
                heading("Products")
                paragraph("Ask in your own words; the answer comes from what was brought over from your shop.")
                if connected:
                    link("What is done by itself", SHOPS, "second small")
            if not connected:
                _draw_nothing_yet()
                return
            await draw_troubles(services)
            question_form(q)
            with ui.element("div").classes("row"):
                for example in EXAMPLES:
                    chip = link(example, address_of("/products", q=example), "chip")
                    if example == q:
                        chip.props("aria-current=true")
            _draw_answer(answer)


def _draw_nothing_yet() -> None:
    with ui.element("div").classes("card empty"):
        heading("No products yet", 2)
        paragraph("They come over when a shop is set up.")
        if allowed(Action.OPERATE):
            link("Set up a shop", "/set-up", "button accent")


def _draw_answer(answer: Answer) -> None:
    if not answer.products:
        with ui.element("div").classes("card empty"):
            heading("Nothing fits", 2)
            paragraph(f"Read as: {answer.understood}. Ask in other words, or take one of the questions above.")
        return
    first = f", the first {len(answer.products)}" if answer.total > len(answer.products) else ""
    found = f"{count(answer.total, 'product')}{first}"
    paragraph(f"{found} · read as: {answer.understood}").props("role=status")
    with ui.element("div").classes("card rows"), ui.element("table").classes("list products folding"):
        with ui.element("thead"), ui.element("tr"):
            words("", "th")
            words("Product", "th")
            words("Stock", "th")
            words("Sold", "th", "right")
            words("Price", "th", "right")
        with ui.element("tbody"):
            for product in answer.products:
                _draw(product)


def _draw(product: ProductView) -> None:
    with ui.element("tr"):
        with ui.element("td").classes("cover-of"):
            _draw_cover(product)
        with ui.element("td").classes("name"):
            if _is_web(product.page_url):
                link(product.name, product.page_url or "", "strong").props('target=_blank rel="noopener noreferrer"')
            else:
                words(product.name, classes="strong")
            paragraph(" · ".join([*product.categories, product.sku or "no SKU"]), "second small")
        gone = " out" if product.stock_status == "outofstock" else ""
        words(STOCK.get(product.stock_status, product.stock_status), "td", f"stock tight{gone}")
        words(f"{product.total_sales:,}", "td", "sold num right tight")
        words(price(product.price_hundredths), "td", "price num right tight")


def _draw_cover(product: ProductView) -> None:
    if _is_web(product.image_url):
        image = ui.element("img").props('loading=lazy width=48 height=48 alt="" referrerpolicy=no-referrer')
        image.props["src"] = product.image_url
        image.classes("cover")
        return
    with ui.element("div").classes("cover").props("aria-hidden=true"):
        ui.icon("image")


def _is_web(address: str | None) -> bool:
    """Whether this may be linked to: a shop may tell any text as an address."""
    return address is not None and urlsplit(address).scheme in {"http", "https"}

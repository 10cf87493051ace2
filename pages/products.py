"""The products that were brought over, and answers to questions about them."""

from urllib.parse import urlsplit

from nicegui import ui

from core.catalog.catalog import Answer, ProductView
from core.security.people.authorize import Action
from core.services import Services
from pages.layout import frame
from pages.parts.outcome import FIRST_QUESTION, question_form
from pages.parts.paging import draw_pages, last_page, page_asked_for
from pages.parts.screen import screen
from pages.parts.upkeep import draw_troubles
from pages.parts.words import address_of, grouped, heading, link, paragraph, price, side_by_side, words
from pages.texts import later, t, tn
from pages.visitor import allowed, below, visitor

EXAMPLES = (
    FIRST_QUESTION,
    later("Teapots under 40"),
    later("Which are sold out?"),
    later("The five cheapest teas"),
)
STOCK = {"instock": later("In stock"), "outofstock": later("Out of stock"), "onbackorder": later("On back-order")}
SHOWN = 50  # products on one screen


def register(services: Services) -> None:
    """Put the screen up."""

    @screen("/products")
    async def products_page(q: str = "", page: str = "") -> None:
        who, at = visitor(), page_asked_for(page)
        answer = await services.catalog.search(who, q, limit=SHOWN, skip=(at - 1) * SHOWN)
        if at > last_page(answer.total, SHOWN):  # an old address, or a shop that has fewer products by now
            at = last_page(answer.total, SHOWN)
            answer = await services.catalog.search(who, q, limit=SHOWN, skip=(at - 1) * SHOWN)
        connected = bool(answer.total or await services.catalog.connections(who))
        with frame(t("Products"), "/products"):
            with ui.element("div").classes("stack"):
                heading(t("Products"))
                paragraph(t("Ask in your own words; the answer comes from what was brought over from your shop."))
            if not connected:
                _draw_nothing_yet()
                return
            await draw_troubles(services)
            question_form(q)
            with ui.element("div").classes("row"):
                for example in map(t, EXAMPLES):
                    chip = link(example, address_of("/products", q=example), "chip")
                    if example == q:
                        chip.props("aria-current=true")
            _draw_answer(answer, at)


def _draw_nothing_yet() -> None:
    with ui.element("div").classes("card empty"):
        heading(t("No products yet"), 2)
        paragraph(t("They come over when a shop is set up."))
        if allowed(Action.OPERATE):
            link(t("Set up a shop"), "/set-up", "button accent")


def _draw_answer(answer: Answer, at: int) -> None:
    if not answer.products:
        with ui.element("div").classes("card empty"):
            heading(t("Nothing fits"), 2)
            paragraph(
                t(
                    "Read as: {understood}. Ask in other words, or take one of the questions above.",
                    understood=answer.understood,
                )
            )
        return
    found = tn("{number} product", "{number} products", answer.total)
    if answer.total > len(answer.products):
        first = (at - 1) * SHOWN + 1
        found = t("{found}, {first} to {last}", found=found, first=first, last=first + len(answer.products) - 1)
    paragraph(t("{found} · read as: {understood}", found=found, understood=answer.understood)).props("role=status")
    with ui.element("div").classes("card rows"), ui.element("table").classes("list products folding"):
        with ui.element("thead"), ui.element("tr"):
            for name, classes in (
                ("", ""),
                (t("Product"), ""),
                (t("Stock"), ""),
                (t("Sold"), "right"),
                (t("Price"), "right"),
            ):
                words(name, "th", classes)
        with ui.element("tbody"):
            for product in answer.products:
                _draw(product)
    draw_pages("/products", at, last_page(answer.total, SHOWN), q=answer.question)


def _draw(product: ProductView) -> None:
    with ui.element("tr"):
        with ui.element("td").classes("cover-of"):
            _draw_cover(product)
        with ui.element("td").classes("name"):
            if _is_web(product.page_url):
                link(product.name, product.page_url or "", "strong").props('target=_blank rel="noopener noreferrer"')
            else:
                words(product.name, classes="strong")
            paragraph(side_by_side(*product.categories, product.sku or t("no SKU")), "second small")
        gone = " out" if product.stock_status == "outofstock" else ""
        stock = STOCK.get(product.stock_status)
        words(t(stock) if stock else product.stock_status, "td", f"stock tight{gone}")
        words(grouped(product.total_sales), "td", "sold num right tight")
        words(price(product.price_hundredths), "td", "price num right tight")


def _draw_cover(product: ProductView) -> None:
    if product.image_url:
        image = ui.element("img").props('loading=lazy width=48 height=48 alt=""').classes("cover")
        image.props["src"] = below(image.client, f"/pictures/product/{product.id}/thumb")
        return
    with ui.element("div").classes("cover").props("aria-hidden=true"):
        ui.icon("image")


def _is_web(address: str | None) -> bool:
    """Whether this may be linked to: a shop may tell any text as an address."""
    return address is not None and urlsplit(address).scheme in {"http", "https"}

"""The products that were brought over, and answers to questions about them."""

from nicegui import ui

from core.catalog.catalog import ProductView
from core.services import Services
from pages.layout import frame
from pages.parts.words import heading, paragraph, price
from pages.visitor import visitor

EXAMPLES = ("Show me your best sellers", "Teapots under 40", "What is out of stock?", "The cheapest teas")
STOCK = {"instock": "in stock", "outofstock": "out of stock", "onbackorder": "on back-order"}


def register(services: Services) -> None:
    """Put the screen up."""

    @ui.page("/products")
    async def products_page(q: str = "") -> None:
        answer = await services.catalog.search(visitor(), q, limit=50)
        with frame("Products", "/products"):
            heading("Products")
            with ui.element("form").props("method=get action=/products").classes("row"):
                with ui.element("div").classes("field grow"):
                    box = ui.element("input").props('name=q type=search aria-label="Ask about your products"')
                    box.props["value"], box.props["placeholder"] = q, EXAMPLES[0]
                ui.html('<button type="submit" class="plain-button accent">Ask</button>')
            with ui.element("div").classes("row"):
                for example in EXAMPLES:
                    ui.link(example, f"/products?q={example.replace(' ', '+')}").classes("chip")
            if not answer.total:
                paragraph(_nothing(q))
                return
            paragraph(f"{answer.total} found. Read as: {answer.understood}.")
            with ui.element("div").classes("card"):
                for product in answer.products:
                    _draw(product)


def _nothing(question: str) -> str:
    return "Nothing fits. Ask in other words." if question else "No products yet: set up a shop first."


def _draw(product: ProductView) -> None:
    with ui.element("div").classes("product"):
        image = ui.element("img").props('loading=lazy width=56 height=56 alt=""')
        image.props["src"] = product.image_url or ""
        with ui.element("div"):
            ui.label(product.name).classes("font-medium")
            facts = [
                *product.categories,
                STOCK.get(product.stock_status, product.stock_status),
                product.sku or "no SKU",
            ]
            paragraph(" · ".join(facts), "second small")
        with ui.element("div").classes("num text-right"):
            ui.label(price(product.price_hundredths))
            paragraph(f"{product.total_sales} sold", "third small")

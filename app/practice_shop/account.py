"""A customer's own account: where WooCommerce leads whoever may not see the admin pages."""

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request, Response

from app.practice_shop.people import Person

if TYPE_CHECKING:
    from app.practice_shop.web import Site

OWN_ACCOUNT = "/my-account/"


def router(site: "Site") -> APIRouter:
    """The one route of it."""
    routes = APIRouter()

    @routes.get(OWN_ACCOUNT)
    async def account(request: Request) -> Response:
        if not site.shop.woocommerce:
            return site.not_found()
        return site.page("my_account.html", person=site.visitor(request))

    return routes


def is_kept_out(site: "Site", person: Person) -> bool:
    """Whether WooCommerce leads this person from the admin pages to their account; what WordPress refuses, it refuses first."""
    return site.shop.woocommerce and not person.may_manage

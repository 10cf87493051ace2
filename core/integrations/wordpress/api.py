"""WordPress's REST API, as far as an application password is proven by it: Basic, RFC 7617."""

from dataclasses import dataclass

import httpx

from core.integrations.calling import Answer, Method, ShopApiRefused, basic, error_code, fetch, refusal
from core.integrations.reading import text_of
from core.security.origin import Origin
from core.security.secret import Secret

ME = "/wp-json/wp/v2/users/me?context=edit"


@dataclass(frozen=True)
class SiteUser:
    """Whom a password signs in as: the name, the roles, and every right, in WordPress's words."""

    username: str
    roles: tuple[str, ...]
    rights: frozenset[str]


class WordPressApi:
    """Calls one site's API as one user, through the run's own way out."""

    def __init__(self, origin: Origin, username: Secret, password: Secret, proxy_url: str) -> None:
        self._origin = origin
        self._username = username
        self._password = password
        self._proxy_url = proxy_url

    async def me(self) -> SiteUser:
        """Who this is. Raises ShopApiRefused or ShopApiUnreachable."""
        answer = await self._ask()
        if answer.status != httpx.codes.OK:
            raise refusal(answer)
        try:
            told = answer.json()
            rights = frozenset(str(right) for right, has in told["capabilities"].items() if has)
            return SiteUser(text_of(told["username"]), tuple(text_of(role) for role in told["roles"]), rights)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ShopApiRefused(because="It answered with something other than a user.") from error

    async def is_refused(self) -> bool:
        """Whether the site says that it knows this password no more. Raises ShopApiUnreachable.

        What stands in front of a site says no as well, in its own way; that raises ShopApiRefused.
        """
        answer = await self._ask()
        if answer.status == httpx.codes.UNAUTHORIZED and error_code(answer):
            return True
        if answer.status == httpx.codes.OK:
            return False
        raise refusal(answer)

    async def _ask(self) -> Answer:
        return await fetch(f"{self._origin}{ME}", self._proxy_url, self._sign)

    def _sign(self, url: str, method: Method) -> tuple[str, dict[str, str]]:
        return url, {"Authorization": basic(self._username.reveal(), self._password)}

"""pretix in words: what is asked for, what is promised, and how a pretix says no."""

from core.agents.agent import Trouble
from core.agents.integration import Permission
from core.workflows.locator import By, Link, Locator

SERVICE = "pretix"
MARK = b"pretixbase/"  # stands in the addresses of its pages' files, whoever's name and colours the pages have
CREATE_TOKEN, READ_EVENTS, CHANGE_PRODUCTS = "create_api_token", "read_events", "change_products"

VIEW, CHANGE = "view", "view and change"  # pretix's words for what a team may do
TOKEN_CAN = {VIEW: "read events and products", CHANGE: "read events and products, and change products"}

PERMISSIONS = (
    Permission(
        CREATE_TOKEN,
        "Create **one** API token for your team “OmniOps”, named “OmniOps”. You can remove it any time.",
    ),
    Permission(
        READ_EVENTS,
        "**Read** your events and their products by it. It can do what that team may: "
        "if you widen the team later, the token is wider, too.",
    ),
    Permission(
        CHANGE_PRODUCTS,
        "Use a token that can **change** products too, so that OmniOps can keep prices in step. The team has to have that right.",
    ),
)
WILL_NOT = (
    "Use a token that can do **more** than you allow here: if the team may do more, the token is removed again.",
    "Change **teams, people, orders or settings**.",
    "Visit any other site.",
)
KEPT = ("The token: encrypted, for OmniOps alone.",)
# How pretix says no in every language.
SIGN_IN_REFUSED = Locator.css(".form-signin .alert-danger")
SECOND_FACTOR = Locator.css(".form-signin #webauthn-response[name=token], a[href$='/control/settings/2fa/add']")
NEW_PASSWORD = Locator.css("#id_new_pw_repeat")
NO_PAGE = Locator.css(".error-details")
# Only the page that a search for the team leads to has its name in the field from the start.
OUR_TEAM = Locator((Link(By.ROLE, "link", name="OmniOps", exact=True),))
NO_SUCH_TEAM = Locator((Link(By.CSS, "#page-wrapper:has(#id_query[value='OmniOps'])"), Link(By.HAS_NOT, OUR_TEAM)))

NO_RIGHTS = "This user may not change teams. Sign in as a user who may."
NO_TEAM = (
    "There is no team named “OmniOps” with the organizer that pretix shows this user first. "
    "Create it there, with the right to view only, and start again."
)
TROUBLES = (
    Trouble("wait 5 minutes", "too_many_tries", "pretix saw too many sign-ins that failed. Wait five minutes."),
    Trouble("account is inactive", "no_rights", "This account is switched off in pretix. Sign in as another user."),
    Trouble(
        "",
        "wrong_password",
        "pretix refused the sign-in. Check the e-mail address and password.",
        shown=SIGN_IN_REFUSED,
    ),
    Trouble(
        "",
        "second_factor",
        "This user signs in with a second factor, which OmniOps does not have. Sign in as a user without one.",
        shown=SECOND_FACTOR,
    ),
    Trouble(
        "",
        "new_password",
        "pretix wants this user to choose a new password first. Do that, and start again.",
        shown=NEW_PASSWORD,
    ),
    Trouble("answered 403", "no_rights", NO_RIGHTS, shown=NO_PAGE),
    Trouble(
        "answered 404", "no_rights", "This user belongs to no organizer. Sign in as a user who does.", shown=NO_PAGE
    ),
    Trouble(
        "answered 500", "shop_error", "pretix met an error of its own. Its log says more; try again later.", passes=True
    ),
    Trouble("", "no_team", NO_TEAM, shown=NO_SUCH_TEAM),
)


def level(permissions: frozenset[str]) -> str:
    """How wide the token is to be, in pretix's word."""
    return CHANGE if CHANGE_PRODUCTS in permissions else VIEW

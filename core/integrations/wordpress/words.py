"""WordPress in words: what is asked for, what is promised, and how a site says no."""

from core.agents.agent import Trouble
from core.agents.integration import Permission
from core.workflows.locator import Locator

SERVICE = "wordpress"
CREATE_PASSWORD, USE_PASSWORD = "create_application_password", "act_as_user"

PERMISSIONS = (
    Permission(
        CREATE_PASSWORD,
        "Create **one** application password for the user who signs in, named “OmniOps”. You can revoke it any time.",
    ),
    Permission(
        USE_PASSWORD,
        "Let OmniOps do by the site's API **whatever that user may do**: WordPress knows no narrower password. "
        "Sign in as a user who may do no more than OmniOps should.",
    ),
)
WILL_NOT = (
    "Change the user's **own password**, other users or settings.",
    "Visit any other site.",
)
KEPT = ("The application password: encrypted, for OmniOps alone.",)
# How WordPress says no in every language.
SIGN_IN_REFUSED = Locator.css("#login_error")
DIED = Locator.css("#error-page")
WAY_BACK = Locator.css(
    "#error-page .wp-die-message a"
)  # beside an expired link there is one; where nobody may be, none
# WooCommerce leads whoever may not see the admin pages to what customers see of themselves; there is no toolbar then.
AMONG_CUSTOMERS = Locator.css("body.logged-in.woocommerce-account:not(.admin-bar)")

NO_RIGHTS = "This user may not open the profile page. Sign in as a user of the site's admin pages."
TROUBLES = (
    Trouble("password you entered", "wrong_password", "The site refused the password. Check it, and start again."),
    Trouble("is not registered on this site", "wrong_password", "The site does not know this user name."),
    Trouble("incorrect", "wrong_password", "The site refused the user name or password. Check them, and start again."),
    Trouble("not allowed to access", "no_rights", NO_RIGHTS),
    Trouble(
        "link you followed has expired",
        "link_expired",
        "The site's form had expired twice in a row.",
        begin_page_anew=True,
    ),
    Trouble(
        "name should be unique",
        "name_taken",
        "An application password of this name is there already. Revoke it, and start again.",
    ),
    Trouble(
        "critical error",
        "shop_error",
        "The site met an error of its own. Its log says more; try again later.",
        passes=True,
    ),
    Trouble(
        "answered 500",
        "shop_error",
        "The site met an error of its own. Its log says more; try again later.",
        passes=True,
    ),
    Trouble(
        "", "wrong_password", "The site refused the sign-in. Check the user name and password.", shown=SIGN_IN_REFUSED
    ),
    Trouble(
        "answered 403",
        "link_expired",
        "The site's form had expired twice in a row.",
        begin_page_anew=True,
        shown=WAY_BACK,
    ),
    Trouble("answered 403", "no_rights", NO_RIGHTS, shown=DIED),
    Trouble("", "no_rights", NO_RIGHTS, shown=AMONG_CUSTOMERS),
)
# What of a user's rights is worth telling, in WordPress's words and in ours; the first that are there are told.
RIGHTS = (
    ("manage_options", "change settings"),
    ("create_users", "add users"),
    ("install_plugins", "install plugins"),
    ("edit_others_posts", "edit everybody's posts"),
    ("publish_posts", "publish posts"),
    ("upload_files", "upload files"),
    ("edit_posts", "write posts"),
    ("read", "read what members may read"),
)

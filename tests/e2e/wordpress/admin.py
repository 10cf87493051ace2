"""The ways through WordPress's own pages that several tests take."""

from playwright.sync_api import Page, expect

PROFILE = "/wp-admin/profile.php#application-passwords-section"


def sign_in(page: Page, username: str, password: str) -> None:
    """Sign in on the page that is shown to strangers, and pass the notice that is shown now and then."""
    # A moment after it has loaded, the page takes the focus to the user name, and with it what is being typed.
    page.wait_for_load_state("networkidle")
    # Enter the user name {{username}}
    page.get_by_label("Username or Email Address").or_(page.locator("#user_login")).fill(username)
    # Enter the password
    page.get_by_label("Password", exact=True).or_(page.locator("#user_pass")).fill(password)
    # Sign in as {{username}}
    page.get_by_role("button", name="Log In").or_(page.locator("#wp-submit")).click()
    expect(page.locator("#wpadminbar").or_(page.locator("#correct-admin-email"))).to_be_visible()
    if page.locator("#correct-admin-email").is_visible():
        # Confirm the admin e-mail notice
        page.locator("#correct-admin-email").click()
        expect(page.locator("#wpadminbar")).to_be_visible()


def make_a_password(page: Page, store_url: str, username: str, password: str, key_description: str) -> None:
    """Sign in and make an application password; it is shown afterwards."""
    open_the_passwords(page, store_url, username, password)
    # Name the password “{{key_description}}”
    page.get_by_label("New Application Password Name").or_(page.locator("#new_application_password_name")).fill(
        key_description
    )
    # Make the password
    page.get_by_role("button", name="Add New Application Password").or_(
        page.locator("#do_new_application_password")
    ).click()
    expect(page.locator("#new-application-password-value")).to_be_visible()


def revoke_the_password(page: Page, store_url: str, username: str, password: str, key_description: str) -> None:
    """Sign in and revoke the application password of that name, if there is one."""
    open_the_passwords(page, store_url, username, password)
    if page.locator("#application-passwords-section tr").filter(has_text=key_description).is_visible():
        page.once("dialog", lambda dialog: dialog.accept())
        # Revoke the password “{{key_description}}”
        page.get_by_role("button", name=f'Revoke "{key_description}"', exact=True).or_(
            page.locator("#application-passwords-section tr").filter(has_text=key_description).locator("button.delete")
        ).click()
        expect(
            page.get_by_text("Application password revoked.").or_(
                page.locator("#application-passwords-section .notice-success p")
            )
        ).to_be_visible()


def open_the_passwords(page: Page, store_url: str, username: str, password: str) -> None:
    """Sign in, and see the application passwords of that user; the button below them comes when they are all there."""
    # Open your profile, where its application passwords are
    page.goto(f"{store_url}{PROFILE}")
    expect(page.get_by_label("Username or Email Address").or_(page.locator("#user_login"))).to_be_visible()
    sign_in(page, username, password)
    # Let your profile load to its end
    page.wait_for_load_state()
    # See the application passwords of {{username}}
    expect(page.get_by_role("button", name="Update Profile").or_(page.locator("#submit"))).to_be_visible()

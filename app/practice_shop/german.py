"""What the shop says in German on the way to a key; what is not here stays English, as in a shop that is half translated."""

GERMAN = {
    # wp-login.php
    "Log In": "Anmelden",
    "Username or Email Address": "Benutzername oder E-Mail-Adresse",
    "Password": "Passwort",
    "Show password": "Passwort anzeigen",
    "Remember Me": "Angemeldet bleiben",
    "Lost your password?": "Passwort vergessen?",
    "Error:": "Fehler:",
    "The username field is empty.": "Das Feld für den Benutzernamen ist leer.",
    "The password field is empty.": "Das Feld für das Passwort ist leer.",
    "The password you entered for the username ": "Das Passwort für den Benutzernamen ",
    "The password you entered for the email address ": "Das Passwort für die E-Mail-Adresse ",
    " is incorrect.": " stimmt nicht.",
    "The username ": "Den Benutzernamen ",
    " is not registered on this site. If you are unsure of your username, try your email address instead.": (
        " gibt es auf dieser Website nicht. Versuche es sonst mit deiner E-Mail-Adresse."
    ),
    "Unknown email address. Check again or try your username.": (
        "Diese E-Mail-Adresse kennt hier niemand. Versuche es sonst mit deinem Benutzernamen."
    ),
    "You are now logged out.": "Du bist jetzt abgemeldet.",
    "Administration email verification": "Stimmt die Administrator-E-Mail noch?",
    "The email is correct": "Die E-Mail-Adresse stimmt",
    "Remind me later": "Später erinnern",
    "Update": "Ändern",
    # The admin pages
    "Dashboard": "Übersicht",
    "Log Out": "Abmelden",
    "Settings": "Einstellungen",
    "WooCommerce settings": "WooCommerce-Einstellungen",
    "General": "Allgemein",
    "Products": "Produkte",
    "Tax": "Steuern",
    "Shipping": "Versand",
    "Payments": "Zahlungen",
    "Accounts & Privacy": "Konten und Datenschutz",
    "Emails": "E-Mails",
    "Advanced": "Erweitert",
    "Page setup": "Seiten einrichten",
    "Features": "Funktionen",
    "Sorry, you are not allowed to access this page.": "Diese Seite darfst du leider nicht sehen.",
    "Error": "Fehler",
    "My account": "Mein Konto",
    # The keys
    "Read": "Lesen",
    "Write": "Schreiben",
    "Read/Write": "Lesen und Schreiben",
    "Search key": "Schlüssel suchen",
    "No keys found.": "Keine Schlüssel gefunden.",
    "Bulk actions": "Mehrfachaktionen",
    "Apply": "Anwenden",
    "Last access": "Letzter Zugriff",
    "Unknown": "Unbekannt",
    "View/Edit": "Ansehen und bearbeiten",
    "Save changes": "Änderungen speichern",
    "API key permanently revoked.": "API-Schlüssel endgültig widerrufen.",
    "API keys permanently revoked.": "API-Schlüssel endgültig widerrufen.",
    "Description is missing.": "Die Beschreibung fehlt.",
    "User is missing.": "Der Benutzer fehlt.",
    "Permissions is missing.": "Die Berechtigung fehlt.",
    "API Key updated successfully.": "Der API-Schlüssel ist geändert.",
    "The link you followed has expired.": "Der Link, dem du gefolgt bist, gilt nicht mehr.",
    "Please try again.": "Bitte versuche es noch einmal.",
    "There has been a critical error on this website.": "Auf dieser Website gab es einen schweren Fehler.",
    "You have reached the maximum number of API keys for this account.": (
        "Mehr API-Schlüssel kann dieses Konto nicht haben."
    ),
    "API Key generated successfully. Make sure to copy your new keys now as the secret key will be hidden once you "
    "leave this page.": (
        "Der API-Schlüssel ist da. Kopiere ihn jetzt: Der geheime Teil ist nicht mehr zu sehen, sobald du diese Seite verlässt."
    ),
}

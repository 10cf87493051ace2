"""The German for what the practice shop's own German leaves in English, and for what other changes say."""

REST = {
    # The sign-in page
    "← Go to Practice Tea Shop": "← Zum Übungs-Teeladen",
    "Practice Tea Shop": "Übungs-Teeladen",
    "Enter": "Hinein",
    "Next": "Weiter",
    "Forward": "Vorwärts",
    "Signing in as": "Anmelden als",
    "Log in with Acme": "Mit Acme anmelden",
    "Password hint": "Passwort-Hinweis",
    "Sign-in is loading…": "Die Anmeldung wird geladen …",
    # The admin pages
    "Toolbar": "Werkzeugleiste",
    "Main menu": "Hauptmenü",
    "Secondary menu": "Zweites Menü",
    "Posts": "Beiträge",
    "Media": "Medien",
    "Home": "Startseite",
    "Orders": "Bestellungen",
    "Customers": "Kunden",
    "Status": "Zustand",
    "Analytics": "Auswertungen",
    "Overview": "Überblick",
    "Plugins": "Erweiterungen",
    "Users": "Benutzer",
    "Integration": "Integrationen",
    "Integrations & API": "Integrationen und API",
    "Access keys": "Zugriffsschlüssel",
    "New key": "Neuer Schlüssel",
    "Legacy API": "Alte API",
    "Webhooks": "Webhooks",
    "A shop to practise on. Nothing here is for sale.": "Ein Laden zum Üben. Hier wird nichts verkauft.",
    "Store Address": "Anschrift des Ladens",
    "This is where your business is located. Tax rates and shipping rates will use this address.": (
        "Hier sitzt dein Geschäft. Steuersätze und Versandkosten richten sich danach."
    ),
    "Address line 1": "Straße und Hausnummer",
    "City": "Ort",
    "Postcode / ZIP": "Postleitzahl",
    "What's new": "Was es Neues gibt",
    "Orders load twice as fast, and reports can be shared.": (
        "Bestellungen laden doppelt so schnell, und Berichte lassen sich teilen."
    ),
    "Got it": "Verstanden",
    "Take the tour": "Rundgang beginnen",
    "Loading…": "Wird geladen …",
    # The keys
    "Select bulk action": "Mehrfachaktion wählen",
    "Select All": "Alle auswählen",
    "Say which person, company or app it is for.": "Sag, für wen oder welche App er ist.",
    "Whoever holds a key reaches into your shop. Give keys only to those you trust.": (
        "Wer einen Schlüssel hat, kommt in deinen Laden. Gib ihn nur, wem du vertraust."
    ),
    "Make one key for each app, so that you can take it back without disturbing the others.": (
        "Mach für jede App einen eigenen Schlüssel; so kannst du ihn zurücknehmen, ohne die anderen zu stören."
    ),
    "Search for a user…": "Benutzer suchen …",
    "Copy": "Kopieren",
    "New": "Neu",
    "Create": "Anlegen",
    "Continue": "Fortfahren",
    "Purpose": "Zweck",
    "Choose…": "Bitte wählen …",
    "Accounting": "Buchhaltung",
    "Product search": "Produktsuche",
    "Shipping partner": "Versandpartner",
    "I keep this key secret": "Ich halte diesen Schlüssel geheim",
    "Keys let other software work with your shop.": "Mit Schlüsseln arbeitet andere Software mit deinem Laden.",
    "Set up a new key": "Einen neuen Schlüssel einrichten",
    "Generate API keys for everyone": "API-Schlüssel für alle erzeugen",
    "Revoke all keys": "Alle Schlüssel widerrufen",
    "Add keys for all users": "Schlüssel für alle Benutzer hinzufügen",
    "Description for the public directory": "Beschreibung für das öffentliche Verzeichnis",
    "Permissions for visitors": "Berechtigungen für Besucher",
    "None": "Keine",
}

# What stands beside something that is no word of the shop's.
PARTS = {
    "Howdy, ": "Moin, ",
    " ending in": " endet auf",
    " items": " Einträge",
    " item": " Eintrag",
    "Select ": "Auswählen: ",
}

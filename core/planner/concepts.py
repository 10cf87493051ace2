"""What the words of admin pages mean: synonyms, and the same in five languages (English, German, French, Spanish, Italian).

Each line is one meaning; its first word stands for all of them. Two words are of one line if a person who lost one of them on
a page would press the other. Longer phrases are taken before shorter ones, so that “log out” is not read as a way in.
"""

import re
import unicodedata

MEANINGS = tuple(
    line.split(" | ")
    for line in """
signout | sign out | log out | logout | log off | abmelden | ausloggen | déconnexion | se déconnecter | cerrar sesión | salir | esci | disconnetti
signin | sign in | log in | login | log on | logon | enter | anmelden | anmeldung | einloggen | connexion | se connecter | iniciar sesión | acceder | acceso | accedi | entrar | entra
signup | sign up | register | create account | registrieren | s inscrire | registrarse | registrati
username | user name | user | account name | login name | account | benutzername | benutzer | konto | identifiant | utilisateur | usuario | nombre de usuario | utente | nome utente
email | e mail | email address | e mail address | e mail adresse | adresse e mail | correo | correo electrónico | indirizzo email
password | passphrase | pass phrase | passcode | pass | pwd | passwort | kennwort | mot de passe | contraseña | clave de acceso
search | find | look up | suchen | suche | durchsuchen | rechercher | recherche | buscar | búsqueda | cerca
save | store | apply | update | save changes | speichern | sichern | übernehmen | änderungen speichern | aktualisieren | enregistrer | sauvegarder | mettre à jour | guardar | actualizar | salva | aggiorna
create | add | new | generate | make | set up | erstellen | hinzufügen | neu | neuer | neue | neues | anlegen | erzeugen | generieren | créer | ajouter | nouveau | nouvelle | générer | crear | añadir | agregar | nuevo | nueva | generar | crea | aggiungi | nuovo | nuova | genera
key | keys | api key | api keys | credential | credentials | access key | access keys | schlüssel | api schlüssel | zugangsschlüssel | zugangsdaten | clé | clés | clave | claves | chiave | chiavi
token | tokens | access token | api token | jeton | jetons | ficha
secret | private key | private | geheimnis | privat | secreto | segreto
public | consumer key | client id | public key | öffentlich
description | describe | label | name | title | caption | note | purpose of the key | beschreibung | bezeichnung | titel | description de la clé | nom | libellé | descripción | nombre | título | descrizione | nome | titolo
permissions | permission | access level | access | scope | scopes | rights | privileges | role | berechtigungen | berechtigung | rechte | zugriff | zugriffsrechte | autorisations | droits | accès | permisos | permiso | derechos | permessi | autorizzazioni
read | view | view only | read only | lesen | nur lesen | lecture | lecture seule | lectura | solo lectura | lettura
write | change | edit | change only | schreiben | ändern | écriture | modifier | escritura | escribir | scrittura
advanced | expert | developer | developers | erweitert | experte | entwickler | avancé | développeur | avanzado | desarrollador | avanzate | sviluppatore
settings | options | preferences | configuration | setup | einstellungen | optionen | réglages | paramètres | options avancées | ajustes | configuración | preferencias | impostazioni
api | rest api | web service | interface | schnittstelle | schnittstellen
copy | kopieren | copier | copiar | copia
owner | belongs to | besitzer | gehört | propriétaire | propietario | proprietario
cancel | abort | abbrechen | annuler | cancelar | annulla
remove | delete | trash | revoke | withdraw | erase | discard | löschen | entfernen | widerrufen | supprimer | retirer | révoquer | eliminar | borrar | quitar | revocar | elimina | rimuovi | revoca
next | continue | forward | proceed | go on | weiter | fortfahren | suivant | continuer | siguiente | continuar | avanti | continua
confirm | confirmed | is correct | correct | bestätigen | stimmt | confirmer | confirmar | conferma
profile | my account | profil | mon compte | perfil | mi cuenta | profilo
team | teams | group | groups | gruppe | gruppen | équipe | équipes | grupo | equipo | squadra
""".strip().splitlines()
)
# What stands between words and means nothing by itself.
SILENT = frozenset(
    [
        "a",
        "an",
        "the",
        "to",
        "of",
        "for",
        "in",
        "on",
        "at",
        "by",
        "with",
        "and",
        "or",
        "your",
        "my",
        "this",
        "that",
        "these",
        "it",
        "der",
        "die",
        "das",
        "ein",
        "eine",
        "einen",
        "zu",
        "von",
        "für",
        "im",
        "am",
        "mit",
        "und",
        "oder",
        "dein",
        "ihr",
        "diese",
        "le",
        "la",
        "les",
        "un",
        "une",
        "du",
        "des",
        "de",
        "pour",
        "dans",
        "à",
        "avec",
        "et",
        "ou",
        "votre",
        "el",
        "los",
        "las",
        "una",
        "para",
        "en",
        "con",
        "y",
        "o",
        "tu",
        "su",
        "il",
        "lo",
        "gli",
        "per",
        "di",
        "da",
        "e",
    ]
)
STANDS_FOR = {phrase: meaning[0] for meaning in MEANINGS for phrase in meaning}
PHRASE = re.compile(rf"(?<!\w)(?:{'|'.join(sorted(map(re.escape, STANDS_FOR), key=len, reverse=True))})(?!\w)")


def meant(text: str) -> str:
    """A text in lower case, without what is no letter, each known phrase as the word that stands for it.

    What a phrase stands for may be a part of another: “REST API keys” are “api keys”, and those are keys.
    """
    composed = unicodedata.normalize("NFC", text).casefold()
    squeezed = " ".join("".join(char if char.isalnum() else " " for char in composed).split())
    while (said := _said_plainly(squeezed)) != squeezed:
        squeezed = said
    return said


def _said_plainly(text: str) -> str:
    said = PHRASE.sub(lambda found: STANDS_FOR[found[0]], text).split()
    return " ".join(word for word in said if word not in SILENT) or text

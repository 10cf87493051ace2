"""Makes foreign text plain: one line, only what can be seen, and no longer than it may be."""

import re
import unicodedata

UNSEEN = frozenset({"Cf", "Cs", "Co", "Cn"})  # zero width, direction, tags, halves of pairs, private, unassigned
BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # letters, says Unicode, that show nothing
SELECTORS = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))  # 256 unseen marks, enough to spell hidden words with

TURNED = frozenset("\u202d\u202e\u2066\u2067\u2068")  # what follows is shown the other way round
# Letters that are taken for Latin ones: Cyrillic, Greek, struck through, small capitals.
LOOKALIKES = str.maketrans(
    "аеорсухіјѕԁԛԝһӏкмтвнгαερονιτκυχηωıłøđɡᴀʙᴄᴅᴇɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ",
    "aeopcyxijsdqwhlkmtbhraepovitkuxnwilodgabcdeghijklmnoprstuvwyz",
)
DIGITS = (str.maketrans("0134578@$€!", "oleastbasel"), str.maketrans("0134578@$€!", "oieastbasei"))
MIXED = re.compile(
    r"(?<![\w@$])(?=[\w@$!€]*[a-z])(?=[\w@$!€]*[\d@$!€])[\w@$!€]{4,}"
)  # a word with digits or signs in it
ONE_BY_ONE = re.compile(r"(?<!\w)(?:\w[\W_]{1,3}){2,}\w(?!\w)")  # letters that stand apart
INNER_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def readings(text: str) -> str:
    """The text, followed by what people read it for, however its letters are written.

    1. Unseen characters, marks, capitals and other scripts' lookalikes are gone.
    2. Digits and signs in the midst of letters are the letters they stand for.
    3. What stands between letters is gone: of one letter after the other, between the parts of a word, everywhere.
    4. What is turned round is turned back.
    """
    shown = plain(unicodedata.normalize("NFKC", text))
    bare = "".join(one for one in unicodedata.normalize("NFKD", shown) if not unicodedata.combining(one))
    latin = INNER_CAPITAL.sub(" ", bare).casefold().translate(LOOKALIKES)
    spelt = [MIXED.sub(lambda word, letters=digits: word[0].translate(letters), latin) for digits in DIGITS]  # type: ignore[misc]  # bound at once
    joined = ONE_BY_ONE.sub(lambda row: re.sub(r"[\W_]", "", row[0]), spelt[0])
    tight = re.sub(r"[^\w\s]|_", "", spelt[0])
    turned = text[::-1] if TURNED.intersection(text) else ""
    return "\n".join(dict.fromkeys((shown, latin, *spelt, joined, tight, "".join(tight.split()), turned)))


def plain(text: str, most: int | None = None) -> str:
    """The text on one line without what can't be seen, at most `most` characters long."""
    line = " ".join("".join(_shown(character) for character in text).split())
    return line if most is None or len(line) <= most else f"{line[: most - 1]}…"


def _shown(character: str) -> str:
    if character in BLANKS or unicodedata.category(character) in {"Cc", "Zl", "Zp", "Zs"}:
        return " "
    if unicodedata.category(character) in UNSEEN or any(ord(character) in some for some in SELECTORS):
        return ""
    return character

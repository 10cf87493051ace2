"""The phrases by which people say what they wish of products: an order, a price bound, a stock, a number of them.

Each pattern takes what it reads out of the question; what no pattern takes are words to look for. So a word that alone may
stand in a product's name, as “best”, “top” or “popular”, says something only together with others.
"""

import re
from enum import StrEnum


class Order(StrEnum):
    """What the answer begins with."""

    SALES = "sales"
    LEAST_SOLD = "least_sold"
    CHEAPEST = "cheapest"
    DEAREST = "dearest"
    NAME = "name"


class Stock(StrEnum):
    """Which of them, by what is there."""

    IN = "in"
    OUT = "out"
    BACKORDER = "backorder"


ONES = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
NUMBER_WORDS = (
    {word: number for number, word in enumerate(ONES.split(), 1)}
    | {word: 10 * number for number, word in enumerate(TENS.split(), 2)}
    | {"fiver": 5, "tenner": 10, "dozen": 12, "hundred": 100, "thousand": 1000}
)
ONE_WORD = f"(?:{'|'.join(sorted(NUMBER_WORDS, key=len, reverse=True))})"
SPELLED = rf"(?:an?\s+)?{ONE_WORD}(?:[\s-]+(?:and\s+)?{ONE_WORD})*"
DIGITS = r"\d{1,3}(?:[.,']\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d{1,2})?"
UNIT = r"(?:€|\$|£|euros?\b|eur\b|dollars?\b|usd\b|bucks\b|pounds?\b|gbp\b|quid\b)"
NO_PART = r"(?<![\w-])"  # of a code: 10 in T-10 is no number
AMOUNT = rf"{UNIT}?\s*{NO_PART}(?P<NAME>{DIGITS}|{SPELLED})(?![\w'])\s*{UNIT}?"
MANY = rf"\d{{1,3}}|{SPELLED}"
# In a phrase a space is any space, an apostrophe may be left out, and a star stands for the rest of a word.
SIGNS = ((" ", r"\s+"), ("'", "['\u2019]?"), ("*", r"\w*"), ("~", r"\s*"))
GROUP = re.compile(r"\((?!\?)")


def _written(phrases: tuple[str, ...]) -> str:
    pattern = GROUP.sub("(?:", "|".join(phrases))
    for sign, meant in SIGNS:
        pattern = pattern.replace(sign, meant)
    return pattern


def _bound(*phrases: str) -> re.Pattern[str]:
    """LOW and HIGH stand for amounts, TO for the second of two with a hyphen between, ~ for a space or none."""
    pattern = _written(phrases)
    amounts = (("LOW", "low", AMOUNT), ("HIGH", "high", AMOUNT), ("TO", "high", AMOUNT.replace(NO_PART, "")))
    for sign, name, amount in amounts:
        pattern = pattern.replace(sign, amount.replace("NAME", name))
    return re.compile(pattern, re.IGNORECASE)


def _phrases(*phrases: str) -> re.Pattern[str]:
    """MANY stands for how many are wished; each is a group of its own."""
    first, *others = _written(phrases).split("MANY")
    pattern = first + "".join(f"(?P<first{number}>{MANY}){piece}" for number, piece in enumerate(others))
    return re.compile(rf"(?<![\w-])(?:{pattern})(?![\w-])", re.IGNORECASE)


# What is counted or measured where nothing else is said, and no price. Pounds are money; “in” stands in too much else.
MEASURES = """[mck]?m met(?:er|re)s? inch(?:es)? ft feet foot yards? mg g kg grams? kilos? oz lbs? [mcd]?l lit(?:er|re)s? pints? gallons?
    k?w watts? v volts? m?ah [kmgt]b k?hz percent degrees? stars? reviews? ratings? pieces? pcs units? copies pages? people persons?
    players? years? yrs? months? weeks? days? hours? hrs? minutes? mins? carats?"""
MEASURED = re.compile(rf"[\s-]*(?:[%°\"″]|(?:{'|'.join(MEASURES.split())})\b)", re.IGNORECASE)
LEFT = re.compile(
    r"\s*(?:(?:of (?:them|these|those)|items|products|units|pieces)\s+)?(?:(?:are|is|still)\s+)*"
    r"(?:(?:left|remaining)\b|(?=in[\s-]+stock\b|on\s+hand\b|available\b))",
    re.IGNORECASE,
)
# “Fewer than 5 in stock” counts, and “under 5 in stock” is a price; of those that are left nearly everything counts.
COUNTS = re.compile(r"\b(?:more|less|fewer|greater|lower) than\b", re.IGNORECASE)
IS_OF_PRICES = re.compile(r"\b(?:cheap|dear|pric|cost|budget)\w*", re.IGNORECASE)
MONEY = re.compile(UNIT, re.IGNORECASE)
OF_PRICES = re.compile(r"\b(?:pric|cost|budget|spend|pay)\w*", re.IGNORECASE)

MORE, LESS = "(more|higher|dearer|pricier|greater)", "(less|cheaper|lower|fewer)"
NOT = "(not?|don't|doesn't|nothing|never)( cost| be)?"
BARE = (  # which sizes and years are told by, too
    _bound("\\bfrom LOW~(-|\u2013|\\bto\\b|\\btill\\b|\\buntil\\b)~TO"),
    _bound("LOW~(-|\u2013|\\bto\\b)~TO(?!-)"),
)
BOUNDS = (
    _bound(r"\bbetween LOW (and|to) HIGH"),
    _bound(rf"\b((cost|costs|costing|priced?) )?({NOT} {LESS} than|{NOT} (under|below)) LOW"),
    _bound(r"\bfrom LOW~\bup to\b~TO"),
    *BARE,
    _bound(
        rf"(\b((cost|costs|costing|priced?) )?(under|below|up~to|at most|within|{NOT} {MORE} than"
        rf"|{NOT} (over|above|exceeding|beyond)|{LESS} than|max(imum|\.)?( price)?( of)?|(a )?(budget|limit) (of|is))|<=?|≤)~HIGH"
    ),
    _bound(r"HIGH~(\b(or|and) (less|under|below|cheaper|lower|down)\b|\bmax(imum)?\b|\bat (the )?most\b|\btops\b)"),
    _bound(
        rf"(\b((cost|costs|costing|priced?) )?(over|above|from|at least|upwards? of|beyond|exceeding"
        rf"|{MORE} than|start(ing|s)? (at|from)|min(imum|\.)?( price)?( of)?)|>=?|≥)~LOW(~(and )?(upwards?|up|onwards?)\b)?"
    ),
    _bound(
        r"LOW~(\+|\b(or|and) (more|over|above|up|upwards?|higher)\b|\bupwards?\b|\bmin(imum)?\b|\bat (the )?least\b)"
    ),
)

SOLD_OUT = "(sold[ -]out|out[ -]of[ -]stock|unavailable|oos|not available|not in stock)"
BETWEEN = (
    "want|wants|wanted|need|like|show|list|give|tell|include|including|display|see|offer|bring|to|be|me|us|any|all|the|of|ones?"
    "|anything|everything|something|things?|stuff|items?|products?|articles?|what|what's|whatever|that|that's|which|who|is|are|was"
    "|were|it's|they're|being|currently|yet|already"
)
STOCKS = (
    (
        Stock.IN,
        _phrases(
            "((i|we) )?(don't|do not|won't|(is|are|was|were)n't|never|no|not|nothing|without|excluding|exclude|except( for)?|hide"
            f"|but not|minus|ignor(e|ing)|skip(ping)?|leave out) (({BETWEEN}) ){{0,9}}{SOLD_OUT}( ones?| items?| products?| things?)?",
        ),
    ),
    (Stock.BACKORDER, _phrases("((available|only|can be|are|is) )?(on |for )?back[ -]?order(ed|able|s)?")),
    (
        Stock.OUT,
        _phrases(
            SOLD_OUT,
            "(is|are)(n't| not| no longer) (currently )?(available|in stock)",
            "(don't|do not) (i |you |we |they )?(currently )?have (in[ -]stock|available|on hand)",
            "no longer (available|in stock)",
            "(run|ran) out( of)?",
            "none left",
            "don't have any~more",
            "all gone",
            "(no|zero|without) stock",
            "(needs?|have) (to (be )?)?(restock(ed|ing)?|reorder(ed)?)",
            "(cannot|can't) (be )?(bought|ordered|buy|order|sell|ship)( right now| now| today)?",
        ),
    ),
    (
        Stock.IN,
        _phrases(
            "((only|just|still|currently|are|is|that's) )?((only|still|currently) )?(in[ -]stock|available|on hand|ready to ship)"
            "( only| at the moment| right now| now| today| currently)?",
            "(still )?have left",
            "(is|are|what's) (still )?left",
            "(can|could) (i|we|they|people|customers) (still )?(buy|order|ship|sell|get) (right now|now|today)",
        ),
    ),
)

PEOPLE = "(people|customers|everybody|everyone|they|folks|shoppers|clients)"
FIRST = r"( ones?)?(,? first)?( MANY(?= [a-z-]+s\b))?"
BY_PRICE = "((sort(ed)?|order(ed)?) )?(by )?price,? "
ORDERS = (
    (
        Order.LEAST_SOLD,
        _phrases(
            f"(MANY )?(worst|least|slow(est|ly)?|poor(est|ly)?|bad(ly)?|lowest|weakest)[ -](sell*|sold|mov*|popular|bought|ordered|wanted){FIRST}",
            f"(MANY )?(shelf[ -]?warmers|unpopular){FIRST}",
            "bottom MANY( sellers| products| items)?",
            "(don't|do not|doesn't|does not|won't|(are|is)n't|not|hardly|barely|never) (really )?sell(ing)?( well| much| at all)?",
            "(sell|sells|selling|sold) (very )?(badly|poorly|worst|slowly|(the )?least( often)?)",
            f"(nobody|no[ -]one|(hardly|barely) any(one|body)?( {PEOPLE})?)('s| is)? (buy|want|order)(s|ing)?",
            "((sort|sorted) )?by sales,? (lowest|worst|fewest|least)( first)?",
            "(lowest|fewest) sales",
            "selling the (least|fewest)( of)?",
        ),
    ),
    (
        Order.SALES,
        _phrases(
            f"(MANY )?(best|top|hot(test)?|fast(est)?|big(gest)?|good)[ -]?sell*{FIRST}",
            f"(MANY )?(fast(est)? mov*|most[ -](often |frequently )?(sold|popular|bought|ordered|purchased|wanted|loved)){FIRST}",
            f"(MANY )?((biggest|greatest) hits|(crowd )?favou?rites|top products?){FIRST}",
            "top[ -]MANY (best[ -]?)?sellers",
            "(sell|sells|selling|sold) ((the )?(best|most)|(really |very )?(well|fast|quickly))( often)?",
            f"{PEOPLE} (are )?(buy|order|like|love|want|purchase)(s|ing)? (the )?most( often)?",
            "(bought|ordered|purchased) (the )?most( often)?",
            "(sort(ed)? |order(ed)? |rank(ed)? )?by (sales|popularity|units sold)(,? (highest|best|most)( first)?)?",
            r"popular(?=\s+\w+s\b)|flying off the shelves",
            "highest sales|in demand|trending|(is|are) (so )?popular|popular (ones?|items?|products?)( first)?",
        ),
    ),
    (
        Order.DEAREST,
        _phrases(
            f"((top )?MANY )?(most (expensive|costly|pricey)|dearest|priciest|costliest|highest[ -]?(price[ds]?|cost)){FIRST}",
            "(expensive|dear|pricey|costly)( ones?)? first",
            "costs? (the )?most",
            f"({BY_PRICE})?(from )?high(est)? to low(est)?|{BY_PRICE}(highest|dearest|descending|desc|falling)( first)?",
            "descending (by )?price",
            "(order(ed)? |sort(ed)? )?(from )?most to least expensive",
        ),
    ),
    (
        Order.CHEAPEST,
        _phrases(
            f"((top )?MANY )?(cheapest|lowest[ -]?(price[ds]?|cost)|least (expensive|costly|pricey)|most affordable){FIRST}",
            "(cheap|cheaper|inexpensive|affordable)( ones?)? first",
            "costs? (the )?least",
            f"({BY_PRICE})?(from )?low(est)? to high(est)?|{BY_PRICE}(lowest|cheapest|ascending|asc|rising)( first)?",
            "ascending (by )?price",
        ),
    ),
    (Order.CHEAPEST, _phrases("(sort(ed)?|order(ed)?) by price")),
    (Order.SALES, _phrases("top[ -]MANY")),
)
A_FEW = (_phrases("(the )?first MANY"), _phrases(r"(give|show|list|find|get) (me|us) MANY(?=\s)"))
ASIDE = _phrases(
    "in the way of", "(what|all) kinds? of", "as well", "how many", "how much", "on top", "right now", "at the moment",
    "but", "(from )?a to z", "alphabetical*", "by name", "still", "any~more",
    "(article|product|item|part) (number|no|code)",
)  # fmt: skip
# What only makes a sentence of it.
FILLER_WORDS = """a about actually all among an and any anything are article articles as at be being brought by can carry could cost costs
    costing currently did display do does each everything every find for from get give go got had has have having hello here hey
    hi how i i'd i'm if in into is it it's item items its just kindly let's list look looking me might my need of offer offering
    on ones only or our out please plz pls price priced prices pull print product products put s search see sell selling sells
    shall shop shops should show sku some something sort sorted store stuff tell than thanks that that's the their them then there
    these they thing things this those to today today's u up us want was we we'd we've were what what's what've whats when where
    where's which who whose will wish with would you your"""
FILLER = frozenset(FILLER_WORDS.split())

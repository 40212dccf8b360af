"""Functional attributes: of each thing, one value at a time (a phone number, a deadline), with their nouns. Pure."""

import re
from collections.abc import Callable, Mapping

Check = Callable[[str], bool]

LONGEST_VALUE = 12  # words

_DIGIT = re.compile(r"\d")
_CAPITAL = re.compile(r"[^\W\d_a-zß-öø-ÿ]")


def anything(value: str) -> bool:
    return bool(value)


def short(value: str) -> bool:
    return 0 < len(value.split()) <= 4


def has_digit(value: str) -> bool:
    return _DIGIT.search(value) is not None


def is_number_to_call(value: str) -> bool:
    return len(_DIGIT.findall(value)) >= 5


def is_mail(value: str) -> bool:
    return "@" in value


def is_named(value: str) -> bool:
    """A proper name stands in it: places, people and companies do, `night` and `great` do not."""
    return any(_CAPITAL.match(word) is not None for word in value.split())


def is_place_name(value: str) -> bool:
    """Proper names without numbers: "moved to React 18" is no move."""
    return is_named(value) and not has_digit(value)


_INSTITUTION_NOUNS = """
academy agency airport archive archives association authority bakery bank bookshop bookstore brewery bureau café
cafe centre center chain charity church clinic clinics club college commission company cooperative corporation council
court department embassy factory farm federation firm foundation garden gardens gallery group harbour hospital hotel
institute inn kindergarten lab laboratory library ministry mill museum newspaper nursery observatory opera
orchestra parliament pharmacy police port prison publisher restaurant school shipyard shop startup
station store studio supermarket theatre theater union university utility winery zoo
"""
_INSTITUTIONS = frozenset(_INSTITUTION_NOUNS.split())
_PLACES_OF_WORK = re.compile(r"(?:the|an?|our)\s+[^\W\d]\S*\s+(?:\S+\s+)?(\S+)", re.IGNORECASE)


def is_employer(value: str) -> bool:
    """Named, or a place of work that is told apart: "the city library", but neither "night" nor "the office"."""
    told_apart = _PLACES_OF_WORK.fullmatch(value)
    return (is_named(value) and not value[:1].isdigit()) or (
        told_apart is not None and told_apart[1].lower() in _INSTITUTIONS
    )


_DATE = re.compile(
    r"\d|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\b(?:january|february|march|april|may|june|july|august|september|"
    r"october|november|december|tomorrow|tonight|today|midnight|noon|christmas|easter|"
    r"(?:next|this) (?:week|month|year|spring|summer|autumn|fall|winter)|the end of|montag|dienstag|mittwoch|"
    r"donnerstag|freitag|samstag|sonntag|januar|februar|märz|mai|juni|juli|oktober|dezember|morgen)\b",
    re.IGNORECASE,
)


def is_date(value: str) -> bool:
    """A day or a time, and no more: neither "Friday to decide" nor "lunch"."""
    return len(value.split()) <= 6 and " to " not in value and _DATE.search(value) is not None


def is_named_or_numbered(value: str) -> bool:
    return is_named(value) or has_digit(value)


RESIDENCE, EMPLOYER, OCCUPATION, LOCATION, NAME = "residence", "employer", "occupation", "location", "name"
FAVOURITE = "favourite"
PHONE, DEADLINE = "phone", "deadline"

_NOUNS: Mapping[str, tuple[str, Check]] = {
    "phone number|phone|mobile number|mobile|cell phone|cell|telephone number|number|telefonnummer|handynummer|telefon|"
    "nummer": (
        PHONE,
        is_number_to_call,
    ),
    "email address|e-mail address|email|e-mail|e-mail-adresse|mailadresse": ("email", is_mail),
    "home address|address|adresse|anschrift": ("address", is_named_or_numbered),
    "birthday|date of birth|geburtstag|geburtsdatum": ("birthday", has_digit),
    "full name|name": (NAME, is_named),
    "nickname|spitzname": ("nickname", is_named),
    "job title|beruf": (OCCUPATION, anything),
    "employer|arbeitgeber": (EMPLOYER, is_employer),
    "boss|manager|supervisor|line manager|chef|chefin|vorgesetzter|vorgesetzte": ("manager", is_named),
    "doctor|hausarzt|hausärztin": ("doctor", is_named),
    "dentist|zahnarzt|zahnärztin": ("dentist", is_named),
    "therapist": ("therapist", is_named),
    "landlord|landlady|vermieter|vermieterin": ("landlord", is_named),
    "hometown|heimatstadt": ("hometown", is_named),
    "wohnort": (RESIDENCE, is_place_name),
    "deadline|due date|abgabetermin|abgabefrist|frist": (DEADLINE, anything),
    "launch date|release date|liefertermin": ("release date", anything),
    "start date|startdatum": ("start date", anything),
    "end date|enddatum": ("end date", anything),
    "wedding date|hochzeitstermin": ("wedding date", anything),
    "budget": ("budget", has_digit),
    "price|preis": ("price", has_digit),
    "salary|gehalt": ("salary", has_digit),
    "rent|miete": ("rent", has_digit),
    "time zone|timezone|zeitzone": ("time zone", short),
    "username|user name|handle|benutzername": ("username", short),
    "ceo": ("ceo", is_named),
    "captain|kapitän|kapitänin": ("captain", is_named),
    "capital|hauptstadt": ("capital", is_named),
    "status": ("status", short),
    "shoe size|schuhgröße": ("shoe size", has_digit),
    "blood type|blutgruppe": ("blood type", short),
}
ATTRIBUTES: Mapping[str, tuple[str, Check]] = {
    noun: attribute for nouns, attribute in _NOUNS.items() for noun in nouns.split("|")
}
NOUN = "|".join(sorted(map(re.escape, ATTRIBUTES), key=len, reverse=True))

# Of things, not of people: "the project deadline" names its subject before the noun.
THING_NOUN = "deadline|due date|launch date|release date|start date|end date|budget|price|status"

# Words of which one holds at a time, and what they are the values of.
_CONDITIONS = {
    "marital status": "married single divorced engaged widowed verheiratet ledig geschieden verlobt verwitwet",
    "opening": "open closed geöffnet geschlossen",
    "availability": "online offline available unavailable verfügbar",
    "diet": "vegan vegetarian pescatarian vegetarisch",
    "activity": "active inactive aktiv inaktiv",
    "setting": "enabled disabled",
}
CONDITIONS: Mapping[str, str] = {word: name for name, words in _CONDITIONS.items() for word in words.split()}
CONDITION = "|".join(CONDITIONS)

# Relations of which a person has one, spelled one way.
RELATIONS: Mapping[str, str] = {
    "mother": "mother", "mom": "mother", "mum": "mother", "mutter": "mother",
    "father": "father", "dad": "father", "vater": "father",
    "wife": "wife", "frau": "wife", "husband": "husband", "mann": "husband",
    "boss": "boss", "chef": "boss", "chefin": "boss",
}  # fmt: skip
RELATION = "|".join(RELATIONS)

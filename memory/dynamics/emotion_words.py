"""The words that carry emotion, in English and German, with how strongly they do.

How it was made: written for this project, word by word, from no other list. Each word got one of a few intensities by
one judgement: 0.9 to 1 for what nobody says lightly, 0.7 to 0.85 for strong words, 0.5 to 0.65 for plain ones, 0.2 to
0.45 for weak ones. A word may stand in several lists ("love" is good news and matters). Words that mostly mean
something else are left out ("kill", "hard", "like", "kind of", "operation", German "lieber"). Entries are base forms,
lower-case; inflected forms are made from them by the endings below, each language by its own. Anyone may add words: one
place, one judgement, and the tests say what must hold.

POSITIVE, NEGATIVE: how good or bad something is. AROUSAL: how urgent or stirring. SIGNIFICANCE: how much such an event
matters in a life. NEGATORS turn a judgement round. URGENCY, DIFFICULTY: what counts for the tone of work and learning.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

_ENGLISH_ENDINGS = ("s", "es", "d", "ed", "ly")
_GERMAN_ENDINGS = ("e", "er", "en", "em", "es", "n", "s")
_GERMAN_VERB_ENDINGS = ("e", "st", "t", "te", "ten", "end")


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Intensities in (0, 1] of words as listed, and of their inflected forms too; all casefolded (`ß` is `ss`)."""

    listed: Mapping[str, float]
    inflected: Mapping[str, float]

    def intensity(self, word: str, is_literal: bool) -> float | None:
        return (self.listed if is_literal else self.inflected).get(word)


def _lexicon(*groups: tuple[float, str, str]) -> Lexicon:
    """A lexicon from groups of English and German words of one intensity."""
    listed: dict[str, float] = {}
    inflected: dict[str, float] = {}
    for intensity, english, german in groups:
        english_words, german_words = english.casefold().split(), german.casefold().split()
        listed |= dict.fromkeys([*english_words, *german_words], intensity)
        for word in english_words:
            inflected |= dict.fromkeys(_english_forms(word), intensity)
        for word in german_words:
            inflected |= dict.fromkeys(_german_forms(word), intensity)
    return Lexicon(MappingProxyType(listed), MappingProxyType(inflected | listed))


def _english_forms(word: str) -> Iterator[str]:
    yield from (word + ending for ending in _ENGLISH_ENDINGS)
    yield word.removesuffix("e") + "ing"
    if word.endswith("y"):
        yield from (word[:-1] + ending for ending in ("ies", "ied", "ily"))


def _german_forms(word: str) -> Iterator[str]:
    yield from (word + ending for ending in _GERMAN_ENDINGS)
    if word.endswith("en"):
        yield from (word[:-2] + ending for ending in _GERMAN_VERB_ENDINGS)


POSITIVE = _lexicon(
    (0.95, "ecstatic euphoric overjoyed", "überglücklich euphorisch"),
    (0.9, "thrilled amazing incredible magnificent", "begeistert fantastisch wunderbar großartig phänomenal"),
    (0.85, "brilliant fantastic wonderful awesome delighted excellent", "brillant hervorragend genial herrlich"),
    (0.8, "superb perfect triumph joy happiness", "perfekt ausgezeichnet freude jubel glück"),
    (0.75, "excited happy proud grateful beautiful", "glücklich stolz dankbar wunderschön"),
    (0.7, "love adore great lovely celebrate", "lieben liebe toll super froh feiern"),
    (0.65, "enjoy success thank thanks relieved", "genießen erfolg freuen erleichtert danke"),
    (0.6, "glad pleased impressive win won hopeful", "zufrieden erfreut gewinnen gewonnen beeindruckend hoffnungsvoll"),
    (0.55, "helpful pleasant fun cheerful favorite favourite", "angenehm spaß hilfreich fröhlich"),
    (0.5, "smooth solved improve recommend appreciate", "gelungen gelöst empfehlen schätzen schön"),
    (0.45, "comfortable friendly", "bequem mögen mag freundlich nett"),
    (0.4, "good useful", "gut nützlich praktisch"),
    (0.35, "nice calm better", "hübsch ruhig besser"),
    (0.3, "interesting easy", "interessant"),
    (0.25, "fine okay", "ordentlich passabel"),
)

NEGATIVE = _lexicon(
    (0.95, "devastated horrific unbearable", "entsetzlich unerträglich"),
    (0.9, "terrible horrible awful catastrophic despair", "schrecklich furchtbar katastrophal verzweifelt grauenhaft"),
    (0.85, "hate furious disaster miserable", "hassen wütend katastrophe elend"),
    (0.8, "heartbroken grief betrayed terrified", "trauer betrogen entsetzt"),
    (0.75, "angry disgusting dreadful hopeless", "zornig ekelhaft hoffnungslos abscheulich"),
    (0.7, "failure anxious depressed frustrated ashamed", "ärgerlich scheitern versagen ängstlich frustriert"),
    (0.65, "sad afraid scared lonely upset hurt", "traurig verletzt einsam angst"),
    (0.6, "pain worried bad regret guilty", "schmerz schlecht besorgt bedauern enttäuscht schuldig"),
    (0.55, "disappointed annoyed fail broken stressed unhappy", "genervt kaputt gestresst unglücklich"),
    (0.5, "difficult bug problem wrong error", "schwierig fehler problem falsch mühsam"),
    (0.45, "tired confused boring unfortunately", "müde verwirrt langweilig leider"),
    (0.4, "slow crash", "schwer langsam absturz"),
    (0.35, "unclear doubt poor", "unklar zweifel mangelhaft"),
    (0.3, "complicated messy", "kompliziert unordentlich"),
    (0.25, "strange", "seltsam komisch"),
)

AROUSAL = _lexicon(
    (1.0, "emergency panic", "notfall panik"),
    (0.95, "evacuate", "lebensgefahr"),
    (0.9, "asap explode", "sofort alarm"),
    (0.85, "urgent immediately", "dringend unverzüglich"),
    (0.8, "deadline hurry shocked", "frist eile schockiert"),
    (0.75, "outage crisis scream", "krise ausfall schreien"),
    (0.7, "rush excited", "aufgeregt hektik"),
    (0.65, "surprise nervous", "überraschung nervös"),
    (0.6, "now suddenly", "jetzt plötzlich"),
    (0.5, "important", "wichtig eilig"),
    (0.4, "soon", "bald"),
)

SIGNIFICANCE = _lexicon(
    (0.95, "wedding birth death funeral divorce", "hochzeit geburt tod beerdigung scheidung"),
    (0.9, "surgery cancer pregnant died diagnosis", "krebs schwanger gestorben diagnose"),
    (0.85, "promotion engaged graduation accident", "beförderung verlobt abschluss unfall"),
    (0.8, "fired hospital baby anniversary", "gekündigt krankenhaus jubiläum"),
    (0.75, "family love birthday wife husband child mother father", "familie liebe geburtstag kinder mutter vater"),
    (0.7, "retirement inheritance", "umzug umgezogen ruhestand"),
    (0.65, "daughter son sister brother parents", "tochter sohn schwester bruder eltern"),
    (0.6, "marriage hired interview award", "heirat eingestellt vorstellungsgespräch auszeichnung"),
    (0.55, "allergic allergy", "allergisch allergie"),
    (0.5, "friend promise goal milestone", "freund freundin versprechen ziel meilenstein"),
    (0.4, "holiday trip decision", "urlaub reise entscheidung"),
)


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


NEGATORS = _set(
    "not no never none neither nor without hardly barely cannot nothing nobody "
    "nicht nie niemals ohne kaum weder nichts niemand kein keine keinen keinem keiner keines"
)
TRAILING_NEGATORS = _set("nicht nie niemals")  # in German they may stand after what they negate
MERE = _set("only just nur")  # "not only good" is good
TURNS = _set("but although however aber sondern doch obwohl")  # begin a new clause

URGENCY = _set("urgent deadline asap emergency immediately critical hurry dringend frist sofort eilig notfall kritisch")
DIFFICULTY = _set("difficult hard confusing complex challenging stuck schwierig schwer verwirrend komplex knifflig")

"""The plain sentences in which functional facts are stated, English and German, as patterns of whole sentences. Pure.

A rule names the subject `s` and the value `v`; `n` is a noun that says which attribute it is, `c` a word that is one
value of few. Rules are tried in their order. What they do not fit states nothing.
"""

import re
from dataclasses import dataclass

from memory.layers.attributes import (
    CONDITION,
    DEADLINE,
    EMPLOYER,
    LOCATION,
    NAME,
    NOUN,
    OCCUPATION,
    PHONE,
    RELATION,
    RESIDENCE,
    THING_NOUN,
    Check,
    anything,
    is_date,
    is_employer,
    is_named,
    is_number_to_call,
    is_place_name,
)


@dataclass(frozen=True, slots=True)
class Rule:
    pattern: re.Pattern[str]
    attribute: str  # empty: the noun says it
    negated: bool = False
    check: Check = anything
    is_place: bool = False  # a time may follow the value


_CAPITAL = r"[A-ZÄÖÜ][\w’'-]*"
_PERSON = rf"(?:{_CAPITAL}(?:\s+(?:van|von|de|der|of|the|{_CAPITAL}|\d+)){{0,4}}?)"
_OWN = rf"(?:[Mm]y|[Mm]eine?)\s+(?:{RELATION})"
_THING = r"(?:[Tt]he|[Oo]ur|[Dd]er|[Dd]ie|[Dd]as|[Uu]nsere?)\s+[\w-]+(?:\s+[\w-]+){0,2}?"
_S = rf"(?P<s>I|Ich|ich|{_OWN}|{_PERSON}|{_THING})"
_WE = rf"(?P<s>I|We|Ich|Wir|ich|wir|{_OWN}|{_PERSON}|{_THING})"
_V = r"(?P<v>.+)"
_BE = r"(?:\s+(?:am|is|are)|['’](?:m|s|re))"
_HAVE = r"(?:\s+(?:have|has)|['’](?:ve|s))?"
_GOT = r"(?:\s+(?:have|has|(?:have\s+|has\s+)?got)|['’](?:ve|s)\s+got)"
_NOW = r"(?:\s+(?:now|currently|still|just|recently|already|finally|actually))?"
_NOT = r"\s+(?:no longer|do not|does not|don['’]t|doesn['’]t)"
_THEIR = r"(?:my|his|her|our|their)"
_OWNER = rf"(?P<s>[Mm]y|[Oo]ur|{_OWN}['’]s|{_PERSON}(?:['’]s|(?<=s)['’]))"
_IS_NOT = r"(?:is not|isn['’]t|is no longer)"
_ASIDE = r"(?:\s+(?:back|forward|out|off|up))?"
_MOVED = (
    r"(?:changed|moved|pushed|postponed|updated|set|shifted|extended|prolonged|delayed|deferred|rescheduled|put|"
    r"brought)"
)
_TURNED = (
    rf"(?:is|are|(?:has\s+|have\s+)?(?:changed|moved|shifted|slipped){_ASIDE} to|(?:now\s+)?falls on|"
    rf"(?:has been|have been|was|were|got) {_MOVED}{_ASIDE} (?:to|until|till|for))"
)
_SOMEBODY = rf"(?:I|We|They|He|She|{_PERSON}|[Tt]he\s+[\w-]+(?:\s+[\w-]+){{0,2}}?|{_THEIR.title()}\s+[\w-]+)"
_JOB = r"(?:job|position|post|role|internship|apprenticeship|traineeship)"
_NEW = r"(?:\s+(?:new|better|full-time|part-time|permanent|temporary|first))*"
_FLAT = r"(?:flat|apartment|bedsit)"
_DWELLING = rf"(?:{_FLAT}|room|studio|place|house)"
_COSY = (
    r"(?:\s+(?:new|small|little|tiny|nice|lovely|big|bigger|cosy|cozy|quiet|shared|furnished|rented|beautiful|cheap|"
    r"one-bedroom|two-bedroom|two-room))*"
)
_REACH = r"(?:call|reach|ring|phone|text|contact)"
_ON = r"(?:on|at|under|via)"
_NUMBER = r"(?:(?:phone|mobile|cell|telephone)\s+)?number"
_MUST = (
    r"(?:\s+(?:must|(?:have|has|need|needs|am|is)\s+to|will have to|(?:am|is) due to)|"
    r"(?:\s+(?:have|has)|['’](?:ve|s))\s+got to)"
)
_DELIVER = (
    rf"(?:(?:deliver|submit|hand in|hand over|turn in)(?:\s+(?:everything|{_THEIR}\s+project))?|"
    rf"finish\s+{_THEIR}\s+project)"
)
_BY = r"(?:by|until|till|before|no later than|not later than|on)"


def _rule(
    pattern: str, attribute: str = "", negated: bool = False, check: Check = anything, place: bool = False
) -> Rule:
    return Rule(re.compile(pattern), attribute, negated, check, place)


def _place(pattern: str, attribute: str, negated: bool = False) -> Rule:
    checks: dict[str, Check] = {RESIDENCE: is_place_name, EMPLOYER: is_employer}
    return _rule(pattern, attribute, negated, checks.get(attribute, is_named), place=True)


_LIVING = (
    _place(rf"{_WE}{_NOW}\s+(?:lives?|resides?|dwells?){_NOW}\s+in\s+{_V}", RESIDENCE),
    _place(rf"{_WE}{_BE}{_NOW}\s+(?:living|residing|based|settled|at home){_NOW}\s+in\s+{_V}", RESIDENCE),
    _place(rf"{_WE}{_HAVE}\s+(?:lived|been living|been based)\s+in\s+(?P<v>.+?)\s+(?:since|for)\s.+", RESIDENCE),
    _place(
        rf"{_S}{_HAVE}{_NOW}\s+(?:moved|relocated|emigrated|resettled)(?:\s+(?:house|home|back|down))?"
        rf"(?:\s+from\s+.+?)?\s+to\s+{_V}",
        RESIDENCE,
    ),
    _place(rf"{_S}{_HAVE}{_NOW}\s+(?:re)?settled(?:\s+down)?\s+in\s+{_V}", RESIDENCE),
    _place(rf"{_WE}{_GOT}{_NOW}\s+an?{_COSY}\s+{_FLAT}\s+in\s+{_V}", RESIDENCE),
    _place(
        rf"{_WE}{_HAVE}{_NOW}\s+(?:rents?|shares?|moved into)\s+an?{_COSY}\s+{_DWELLING}\s+in\s+{_V}",
        RESIDENCE,
    ),
    _place(rf"{_OWNER}\s+(?:new\s+|current\s+)?(?:home|{_DWELLING})\s+is{_NOW}\s+in\s+{_V}", RESIDENCE),
    _place(rf"{_WE}{_HAVE}{_NOW}\s+made\s+(?P<v>.+?)\s+{_THEIR}\s+(?:new\s+)?home", RESIDENCE),
    _place(rf"{_WE}{_HAVE}{_NOW}\s+made\s+{_THEIR}\s+(?:new\s+)?home\s+in\s+{_V}", RESIDENCE),
    _place(rf"{_WE}{_NOT}\s+live\s+in\s+{_V}", RESIDENCE, negated=True),
    _place(rf"{_WE}\s+no longer\s+lives\s+in\s+{_V}", RESIDENCE, negated=True),
    _place(rf"{_S}{_HAVE}{_NOW}\s+moved\s+(?:away\s+from|out\s+of)\s+{_V}", RESIDENCE, negated=True),
    _place(rf"{_WE}\s+(?:wohnt?e?n?|lebt?e?n?)\s+nicht\s+mehr\s+in\s+{_V}", RESIDENCE, negated=True),
    _place(rf"{_WE}\s+(?:wohnt?|wohne|lebt|lebe)(?:\s+(?:jetzt|nun|inzwischen))?\s+in\s+{_V}", RESIDENCE),
    _place(rf"{_S}\s+(?:ist|bin)\s+nach\s+(?P<v>.+?)\s+(?:um)?gezogen", RESIDENCE),
)
_WORKING = (
    _place(rf"{_S}{_NOW}\s+works?{_NOW}\s+(?:at|for)\s+{_V}", EMPLOYER),
    _place(rf"{_S}{_BE}{_NOW}\s+(?:working|employed|hired)\s+(?:at|for|by)\s+{_V}", EMPLOYER),
    _place(rf"{_S}{_HAVE}\s+(?:worked|been working)\s+(?:at|for)\s+(?P<v>.+?)\s+(?:since|for)\s.+", EMPLOYER),
    _place(rf"{_S}(?:\s+(?:was|got)|{_HAVE}\s+been){_NOW}\s+(?:hired|recruited|taken on)\s+(?:by|at)\s+{_V}", EMPLOYER),
    _place(rf"{_S}{_HAVE}{_NOW}\s+(?:started|begun|began)(?:\s+(?:work|working|out))?\s+(?:at|for)\s+{_V}", EMPLOYER),
    _place(
        rf"{_S}(?:{_GOT}|{_HAVE}{_NOW}\s+(?:starts?|started|begun|began|taken|took|accepted|landed|found|holds?))"
        rf"(?:\s+up)?\s+(?:an?|{_THEIR}){_NEW}\s+{_JOB}\s+(?:at|with)\s+{_V}",
        EMPLOYER,
    ),
    _place(rf"{_S}{_HAVE}{_NOW}\s+started\s+(?:an?|{_THEIR}){_NEW}\s+{_JOB}\s+for\s+{_V}", EMPLOYER),
    _place(rf"{_OWNER}(?:\s+(?:new|current))?\s+{_JOB}\s+is{_NOW}\s+(?:at|with)\s+{_V}", EMPLOYER),
    _place(
        rf"{_S}{_HAVE}{_NOW}\s+(?:switched|changed|moved)\s+(?:jobs|employers|companies|firms)"
        rf"(?:\s+from\s+.+?)?\s+to\s+{_V}",
        EMPLOYER,
    ),
    _place(rf"{_S}{_HAVE}{_NOW}\s+joined\s+the\s+(?:team|staff)\s+(?:at|of)\s+{_V}", EMPLOYER),
    _place(rf"{_S}{_HAVE}{_NOW}\s+joined\s+(?P<v>.+?)\s+as\s+(?:an?|the|their)\s.+", EMPLOYER),
    _place(rf"{_S}{_NOW}\s+(?:earns?|makes?){_NOW}\s+(?:a|{_THEIR})\s+living\s+(?:at|with)\s+{_V}", EMPLOYER),
    _place(rf"{_S}{_BE}{_NOW}\s+on\s+the\s+(?:payroll|staff)\s+(?:of|at)\s+{_V}", EMPLOYER),
    _place(rf"{_S}{_NOT}\s+works?\s+(?:at|for)\s+{_V}", EMPLOYER, negated=True),
    _place(
        rf"{_S}{_HAVE}{_NOW}\s+(?:left|quit)\s+{_THEIR}\s+(?:job|position)\s+at\s+{_V}",
        EMPLOYER,
        negated=True,
    ),
    _place(rf"{_S}{_HAVE}{_NOW}\s+resigned\s+from\s+{_V}", EMPLOYER, negated=True),
    _place(rf"{_S}\s+arbeitet?\s+nicht\s+mehr\s+(?:bei|für)\s+{_V}", EMPLOYER, negated=True),
    _place(rf"{_S}\s+arbeitet?(?:\s+(?:jetzt|nun))?\s+(?:bei|für)\s+{_V}", EMPLOYER),
    _rule(rf"{_S}{_NOW}\s+works?{_NOW}\s+as\s+(?:an?|the)\s+{_V}", OCCUPATION, place=True),
    _rule(rf"{_S}\s+arbeitet?(?:\s+(?:jetzt|nun))?\s+als\s+{_V}", OCCUPATION, place=True),
)
_CALLING = tuple(
    _rule(pattern, PHONE, check=is_number_to_call)
    for pattern in (
        rf"(?:(?:You|One)\s+can{_NOW}\s+)?(?i:{_REACH})\s+(?P<s>me|us|{_PERSON}){_NOW}\s+{_ON}\s+{_V}",
        rf"{_S}\s+can{_NOW}\s+be\s+(?:reached|called|contacted|phoned){_NOW}\s+{_ON}\s+{_V}",
        rf"{_S}{_BE}{_NOW}\s+reachable{_NOW}\s+{_ON}\s+{_V}",
        rf"{_S}{_HAVE}{_NOW}\s+changed\s+{_THEIR}\s+{_NUMBER}(?:\s+to|(?:,|;|:|\s+and|,\s+and)\s+"
        rf"(?:it(?:\s+is|['’]s)|the new one is){_NOW})\s+{_V}",
    )
)
_DUE = tuple(
    _rule(pattern, DEADLINE, check=is_date)
    for pattern in (
        rf"{_S}{_NOW}{_MUST}{_NOW}\s+{_DELIVER}\s+{_BY}\s+{_V}",
        rf"{_S}{_GOT}{_NOW}(?:\s+time)?\s+(?:until|till)\s+(?P<v>.+?)(?:\s+to\s+{_DELIVER})?",
        rf"{_S}(?:{_GOT}|{_HAVE}{_NOW}\s+(?:been\s+)?(?:given|granted|received)|\s+was\s+(?:given|granted)){_NOW}\s+"
        rf"(?:(?:some\s+|a bit\s+)?(?:more|extra|additional)\s+time|an\s+extension|a\s+(?:new|later)\s+deadline)"
        rf"(?:\s*[,:;–—-]|\s+and)?\s+(?:it(?:\s+is|['’]s)|the\s+(?:new\s+)?(?:deadline|date)\s+is|until|till|to|by)"
        rf"{_NOW}\s+{_V}",
        rf"{_SOMEBODY}{_HAVE}{_NOW}\s+{_MOVED}{_ASIDE}\s+{_OWNER}\s+(?:deadline|due date){_ASIDE}"
        rf"\s+(?:to|until|till)\s+{_V}",
        rf"{_SOMEBODY}{_HAVE}{_NOW}\s+{_MOVED}{_ASIDE}\s+the\s+(?:deadline|due date)\s+(?:of|for)\s+(?P<s>.+?){_ASIDE}"
        rf"\s+(?:to|until|till)\s+{_V}",
        rf"(?P<s>(?:[Mm]y|[Oo]ur|{_PERSON}['’]s)\s+project|[Tt]he\s+[\w-]+(?:\s+[\w-]+)?\s+project){_BE}{_NOW}\s+due"
        rf"(?:\s+(?:on|by|in))?\s+{_V}",
    )
)
_NAMED = (
    _rule(rf"{_OWNER}\s+{{N}}\s+{_IS_NOT}\s+{_V}", negated=True),
    _rule(rf"{_OWNER}\s+{{N}}\s+{_TURNED}{_NOW}\s+{_V}"),
    _rule(rf"{_S}{_GOT}{_NOW}\s+a\s+new\s+{{N}}\s*(?:[:,–—]|,\s+it\s+is|\s+and\s+it\s+is)\s+{_V}"),
    _rule(rf"[Tt]he\s+{{N}}\s+(?:of|for)\s+(?P<s>.+?)\s+{_IS_NOT}\s+{_V}", negated=True),
    _rule(rf"[Tt]he\s+{{N}}\s+(?:of|for)\s+(?P<s>.+?)\s+{_TURNED}{_NOW}\s+{_V}"),
    _rule(
        rf"[Tt]he\s+(?P<s>[\w-]+(?:\s+[\w-]+){{0,2}}?)\s+(?P<n>{THING_NOUN})\s+{_IS_NOT}\s+{_V}",
        negated=True,
    ),
    _rule(rf"[Tt]he\s+(?P<s>[\w-]+(?:\s+[\w-]+){{0,2}}?)\s+(?P<n>{THING_NOUN})\s+{_TURNED}{_NOW}\s+{_V}"),
    _rule(rf"(?P<s>[Mm]eine?|[Uu]nsere?)\s+{{N}}\s+(?:ist|lautet)\s+nicht\s+mehr\s+{_V}", negated=True),
    _rule(
        rf"(?:(?P<s>[Mm]eine?|[Uu]nsere?|[A-ZÄÖÜ][\w-]*?(?:\s+[A-ZÄÖÜ][\w-]*?)*?)(?:s|['’])?)\s+{{N}}\s+(?:ist|lautet)(?:\s+(?:jetzt|nun))?\s+{_V}"
    ),
    _rule(rf"(?:[Dd]er|[Dd]ie|[Dd]as)\s+{{N}}\s+(?:von|für)\s+(?P<s>.+?)\s+(?:ist|lautet)(?:\s+(?:jetzt|nun))?\s+{_V}"),
)
_BEING = (  # one of a few words, or another name or place
    _rule(rf"{_S}{_BE}{_NOW}\s+(?P<c>{CONDITION})(?:\s+(?:now|again))?"),
    _rule(rf"{_S}{_BE}(?:\s+not|\s+no longer)\s+(?P<c>{CONDITION})(?:\s+any ?(?:more|longer))?", negated=True),
    _rule(rf"{_S}\s+ist\s+(?:jetzt\s+|nun\s+)?(?P<c>{CONDITION})"),
    _rule(rf"{_S}\s+(?:is|are)\s+now\s+(?:called|named)\s+{_V}", NAME, check=is_named),
    _place(rf"{_S}\s+(?:is|are)\s+now\s+(?:located\s+)?(?:in|at)\s+{_V}", LOCATION),
    _rule(rf"{_S}{_BE}\s+now\s+(?:an?|the)\s+{_V}", OCCUPATION, place=True),
)
_NOUN = (
    rf"(?:new\s+|current\s+|neue[rs]?\s+)?(?P<kind>(?:work|home|office|private|second)\s+)?(?P<n>(?i:{NOUN})|"
    r"favou?rite\s+[\w-]+(?:\s+[\w-]+)?|Lieblings\w+)"
)
RULES = tuple(
    Rule(re.compile(one.pattern.pattern.replace("{N}", _NOUN)), one.attribute, one.negated, one.check, one.is_place)
    for one in (*_LIVING, *_WORKING, *_CALLING, *_DUE, *_NAMED, *_BEING)
)

# "I quit my job, and now I work at ...": the first half says no more than that the second is new.
CHANGE = re.compile(
    rf"(?P<s>I|We|{_PERSON}){_HAVE}{_NOW}\s+"
    r"(?:changed|switched|swapped|quit|left|sold|given up|gave up|moved out(?:\s+of)?|packed up|resigned)"
    rf"(?:\s+(?:(?:{_THEIR}|the)\s+)?(?:(?:old|last|previous|former|first)\s+)?"
    r"(?:jobs?|employers?|careers?|positions?|company|firm|place|flat|apartment|house|home|city|town|country|"
    rf"(?:phone\s+)?numbers?)|\s+{_PERSON})?"
    r"(?:\s*[,;]?\s+and\s+|\s*[,;]\s+)(?:(?:so|now|then|has since|have since)\s+)*(?:(?:I|we|he|she|they)\s+)?"
    r"(?:now\s+)?(?P<rest>\S.*)"
)

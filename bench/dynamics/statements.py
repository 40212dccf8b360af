"""Made-up people and what is said of them: statements, restatements, updates, and the questions about them. Pure.

Names and phrasings come in two shares that have nothing in common: what is developed on one is judged on the other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Share(StrEnum):
    DEVELOPMENT = "development"
    HELD_OUT = "held-out"


@dataclass(frozen=True, slots=True)
class Phrasing:
    """Sentences with {who} and {value}. `own` are said by the person, who is then the speaker and not named."""

    states: Sequence[str]
    own_states: Sequence[str]
    updates: Sequence[str]
    own_updates: Sequence[str]
    asks: Sequence[str]
    asks_before: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Attribute:
    """What people have: one value at a time if it is functional, else several that hold together."""

    name: str
    is_functional: bool
    values: Sequence[str]
    phrasings: Mapping[Share, Phrasing]


NAMES: Mapping[Share, Sequence[str]] = {
    Share.DEVELOPMENT: (
        "Mira Okafor", "Tomas Lindqvist", "Ayla Demir", "Rafael Quintero", "Hanne Vogt", "Kenji Morita", "Zofia Malik",
        "Idris Bello", "Lucie Fontaine", "Anders Holm", "Priya Raman", "Oskar Brandt", "Noemi Castellano",
        "Yusuf Haddad", "Greta Sorensen", "Daniel Abara", "Ilse Hartmann", "Marco Bellini", "Farah Nasser",
        "Pavel Novotny", "Siobhan Keane", "Emeka Obi", "Tuuli Saarinen", "Leandro Pires",
    ),
    Share.HELD_OUT: (
        "Clara Whitlock", "Bashir Rahimi", "Elin Dahlgren", "Viktor Marchenko", "Nadia Benali", "Joaquin Ibarra",
        "Freya Lockhart", "Samir Chaudhry", "Agnes Kowalska", "Theo Verhoeven", "Marisol Vega", "Henrik Aasen",
        "Dalia Rosen", "Felix Obermann", "Chiara Moretti", "Kwame Asante", "Ines Figueira", "Ruslan Petrov",
        "Maeve Donnelly", "Hiroshi Tanabe", "Leila Farouk", "Jonas Wexler", "Amara Diop", "Benedek Szabo",
    ),
}  # fmt: skip

CITIES = ("Ghent", "Porto", "Tampere", "Graz", "Leeds", "Aarhus", "Lyon", "Bologna", "Utrecht", "Brno", "Malmo", "Cork",
          "Valencia", "Tartu", "Linz", "Gdansk", "Nantes", "Kaunas", "Bergen", "Split")  # fmt: skip
FIRMS = ("Northgate Logistics", "Solvane", "the city library", "Brightwater Energy", "Kestrel Robotics", "Halden Bank",
         "the botanical garden", "Orbital Foods", "Mariner Insurance", "the regional hospital", "Tessel Studios",
         "Quarry Lane School", "Finch & Daughters", "Lumen Optics", "the tram company", "Arbor Publishing")  # fmt: skip
PHONES = tuple(f"0{number} {number * 7919 % 900000 + 100000}" for number in range(171, 199))
DISHES = ("mushroom risotto", "lamb tagine", "okonomiyaki", "lentil dal", "fish tacos", "pierogi", "ramen", "moussaka",
          "jollof rice", "goulash", "pad thai", "shakshuka", "paella", "borscht", "bibimbap", "gnocchi")  # fmt: skip
DEADLINES = ("the 3rd of May", "the 19th of May", "the 7th of June", "the 22nd of June", "the 11th of July",
             "the 30th of July", "the 14th of August", "the 28th of August", "the 9th of September",
             "the 25th of October")  # fmt: skip
HOBBIES = ("chess", "the cello", "climbing", "pottery", "birdwatching", "fencing", "rowing", "origami", "the accordion",
           "astronomy", "beekeeping", "calligraphy", "badminton", "bouldering", "gardening", "woodcarving")  # fmt: skip

ATTRIBUTES: Sequence[Attribute] = (
    Attribute("home", True, CITIES, {
        Share.DEVELOPMENT: Phrasing(
            ("{who} lives in {value}.", "By the way, {who} has a flat in {value}, near the river."),
            ("I live in {value}, not far from the station.", "My home is in {value}."),
            ("{who} moved to {value} last week.", "{who} has left the old place and now lives in {value}."),
            ("I moved to {value} on Saturday, boxes everywhere.", "I live in {value} now."),
            ("Where does {who} live?", "In which city is the home of {who}?"),
            ("Where did {who} live before moving?", "In which city did {who} use to live?")),
        Share.HELD_OUT: Phrasing(
            ("{who} is at home in {value}.", "You will find {who} in {value}; the house is on the hill."),
            ("I have my home in {value} these days.", "We are settled in {value}, the children like it."),
            ("{who} relocated to {value} this month.", "{who} swapped the old town for {value}."),
            ("We relocated to {value} at last.", "As of this week I am living in {value}."),
            ("Which town does {who} live in?", "Where is {who} living at the moment?"),
            ("Which town did {who} live in previously?", "Where was {who} living before?"))}),
    Attribute("employer", True, FIRMS, {
        Share.DEVELOPMENT: Phrasing(
            ("{who} works at {value}.", "{who} has a job at {value}, in planning."),
            ("I work at {value}.", "My job is at {value}, mostly paperwork."),
            ("{who} started a new job at {value}.", "{who} changed jobs and now works at {value}."),
            ("I started at {value} on Monday.", "I quit, and I work at {value} now."),
            ("Where does {who} work?", "Who employs {who}?"),
            ("Where did {who} work before?", "Who was the previous employer of {who}?")),
        Share.HELD_OUT: Phrasing(
            ("{who} is employed by {value}.", "{who} earns a living at {value}."),
            ("I am employed by {value}.", "These days {value} pays my rent."),
            ("{who} has joined {value}.", "{who} got hired by {value} after the interview."),
            ("I have joined {value}, a fresh start.", "I got hired by {value}!"),
            ("Which employer does {who} have?", "For whom is {who} working at present?"),
            ("For whom did {who} work earlier?", "Which employer did {who} leave?"))}),
    Attribute("phone", True, PHONES, {
        Share.DEVELOPMENT: Phrasing(
            ("{who}'s phone number is {value}.", "You can call {who} on {value}."),
            ("My phone number is {value}.", "Call me on {value}."),
            ("{who}'s new phone number is {value}.", "{who} has a new phone number: {value}."),
            ("My new phone number is {value}.", "I changed my number, it is {value} now."),
            ("What is the phone number of {who}?", "On which number can I call {who}?"),
            ("What was the old phone number of {who}?",)),
        Share.HELD_OUT: Phrasing(
            ("The telephone number of {who} is {value}.", "{who} can be reached at {value}."),
            ("I can be reached at {value}.", "Here is my telephone number: {value}."),
            ("{who} got another number, {value}.", "From now on {who} can be reached at {value}."),
            ("From now on I can be reached at {value}.", "My telephone number has changed to {value}."),
            ("How can {who} be reached by telephone?", "Which telephone number does {who} have?"),
            ("At which number could {who} be reached formerly?",))}),
    Attribute("dish", True, DISHES, {
        Share.DEVELOPMENT: Phrasing(
            ("{who}'s favourite dish is {value}.", "Nothing makes {who} happier than {value}."),
            ("My favourite dish is {value}.", "I could eat {value} every day."),
            ("{who}'s favourite dish is {value} now.", "{who} has gone off the old favourite and swears by {value}."),
            ("My favourite dish is {value} now.", "I have a new favourite: {value}."),
            ("What is the favourite dish of {who}?", "What should I cook for {who}?"),
            ("What was the favourite dish of {who} earlier?",)),
        Share.HELD_OUT: Phrasing(
            ("{who} likes {value} best of all meals.", "The meal that {who} loves most is {value}."),
            ("Of all meals I like {value} best.", "The meal I love most is {value}."),
            ("These days {who} likes {value} best.", "{who} has fallen for {value} and orders nothing else."),
            ("These days I like {value} best.", "I have fallen for {value} and order nothing else."),
            ("Which meal does {who} like best?", "Which meal would please {who} most?"),
            ("Which meal did {who} like best before?",))}),
    Attribute("deadline", True, DEADLINES, {
        Share.DEVELOPMENT: Phrasing(
            ("The deadline of {who}'s project is {value}.", "{who} must deliver by {value}."),
            ("The deadline of my project is {value}.", "I have to deliver by {value}."),
            ("The deadline of {who}'s project has moved to {value}.", "{who} got more time: it is {value} now."),
            ("They moved my deadline to {value}.", "The deadline of my project is {value} now."),
            ("When is the deadline of {who}'s project?", "By when must {who} deliver?"),
            ("When was the deadline of {who}'s project originally?",)),
        Share.HELD_OUT: Phrasing(
            ("{who}'s thesis is due on {value}.", "{who} hands in the thesis on {value}."),
            ("My thesis is due on {value}.", "I hand in the thesis on {value}."),
            ("The due date of {who}'s thesis was changed to {value}.", "{who}'s thesis is due on {value} instead."),
            ("My thesis is due on {value} instead.", "The due date of my thesis was changed to {value}."),
            ("When is {who}'s thesis due?", "On which date does {who} hand in the thesis?"),
            ("On which date was {who}'s thesis due at first?",))}),
    Attribute("hobby", False, HOBBIES, {
        Share.DEVELOPMENT: Phrasing(
            ("{who} has taken up {value}.", "{who} spends the weekends with {value}."),
            ("I have taken up {value}.", "My weekends go to {value}."),
            (), (), ("Which hobbies does {who} have?", "What does {who} do in the free time?")),
        Share.HELD_OUT: Phrasing(
            ("{who} practises {value} after work.", "{who} signed up for a course in {value}."),
            ("I practise {value} after work.", "I signed up for a course in {value}."),
            (), (), ("What are the pastimes of {who}?", "How does {who} spend spare evenings?"))}),
)  # fmt: skip

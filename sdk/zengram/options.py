"""The options of the command line."""

import argparse
import json

from zengram.inputs import Json

EXAMPLES = """\
examples:
  zengram add "Mira moved to Ghent." --speaker Mira
  git log -1 | zengram add - --title "Last commit"
  zengram recall "Where does Mira live?" --explain
  zengram list --json | jq -r .text

environment: ZENGRAM_URL, ZENGRAM_API_KEY, ZENGRAM_NAMESPACE
"""


LAYERS = ("episodic", "semantic", "procedural")
SUBJECTS = ("user", "document", "memory", "session", "entity")
STATUSES = ("ready", "pending", "failed", "quarantined", "archived")


class UsageError(Exception):
    """The command line cannot be understood."""


def json_object(option: str, text: str | None) -> Json | None:
    """Raises UsageError."""
    if text is None:
        return None
    try:
        value = json.loads(text)
    except ValueError as error:
        raise UsageError(f"{option} is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise UsageError(f'{option} takes a JSON object, for example \'{{"metadata.project": {{"eq": "heron"}}}}\'.')
    return value


def parser() -> argparse.ArgumentParser:
    shared = _shared()
    top = argparse.ArgumentParser(
        prog="zengram",
        description="Long-term memory from the shell.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        parents=[shared],
    )
    top.set_defaults(url=None, api_key=None, namespace=None, timeout=60.0, json=False)
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    add = commands.add_parser("add", parents=[shared], help="remember a text")
    add.add_argument("text", nargs="?", help="the text, or - to read it from standard input")
    add.add_argument("--file", metavar="F", help="read the text from a file (UTF-8)")
    add.add_argument("--speaker", help="who said it")
    add.add_argument("--session", help="the conversation it belongs to")
    add.add_argument("--title", help="title of a document")
    add.add_argument("--document", action="store_true", help="add a document, not a memory")
    add.add_argument("--layer", choices=LAYERS, help="where it belongs (default: decided by rules)")
    add.add_argument("--occurred-at", metavar="TIME", help="when it happened (RFC 3339; without a zone: UTC)")
    _writing(add)

    upload = commands.add_parser("upload", parents=[shared], help="add files (txt md html pdf docx eml csv json jsonl)")
    upload.add_argument("files", nargs="+", metavar="FILE")
    upload.add_argument("--title", help="instead of the title in the file")
    _writing(upload)

    recall = commands.add_parser("recall", parents=[shared], help="the passages that answer a question")
    recall.add_argument("query")
    recall.add_argument("--top-k", type=int, metavar="N", help="how many at most (10)")
    recall.add_argument("--threshold", type=float, metavar="P", help="least probability, 0 to 1")
    recall.add_argument("--filter", metavar="JSON", help="what the passages must satisfy")
    _when(recall)
    recall.add_argument("--explain", action="store_true", help="show the path by which each was found")

    context = commands.add_parser("context", parents=[shared], help="a block of text for a prompt")
    context.add_argument("query")
    context.add_argument("--max-tokens", type=int, metavar="N", help="how long at most (1500)")
    context.add_argument("--filter", metavar="JSON", help="what the passages must satisfy")
    _when(context)

    _knowing(commands, shared)
    _keeping(commands, shared)
    _sleeping(commands, shared)
    _layers(commands, shared)
    return top


def _when(command: argparse.ArgumentParser) -> None:
    command.add_argument("--as-of", metavar="TIME", help="what held then")
    command.add_argument("--known-at", metavar="TIME", help="as it was known then")
    command.add_argument("--superseded", action="store_true", help="also what newer statements have superseded")
    command.add_argument("--linked", action="store_true", help="also linked namespaces")


def _layers(commands: "argparse._SubParsersAction[argparse.ArgumentParser]", shared: argparse.ArgumentParser) -> None:
    history = commands.add_parser("history", parents=[shared], help="what happened to a memory, and what it states")
    history.add_argument("id")

    feedback = commands.add_parser("feedback", parents=[shared], help="say what became of a result")
    feedback.add_argument("id", help="of the result or the memory")
    feedback.add_argument("verdict", choices=("used", "useful", "wrong", "corrected"))
    feedback.add_argument("text", nargs="?", help="what is right, with corrected")
    feedback.add_argument("--recall", metavar="ID", help="the recall that it comes from")

    undo = commands.add_parser("undo", parents=[shared], help="take back a change that feedback made")
    undo.add_argument("id", help="of the change")

    strength = commands.add_parser("strength", parents=[shared], help="how well a memory holds, and its forecast")
    strength.add_argument("id")
    strength.add_argument("--days", type=float, default=90.0, metavar="N", help="how far the forecast goes (90)")

    say = commands.add_parser("say", parents=[shared], help="add a message to a conversation")
    say.add_argument("session")
    say.add_argument("text")
    say.add_argument("--role", choices=("user", "assistant", "system", "tool"))
    say.add_argument("--speaker", help="who said it")
    say.add_argument("--forget", action="store_true", help="make no memory of it")

    messages = commands.add_parser("messages", parents=[shared], help="the newest messages of a conversation")
    messages.add_argument("session")
    messages.add_argument("--limit", type=_count, metavar="N", help="at most so many (50)")

    working = commands.add_parser("working", parents=[shared], help="what is held in mind in a conversation")
    working.add_argument("session")
    working.add_argument(
        "--hold", nargs=2, metavar=("KIND", "TEXT"), help="hold this too: fact, goal, context, constraint"
    )

    core = commands.add_parser(
        "core", parents=[shared], help="core blocks: all, one, or with a text make or change one"
    )
    core.add_argument("label", nargs="?")
    core.add_argument("text", nargs="?")
    core.add_argument("--delete", action="store_true", help="delete this block")

    commands.add_parser("procedures", parents=[shared], help="how things are done, and how well that went")

    links = commands.add_parser("links", parents=[shared], help="names shared with other namespaces")
    links.add_argument("--find", action="store_true", help="look for new ones")
    links.add_argument("--confirm", metavar="ID")
    links.add_argument("--reject", metavar="ID")


def _knowing(commands: "argparse._SubParsersAction[argparse.ArgumentParser]", shared: argparse.ArgumentParser) -> None:
    answer = commands.add_parser(
        "answer", parents=[shared], help="an answer with its sources (the service needs an LLM)"
    )
    answer.add_argument("query")
    answer.add_argument("--thorough", action="store_true", help="recall step by step")
    answer.add_argument("--filter", metavar="JSON", help="what the sources must satisfy")

    entities = commands.add_parser("entities", parents=[shared], help="what passages name, the most often named first")
    entities.add_argument("query", nargs="?", default="", help="a part of the name")
    entities.add_argument("--limit", type=_count, metavar="N", default=50, help="at most so many (50)")

    entity = commands.add_parser("entity", parents=[shared], help="one entity with its facts, passages and neighbours")
    entity.add_argument("name")
    entity.add_argument("--merge-into", metavar="NAME", help="let it count as this entity; it can be taken back")
    entity.add_argument("--unmerge", metavar="NAME", help="tell one of its names apart from it")

    graph = commands.add_parser("graph", parents=[shared], help="the graph around an entity or a passage")
    graph.add_argument("entity", nargs="?", help="name of the entity")
    graph.add_argument("--passage", metavar="ID", help="start from a passage")
    graph.add_argument("--depth", type=int, metavar="N", help="edges from the start at most (2)")
    graph.add_argument("--limit", type=_count, metavar="N", help="nodes at most (100)")

    enrich = commands.add_parser("enrich", parents=[shared], help="let the LLM read what it has not read yet")
    enrich.add_argument("--status", action="store_true", help="only say how far it is")
    enrich.add_argument("--wait", action="store_true", help="wait until everything is read")
    enrich.add_argument("--wait-seconds", type=float, metavar="S", default=3600.0, help="for so long (3600)")


def _keeping(commands: "argparse._SubParsersAction[argparse.ArgumentParser]", shared: argparse.ArgumentParser) -> None:
    listing = commands.add_parser("list", parents=[shared], help="memories, newest first")
    listing.add_argument("--documents", action="store_true", help="documents, not memories")
    listing.add_argument("--session", help="only this conversation")
    listing.add_argument("--layer", choices=LAYERS, help="only this layer")
    listing.add_argument("--status", choices=STATUSES, help="only what is in this state")
    listing.add_argument("--limit", type=_count, metavar="N", help="at most so many (default: all)")

    get = commands.add_parser("get", parents=[shared], help="one memory or document")
    get.add_argument("id")

    delete = commands.add_parser("delete", parents=[shared], help="delete memories or documents")
    delete.add_argument("ids", nargs="+", metavar="ID")

    forget = commands.add_parser("forget", parents=[shared], help="archive or purge, by policies or a filter")
    forget.add_argument("--filter", metavar="JSON", help="what to forget; without it: by policies")
    forget.add_argument("--purge", action="store_true", help="what the filter chooses is gone for good")
    forget.add_argument("--layer", choices=(*LAYERS, "base"), help="only this layer")
    forget.add_argument("--below", type=float, metavar="R", help="archive what is remembered worse (0 to 1)")
    forget.add_argument("--most-items", type=int, metavar="N", help="archive the least valuable above it")
    forget.add_argument("--most-tokens", type=int, metavar="N", help="the same for tokens")
    forget.add_argument("--dry-run", action="store_true", help="only show the plan")
    forget.add_argument("--undo", metavar="ID", help="revive what this forgetting archived")

    revive = commands.add_parser("revive", parents=[shared], help="let archived memories into recall again")
    revive.add_argument("ids", nargs="+", metavar="ID")
    revive.add_argument("--document", action="store_true", help="they are documents")

    erase = commands.add_parser("erase", parents=[shared], help="erase all of a subject for good, with proof")
    erase.add_argument("subject", help="its id or name")
    erase.add_argument("--kind", required=True, choices=SUBJECTS)
    erase.add_argument("--dry-run", action="store_true", help="only say what would be erased")
    erase.add_argument("--yes", action="store_true", help="it cannot be undone, and is meant")

    commands.add_parser("health", parents=[shared], help="whether the service is ready")


def _sleeping(commands: "argparse._SubParsersAction[argparse.ArgumentParser]", shared: argparse.ArgumentParser) -> None:
    sleep = commands.add_parser("sleep", parents=[shared], help="let the memory sleep, watch its nights, undo one")
    sleep.add_argument("--dry-run", action="store_true", help="only show what a night would change")
    sleep.add_argument("--nights", action="store_true", help="list the nights, newest first")
    sleep.add_argument("--show", metavar="ID", help="what a night came to")
    sleep.add_argument("--undo", metavar="ID", help="take back what a night changed")
    sleep.add_argument("--every-night", metavar="HH:MM", help="sleep by itself from now on, or: never")
    sleep.add_argument("--time-zone", default="UTC", help="of --every-night, such as Europe/Lisbon")
    sleep.add_argument("--merge-names", action="store_true", help="of --every-night: also merge names of one entity")
    sleep.add_argument("--hints", action="store_true", help="of --every-night: also tell of associations")
    sleep.add_argument("--no-distil", action="store_true", help="of --every-night: gists only quote, no LLM is asked")

    hints = commands.add_parser("hints", parents=[shared], help="associations that nights told of unasked")
    hints.add_argument("--limit", type=int, metavar="N", help="at most so many")
    hints.add_argument("--dismiss", metavar="ID", help="do not show this one again")


def _shared() -> argparse.ArgumentParser:
    """Options that may stand before or after the command; SUPPRESS keeps the later parser from undoing the earlier."""
    shared = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    shared.add_argument("--json", action="store_true", help="JSON as the service sent it (list: one object a line)")
    shared.add_argument("--namespace", metavar="NAME", help="the memory to use (ZENGRAM_NAMESPACE, else default)")
    shared.add_argument("--url", help="where the service is (ZENGRAM_URL, else http://127.0.0.1:8000)")
    shared.add_argument("--api-key", metavar="KEY", help="better: ZENGRAM_API_KEY, which other users cannot see")
    shared.add_argument("--timeout", type=float, metavar="S", help="seconds to wait for an answer (60)")
    return shared


def _writing(command: argparse.ArgumentParser) -> None:
    command.add_argument("--metadata", metavar="JSON", help="a JSON object, which filters can ask for")
    command.add_argument("--wait", action="store_true", help="wait until a large input can be recalled")


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number

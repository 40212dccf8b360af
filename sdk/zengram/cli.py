"""`zengram`: the memory from a shell. Exit codes: 0 done, 1 the service refused or could not, 2 wrong usage."""

import argparse
import io
import os
import sys
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path

from zengram import show, show_layers
from zengram.client import Client
from zengram.errors import ZengramError
from zengram.inputs import Json, given
from zengram.layer_models import Block
from zengram.models import Added
from zengram.options import UsageError, json_object, parser
from zengram.sleeping import Night

DONE, REFUSED, USAGE, INTERRUPTED = 0, 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code."""
    _speak_unicode()
    options = parser().parse_args(arguments)
    try:
        with Client(
            options.url, api_key=options.api_key, namespace=options.namespace, timeout=options.timeout
        ) as memory:
            COMMANDS[options.command](memory, options)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader, for example `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except KeyboardInterrupt:
        return INTERRUPTED
    except ZengramError as error:
        sys.stderr.write(show.error(error))
        return REFUSED
    except (UsageError, ValueError, OSError) as error:
        sys.stderr.write(f"zengram: {error}\n")
        return USAGE
    return DONE


def add(memory: Client, options: argparse.Namespace) -> None:
    text = _text(options)
    metadata = json_object("--metadata", options.metadata)
    if options.document or options.title:
        if options.speaker or options.session or options.layer:
            raise UsageError("--speaker, --session and --layer belong to memories, not to documents.")
        added = memory.add_document(
            text, title=options.title, source=options.file, metadata=metadata, occurred_at=options.occurred_at
        )
    else:
        added = memory.add(
            text,
            speaker=options.speaker,
            session_id=options.session,
            metadata=metadata,
            occurred_at=options.occurred_at,
            layer=options.layer,
        )
    _report(memory, added, options)


def upload(memory: Client, options: argparse.Namespace) -> None:
    metadata = json_object("--metadata", options.metadata)
    added = memory.upload(options.files, title=options.title, metadata=metadata)
    _report(memory, added, options)


def recall(memory: Client, options: argparse.Namespace) -> None:
    recalled = memory.recall(
        options.query,
        top_k=options.top_k,
        threshold=options.threshold,
        filters=_filters(options),
        as_of=options.as_of,
        known_at=options.known_at,
        superseded=options.superseded,
        linked=options.linked,
        explain=options.explain,
    )
    _print(show.as_json(recalled) if options.json else show.recalled(recalled))


def context(memory: Client, options: argparse.Namespace) -> None:
    built = memory.context(
        options.query,
        max_tokens=options.max_tokens,
        filters=_filters(options),
        as_of=options.as_of,
        known_at=options.known_at,
        superseded=options.superseded,
        linked=options.linked,
    )
    _print(show.as_json(built) if options.json else show.context(built))


def answer(memory: Client, options: argparse.Namespace) -> None:
    mode = "thorough" if options.thorough else None
    answered = memory.answer(options.query, mode=mode, filters=_filters(options))
    _print(show.as_json(answered) if options.json else show.answered(answered))


def entities(memory: Client, options: argparse.Namespace) -> None:
    for found in islice(memory.entities(options.query, page_size=min(options.limit, 1000)), options.limit):
        _print(show.as_line(found) if options.json else show.entity(found))


def entity(memory: Client, options: argparse.Namespace) -> None:
    if options.merge_into and options.unmerge:
        raise UsageError("--merge-into and --unmerge exclude each other.")
    if options.unmerge:
        memory.unmerge_entity(options.name, options.unmerge)
        _print(show.plain(f"{options.unmerge} is an entity of its own again"))
        return
    merged = memory.merge_entities(options.name, options.merge_into) if options.merge_into else None
    found = merged or memory.entity(options.name)
    _print(show.as_json(found) if options.json else show.portrait(found))


def graph(memory: Client, options: argparse.Namespace) -> None:
    found = memory.graph(entity=options.entity, passage=options.passage, depth=options.depth, limit=options.limit)
    _print(show.as_json(found) if options.json else show.graph(found))


def enrich(memory: Client, options: argparse.Namespace) -> None:
    if not options.status:
        operation = memory.enrich()
        if options.wait:
            memory.wait(operation, timeout=options.wait_seconds)
    status = memory.enrichment()
    _print(show.as_json(status) if options.json else show.enrichment(status))


def list_(memory: Client, options: argparse.Namespace) -> None:
    kind = "document" if options.documents else "memory"
    page_size = min(options.limit or 100, 100)
    found = memory.list(
        kind, session_id=options.session, layer=options.layer, status=options.status, page_size=page_size
    )
    for item in islice(found, options.limit):
        _print(show.as_line(item) if options.json else show.item(item))


def get(memory: Client, options: argparse.Namespace) -> None:
    found = memory.get(options.id)
    _print(show.as_json(found) if options.json else show.whole(found))


def delete(memory: Client, options: argparse.Namespace) -> None:
    for item in options.ids:
        memory.delete(item)
        _print(show.line({"id": item, "status": "deleted"}) if options.json else f"deleted {show.plain(item)}")


def health(memory: Client, options: argparse.Namespace) -> None:
    found = memory.health()
    _print(show.as_json(found) if options.json else f"{show.plain(found.status)}: {memory.url} is ready")


def history(memory: Client, options: argparse.Namespace) -> None:
    found = memory.history(options.id)
    _print(show.as_json(found) if options.json else show_layers.history(found))


def feedback(memory: Client, options: argparse.Namespace) -> None:
    verdict = {"id": options.id, "verdict": options.verdict, **({"text": options.text} if options.text else {})}
    given = memory.feedback([verdict], recall=options.recall)
    _print(show.as_json(given) if options.json else show_layers.learned(given))


def undo(memory: Client, options: argparse.Namespace) -> None:
    change = memory.undo(options.id)
    _print(show.as_json(change) if options.json else f"undone {show.plain(change.id)}")


def strength(memory: Client, options: argparse.Namespace) -> None:
    found = memory.strength(options.id, days=options.days)
    _print(show.as_json(found) if options.json else show_layers.strength(found))


def say(memory: Client, options: argparse.Namespace) -> None:
    said = memory.say(
        options.session, options.text, role=options.role, speaker=options.speaker, remember=not options.forget
    )
    _print(show.as_json(said) if options.json else "\n".join(f"said {one.id}" for one in said.items))


def messages(memory: Client, options: argparse.Namespace) -> None:
    found = memory.messages(options.session, limit=options.limit)
    _print(show.as_json(found) if options.json else show_layers.window(found))


def working(memory: Client, options: argparse.Namespace) -> None:
    if options.hold:
        kind, content = options.hold
        found = memory.hold(options.session, [{"kind": kind, "content": content}], keep=True)
    else:
        found = memory.working(options.session)
    _print(show.as_json(found) if options.json else show_layers.working(found))


def core(memory: Client, options: argparse.Namespace) -> None:
    for block in _core(memory, options):
        _print(show.as_line(block) if options.json else show_layers.block(block))


def _core(memory: Client, options: argparse.Namespace) -> Sequence[Block]:
    if options.label is None:
        return memory.core()
    if options.delete:
        memory.delete_core(options.label)
        return []
    if options.text is None:
        return [memory.core_block(options.label)]
    known = {block.label for block in memory.core()}
    change = memory.update_core if options.label in known else memory.add_core
    return [change(options.label, options.text)]


def procedures(memory: Client, options: argparse.Namespace) -> None:
    for one in memory.procedures():
        _print(show.as_line(one) if options.json else show_layers.procedure(one))


def links(memory: Client, options: argparse.Namespace) -> None:
    if options.confirm or options.reject:
        found = [memory.confirm_link(options.confirm) if options.confirm else memory.reject_link(options.reject)]
    else:
        found = memory.find_links() if options.find else memory.links()
    for one in found:
        _print(show.as_line(one) if options.json else show_layers.link(one))


def forget(memory: Client, options: argparse.Namespace) -> None:
    if options.undo:
        undone = memory.undo_forget(options.undo)
        _print(show.as_json(undone) if options.json else f"revived {undone.revived}")
        return
    policy = given(
        layer=options.layer,
        least_retrievability=options.below,
        most_items=options.most_items,
        most_tokens=options.most_tokens,
    )
    forgot = memory.forget(
        policies=[policy] if policy else None,
        filter=_filters(options),
        action="purge" if options.purge else None,
        dry_run=options.dry_run,
    )
    _print(show.as_json(forgot) if options.json else show_layers.forgot(forgot))


def sleep(memory: Client, options: argparse.Namespace) -> None:
    if options.every_night:
        is_on = options.every_night != "never"
        at = options.every_night if is_on else "03:00"
        wanted = memory.set_sleep(
            is_on=is_on,
            at=at,
            time_zone=options.time_zone,
            merge_names=options.merge_names,
            hints=options.hints,
            distil=not options.no_distil,
        )
        _print(show.as_json(wanted) if options.json else show_layers.sleep_settings(wanted))
        return
    if options.dry_run:
        for change in memory.sleep(dry_run=True).plan or ():
            _print(show.as_line(change) if options.json else show_layers.night_change(change))
        return
    for night in _nights(memory, options):
        _print(show.as_line(night) if options.json else show_layers.night(night))


def _nights(memory: Client, options: argparse.Namespace) -> Iterable[Night]:
    if options.nights:
        return memory.nights()
    if options.show or options.undo:
        return [memory.undo_night(options.undo) if options.undo else memory.night(options.show)]
    begun = memory.sleep().night
    return [] if begun is None else [begun]


def hints(memory: Client, options: argparse.Namespace) -> None:
    if options.dismiss:
        memory.dismiss_hint(options.dismiss)
        return
    for hint in islice(memory.hints(), options.limit):
        _print(show.as_line(hint) if options.json else show_layers.hint(hint))


def revive(memory: Client, options: argparse.Namespace) -> None:
    for item in options.ids:
        found = memory.revive(item, kind="document" if options.document else "memory")
        _print(show.as_line(found) if options.json else f"revived {show.plain(found.id)}")


def erase(memory: Client, options: argparse.Namespace) -> None:
    if not options.yes and not options.dry_run:
        raise UsageError("Erasing cannot be undone: say --yes, or --dry-run to see what would be erased.")
    erased = memory.erase(options.subject, options.kind, dry_run=options.dry_run)
    _print(show.as_json(erased) if options.json else show_layers.erased(erased))


COMMANDS = {
    "forget": forget,
    "sleep": sleep,
    "hints": hints,
    "revive": revive,
    "erase": erase,
    "history": history,
    "feedback": feedback,
    "undo": undo,
    "strength": strength,
    "say": say,
    "messages": messages,
    "working": working,
    "core": core,
    "procedures": procedures,
    "links": links,
    "add": add,
    "upload": upload,
    "recall": recall,
    "context": context,
    "answer": answer,
    "entities": entities,
    "entity": entity,
    "graph": graph,
    "enrich": enrich,
    "list": list_,
    "get": get,
    "delete": delete,
    "health": health,
}


def _text(options: argparse.Namespace) -> str:
    if (options.text is None) == (options.file is None):
        raise UsageError("Give either a text, - to read it from standard input, or --file.")
    try:
        if options.file is not None:
            return Path(options.file).read_text("utf-8")
        return sys.stdin.buffer.read().decode("utf-8") if options.text == "-" else str(options.text)
    except UnicodeDecodeError as error:
        raise UsageError(
            f"The text is not UTF-8 (byte {error.start}); `zengram upload` reads other formats."
        ) from error


def _filters(options: argparse.Namespace) -> Json | None:
    return json_object("--filter", options.filter)


def _report(memory: Client, added: Added, options: argparse.Namespace) -> None:
    """Says what became of what was sent; with --wait once it is done."""
    if options.wait and added.operation is not None:
        done = memory.wait(added.operation)
        added = added.model_copy(update={"items": done.items, "operation": done})
    _print(show.as_json(added) if options.json else show.added(added))


def _print(text: str) -> None:
    sys.stdout.write(text.rstrip("\n") + "\n")


def _speak_unicode() -> None:
    """A pipe or a terminal of another encoding gets replacement characters, never a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


if __name__ == "__main__":
    sys.exit(main())

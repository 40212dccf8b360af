"""Answers about the layers as text for people."""

from zengram.forgetting import Erasure, Forgot
from zengram.layer_models import Block, History, Link, Procedure, Window, Working
from zengram.learning import Feedback, Strength
from zengram.show import plain
from zengram.sleeping import Hint, Night, NightChange, SleepSettings


def history(found: History) -> str:
    lines = [f"{found.id}  {found.layer}" + (f": {found.reason}" if found.reason else "")]
    for one in found.items:
        who = f" by {one.actor}" if one.actor else ""
        why = f": {one.why}" if one.why else ""
        lines.append(f"{one.at.isoformat(timespec='seconds')}  {one.kind}{who}{why}")
    for said in found.statements:
        holds = "no longer " if said.negated else ""
        until = f" until {said.valid_to.isoformat(timespec='seconds')}" if said.valid_to else ""
        lines.append(f"states  {said.attribute} of {said.subject}: {holds}{said.value}{until}")
    lines += [f"stands for  {id_}" for id_ in dict.fromkeys(one.id for one in found.sources)]
    return plain("\n".join(lines))


def window(found: Window) -> str:
    before = [f"(before: {found.gist})"] if found.gist else []
    return plain("\n".join([*before, *(f"{one.speaker or one.role}: {one.text}" for one in found.items)]))


def working(found: Working) -> str:
    return plain("\n".join(f"[{one.relevance:.2f}] {one.kind}: {one.content}" for one in found.items))


def block(found: Block) -> str:
    return plain(f"[{found.label}] version {found.version}, {found.tokens} tokens\n{found.text}")


def procedure(found: Procedure) -> str:
    steps = [f"  {number}. {step}" for number, step in enumerate(found.steps, 1)]
    head = f"{found.id}  {found.trigger} ({found.success_rate:.0%} of {found.runs} runs)"
    return plain("\n".join([head, *steps]))


def link(found: Link) -> str:
    return plain(
        f"{found.id}  {found.status} [{found.similarity:.2f}] {found.name} = {found.other_name} in {found.other}"
    )


def learned(found: Feedback) -> str:
    lines = []
    for one in found.items:
        lines.append(f"{one.document_id}  {one.verdict}: holds for {one.stability:.1f} days")
        if one.change is not None:
            stopped = f" (stopped: {one.change.stopped_by})" if one.change.stopped_by else ""
            lines.append(f"  {one.change.mode}{stopped}, undo with {one.change.id}")
    return plain("\n".join(lines))


def strength(found: Strength) -> str:
    now = f"retrievability {found.retrievability:.2f}, stability {found.stability:.1f} days, {found.recalls} recalls"
    points = [
        f"{one.day:6.1f} d  {one.retrievability:.2f}  {'#' * round(40 * one.retrievability)}" for one in found.forecast
    ]
    return plain("\n".join([now, *points]))


def forgot(found: Forgot) -> str:
    lines = [f"{one.action} {one.id}: {one.why}" for one in found.plan]
    done = found.forgetting
    if done is None:
        lines.append(f"{len(found.plan)} would be forgotten")
    else:
        lines.append(f"archived {done.archived}, purged {done.purged}; zengram forget --undo {done.id}")
    return plain("\n".join(lines))


def erased(found: Erasure) -> str:
    rows = ", ".join(f"{count} {name}" for name, count in found.counts.items())
    head = "would erase" if found.id is None else f"erased ({found.status}), certificate {found.id}:"
    return plain(f"{head} {rows}")


def night(found: Night) -> str:
    """The night in a line, then what its stages have to say."""
    lines = [f"{plain(found.id)} night {found.number}, {plain(found.status)}"]
    for stage in found.stages:
        lines += [f"  {plain(stage.name)}: {plain(sentence)}" for sentence in stage.sentences]
    return "\n".join(lines)


def night_change(change: NightChange) -> str:
    """One change that a night would make."""
    ends = plain(change.id) + (f" -> {plain(change.other)}" if change.other else "")
    return f"{plain(change.stage)}: {plain(change.of)} {ends} {plain(change.why)}".rstrip()


def hint(found: Hint) -> str:
    """What leads to what, and why."""
    lines = [f"{found.id} {found.why}", f"  {found.source.text}", f"  -> {found.target.text}"]
    return "\n".join(plain(line) for line in lines)


def sleep_settings(wanted: SleepSettings) -> str:
    return f"sleeps every night at {plain(wanted.at)} ({plain(wanted.time_zone)})" if wanted.is_on else "never sleeps"

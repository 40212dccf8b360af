"""The verbs of forgetting: policies, plans that are shown, applied and undone; legal holds; erasure with its proof."""

from collections.abc import Iterable
from datetime import datetime

from pydantic import Field, JsonValue

from zengram.calls import Call, answer, nothing, path
from zengram.inputs import Json, given
from zengram.items import Stored, item_call
from zengram.models import Document, Model, Page


class Policy(Model):
    """Rules for one layer, or for all (None); what is None does not apply."""

    layer: str | None = None  # episodic, semantic, procedural, or base for documents
    least_retrievability: float | None = None  # what is remembered worse is archived, 0 to 1
    most_items: int | None = None  # above it the least valuable are archived
    most_tokens: int | None = None
    most_bytes: int | None = None
    expired: str = "archive"  # or purge: what becomes of an item after its expires_at
    purge_after_days: float | None = None  # in the archive


class Policies(Model):
    policies: list[Policy]


class Verdict(Model):
    """One item that is to be forgotten, and why."""

    id: str
    kind: str
    action: str  # archive or purge
    rule: str = ""
    why: str = ""


class Forgetting(Model):
    """One time that items were forgotten."""

    id: str
    status: str  # applying, done or undone
    archived: int = 0
    purged: int = 0
    skipped: int = 0  # changed between the plan and its turn
    actor: str = ""
    at: datetime | None = None
    undone_at: datetime | None = None


class Forgot(Model):
    """The plan, and what became of it; a dry run has no `forgetting`."""

    plan: list[Verdict]
    forgetting: Forgetting | None = None


class Undone(Model):
    """How many items were revived; what was purged, deleted or erased stays gone."""

    revived: int
    forgetting: Forgetting


class Hold(Model):
    """Nothing of this subject may be deleted."""

    kind: str
    subject: str
    reason: str = ""
    actor: str = ""
    at: datetime | None = None


class HoldList(Model):
    items: list[Hold]


class Erasure(Model):
    """A certificate: rows removed, by table, and what a search found afterwards; a dry run has no id."""

    id: str | None = None
    kind: str
    subject_sha256: str | None = None
    status: str | None = None  # proved, scrubbing, scrubbed or incomplete
    counts: dict[str, int] = Field(default_factory=dict)
    proof: dict[str, JsonValue] = Field(default_factory=dict)
    actor: str | None = None
    at: datetime | None = None
    scrubbed_at: datetime | None = None


def policies(namespace: str) -> Call[list[Policy]]:
    """What the namespace forgets when it is asked to."""
    return Call("GET", path("namespaces", namespace, "policies"), _policies)


def set_policies(namespace: str, policies: Iterable[Policy | Json]) -> Call[list[Policy]]:
    """Give the namespace these policies, one a layer, instead of those it has. Nothing is forgotten by this alone."""
    body = {"policies": [_sent(one) for one in policies]}
    return Call("PUT", path("namespaces", namespace, "policies"), _policies, body=body)


def forget(
    namespace: str,
    *,
    policies: Iterable[Policy | Json] | None = None,
    filter: Json | None = None,
    action: str | None = None,
    dry_run: bool = False,
) -> Call[Forgot]:
    """Archive or purge: by these policies, or what a filter chooses (`action` archive or purge), or with neither by
    the policies of the namespace. `dry_run` only shows the plan.
    """
    rules = None if policies is None else [_sent(one) for one in policies]
    body = given(policies=rules, filter=filter, action=action, dry_run=dry_run)
    params = {"namespace": namespace}
    return Call("POST", path("forget"), answer(Forgot), params=params, body=body, repeatable=dry_run)


def forgettings(namespace: str, *, page_size: int = 100) -> Call[Page[Forgetting]]:
    """When items were forgotten, newest first; pages are fetched as they are needed."""
    params = {"namespace": namespace, "limit": str(page_size)}
    return Call("GET", path("forget"), answer(Page[Forgetting]), params=params)


def undo_forget(namespace: str, forgetting: str | Forgetting, *, leave: Iterable[str] = ()) -> Call[Undone]:
    """Revive all that was archived, or nothing if any of it was changed since (Conflict); `leave` stays archived."""
    id_ = forgetting if isinstance(forgetting, str) else forgetting.id
    params = {"namespace": namespace}
    where = path("forget", id_, "undo")
    return Call("POST", where, answer(Undone), params=params, body={"except": list(leave)}, repeatable=False)


def revive(namespace: str, item: Stored, *, kind: str = "memory") -> Call[Document]:
    """Let an archived memory, or a document, into recall again."""
    return item_call(namespace, item, Call("POST", "", answer(Document)), kind, "revive")


def holds(namespace: str) -> Call[list[Hold]]:
    """What may not be deleted, and why."""

    def parse(content: bytes) -> list[Hold]:
        return HoldList.model_validate_json(content).items

    return Call("GET", path("holds"), parse, params={"namespace": namespace})


def put_hold(namespace: str, subject: str, kind: str, reason: str) -> Call[Hold]:
    """Forbid to delete anything of a subject: a user, document, memory, session or entity (scope admin)."""
    params = {"namespace": namespace, "kind": kind}
    return Call("PUT", path("subjects", subject, "hold"), answer(Hold), params=params, body={"reason": reason})


def lift_hold(namespace: str, subject: str, kind: str) -> Call[None]:
    """Lift a hold (scope admin)."""
    params = {"namespace": namespace, "kind": kind}
    return Call("DELETE", path("subjects", subject, "hold"), nothing, params=params)


def erase(namespace: str, subject: str, kind: str, *, dry_run: bool = False) -> Call[Erasure]:
    """Erase all of a user, document, memory, session or entity for good; the answer is the certificate (scope admin).

    It takes as long as copying the database: give the client a `timeout` to match.
    """
    params = {"namespace": namespace, "kind": kind, "dry_run": "true" if dry_run else "false"}
    return Call("DELETE", path("subjects", subject), answer(Erasure), params=params, repeatable=dry_run)


def erasures(namespace: str, *, page_size: int = 100) -> Call[Page[Erasure]]:
    """Certificates of erasure, newest first; pages are fetched as they are needed."""
    params = {"namespace": namespace, "limit": str(page_size)}
    return Call("GET", path("erasures"), answer(Page[Erasure]), params=params)


def lift_tombstones(namespace: str, erasure: str) -> Call[None]:
    """Let what was erased be sent in again; it brings nothing back (scope admin)."""
    return Call("DELETE", path("erasures", erasure, "tombstones"), nothing, params={"namespace": namespace})


def _policies(content: bytes) -> list[Policy]:
    return Policies.model_validate_json(content).policies


def _sent(policy: Policy | Json) -> Json:
    return policy.model_dump(include=set(Policy.model_fields)) if isinstance(policy, Policy) else policy

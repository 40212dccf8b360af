"""Keys and namespaces: who may see what, and that nobody sees what belongs to others."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from memory import documents, operations, tenancy
from memory.errors import Conflict, Forbidden, InvalidInput, NotFound, Unauthorized
from memory.parts import Parts
from memory.store import namespaces
from memory.store.tables import ApiKeyRow, NamespaceRow
from memory.types import KeyId, Kind, Namespace, Principal, Recall, Scope, TenantId
from tests.store.working import keep, note, results, said


@pytest.fixture
def stranger(parts: Parts, now: datetime) -> Principal:
    tenant = parts.database.write(lambda session: namespaces.add_tenant(session, "strangers", now))
    return Principal(tenant, frozenset(Scope))


def test_bootstrap_can_be_repeated(parts: Parts, namespace: Namespace, now: datetime) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: tenancy.bootstrap(parts, now), range(8))) == {namespace}


def test_a_key_opens_what_it_is_made_for(parts: Parts, owner: Principal, now: datetime) -> None:
    assert not tenancy.has_keys(parts)
    scopes = [Scope.READ, Scope.WRITE]
    key, secret = tenancy.create_key(parts, owner.tenant, "bot", scopes, now=now, namespace="work")
    assert tenancy.has_keys(parts)
    assert secret.startswith(key.prefix)
    assert len(key.prefix) == len("zg_") + 8
    assert len(secret) >= len(key.prefix) + 43
    assert tenancy.authenticate(parts, secret, now) == Principal(owner.tenant, frozenset(scopes), "work", key.id)


def test_a_secret_is_not_kept(parts: Parts, owner: Principal, now: datetime) -> None:
    key, secret = tenancy.create_key(parts, owner.tenant, "bot", [Scope.READ], now=now)
    row = parts.database.read(lambda session: dict(session.execute(select(ApiKeyRow.__table__)).mappings().one()))
    assert secret[len(key.prefix) :] not in str(row)
    assert tenancy.list_keys(parts, owner.tenant) == [key]


@pytest.mark.parametrize("secret", ["", "zg_", "x" * 54, "zg_" + "a" * 51, "zg_\x00", "zg_" + "ü" * 51])
def test_a_wrong_secret_is_refused(parts: Parts, owner: Principal, now: datetime, secret: str) -> None:
    _, real = tenancy.create_key(parts, owner.tenant, "bot", [Scope.READ], now=now)
    for wrong in (secret, real[:-1], real + "a", real[:-1] + ("a" if real[-1] != "a" else "b"), real.upper()):
        with pytest.raises(Unauthorized):
            tenancy.authenticate(parts, wrong, now)


def test_a_key_ends_when_it_expires_or_is_revoked(parts: Parts, owner: Principal, now: datetime) -> None:
    end = now + timedelta(days=1)
    key, secret = tenancy.create_key(parts, owner.tenant, "bot", [Scope.READ], now=now, expires_at=end)
    tenancy.authenticate(parts, secret, end - timedelta(seconds=1))
    with pytest.raises(Unauthorized):
        tenancy.authenticate(parts, secret, end)
    tenancy.revoke_key(parts, owner.tenant, key.id, now)
    with pytest.raises(Unauthorized):
        tenancy.authenticate(parts, secret, now)
    assert tenancy.list_keys(parts, owner.tenant)[0].revoked_at == now
    assert not tenancy.has_keys(parts)


def test_an_impossible_key_is_refused(parts: Parts, owner: Principal, now: datetime) -> None:
    with pytest.raises(InvalidInput) as caught:
        tenancy.create_key(parts, owner.tenant, " ", [], now=now, expires_at=now)
    assert [problem.field for problem in caught.value.problems] == ["name", "scopes", "expires_at"]


def test_foreign_keys_are_not_found(parts: Parts, owner: Principal, stranger: Principal, now: datetime) -> None:
    key, secret = tenancy.create_key(parts, owner.tenant, "bot", [Scope.READ], now=now)
    for id_ in (key.id, KeyId("x"), KeyId("\x00")):
        with pytest.raises(NotFound):
            tenancy.revoke_key(parts, stranger.tenant, id_, now)
    assert tenancy.list_keys(parts, stranger.tenant) == []
    tenancy.authenticate(parts, secret, now)


def test_a_foreign_namespace_is_not_found(parts: Parts, owner: Principal, stranger: Principal, now: datetime) -> None:
    tenancy.create_namespace(parts, owner, "private", now)
    with pytest.raises(NotFound):
        tenancy.namespace(parts, stranger, "private")
    with pytest.raises(NotFound):
        tenancy.delete_namespace(parts, stranger, "private")
    assert tenancy.list_namespaces(parts, stranger) == []
    theirs = tenancy.create_namespace(parts, stranger, "private", now)  # the same name, another memory
    assert theirs.id != tenancy.namespace(parts, owner, "private").id


def test_foreign_ids_are_not_found(
    parts: Parts, namespace: Namespace, owner: Principal, stranger: Principal, now: datetime
) -> None:
    kept = keep(parts, namespace, now, note("Secret."), *(said(f"Secret {n}.") for n in range(80)))
    id_ = kept.receipts[0].id
    assert kept.operation is not None
    for principal in (stranger, owner):  # another tenant's, and another namespace of one's own
        other = tenancy.ensure_namespace(parts, principal, "other", now)
        with pytest.raises(NotFound):
            documents.get(parts, other, Kind.DOCUMENT, id_)
        with pytest.raises(NotFound):
            documents.passages(parts, other, id_)
        with pytest.raises(NotFound):
            documents.patch(parts, other, Kind.DOCUMENT, id_, documents.DocumentPatch(text="x"), None, now, "t")
        with pytest.raises(NotFound):
            documents.delete(parts, other, Kind.DOCUMENT, id_, None, now, "t")
        with pytest.raises(NotFound):
            operations.get(parts, other, kept.operation.id)
        with pytest.raises(NotFound):
            operations.cancel(parts, other, kept.operation.id, now)
        assert results(parts, other, Recall("Secret?", document_ids=[id_])) == ()
        assert documents.list_page(parts, other, Kind.DOCUMENT, 10, None).items == ()
    assert documents.get(parts, namespace, Kind.DOCUMENT, id_).text == "Secret."


def test_a_bound_key_sees_one_namespace(parts: Parts, owner: Principal, now: datetime) -> None:
    bound = Principal(owner.tenant, frozenset(Scope), "work")
    assert tenancy.ensure_namespace(parts, bound, "work", now).name == "work"
    for name in ("default", "elsewhere"):
        with pytest.raises(Forbidden):
            tenancy.namespace(parts, bound, name)
        with pytest.raises(Forbidden):
            tenancy.ensure_namespace(parts, bound, name, now)
    assert [one.name for one in tenancy.list_namespaces(parts, bound)] == ["work"]
    assert [one.name for one in tenancy.list_namespaces(parts, owner)] == ["default", "work"]


def test_the_first_writes_make_one_namespace(parts: Parts, owner: Principal, now: datetime) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda _: tenancy.ensure_namespace(parts, owner, "new", now).id, range(8)))
    assert len(made) == 1
    with pytest.raises(Conflict):
        tenancy.create_namespace(parts, owner, "new", now)


@pytest.mark.parametrize("name", ["", "a b", "../x", "\x00", "ü", "-a", "x" * 101])
def test_a_name_that_is_none_is_refused(parts: Parts, owner: Principal, now: datetime, name: str) -> None:
    with pytest.raises(InvalidInput):
        tenancy.create_namespace(parts, owner, name, now)
    with pytest.raises(NotFound):
        tenancy.namespace(parts, owner, name)


def test_sizes_are_counted(parts: Parts, namespace: Namespace, owner: Principal, now: datetime) -> None:
    keep(parts, namespace, now, note("One."), note("Two."), said("Three."))
    stats = tenancy.namespace_stats(parts, namespace)
    assert (stats.documents, stats.memories, stats.passages, stats.revision) == (2, 1, 3, 3)
    keep(parts, namespace, now, *(said(f"Later {n}.") for n in range(70)))
    stats = tenancy.namespace_stats(parts, namespace)
    assert (stats.memories, stats.passages) == (71, 3)


def test_a_namespace_goes_with_everything_in_it(parts: Parts, owner: Principal, now: datetime) -> None:
    gone = tenancy.create_namespace(parts, owner, "gone", now)
    keep(parts, gone, now, note("One."), *(said(f"Later {n}.") for n in range(70)))
    tenancy.delete_namespace(parts, owner, "gone")
    with pytest.raises(NotFound):
        tenancy.namespace(parts, owner, "gone")
    with pytest.raises(NotFound):
        tenancy.namespace_stats(parts, gone)
    names = parts.database.read(lambda session: session.execute(select(NamespaceRow.name)).scalars().all())
    assert names == ["default"]
    assert tenancy.list_namespaces(parts, Principal(TenantId("nobody"), frozenset())) == []

"""The answers of the service, typed. Fields that a newer service adds are kept, never refused."""

from datetime import datetime
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue, SecretStr

T = TypeVar("T")

FINAL = frozenset({"completed", "failed", "cancelled"})


class Model(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True, protected_namespaces=())


class Receipt(Model):
    """What became of one item that was sent in."""

    id: str
    kind: str  # memory or document
    status: str  # stored, duplicate (`id` is the item that has this content), accepted (an operation goes on), failed
    content_hash: str = ""
    passages: int = 0
    layer: str = ""
    reason: str = ""  # why it is in this layer
    revision: int = 0


class Progress(Model):
    done: int = 0
    total: int = 0


class Operation(Model):
    """Work that goes on after the answer."""

    id: str
    kind: str = ""
    status: str  # pending, processing, completed, failed or cancelled
    progress: Progress = Progress()
    items: list[Receipt] = []
    error: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None

    @property
    def is_done(self) -> bool:
        return self.status in FINAL


class Added(Model):
    """A receipt for each item, in the order of the items; `operation` is there if part of the work goes on."""

    items: list[Receipt]
    revision: int = 0
    operation: Operation | None = None

    @property
    def ids(self) -> list[str]:
        return [receipt.id for receipt in self.items]


class Document(Model):
    """A document or a memory as it is kept."""

    id: str
    kind: str
    text: str
    format: str | None = None
    title: str | None = None
    source: str | None = None
    speaker: str | None = None
    session_id: str | None = None
    external_id: str | None = None
    metadata: dict[str, JsonValue] = {}
    occurred_at: datetime | None = None
    recorded_at: datetime | None = None
    updated_at: datetime | None = None
    content_hash: str = ""
    status: str = ""  # ready, pending, failed, quarantined or archived
    error: str | None = None
    passages: int = 0
    layer: str = ""
    reason: str = ""  # why it is in this layer
    valid_from: datetime | None = None
    valid_to: datetime | None = None  # from then on something else holds
    retired_at: datetime | None = None  # when its end became known
    superseded_by: str | None = None  # the memory that ended it
    expires_at: datetime | None = None
    version: int = 0  # raised by every change; `update` and `delete` take it as `if_version`


class Page(Model, Generic[T]):
    items: list[T]
    next_cursor: str | None = None


class Mention(Model):
    """A thing that a passage names."""

    name: str
    kind: str = ""
    count: int = 0


class Passage(Model):
    """One piece of a document, as it is embedded and returned by recall."""

    id: str
    ordinal: int
    text: str
    mentions: list[Mention] = []


class ArmScore(Model):
    score: float
    rank: int  # 1 is best


class PathStep(Model):
    """A node on the way from the question to the passage, and the edge that leads to it."""

    node: str  # question, entity or passage
    id: str | None = None
    label: str | None = None
    edge: str | None = None
    weight: float | None = None


class Explanation(Model):
    arms: dict[str, ArmScore] = {}
    path: list[PathStep] = []
    effects: dict[str, float] = {}  # what each mechanism of memory added to the score


class Result(Model):
    """A passage that was recalled."""

    id: str
    document_id: str
    kind: str
    text: str
    score: float  # higher is better; comparable within one answer
    probability: float | None = None  # 0 to 1; comparable between questions
    title: str | None = None
    source: str | None = None
    speaker: str | None = None
    session_id: str | None = None
    layer: str = ""
    occurred_at: datetime | None = None
    recorded_at: datetime | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    superseded_by: str | None = None
    sources: list[str] = []  # the items that this one stands for since a night
    namespace: str | None = None  # where several were asked
    metadata: dict[str, JsonValue] = {}
    explanation: Explanation | None = None


class Seed(Model):
    """Where the walk through the graph began, with its share."""

    kind: str = ""
    label: str = ""
    mass: float = 0.0


class Took(Model):
    """Milliseconds."""

    encode: float = 0.0
    search: float = 0.0
    total: float = 0.0


class Recalled(Model):
    """The passages that answer a question, best first; `abstained` says that none is good enough."""

    results: list[Result]
    id: str = ""  # for feedback
    abstained: bool = False
    revision: int = 0
    seeds: list[Seed] | None = None
    took_ms: Took = Took()


class Source(Model):
    """What a number in a context refers to."""

    ref: int
    id: str
    document_id: str
    title: str | None = None
    source: str | None = None
    speaker: str | None = None
    occurred_at: datetime | None = None
    score: float | None = None


class Context(Model):
    """A block of text for a prompt; `str(context)` is that text."""

    context: str
    tokens: int = 0
    sources: list[Source] = []
    core: list[str] = []  # labels of the core blocks that it begins with
    abstained: bool = False
    revision: int = 0

    def __str__(self) -> str:
        return self.context


class AnswerStep(Model):
    """One recall on the way to an answer."""

    query: str
    thought: str = ""
    facts: list[str] = []
    new: int = 0


class Answered(Model):
    """An answer that cites its sources by number, or `abstained` with the `reason`; `str(answered)` is its text."""

    answer: str
    abstained: bool = False
    reason: str | None = None
    sources: list[Source] = []
    steps: list[AnswerStep] = []
    revision: int = 0
    llm_tokens: int = 0
    took_ms: float = 0.0

    def __str__(self) -> str:
        return self.answer


class Enrichment(Model):
    """How far an LLM is with reading what is remembered."""

    model: str | None = None
    is_on: bool = True
    daily_tokens: int = 0
    spent_today: int = 0
    passages: dict[str, int] = {}  # by state: rules, pending, done, failed
    facts: int = 0
    errors: dict[str, str] = {}
    waits_for: str | None = None


class Entity(Model):
    """Something that passages name; `id` is its normal name."""

    id: str
    name: str
    kind: str = ""
    passages: int = 0


class Fact(Model):
    """What passages state."""

    id: str
    subject: str
    predicate: str
    object: str
    text: str = ""
    confidence: float = 1.0
    source: str = ""
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    recorded_at: datetime | None = None
    retired_at: datetime | None = None
    passages: list[str] = []


class Neighbour(Model):
    entity: Entity
    edge: str = ""  # fact, synonym, or mention: the same passages name both
    weight: float = 0.0


class EntityPassage(Model):
    """A passage that names the entity."""

    id: str
    document_id: str
    title: str = ""
    text: str = ""


class MergedName(Model):
    """A name that counts as another, why, and who said so when."""

    name: str
    into: str
    why: str = ""
    by: str = ""
    at: datetime | None = None


class EntityPortrait(Model):
    """An entity, its other names, and what is around it."""

    entity: Entity
    merged: list[MergedName] = []
    facts: list[Fact] = []
    passages: list[EntityPassage] = []
    neighbours: list[Neighbour] = []


class GraphNode(Model):
    id: str
    kind: str = ""
    label: str = ""
    distance: int = 0


class GraphEdge(Model):
    source: str
    target: str
    kind: str = ""
    weight: float = 0.0


class Graph(Model):
    """Node-link data: `networkx.node_link_graph(graph.model_dump(), edges="edges")`."""

    directed: bool = False
    multigraph: bool = True
    graph: dict[str, bool] = {}
    nodes: list[GraphNode] = []
    edges: list[GraphEdge] = []


class Community(Model):
    """Entities and passages that are joined closely; `central` are its most connected entities."""

    entities: int = 0
    passages: int = 0
    central: list[Entity] = []
    examples: list[str] = []


class Communities(Model):
    items: list[Community]
    total: int = 0
    modularity: float = 0.0


class Namespace(Model):
    """An isolated memory, and how much is in it."""

    name: str
    revision: int = 0
    documents: int = 0
    memories: int = 0
    passages: int = 0
    created_at: datetime | None = None
    linkable: bool = False
    owner: str | None = None


class Key(Model):
    """An API key without its secret."""

    id: str
    name: str = ""
    prefix: str = ""
    scopes: list[str] = []
    namespace: str | None = None
    created_at: datetime | None = None
    expires_at: datetime | None = None
    revoked_at: datetime | None = None


class NewKey(Key):
    """The only answer that has the key itself: `key.get_secret_value()`."""

    key: SecretStr = Field(repr=False)


class Health(Model):
    """Whether the service is ready; what else it says of itself is kept as it is."""

    status: str = "ok"

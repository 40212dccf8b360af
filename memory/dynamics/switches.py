"""Which mechanisms take part in remember, recall and feedback: each can be switched alone. Pure.

The defaults are what the ablation on the life log shows to help; the rest is implemented, tested and off
(`docs/dynamics.md` has the figures). What recall weighs was measured on the share of the life log for development.
"""

from dataclasses import dataclass, fields, replace


@dataclass(frozen=True, slots=True)
class Dynamics:
    """A switch for each mechanism."""

    validity: bool = True  # recall leaves out what newer statements supersede, or has it after them if it says more
    rivalry: bool = True  # of memories that say something of the same kind of the same person, the newest comes first
    separation: bool = True  # what is said of one person is told apart by what it does not share
    usefulness: bool = True  # what helped before ranks higher, what misled lower (surprise delta)
    reinforcement: bool = True  # a near-duplicate strengthens what is there, and is kept in quarantine
    echo: bool = True  # what recall itself returned lately, and is said again, is no new evidence
    reconsolidation: bool = True  # feedback may change memories, behind the protector, with undo
    lability: bool = True  # only what was recalled lately can be changed by news (corrections always can)
    novelty: bool = True  # what is unlike all that is remembered is more salient
    neuromodulation: bool = True  # novelty and errors at remember move levels; these weigh salience and learning
    context: bool = True  # what was said by, to or of those whom the question names ranks before what was not
    substance: bool = False  # what tells something ranks higher than what greets or asks back
    folding: bool = False  # what says the same as a better result gives its place to something else
    companions: bool = False  # what was used together is raised together (learned edges)
    retention: bool = False  # what fades ranks lower (FSRS)
    salience: bool = False  # what was new or moving when it was said ranks higher
    trust: bool = False  # what was called wrong ranks lower by its trust
    effort: bool = False  # questions that look hard are searched thoroughly

    @property
    def reranks(self) -> bool:
        """Whether anything looks at what search found again."""
        return any(getattr(self, name) for name in RANKING)

    @property
    def needs_strength(self) -> bool:
        """Whether ranking asks how strong a memory is."""
        return self.retention or self.salience or self.trust

    def without(self, mechanism: str) -> "Dynamics":
        """The same without one mechanism. Raises TypeError for a name that is none."""
        return replace(self, **{mechanism: False})

    def including(self, mechanism: str) -> "Dynamics":
        """The same with one mechanism more. Raises TypeError for a name that is none."""
        return replace(self, **{mechanism: True})


RANKING = (
    "rivalry", "separation", "folding", "usefulness", "substance", "context", "companions", "retention", "salience",
    "trust",
)  # fmt: skip
MECHANISMS = tuple(field.name for field in fields(Dynamics))
RECOMMENDED = Dynamics()
OFF = Dynamics(**dict.fromkeys(MECHANISMS, False))
ALL = Dynamics(**dict.fromkeys(MECHANISMS, True))

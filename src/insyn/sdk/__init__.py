"""What a developer, a supplier or a data scientist installs: ask, record, and use only what is fresh. Needs neither Django nor pandas."""

from .answers import Answer, BatchResult
from .citations import find_quotes
from .counterfactual import Choosable, Direction, Movable, find_counterfactual
from .explain import Explanation, linear_factors
from .explain_permutation import permutation_factors
from .explain_trees import tree_factors, trees_of
from .guard import Decision, Guard

__all__ = [
    "Answer",
    "BatchResult",
    "Choosable",
    "Decision",
    "Direction",
    "Explanation",
    "Guard",
    "Movable",
    "find_counterfactual",
    "find_quotes",
    "linear_factors",
    "permutation_factors",
    "tree_factors",
    "trees_of",
]

"""What a developer, a supplier or a data scientist installs: ask, record, and use only what is fresh. Needs neither Django nor pandas."""

from .answers import Answer, BatchResult
from .explain import Explanation, linear_factors
from .guard import Decision, Guard

__all__ = ["Answer", "BatchResult", "Decision", "Explanation", "Guard", "linear_factors"]

"""Which rules ask something of a system on a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from insyn.law.model import Kind, Pack, Rule
from insyn.law.protective import applying
from insyn.web.register.compiling import known_answers
from insyn.web.register.models import System
from insyn.web.register.rows import evaluated


def rules_asking(system: System, packs: Sequence[Pack], on: date, *kinds: Kind) -> list[Rule]:
    """The rules of these kinds that apply to the system's answers, or may."""
    return [result.rule for result in applying(evaluated(packs, known_answers(system, packs), on), *kinds)]

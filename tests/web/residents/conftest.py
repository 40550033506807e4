"""The loan system of the oversight tests, with a real sequencer, seen from the resident's side."""

from __future__ import annotations

from tests.web.oversight.conftest import holder, loans, officer, propose

__all__ = ["holder", "loans", "officer", "propose"]

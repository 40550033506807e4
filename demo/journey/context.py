"""What every step needs: the installation, its services, the model and the terminal."""

from __future__ import annotations

import urllib.request
from dataclasses import dataclass
from functools import cached_property

from demo.journal import Journal, client_keys
from demo.loans import words
from demo.loans.applications import Split, applications, split
from demo.loans.model import LoanModel, fit
from demo.loans.validation import Check, Part, held_out, judge, parts
from demo.terminal import Terminal
from insyn.cli.up import Services
from insyn.core.errors import InsynError
from insyn.core.home import Home
from insyn.core.signing import SigningKey
from insyn.core.terms import Mode
from insyn.sdk import Guard
from insyn.sdk.control import ControlClient


def fetch(services: Services, path: str) -> bytes:
    """Read a page of our own site. Raises :class:`InsynError` with what the site's log says."""
    try:
        with urllib.request.urlopen(f"{services.web_url}{path}", timeout=30) as answer:  # noqa: S310 - our own site on this machine
            return bytes(answer.read())
    except OSError as error:
        raise InsynError(f"{path} could not be read: {error}\n{services.children['web'].tail()}") from error


@dataclass
class Journey:
    """One run of the demonstration."""

    home: Home
    services: Services
    terminal: Terminal
    journal: Journal

    @cached_property
    def applications(self) -> Split:
        return split(applications())

    @cached_property
    def model(self) -> LoanModel:
        return fit(self.applications.training)

    @cached_property
    def validation(self) -> tuple[tuple[Part, ...], tuple[Check, ...]]:
        """Counts per group on held-out applications, and the limits held against them."""
        counted = parts(held_out(self.applications.training))
        return counted, judge(counted)

    @property
    def one_in(self) -> int:
        """How many proposals there are to each that differs from the loan officer's decision, on held-out applications."""
        whole = self.validation[0][0]
        return round(whole.n / (whole.n - whole.right))

    def loan_guard(self) -> Guard:
        """Lånestöd's own way to Insyn: what the loan program uses."""
        return Guard(
            socket=self.home.decide_socket,
            key=client_keys(self.home).get(words.SLUG) or "no key has been issued",
            system=words.SLUG,
            version=words.VERSION,
            purpose=words.PURPOSE,
            categories=words.CATEGORIES,
            matter_type=words.MATTER_TYPE,
            mode=Mode.SUPPORT,
        )

    def control(self) -> ControlClient:
        """The register's way to the sequencer: what the web site uses."""
        key = SigningKey.from_bytes("register", bytes.fromhex(self.home.register_key.read_text()))
        return ControlClient(self.home.control_socket, key)

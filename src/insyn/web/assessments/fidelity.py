"""What the register says of how far a version's explanations can be trusted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from insyn.core.terms import RecordKind
from insyn.web.register.contents import was_passed
from insyn.web.register.models import Record, System


@dataclass(frozen=True)
class ExplanationTest:
    """The newest test of one version's explanations. ``record`` is None where there is none that is public and holds."""

    version: str
    record: Record | None

    @property
    def grade(self) -> str:
        return str(self.record.content.get("grade", "")) if self.record else ""

    @property
    def passed(self) -> bool:
        return self.record is not None and was_passed(self.record.kind, self.record.content)

    @property
    def tested_on(self) -> date | None:
        return date.fromisoformat(self.record.content["tested_on"]) if self.record else None

    @property
    def sample(self) -> int:
        return int(self.record.content["sample"]) if self.record else 0


def test_of_version(records: Iterable[Record], version: str) -> ExplanationTest:
    """Of the records that hold, the newest public test of the version."""
    found = [
        record
        for record in records
        if record.kind == RecordKind.FIDELITY_TEST and record.public and record.version and record.version.name == version
    ]
    return ExplanationTest(version, max(found, key=lambda record: (record.recorded_on, record.pk), default=None))


def explanation_test(system: System, version: str, on: date) -> ExplanationTest:
    """The test of the version that made a case's explanation."""
    held = Record.objects.filter(system=system, kind=RecordKind.FIDELITY_TEST, version__name=version).valid(on).select_related("version")
    return test_of_version(held, version)


def explanation_tests(records: Iterable[Record], versions: Iterable[str]) -> list[ExplanationTest]:
    """One for each version, also where it was never tested: that a test is missing is public too."""
    held = list(records)
    return [test_of_version(held, version) for version in versions]

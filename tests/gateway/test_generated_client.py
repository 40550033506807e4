"""A client that nobody wrote: generated from the OpenAPI document, it makes its calls and reads every kind of answer."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from gateway_kit import KEY, Town
from test_front import front_of

GENERATOR = Path(sys.executable).with_name("openapi-python-client")
USES = """
import os
from insyn_client import AuthenticatedClient
from insyn_client.api.default import api_info, clear, decide, ready, receipt, record
from insyn_client.models import (
    Asked, Cleared, ClearanceRequest, DecisionRequest, Factor, Outcome, OutcomePayload, Problem, Proof, Recorded, RecordRequest
)

client = AuthenticatedClient(base_url=os.environ["INSYN_URL"], token=os.environ["INSYN_KEY"])
asked = Asked(system="lanestod", version="1.0", purpose="assess_loan", matter_type="loan", categories=["economy"])
outcome = Outcome(
    outcome="approve", payload=OutcomePayload.from_dict({"income": 4200}), case="LN-1", score=0.75, base=0.5,
    factors=[Factor(feature="income", value=4200, contribution=0.25)], notice="letter",
)
assert api_info.sync(client=client).api_name == "Insyn"
assert ready.sync(client=client).status == "ready"
cleared = clear.sync(client=client, body=ClearanceRequest(asked=asked))
assert isinstance(cleared, Cleared) and cleared.stop == "committed only", cleared
made = record.sync(client=client, body=RecordRequest(clearance=cleared.clearance, outcome=outcome), idempotency_key="the-generated-key-1")
assert isinstance(made, Recorded), made
again = decide.sync(client=client, body=DecisionRequest(asked=asked, outcome=outcome), idempotency_key="the-generated-key-2")
assert isinstance(again, Recorded) and again.receipt.index > made.receipt.index
proof = receipt.sync(client=client, index=made.receipt.index, system="lanestod")
assert isinstance(proof, Proof), proof
no = clear.sync(client=client, body=ClearanceRequest(asked=Asked(system="lanestod", version="9", purpose="assess_loan", matter_type="loan")))
assert isinstance(no, Problem) and no.code == "version_not_allowed" and no.refusal.reasons[0].mend.sv, no
print("all")
"""


@pytest.fixture(scope="module")
def http(served: Town) -> Iterator[httpx.Client]:
    yield from front_of(served)


def test_a_generated_client_makes_every_call(http: httpx.Client, tmp_path: Path) -> None:
    document = tmp_path / "openapi.json"
    document.write_bytes(http.get("/openapi.json").content)
    environment = {**os.environ, "PATH": f"{GENERATOR.parent}{os.pathsep}{os.environ['PATH']}"}
    words = [str(GENERATOR), "generate", "--path", str(document), "--output-path", str(tmp_path / "insyn_client"), "--meta", "none"]
    made = subprocess.run([*words, "--fail-on-warning"], capture_output=True, text=True, timeout=50, check=False, env=environment)
    assert made.returncode == 0, made.stdout + made.stderr
    environment |= {"INSYN_URL": str(http.base_url).rstrip("/"), "INSYN_KEY": KEY, "PYTHONPATH": str(tmp_path)}
    used = subprocess.run([sys.executable, "-c", USES], capture_output=True, text=True, timeout=50, check=False, env=environment)
    assert used.stdout.strip() == "all", used.stderr

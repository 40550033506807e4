"""Peers beside us: other people's programs, in an environment of their own (``make bench-peers``), never in the project's lock.

``vaara`` (AGPL, so only run and never linked): its gate call in process with its audit trail in SQLite, which does not flush each decision.
``litellm``: its proxy, measured beside ours where the proxies are.
"""

from __future__ import annotations

import json
import statistics
import subprocess
from pathlib import Path

from bench.figures import FLUSHES, Load, Row, Table, flush_seconds

PEERS = Path(__file__).parent.parent / "var" / "peers"
PYTHON = PEERS / "bin" / "python"
_VAARA = """
import json, sys, tempfile, time, os
from pathlib import Path
from vaara import Pipeline
from vaara.audit.sqlite_backend import SQLiteAuditBackend
from vaara.audit.trail import AuditTrail
count = int(sys.argv[1])
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "trail.db"
    backend = SQLiteAuditBackend(path)
    gate = Pipeline(trail=AuditTrail(on_record=backend.write_record))
    found = []
    for number in range(count + 50):
        began = time.perf_counter()
        gate.intercept(agent_id=f"model-{number % 20}", tool_name="assess_loan", parameters={"note": "x" * 560, "case": number})
        found.append(time.perf_counter() - began)
    held = sum(file.stat().st_size for file in Path(folder).iterdir())
    print(json.dumps({"seconds": found[50:], "bytes": held / (count + 50)}))
"""


def say_peers(scale: float) -> tuple[Table, list[str]]:
    """The table, and what is to be said about peers that are not in it."""
    table = Table("Peers")
    if not PYTHON.exists():
        return table, ["Peers were not measured: `make bench-peers` has not been run here."]
    count = int(1000 * scale)
    before = flush_seconds(FLUSHES)
    try:
        ended = subprocess.run([str(PYTHON), "-c", _VAARA, str(count)], capture_output=True, text=True, timeout=300, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        return table, [f"vaara could not be measured: {str(getattr(error, 'stderr', '') or error).strip().splitlines()[-1]}"]
    found = json.loads(ended.stdout.splitlines()[-1])
    load = Load(found["seconds"], count / sum(found["seconds"]))
    flush = statistics.median(before + flush_seconds(FLUSHES))
    value = f"{found['bytes']:,.0f} bytes a decision; not flushed for each"
    table.add(Row("vaara 2.15.0, gate call in process", flush, load.p50, load.p99, load.rate, value))
    return table, ["LiteLLM's proxy is measured beside ours with the proxies."]

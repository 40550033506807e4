"""The proxy before MLServer and before ``mlflow models serve``, as they come from the package index, in environments of their own.

Slow: each environment is some 350 MB. In the ordinary run a scikit-learn model stands behind a small server of the same protocols.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from gateway_kit import KEY, Town, a_permit, a_town
from proxy_kit import Proxied, a_judge, proxied

from insyn.cli.up import free_port

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
UV = Path(sys.prefix) / "bin" / "uv"
TRAINED = """
import sys, numpy
from sklearn.linear_model import LogisticRegression
random = numpy.random.default_rng(7)
rows = random.normal([4.0, 0.4], [1.5, 0.2], (400, 2))
model = LogisticRegression().fit(rows, numpy.where(rows[:, 0] - 6 * rows[:, 1] > 1.5, 1, 0))
"""


def environment(folder: Path, *packages: str) -> Path:
    """A virtual environment with these packages; returns its ``bin``."""
    made = folder / "venv"
    subprocess.run([str(UV), "venv", "--quiet", "--python", sys.executable, str(made)], check=True)
    subprocess.run([str(UV), "pip", "install", "--quiet", "--python", str(made / "bin" / "python"), *packages], check=True)
    return made / "bin"


@contextlib.contextmanager
def serving(command: Sequence[str], folder: Path, bin_folder: Path, ready: str) -> Iterator[None]:
    log = folder / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            list(command),
            cwd=folder,
            stdout=output,
            stderr=output,
            start_new_session=True,
            env={**os.environ, "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}"},
        )
    try:
        deadline = time.monotonic() + 300
        while True:
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(ready, timeout=5).status_code == 200:
                    break
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.5)
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(60)


@contextlib.contextmanager
def insyn_before(port: int, kind: str) -> Iterator[tuple[Town, Proxied]]:
    with a_town() as town:
        town.start()
        town.permit_in_force(a_permit(explanation_due=False))
        rows = {"features": ["income", "debt"], "case": "case", "outcome": "predict", "labels": {"0": "deny", "1": "grant"}}
        with proxied(town, {"lan": a_judge(port, kind, rows)}) as made:
            yield town, made


def recorded(made: Proxied) -> list[str]:
    return [head.kind for head in made.heads() if head.kind in ("clearance", "decision")]


def test_mlserver_answers_through_the_proxy_and_is_stopped_there(tmp_path: Path) -> None:
    bin_folder = environment(tmp_path, "mlserver==1.7.1", "mlserver-sklearn==1.7.1")
    subprocess.run(
        [str(bin_folder / "python"), "-c", f"{TRAINED}\nimport joblib; joblib.dump(model, 'model.joblib')"], cwd=tmp_path, check=True
    )
    port = free_port()
    settings: dict[str, Any] = {"name": "lan", "implementation": "mlserver_sklearn.SKLearnModel", "parameters": {"uri": "./model.joblib"}}
    (tmp_path / "model-settings.json").write_text(json.dumps(settings))
    ports = {"http_port": port, "grpc_port": free_port(), "metrics_port": free_port()}
    (tmp_path / "settings.json").write_text(json.dumps({"host": "127.0.0.1", "parallel_workers": 0, **ports}))
    ready = f"http://127.0.0.1:{port}/v2/models/lan/ready"
    with (
        serving([str(bin_folder / "mlserver"), "start", "."], tmp_path, bin_folder, ready),
        insyn_before(port, "inference") as (town, made),
    ):
        table = {"name": "table", "shape": [2, 2], "datatype": "FP64", "data": [6.0, 0.1, 1.0, 0.9]}
        case = {"name": "case", "shape": [2], "datatype": "BYTES", "data": ["LN-1", "LN-2"]}
        answer = made.http(KEY).post("/v2/models/lan/infer", json={"inputs": [table, case]})
        assert answer.status_code == 200, answer.text
        assert answer.json()["outputs"][0]["data"] == [1, 0]
        assert recorded(made) == ["clearance", "decision", "decision"]
        town.stop()
        stopped = made.http(KEY).post("/v2/models/lan/infer", json={"inputs": [table, case]})
        assert stopped.json()["code"] == "stopped"


def test_mlflow_answers_through_the_proxy_and_is_stopped_there(tmp_path: Path) -> None:
    bin_folder = environment(tmp_path, "mlflow-skinny==3.17.2", "fastapi", "uvicorn", "scikit-learn", "pandas", "skops")
    save = "import mlflow.sklearn, pandas; mlflow.sklearn.save_model(model, 'saved', input_example=pandas.DataFrame(rows[:2], columns=['income', 'debt']))"
    subprocess.run([str(bin_folder / "python"), "-c", f"{TRAINED}\n{save}"], cwd=tmp_path, check=True)
    port = free_port()
    command = [
        str(bin_folder / "mlflow"),
        "models",
        "serve",
        "-m",
        "saved",
        "--env-manager",
        "local",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    with serving(command, tmp_path, bin_folder, f"http://127.0.0.1:{port}/ping"), insyn_before(port, "mlflow") as (town, made):
        body = {"dataframe_split": {"columns": ["case", "income", "debt"], "data": [["LN-1", 6.0, 0.1], ["LN-2", 1.0, 0.9]]}}
        answer = made.http(KEY).post("/invocations", json=body)
        assert answer.status_code == 200, answer.text
        assert answer.json() == {"predictions": [1, 0]}
        assert recorded(made) == ["clearance", "decision", "decision"]
        town.stop()
        assert made.http(KEY).post("/invocations", json=body).json()["code"] == "stopped"

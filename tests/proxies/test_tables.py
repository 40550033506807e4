"""Open Inference Protocol v2 and MLflow's ``/invocations``: a scikit-learn model in a process of its own behind the proxy."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from gateway_kit import KEY, Town, a_permit, a_town
from proxy_kit import Model, Proxied, a_judge, an_upstream, proxied

from insyn.cli.up import free_port
from insyn.core import messages as m
from insyn.core.terms import DisclosureGroup

ROWS = {
    "features": ["income", "debt"],
    "case": "case",
    "subject": "person",
    "groups": {"sex": "sex"},
    "outcome": "predict",
    "score": "score",
    "base": "base",
    "contributions": "contributions",
}
NUMBER = "19121212-1212"


class Served:
    def __init__(self, town: Town, made: Proxied, seen: Path) -> None:
        self.town, self.proxied, self._seen = town, made, seen

    @property
    def seen(self) -> list[dict[str, Any]]:
        """What the model got."""
        return [json.loads(line) for line in self._seen.read_text().splitlines() if line.startswith("{")]

    def post(self, path: str, body: Any, key: str = KEY, **headers: str) -> httpx.Response:
        return self.proxied.http(key, **headers).post(path, json=body)


def judging(port: int, kind: str) -> dict[str, Any]:
    return a_judge(port, kind, ROWS)


@contextlib.contextmanager
def serving() -> Iterator[Served]:
    with a_town() as town:
        port, seen = free_port(), town.home.root / "model.log"
        with seen.open("wb") as output:
            server = subprocess.Popen([sys.executable, str(Path(__file__).with_name("model_server.py")), str(port)], stdout=output)
        try:
            town.start()
            town.permit_in_force(a_permit())
            upstreams = {"lan": judging(port, "inference"), "lan2": judging(port, "mlflow")}
            with proxied(town, upstreams) as made:
                await_model(port)
                yield Served(town, made, seen)
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(20)


def await_model(port: int) -> None:
    for _ in range(400):
        with contextlib.suppress(httpx.TransportError):
            httpx.get(f"http://127.0.0.1:{port}/ping", timeout=5)
            return
        time.sleep(0.05)
    raise AssertionError("the model's server did not start")


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with serving() as made:
        yield made


def tensors(**changes: Any) -> dict[str, Any]:
    columns = {
        "income": ("FP64", [6.0, 1.0]),
        "debt": ("FP64", [0.1, 0.9]),
        "case": ("BYTES", ["LN-1", "LN-2"]),
        "person": ("BYTES", [NUMBER, "19121212-1213"]),
        "sex": ("BYTES", ["female", "male"]),
    }
    named = [{"name": name, "shape": [2], "datatype": kind, "data": data} for name, (kind, data) in columns.items()]
    return {"id": "q1", "inputs": named, **changes}


def split(**changes: Any) -> dict[str, Any]:
    rows = [["LN-1", 6.0, 0.1, "female", "s-1"], ["LN-2", 1.0, 0.9, "male", "s-2"]]
    whole = {"columns": ["case", "income", "debt", "sex", "person"], "data": rows}
    return {"dataframe_split": {**whole, **changes}}


# -------------------------------------------------------------------------------------------------------- Open Inference Protocol


def test_each_row_is_an_outcome_with_its_factors(served: Served) -> None:
    before = len(served.proxied.kinds())
    answer = served.post("/v2/models/lan/infer", tensors())
    assert answer.status_code == 200, answer.text
    outputs = {one["name"]: one for one in answer.json()["outputs"]}
    assert outputs["predict"]["data"] == ["grant", "deny"]
    assert answer.json()["id"] == "q1"
    assert served.proxied.kinds()[before:] == ["clearance", "decision", "decision"]
    rid = served.proxied.heads()[-1].rid
    opened = served.town.control().ask(
        m.Open(
            id=1,
            rid=rid,
            groups=(DisclosureGroup.CASE, DisclosureGroup.FACTORS),
            actor=m.Actor(person="p", name="N", role="r"),
            purpose="t",
        )
    )
    assert isinstance(opened, m.Opened)
    assert opened.groups["case"]["case"] == "LN-2"
    assert [factor["feature"] for factor in opened.groups["factors"]] == ["income", "debt"]


def test_the_model_gets_the_features_and_nothing_else(served: Served) -> None:
    served.post("/v2/models/lan/infer", tensors())
    assert [tensor["name"] for tensor in served.seen[-1]["inputs"]] == ["income", "debt"]
    assert NUMBER not in json.dumps(served.seen)


def test_a_matrix_is_read_by_the_features_of_the_configuration(served: Served) -> None:
    matrix = {"name": "table", "shape": [2, 2], "datatype": "FP64", "data": [[6.0, 0.1], [1.0, 0.9]]}
    case = {"name": "case", "shape": [2], "datatype": "BYTES", "data": ["LN-1", "LN-2"]}
    sex = {"name": "sex", "shape": [2], "datatype": "BYTES", "data": ["female", "male"]}
    person = {"name": "person", "shape": [2], "datatype": "BYTES", "data": ["a", "b"]}
    answer = served.post("/v2/models/lan/infer", {"inputs": [matrix, case, sex, person]})
    assert answer.status_code == 200, answer.text
    assert served.seen[-1]["inputs"][0]["data"] == [6.0, 0.1, 1.0, 0.9]


@pytest.mark.parametrize(
    "change",
    [
        {"parameters": {"binary_data_output": True}},
        {"inputs": [{"name": "a", "shape": [1], "datatype": "FP64", "data": [1.0], "parameters": {"binary_data_size": 8}}]},
    ],
)
def test_the_binary_extension_is_refused_in_words(served: Served, change: Any) -> None:
    before = len(served.seen)
    answer = served.post("/v2/models/lan/infer", tensors(**change))
    assert answer.status_code == 422
    assert answer.json()["code"] == "content_not_examined"
    assert "JSON" in answer.json()["error"]
    header = served.post("/v2/models/lan/infer", tensors(), **{"inference-header-content-length": "10"})
    assert header.status_code == 415
    assert len(served.seen) == before


@pytest.mark.parametrize(
    "inputs",
    [
        [],
        [{"name": "income", "shape": [2], "datatype": "FP64", "data": [1.0]}],
        [{"name": "income", "shape": [1], "datatype": "FP64", "data": ["x"]}],
        [{"name": "income", "shape": [1, 1, 1], "datatype": "FP64", "data": [1.0]}],
        [{"name": "income", "shape": [1], "datatype": "FP64", "data": [1.0]}] * 2,
        [{"name": "income", "shape": [1], "datatype": "FP64", "data": [1.0]}],
    ],
)
def test_tensors_that_do_not_fit_are_refused_before_the_model(served: Served, inputs: Any) -> None:
    before = len(served.seen)
    answer = served.post("/v2/models/lan/infer", {"inputs": inputs})
    assert answer.status_code == 422, answer.text
    assert answer.json()["error"]
    assert len(served.seen) == before


def test_health_and_readiness_are_said(served: Served) -> None:
    with served.proxied.http() as client:
        assert client.get("/v2/health/live").json() == {"live": True}
        assert client.get("/v2/health/ready").json()["ready"]
        assert client.get("/v2/models/lan/ready").status_code == 200
        assert client.get("/v2/models/okand/ready").status_code == 404
        assert client.get("/ping").status_code == 200
        assert client.get("/v2/models/lan/infer").status_code == 405
        assert client.get("/nothing").status_code == 404


# ----------------------------------------------------------------------------------------------------------------------- MLflow


@pytest.mark.parametrize("path", ["/invocations", "/lan2/invocations"])
def test_a_dataframe_is_judged_row_by_row(served: Served, path: str) -> None:
    before = len(served.proxied.kinds())
    answer = served.post(path, split())
    assert answer.status_code == 200, answer.text
    assert [one["predict"] for one in answer.json()["predictions"]] == ["grant", "deny"]
    assert served.proxied.kinds()[before:] == ["clearance", "decision", "decision"]
    assert served.seen[-1] == {"dataframe_split": {"columns": ["income", "debt"], "data": [[6.0, 0.1], [1.0, 0.9]]}}


@pytest.mark.parametrize("form", ["dataframe_records", "instances", "inputs"])
def test_the_other_forms_go_through_as_they_are(served: Served, form: str) -> None:
    rows = [{"income": 6.0, "debt": 0.1, "case": "LN-1", "sex": "female", "person": "a"}]
    value: Any = {name: [row[name] for row in rows] for name in rows[0]} if form == "inputs" else rows
    answer = served.post("/invocations", {form: value})
    assert answer.status_code == 200, answer.text
    assert list(served.seen[-1]) == [form]


@pytest.mark.parametrize(
    "body",
    [{}, {"dataframe_split": {"columns": ["a", "a"], "data": [[1, 2]]}}, {"instances": []}, {"inputs": 3}, {**split(), "params": {}}, [1]],
)
def test_a_body_that_is_none_of_the_forms_is_refused_in_words(served: Served, body: Any) -> None:
    answer = served.post("/invocations", body)
    assert answer.status_code == 422
    assert answer.json()["error_code"] == "INVALID_REQUEST"
    assert answer.json()["message"]


def test_an_idempotency_key_gives_each_row_its_old_receipt(served: Served) -> None:
    rows = [{"income": 6.0, "debt": 0.1, "case": "LN-9", "sex": "female", "person": "a"}]
    first = served.post("/invocations", {"instances": rows}, **{"idempotency-key": "batch-0001"})
    again = served.post("/invocations", {"instances": rows}, **{"idempotency-key": "batch-0001"})
    assert first.headers["x-insyn-index"] == again.headers["x-insyn-index"]
    other = served.post("/invocations", {"instances": [{**rows[0], "income": 2.0}]}, **{"idempotency-key": "batch-0001"})
    assert other.json()["code"] == "idempotency_conflict"


# ---------------------------------------------------------------------------------------------------------------- refused, attacked


def test_without_the_systems_key_nothing_is_asked(served: Served) -> None:
    before = len(served.seen)
    assert served.post("/invocations", split(), key="another-key-of-nobody").status_code == 401
    assert served.proxied.http().post("/invocations", json=split(), headers={"authorization": "Basic x"}).status_code == 401
    assert len(served.seen) == before


def test_an_identity_number_in_a_feature_counts_as_its_category(served: Served) -> None:
    before = len(served.seen)
    rows = [{"income": 6.0, "debt": 0.1, "case": "LN-1", "sex": "female", "person": "a", "note": f"Sökande {NUMBER}"}]
    answer = served.post("/invocations", {"instances": rows})
    assert answer.json()["code"] == "data_category_not_allowed"
    assert len(served.seen) == before


def test_one_row_that_may_not_leave_keeps_all_of_them(served: Served) -> None:
    """A group that the register does not declare stands in the second row: its outcome is refused, and the first is entered as not used."""
    body = tensors()
    body["inputs"][-1] = {"name": "sex", "shape": [2], "datatype": "BYTES", "data": ["female", ""]}
    before = len(served.proxied.kinds())
    answer = served.post("/v2/models/lan/infer", body)
    assert answer.status_code == 422, answer.text
    assert "outputs" not in answer.json()
    assert set(served.proxied.kinds()[before:]) <= {"clearance", "decision", "refusal", "not_used"}


def test_a_table_is_big_and_every_row_of_it_is_recorded(served: Served) -> None:
    before = len(served.proxied.kinds())
    rows = [{"income": 2.0 + number / 100, "debt": 0.3, "case": f"LN-{number}", "sex": "male", "person": "a"} for number in range(600)]
    answer = served.post("/invocations", {"instances": rows})
    assert answer.status_code == 200, answer.text[:500]
    assert served.proxied.kinds()[before:].count("decision") == 600
    assert served.post("/invocations", {"instances": rows * 2}).status_code == 413


def test_a_stop_is_heard_before_the_model_is_asked() -> None:
    model = Model()
    with a_town() as town:
        town.start()
        town.permit_in_force(a_permit())
        with proxied(town, {"lan": an_upstream(model, **judging(model.port, "mlflow"), client_key_file="")}) as made:
            town.stop()
            answer = made.http(KEY).post("/invocations", json=split())
    model.close()
    assert answer.status_code == 403
    assert answer.json()["code"] == "stopped"
    assert model.seen == []


def test_a_column_that_insyn_reads_is_missed_before_anything_is_asked(served: Served) -> None:
    before = len(served.proxied.kinds())
    answer = served.post("/invocations", {"instances": [{"income": 6.0, "debt": 0.1}]})
    assert answer.status_code == 422
    assert "case" in answer.json()["message"]
    assert len(served.proxied.kinds()) == before

"""A model's server in a process of its own: a scikit-learn model behind the Open Inference Protocol v2 and MLflow's ``/invocations``.

``python model_server.py PORT``. It trains a logistic regression on made-up applications when it starts, and answers with what it learned: the
proposal, its log-odds, and each feature's contribution. What it got is written to standard output, a line for each call.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy
from aiohttp import web
from sklearn.linear_model import LogisticRegression

FEATURES = ("income", "debt")


def trained() -> Any:
    random = numpy.random.default_rng(7)
    rows = random.normal([4.0, 0.4], [1.5, 0.2], size=(400, 2))
    return LogisticRegression().fit(rows, (rows[:, 0] - 6 * rows[:, 1] + random.normal(0, 0.5, 400)) > 1.5)


MODEL = trained()


def judged(rows: list[list[float]]) -> dict[str, list[Any]]:
    table = numpy.array(rows, dtype=float)
    scores = MODEL.decision_function(table)
    return {
        "predict": ["grant" if score >= 0 else "deny" for score in scores],
        "score": [float(score) for score in scores],
        "base": [float(MODEL.intercept_[0])] * len(rows),
        "contributions": [[float(value) for value in row] for row in table * MODEL.coef_[0]],
    }


async def infer(request: web.Request) -> web.Response:
    body = await request.json()
    print(json.dumps(body), flush=True)
    columns = {tensor["name"]: tensor["data"] for tensor in body["inputs"]}
    if "table" in columns:
        flat = columns["table"]
        rows = [flat[at : at + 2] for at in range(0, len(flat), 2)]
    else:
        rows = [list(row) for row in zip(*(columns[name] for name in FEATURES), strict=True)]
    found, n = judged(rows), len(rows)
    outputs = [
        {"name": "predict", "shape": [n], "datatype": "BYTES", "data": found["predict"]},
        {"name": "score", "shape": [n], "datatype": "FP64", "data": found["score"]},
        {"name": "base", "shape": [n], "datatype": "FP64", "data": found["base"]},
        {"name": "contributions", "shape": [n, 2], "datatype": "FP64", "data": [value for row in found["contributions"] for value in row]},
    ]
    return web.json_response({"model_name": "x", "outputs": outputs, "parameters": {"hidden": "19121212-1212"[:4]}})


async def invocations(request: web.Request) -> web.Response:
    body = await request.json()
    print(json.dumps(body), flush=True)
    form, value = next(iter(body.items()))
    if form == "dataframe_split":
        rows = [[dict(zip(value["columns"], row, strict=True))[name] for name in FEATURES] for row in value["data"]]
    elif isinstance(value, dict):
        rows = [list(row) for row in zip(*(value[name] for name in FEATURES), strict=True)]
    else:
        rows = [[row[name] for name in FEATURES] for row in value]
    found = judged(rows)
    return web.json_response({"predictions": [{name: column[number] for name, column in found.items()} for number in range(len(rows))]})


def main() -> None:
    app = web.Application()
    app.router.add_post("/v2/models/{name}/infer", infer)
    app.router.add_post("/invocations", invocations)
    app.router.add_get("/ping", lambda request: web.Response())
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None)


if __name__ == "__main__":
    main()

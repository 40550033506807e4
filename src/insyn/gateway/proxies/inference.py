"""The Open Inference Protocol v2 in JSON: tensors read into a table, and the model's tensors into predictions. Pure.

The binary extension is refused: what stands outside the JSON could not be examined, nor recorded as what the model saw.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from insyn.core.refusals import RefusalCode

from .config import Route
from .refusing import close
from .tables import Table, for_model, table_of, wrong

_BINARY = ("binary_data_size", "binary_data", "binary_data_output")
_TYPES: Mapping[str, tuple[type, ...]] = {
    "BOOL": (bool,),
    **dict.fromkeys(("INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16", "UINT32", "UINT64"), (int,)),
    **dict.fromkeys(("FP16", "FP32", "FP64"), (int, float)),
    "BYTES": (str,),
}


class Tensor(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    name: str
    shape: list[int]
    datatype: str
    data: list[Any]
    parameters: dict[str, Any] = {}


class WantedOutput(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    name: str
    parameters: dict[str, Any] = {}


class InferRequest(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    inputs: list[Tensor]
    id: str = ""
    parameters: dict[str, Any] = {}
    outputs: list[WantedOutput] = []


class InferAnswer(msgspec.Struct, kw_only=True):
    """What a model's server answers; what stands beside these fields is not passed on."""

    outputs: list[Tensor]


def refuse_binary(request: InferRequest) -> None:
    """Raises :class:`Closed`."""
    named = [request.parameters, *(one.parameters for one in request.inputs), *(one.parameters for one in request.outputs)]
    for parameters in named:
        if any(name in parameters for name in _BINARY):
            raise close(RefusalCode.CONTENT_NOT_EXAMINED, place="binary_data", words=_SEND_JSON)


_SEND_JSON = "Skicka tensorernas data i JSON. / Send the tensors' data in JSON."


def read_table(request: InferRequest, route: Route) -> Table:
    """A column for each tensor with one value a row; a matrix gives one for each feature of the configuration. Raises :class:`Closed`."""
    columns: dict[str, Sequence[Any]] = {}
    for number, tensor in enumerate(request.inputs):
        place = f"inputs[{number}]"
        rows, width, data = _flat(tensor, place)
        names: Sequence[str] = (tensor.name,) if width == 1 else route.upstream.rows.features
        if len(names) != width:
            raise wrong(f"{width} values a row, {len(names)} features in the configuration", f"{place}.shape")
        for column, name in enumerate(names):
            if name in columns:
                raise wrong("the column stands twice", f"{place}.name")
            columns[name] = [data[row * width + column] for row in range(rows)]
    return table_of(columns)


def to_model(request: InferRequest, table: Table, route: Route) -> bytes:
    """The same tensors without the columns that only Insyn reads. No parameters: what they switch on is not ours to know."""
    given = for_model(table, route.upstream.rows)
    inputs = []
    for tensor in request.inputs:
        width = _width(tensor)
        names = (tensor.name,) if width == 1 else route.upstream.rows.features
        if all(name in given for name in names):
            data = [given[name][row] for row in range(table.size) for name in names]
            inputs.append({"name": tensor.name, "shape": tensor.shape, "datatype": tensor.datatype, "data": data})
    if not inputs:
        raise wrong("nothing is left for the model", "inputs")
    body: dict[str, Any] = {"inputs": inputs}
    if request.outputs:
        body["outputs"] = [{"name": wanted.name} for wanted in request.outputs]
    return msgspec.json.encode(body)


def read_answer(body: Any, table: Table) -> tuple[list[Tensor], list[dict[str, Any]]]:
    """The tensors that may leave, and a prediction for each row. Raises :class:`Closed`."""
    try:
        answer = msgspec.convert(body, InferAnswer)
    except msgspec.ValidationError as error:
        raise close(RefusalCode.MODEL_ANSWER_BROKEN) from error
    predictions: list[dict[str, Any]] = [{} for _ in range(table.size)]
    found = []
    for tensor in answer.outputs:
        rows, width, data = _flat(tensor, "")
        if rows != table.size:
            raise close(RefusalCode.MODEL_ANSWER_BROKEN)
        for row in range(rows):
            cells = data[row * width : (row + 1) * width]
            predictions[row][tensor.name] = cells[0] if len(tensor.shape) < 2 or width == 1 else cells
        found.append(Tensor(name=tensor.name, shape=tensor.shape, datatype=tensor.datatype, data=data))
    return found, predictions


def answer_of(route: Route, request: InferRequest, tensors: Sequence[Tensor]) -> dict[str, Any]:
    outputs = [{"name": one.name, "shape": one.shape, "datatype": one.datatype, "data": one.data} for one in tensors]
    named = {"id": request.id} if request.id else {}
    return {"model_name": route.name, "model_version": route.upstream.version, **named, "outputs": outputs}


def _width(tensor: Tensor) -> int:
    return math.prod(tensor.shape[1:])


def _flat(tensor: Tensor, place: str) -> tuple[int, int, list[Any]]:
    """Rows, values a row, and the values one after the other. ``place`` is empty for what a model sent. Raises :class:`Closed`."""
    data = _flattened(tensor.data)
    fits = (
        1 <= len(tensor.shape) <= 2
        and all(0 < size <= 1_000_000 for size in tensor.shape)
        and math.prod(tensor.shape) == len(data)
        and tensor.datatype in _TYPES
        and 1 <= len(tensor.name) <= 64
        and all(type(value) in _TYPES[tensor.datatype] for value in data)
    )
    if not fits:
        if not place:
            raise close(RefusalCode.MODEL_ANSWER_BROKEN)
        raise wrong("shape, datatype and data do not agree (one or two dimensions, rows first)", place)
    return tensor.shape[0], _width(tensor), data


def _flattened(data: Sequence[Any]) -> list[Any]:
    found: list[Any] = []
    for value in data:
        if isinstance(value, list):
            found += [inner for inner in value if not isinstance(inner, list)]
        else:
            found.append(value)
    return found

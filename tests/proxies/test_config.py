"""``proxies.json`` is read strictly, and what is wrong in it is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from insyn.core.errors import InvalidInput
from insyn.gateway.proxies.config import load_routes

WHOLE = {
    "kind": "openai",
    "url": "https://modell.example/v1",
    "system": "assistenten",
    "version": "1.0",
    "purpose": "ask",
    "matter_type": "question",
    "callers": "persons",
    "client_key_file": "client.key",
    "credential_file": "model.key",
}
KEY = "en-nyckel-som-ingen-far-se"


def load(folder: Path, **changes: Any) -> Any:
    (folder / "client.key").write_text(KEY + "\n")
    (folder / "model.key").write_text(KEY + "\n")
    path = folder / "proxies.json"
    whole = {name: value for name, value in {**WHOLE, **changes}.items() if value is not None}
    path.write_text(json.dumps({"upstreams": {"assistent": whole}}))
    return load_routes(path)


def test_a_whole_file_is_read_and_its_keys_are_shown_nowhere(tmp_path: Path) -> None:
    routes = load(tmp_path)
    assert routes["assistent"].credential == KEY
    assert KEY not in repr(routes)


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"url": "http://modell.example/v1"}, "url"),
        ({"url": "ftp://modell.example"}, "url"),
        ({"url": "https://user:pass@modell.example"}, "url"),
        ({"url": "https://modell.example/?key=1"}, "url"),
        ({"url": "https://modell.example:99999"}, "url"),
        ({"client_key_file": ""}, "client_key_file"),
        ({"callers": "programs"}, "client_key_file"),
        ({"credential_file": "missing.key"}, "credential_file"),
        ({"ca_file": "missing.pem"}, "ca_file"),
        ({"kind": "grpc"}, "kind"),
        ({"chunk_chars": 0}, "chunk_chars"),
        ({"retries": 99}, "retries"),
        ({"system": "Not A Slug"}, "system"),
        ({"system": None}, "assistent"),
        ({"unknown": 1}, "assistent"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(tmp_path: Path, changes: dict[str, Any], place: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        load(tmp_path, **changes)
    assert refused.value.place.startswith("proxies.json: ")
    assert place in refused.value.place
    assert KEY not in str(refused.value)


def test_a_key_file_with_something_else_in_it_is_refused_unshown(tmp_path: Path) -> None:
    (tmp_path / "odd.key").write_text("två rader\nmed hemligheter")
    with pytest.raises(InvalidInput) as refused:
        load(tmp_path, credential_file="odd.key")
    assert "hemligheter" not in str(refused.value)


def test_no_file_and_no_upstreams_are_no_configuration(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"proxies\.json"):
        load_routes(tmp_path / "proxies.json")
    (tmp_path / "proxies.json").write_text('{"upstreams": {}}')
    with pytest.raises(InvalidInput):
        load_routes(tmp_path / "proxies.json")

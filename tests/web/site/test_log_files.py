"""The published log over HTTP: its own files, and nothing else of the disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from insyn.core.home import Home
from insyn.tlog.tiles import bundle_path, encode_bundle

pytestmark = pytest.mark.django_db


@pytest.fixture
def published(tmp_path: Path, settings: Any) -> Path:
    settings.HOME = Home(tmp_path)
    settings.HOME.make()
    public = settings.HOME.public
    (public / "checkpoint").write_text("test.example/log\n3\n" + "A" * 43 + "=\n\n— test.example/log x\n", encoding="utf-8")
    (public / "log.vkey").write_text("test.example/log+1+key\n")
    (public / "log-ml-dsa.vkey").write_text("test.example/log+2+key\n")
    (public / "policy").write_text("quorum none\n")
    (public / "retention.json").write_text("{}")
    bundle = public / bundle_path(0, 3)
    bundle.parent.mkdir(parents=True)
    entries = [b'{"kind":"log_opened"}', b'{"act":"order_stop","day":"2026-11-20","kind":"stop","system":"lanestod"}', b"{}"]
    bundle.write_bytes(encode_bundle(entries))
    (public / "figures" / "lanestod.json").write_text("{}")
    (public / "figures" / "lanestod.new").write_text("half written")
    (settings.HOME.secrets / "root.key").write_text("very secret")
    (public / "tile" / "000").symlink_to(settings.HOME.secrets / "root.key")
    (public / "tile" / "0").symlink_to(settings.HOME.secrets)
    return public


@pytest.mark.parametrize(
    ("path", "content", "cache"),
    [
        ("checkpoint", "text/plain; charset=utf-8", "no-cache"),
        ("log.vkey", "text/plain; charset=utf-8", "public, max-age=3600"),
        ("log-ml-dsa.vkey", "text/plain; charset=utf-8", "public, max-age=3600"),
        ("policy", "text/plain; charset=utf-8", "public, max-age=3600"),
        ("retention.json", "application/json", "public, max-age=60"),
        ("tile/entries/000.p/3", "application/octet-stream", "public, max-age=3600"),
        ("figures/lanestod.json", "application/json", "public, max-age=60"),
    ],
)
def test_each_file_has_its_type_and_its_time_in_caches(client: Any, published: Path, path: str, content: str, cache: str) -> None:
    answer = client.get(f"/logg/data/{path}")
    assert (answer.status_code, answer["Content-Type"], answer["Cache-Control"]) == (200, content, cache)
    assert b"".join(answer.streaming_content) == (published / path).read_bytes()
    answer.close()


@pytest.mark.parametrize(
    "path",
    [
        "../secrets/root.key",
        "..%2fsecrets%2froot.key",
        "%2e%2e/secrets/root.key",
        "tile/../../secrets/root.key",
        "tile/entries/../../../secrets/root.key",
        "/etc/passwd",
        "//etc/passwd",
        "figures/../../secrets/root.key",
        "figures/lanestod.new",
        "figures/..json",
        "tile/000",
        "tile/0/root.key",
        "tile/0/000",
        "tile/entries",
        "figures",
        "",
        "checkpoint/",
        "checkpoint%00",
        "checkpoint%0a",
        "tile/entries/000.p/3\\..",
        "tile/entries/٠٠٠",
    ],
)
def test_no_other_name_leads_to_a_file(client: Any, published: Path, path: str) -> None:
    answer = client.get(f"/logg/data/{path}")
    assert answer.status_code == 404, path
    assert b"secret" not in answer.content


def test_the_log_takes_no_writing(client: Any, published: Path) -> None:
    for method in (client.post, client.put, client.delete):
        assert method("/logg/data/checkpoint").status_code == 405


def test_an_entry_is_shown_as_it_was_published(client: Any, published: Path) -> None:
    page = client.get("/logg/post/1/").content.decode()
    assert "Ett stopp" in page
    assert 'href="/system/lanestod/"' in page
    assert client.get("/logg/post/3/").status_code == 404
    assert client.get("/logg/post/99999999999999999999/").status_code == 404


def test_the_log_page_shows_checkpoint_key_and_the_way_to_verify(client: Any, published: Path) -> None:
    page = client.get("/logg/").content.decode()
    for text in ("test.example/log+1+key", "insyn verify http://testserver/logg/data/", "<dd>3</dd>"):
        assert text in page


def test_a_log_that_is_not_out_yet_is_said(client: Any, tmp_path: Path, settings: Any) -> None:
    settings.HOME = Home(tmp_path)
    assert "Inget är publicerat än." in client.get("/logg/").content.decode()
    assert client.get("/logg/post/0/").status_code == 404

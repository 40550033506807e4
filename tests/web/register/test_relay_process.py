"""The relay as a process: killed again and again, with the register locked in between."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from insyn.core.entries import read_head
from insyn.core.home import Home
from insyn.core.messages import Entries, EntriesOf
from insyn.core.signing import SigningKey
from insyn.sdk.control import ControlClient
from insyn.web.setup import prepare_home

pytestmark = pytest.mark.slow

OFFICES = 40
OPEN = """
import sys
from pathlib import Path
from insyn.core.home import Home
from insyn.web.setup import prepare_register
prepare_register(Home(Path(sys.argv[1])))
from insyn.web.accounts.actions import open_office, open_register
from insyn.web.accounts.models import Mandate
from insyn.web.accounts.permissions import as_actor

act = open_register(name="Prov", username="a", first_name="A", last_name="B", password="korrekt häst batteri", office="k", office_sv="K", office_en="K")
actor = as_actor(Mandate.objects.get(act=act))
print("open", flush=True)
for number in range(int(sys.argv[2])):
    open_office(actor=actor, slug=f"o{number}", name_sv="O", name_en="O", kind="board")
"""


@pytest.fixture
def home() -> Iterator[Home]:
    folder = Path(tempfile.mkdtemp(prefix="in"))
    prepare_home(Home(folder), "test.example/log", 2000)
    yield Home(folder)
    shutil.rmtree(folder)


def start(home: Home, *command: str, **more: Any) -> subprocess.Popen[str]:
    environment = {**os.environ, "INSYN_HOME": str(home.root), "DJANGO_SETTINGS_MODULE": "insyn.web.settings"}
    return subprocess.Popen([sys.executable, *command], env=environment, text=True, stderr=subprocess.DEVNULL, **more)


def test_a_relay_killed_again_and_again_sends_each_act_once_and_in_order(home: Home) -> None:
    sequencer = start(home, "-m", "insyn.gateway.sequencer", "--config", str(home.sequencer_config))
    office = start(home, "-c", OPEN, str(home.root), str(OFFICES), stdout=subprocess.PIPE)
    try:
        assert office.stdout.readline() == "open\n"
        for lifetime in (1.2, 1.35, 1.5, 1.7):
            relay = start(home, "-m", "insyn.web.relay")
            time.sleep(lifetime)
            relay.send_signal(signal.SIGKILL)
            relay.wait()
        assert office.wait(30) == 0
        relay = start(home, "-m", "insyn.web.relay")
        hold_the_register(home, seconds=1.0)
        wait_until_all_is_sent(home)
        relay.terminate()
        assert relay.wait(10) in (0, -signal.SIGTERM)  # asked before it had set its handler, it ends all the same
        acts = rows(home, "SELECT act_id FROM register_outbox ORDER BY id")
        assert len(acts) == OFFICES + 1
        assert [head.rid for head in heads(home)] == acts
    finally:
        for process in (sequencer, office):
            process.kill()
            process.wait()
        office.stdout.close()


def hold_the_register(home: Home, *, seconds: float) -> None:
    with sqlite3.connect(home.register, isolation_level=None, timeout=10) as lock:
        lock.execute("BEGIN EXCLUSIVE")
        time.sleep(seconds)
        lock.execute("ROLLBACK")
    lock.close()


def rows(home: Home, query: str) -> list[Any]:
    connection = sqlite3.connect(home.register, timeout=10)
    found = [row[0] for row in connection.execute(query)]
    connection.close()
    return found


def wait_until_all_is_sent(home: Home) -> None:
    deadline = time.monotonic() + 20
    while rows(home, "SELECT id FROM register_outbox WHERE sent_at IS NULL"):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def heads(home: Home) -> list[Any]:
    key = SigningKey.from_bytes("register", bytes.fromhex(home.register_key.read_text().strip()))
    client = ControlClient(home.control_socket, key)
    answer = client.ask_new(lambda number: EntriesOf(id=number, kinds=("act", "permit"), start=0, limit=1000))
    client.close()
    assert isinstance(answer, Entries)
    return [read_head(found.entry) for found in answer.entries]

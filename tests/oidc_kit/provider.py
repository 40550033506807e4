"""The provider as a process, from its start to its end."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Self

from insyn.cli.up import free_port

from .persons import CLIENT, SECRET

ROOT = Path(__file__).resolve().parents[2]


class Provider:
    """``callback``: the address that residents come back to."""

    def __init__(self, callback: str) -> None:
        self.folder, self.port, self.callback = Path(tempfile.mkdtemp(prefix="oi")), free_port(), callback
        self.process: subprocess.Popen[bytes] | None = None
        self.secret_file = self.folder / "secret"
        self.secret_file.write_text(SECRET + "\n")

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}/o"

    @property
    def environment(self) -> dict[str, str]:
        """What a site is told of it."""
        return {"INSYN_EID_ISSUER": self.issuer, "INSYN_EID_CLIENT": CLIENT, "INSYN_EID_SECRET_FILE": str(self.secret_file)}

    def start(self) -> Self:
        up = self.folder / "up"
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("INSYN_", "DJANGO_"))}
        environment = {**kept, "OAUTHLIB_INSECURE_TRANSPORT": "1", "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "tests.oidc_kit.app", str(self.port), str(self.folder), self.callback]
        with (self.folder / "said").open("wb") as said:
            self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=said, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + 40
        while not up.exists():
            assert self.process.poll() is None, (self.folder / "said").read_text()
            assert time.monotonic() < deadline, (self.folder / "said").read_text()
            time.sleep(0.05)
        return self

    def end(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(20)
            self.process = None

    def clean(self) -> None:
        self.end()
        shutil.rmtree(self.folder, ignore_errors=True)

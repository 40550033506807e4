"""Builds the second verifier: a small Go program on the checksum database's own packages, from Debian."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from insyn.tlog.checkpoint import Checkpoint

SOURCE = Path(__file__).parent / "verify" / "main.go"
PACKAGES = Path("/usr/share/gocode/src/golang.org/x/mod/sumdb")
NEEDED = "this test needs Debian's packages golang-go and golang-golang-x-mod-dev: apt install golang-go golang-golang-x-mod-dev"

Verify = Callable[..., subprocess.CompletedProcess[str]]


def build_verifier(folder: Path) -> Verify:
    """Build the program in ``folder``; the function returned runs it on a published log and a file with its public key."""
    assert shutil.which("go"), NEEDED
    assert PACKAGES.is_dir(), NEEDED
    environment = {**os.environ, "GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOFLAGS": "", "GOCACHE": str(folder / "cache")}
    program = folder / "verify"
    subprocess.run(["go", "build", "-o", str(program), str(SOURCE)], env=environment, check=True, timeout=300)

    def run(log: Path, key: Path, old: Checkpoint | None = None) -> subprocess.CompletedProcess[str]:
        more = [] if old is None else [str(old.size), base64.b64encode(old.root).decode()]
        return subprocess.run([str(program), str(log), str(key), *more], capture_output=True, text=True, timeout=60, check=False)

    return run

"""Install programs from Debian's packages where they are missing: `command:package[:package…]` for each.

Does nothing when every command is there. Without root it says what to install and ends with an error, rather than skipping a test in silence.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

#: A library has no command; a folder shows that it is installed.
FOLDERS = {"golang-golang-x-mod-dev": Path("/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog")}


def missing(specification: str) -> list[str]:
    command, *packages = specification.split(":")
    return [name for name in packages if not (FOLDERS[name].is_dir() if name in FOLDERS else shutil.which(command))]


def main(specifications: list[str]) -> int:
    packages = [name for specification in specifications for name in missing(specification)]
    if not packages:
        return 0
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        print(f"These programs are missing. On Debian: sudo apt-get install {' '.join(packages)}", file=sys.stderr)
        return 1
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    print(f"Installing from Debian: {' '.join(packages)}", flush=True)
    for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]):
        done = subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False)
        if done.returncode:
            print(f"{' '.join(command)} ended with code {done.returncode}", file=sys.stderr)
            return done.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

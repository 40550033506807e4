"""Documents that are read from code say what the code says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_terms_and_command_line_pages_are_what_the_code_says() -> None:
    done = subprocess.run([sys.executable, "tools/documents.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_message_has_a_swedish_translation_and_none_is_left_over() -> None:
    done = subprocess.run([sys.executable, "tools/translations.py"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_demand_of_the_four_texts_is_missing_from_the_table() -> None:
    done = subprocess.run([sys.executable, "tools/sources.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr

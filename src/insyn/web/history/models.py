"""What a register entry said, revision by revision, at permanent addresses."""

from __future__ import annotations

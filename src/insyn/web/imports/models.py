"""Importing registers from spreadsheets and from the formats of other registers."""

from __future__ import annotations

"""Work list, calendar, digests, and the board's page."""

from __future__ import annotations

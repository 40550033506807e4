"""Incidents with their clocks, notifications and remedy; dated stop orders to people where no call can be held."""

from __future__ import annotations

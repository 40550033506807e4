"""Influence: negotiations with the unions, safety representatives, and rounds with the groups that are affected."""

from __future__ import annotations

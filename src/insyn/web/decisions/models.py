"""The delegation list, deviations from principles, and evaluations."""

from __future__ import annotations

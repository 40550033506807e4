"""Insyn: the register entry is the switch.

A municipality uses AI only in ways it can answer for. See ``docs/reference`` for the design.
"""

__version__ = "0.1.0"

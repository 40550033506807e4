"""Reads the packs: what text applied on a day, with its citation. Reads files; knows no clock and no database."""

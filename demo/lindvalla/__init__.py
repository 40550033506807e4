"""Lindvalla: an invented municipality, its people, its systems and what they decide. Nobody in it exists."""

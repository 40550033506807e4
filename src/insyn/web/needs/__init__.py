"""Needs: what somebody wants to solve, before there is a system, and what the analysis ended in."""

"""The fictional municipality of Lindvalla and its loan system: what ``make run`` shows. Uses Insyn as anybody would."""

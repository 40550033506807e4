"""Read by every Python that a fault run starts; see tests/faults/child.py."""

import os

if "INSYN_FAULT_KNOBS" in os.environ:
    from tests.faults import child

    child.install()

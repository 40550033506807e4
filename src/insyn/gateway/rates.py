"""How often somebody may call: a pure rule over the time of the calls, and a bounded table of who called.

The rule is GCRA: each call uses up a slice of time; whoever is more than a second ahead of the clock waits until that is no longer so. So a
caller that was quiet may make a second's worth of calls at once, and never more.
"""

from __future__ import annotations

from collections import OrderedDict

#: Callers that are remembered. Whoever falls out starts anew, which costs a limit little and memory nothing.
MOST_CALLERS = 20_000
BURST_SECONDS = 1.0


class Rates:
    """``a_second``: calls that each caller may make; 0 for no limit."""

    def __init__(self, a_second: float) -> None:
        self._slice = 1 / a_second if a_second else 0.0
        self._ahead: OrderedDict[str, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._ahead)

    def wait(self, caller: str, now: float) -> float:
        """0 when the call may be made, and it is counted; otherwise the seconds to wait. ``now`` by a clock that never goes back."""
        if not self._slice:
            return 0.0
        until = max(self._ahead.get(caller, 0.0), now) + self._slice
        ahead = until - now - max(BURST_SECONDS, self._slice)
        if ahead > 1e-9:  # a call at just the right moment is not refused for the last bit of a float
            return ahead
        if len(self._ahead) >= MOST_CALLERS and caller not in self._ahead:
            self._ahead.popitem(last=False)
        self._ahead[caller] = until
        return 0.0

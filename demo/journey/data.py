"""The owner proposes each use of data, and the board's chair decides it: from then on nothing else is let through. Then the owner sets limits."""

from __future__ import annotations

from demo.lindvalla import people
from demo.lindvalla.data_uses import proposals
from demo.loans import words

from .context import Journey

CASE_NUMBER = "SBN 2026/203"
MOST_A_DAY = 20_000


def decide_data(journey: Journey) -> None:
    """One use for each category of data that Lånestöd's purpose names. Done once."""
    from demo.register import acting, system_of
    from insyn.web.register.actions import decide_data_use, propose_data_use
    from insyn.web.register.models import DataUse

    owner, chair = acting(people.OWNER), acting(people.CHAIR)
    for told in proposals():
        system = system_of(words.SLUG)
        row = next((one for one in DataUse.objects.filter(system=system) if one.categories == told["categories"]), None)
        if row is None:
            row = DataUse.objects.get(act=propose_data_use(actor=owner, system=system, **told))
        if row.waits:
            decide_data_use(actor=chair, system=system, data_use=row, case_number=CASE_NUMBER)
    journey.terminal.line(
        f"{people.OWNER.name} proposes {len(words.DATA_USES)} uses of data, with why each field is needed; "
        f"{people.CHAIR.name} decides them, case {CASE_NUMBER}. Other data and other purposes are refused."
    )


def limit_calls(journey: Journey) -> None:
    """The owner sets what Lånestöd may never decide alone, and how much it may propose in a day. Done once, before the decision on use."""
    from demo.register import acting, system_of
    from insyn.web.register.actions import set_limits

    system = system_of(words.SLUG)
    if system.limits:
        return
    limits = {"never_automated": [words.MATTER_TYPE], "per_day": MOST_A_DAY}
    set_limits(actor=acting(people.OWNER), system=system, limits=limits, data_classes={}, why="Nämndens villkor för beslutet.")
    journey.terminal.line(f"{people.OWNER.name} sets limits: a person always decides, and at most {MOST_A_DAY} proposals a day.")

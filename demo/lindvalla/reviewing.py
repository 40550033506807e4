"""How Lånestöd's owner sets up review: the share that is judged before the proposal is shown, and a made-up case for practice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from demo.loans.applications import GRANT, Value

#: Of a thousand. About twenty of the applications of this run are drawn, and one of them is left to wait.
BLIND_SHARE = 20
WHY_BLIND = "Vi vill veta om förslagen styr handläggarna. Ett ärende av femtio räcker för att mäta och tar inte mycket tid."

#: What Lånestöd would see of somebody who does not exist. It proposes no, for the certificate below is nothing that it can read.
MADE_UP: Mapping[str, Value] = {
    "housing_expense_ratio": 24.0,
    "other_debt_ratio": 7.0,
    "loan_to_price": 0.8,
    "consumer_credit": 5.0,
    "public_record": True,
    "meets_guidelines": False,
    "unverified_information": False,
    "self_employed": False,
    "several_dwellings": False,
}
#: A number past the last of the data set, a certificate in words, what is right and why. It comes to each officer on the day that it is made.
MADE_UP_CASE: dict[str, Any] = {
    "number": "LS 1990-2107",
    "more": [["Intyg från kreditupplysningen", "Betalningsanmärkningen gällde en annan person och är struken."]],
    "right": GRANT,
    "why": "Intyget säger att anmärkningen gällde någon annan. Då faller det som talade emot, och inkomsten räcker gott för lånet.",
    "spread_days": 1,
}

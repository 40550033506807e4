"""The systems in Lindvalla's register: different kinds, different reach, and one that the municipality said no to.

Only Lånestöd and the load test run here. The rest are register entries: what a municipality knows of systems that others run.
"""

from __future__ import annotations

from typing import Any

from demo.loans import words
from demo.loans.words import both
from insyn.core.terms import Mode, Reach, SystemKind

LOAD_TEST = "lasttest"
LOAD_VERSION = "1"
LOAD_PURPOSE = "load_test"
LOAD_MATTER = "exercise"


def _system(
    slug: str,
    name: dict[str, str],
    summary: dict[str, str],
    *,
    kind: SystemKind,
    reach: Reach,
    office: str,
    supplier: str = "",
    description: dict[str, str] | None = None,
    manual_way: dict[str, str] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """One register entry, in the words of ``register_system``."""
    texts = {"name": name, "summary": summary, "description": description or both("", ""), "manual_way": manual_way or both("", "")}
    spread = {f"{field}_{language}": text[language] for field, text in texts.items() for language in ("sv", "en")}
    return {"slug": slug, **spread, "kind": kind, "reach": reach, "office": office, "supplier": supplier, **more}


def loan_support(one_in: int) -> dict[str, Any]:
    """Lånestöd; ``one_in`` see :func:`demo.loans.words.known_limits`."""
    limits = words.known_limits(one_in)
    return _system(
        words.SLUG,
        both("Lånestöd", "Loan support"),
        words.SUMMARY,
        description=words.DESCRIPTION,
        manual_way=words.MANUAL_WAY,
        kind=SystemKind.BUILT,
        reach=Reach.EVERY_CALL,
        office="bostadslan",
        purposes=words.PURPOSES,
        modes=[Mode.SUPPORT],
        groups=words.GROUPS,
        favourable_outcome="grant",
        outcomes=words.OUTCOMES,
        factors=words.FACTORS,
        data_uses=words.DATA_USES,
        known_limits_sv=limits["sv"],
        known_limits_en=limits["en"],
        easy_sv=words.EASY["sv"],
        easy_en=words.EASY["en"],
    )


LOAD_SYSTEM = _system(
    LOAD_TEST,
    both("Lasttest", "Load test"),
    both(
        "Övningssystem. Strömmar påhittade anrop för att visa att stoppet håller. Rör ingen människa.",
        "Exercise system. Streams invented calls to show that the stop holds. Touches nobody.",
    ),
    kind=SystemKind.BUILT,
    reach=Reach.EVERY_CALL,
    office="kommunledningskontoret",
    manual_way=both("Övningen avbryts; ingen väntar på ett svar.", "The exercise ends; nobody waits for an answer."),
    purposes=[
        {
            "purpose": LOAD_PURPOSE,
            "name": both("Prov av stoppet", "Test of the stop"),
            "categories": [],
            "matter_types": [LOAD_MATTER],
        }
    ],
    modes=[Mode.ADVICE],
    outcomes={"ok": both("Svar", "Answer")},
    exercise=True,
    in_figures=False,
)

MASKING = _system(
    "maskering",
    both("Maskering av handlingar", "Masking of documents"),
    both(
        "Föreslår vilka personuppgifter som ska döljas innan en allmän handling lämnas ut. Registratorn avgör.",
        "Proposes which personal data to hide before an official document is released. The registrar decides.",
    ),
    kind=SystemKind.BOUGHT,
    reach=Reach.IMPORTED_LOGS,
    office="kommunledningskontoret",
    supplier="Aktmask AB (påhittat)",
    manual_way=both("Registratorn maskerar för hand.", "The registrar masks by hand."),
)

TRAFFIC = _system(
    "trafiksignaler",
    both("Gröna vågen", "Green wave"),
    both(
        "Styr trafiksignaler efter köernas längd. Inbyggt i leverantörens styrskåp; Insyn når inte anropen.",
        "Steers traffic lights by the length of queues. Embedded in the supplier's cabinets; Insyn does not reach the calls.",
    ),
    kind=SystemKind.EMBEDDED,
    reach=Reach.CONTRACT_ONLY,
    office="gatukontoret",
    supplier="Signalverket AB (påhittat)",
    manual_way=both("Signalerna går på fasta tider.", "The lights run on fixed times."),
)

ASSISTANT = _system(
    "textassistent",
    both("Textassistenten", "Text assistant"),
    both(
        "Allmänt tillgänglig chattassistent för utkast till texter utan personuppgifter. Hålls av avtal, licens och beslut, inte av Insyn.",
        "Generally available chat assistant for drafts of texts without personal data. Held by contract, licence and orders, not by Insyn.",
    ),
    kind=SystemKind.GENERALLY_AVAILABLE,
    reach=Reach.CONTRACT_ONLY,
    office="kommunledningskontoret",
    supplier="Allmän tjänst",
    manual_way=both("Medarbetaren skriver själv.", "The employee writes unaided."),
)

QUEUE_RULES = _system(
    "forskoleko",
    both("Förskolekön", "Preschool queue"),
    both(
        "Räknar turordning i förskolekön efter nämndens regler. Ingen inlärning; samma uppgifter ger alltid samma plats.",
        "Works out the order of the preschool queue by the board's rules. Nothing is learned; the same facts always give the same place.",
    ),
    kind=SystemKind.RULE_BASED,
    reach=Reach.IMPORTED_LOGS,
    office="bildningsforvaltningen",
    manual_way=both("Handläggaren räknar turordningen för hand.", "The case officer works out the order by hand."),
)

ABSENCE = _system(
    "franvaroprognos",
    both("Frånvaroprognos", "Absence forecast"),
    both(
        "Skulle förutse vilka elever som riskerar hög frånvaro. Kommunen sade nej.",
        "Would have forecast which pupils were at risk of high absence. The municipality said no.",
    ),
    kind=SystemKind.BOUGHT,
    reach=Reach.EVERY_CALL,
    office="bildningsforvaltningen",
    supplier="Skolprognos AB (påhittat)",
)

PHONE_ROUTING = _system(
    "samtalsstyrning",
    both("Samtalsstyrning", "Call routing"),
    both(
        "Kopplade samtal till rätt enhet efter vad den som ringde sade. Avvecklat; växeln kopplar.",
        "Put calls through to the right unit from what the caller said. Retired; the switchboard does it.",
    ),
    kind=SystemKind.BOUGHT,
    reach=Reach.IMPORTED_LOGS,
    office="kommunledningskontoret",
    supplier="Talväg AB (påhittat)",
    manual_way=both("Växeln kopplar samtalen.", "The switchboard puts calls through."),
)

REFUSED_WHY = both(
    "En prognos om enskilda barn stämplar dem, och skolan kan se frånvaron utan prognos. Nyttan väger inte upp intrånget.",
    "A forecast about individual children brands them, and the school can see absence without a forecast. The benefit does not outweigh it.",
)

OTHERS = (MASKING, TRAFFIC, ASSISTANT, QUEUE_RULES, ABSENCE, PHONE_ROUTING)

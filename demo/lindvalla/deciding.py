"""What Lindvalla's boards have handed to officials, a deviation that an owner answers for, and the first evaluation of Lånestöd.

All invented.
"""

from __future__ import annotations

from typing import Any

from demo.lindvalla import systems

#: In the words of ``adopt_delegation``; ``days``: so long ago the board decided.
DELEGATIONS: tuple[dict[str, Any], ...] = (
    {
        "number": "7.4",
        "board": "samhallsbyggnadsnamnden",
        "office": "bostadslan",
        "what": "system.pause",
        "highest_class": "high",
        "text_sv": "Beslut att pausa ett AI-system inom bostadslån",
        "text_en": "Decision to pause an AI system within housing loans",
        "case_number": "SBN 2026/171",
    },
    {
        "number": "3.12",
        "board": "socialnamnden",
        "office": "socialforvaltningen",
        "what": "use.decide",
        "highest_class": "limited",
        "text_sv": "Beslut att ta ett AI-system i bruk som inte är av hög risk",
        "text_en": "Decision to put an AI system that is not high-risk into use",
        "case_number": "SN 2026/64",
    },
)
DECIDED_DAYS_AGO = 30

DEVIATION = {
    "rule": "kommun/lindvalla/version-validated",
    "reason": "Leverantören byter version utan förvarning. Kommunen kan inte pröva varje version på egna texter innan den används.",
    "risk": "En ny version kan skriva sämre eller hitta på mer än den förra.",
    "measures": "Tio fasta texter prövas den första varje månad. Ingen text skickas utan att en medarbetare har läst den.",
}
DEVIATION_SYSTEM = systems.ASSISTANT["slug"]
DEVIATION_DAYS = 180
ACCEPTANCE = "Jag tar ansvar för den högre risken till den dag som står här. Blir månadens prov sämre än det förra stängs tjänsten."

EVALUATION = {
    "summary": "Första utvärderingen, efter de första ansökningarna. Tidigarelagd för att nämnden skulle få se siffrorna före årsskiftet.",
    "result": "Förslagen stämmer oftast med handläggarnas beslut. Skillnaden mellan grupper finns kvar, lika stor som i långivarnas egna beslut. "
    "Ingen har stoppat systemet i onödan.",
    "outcome": "change",
    "change_what": "Brevet ska säga vilka uppgifter den sökande själv kan rätta.",
    "benefit": "Går inte att säga ännu: väntan på besked mäts först i vår.",
    "participation": "Tolv sökande och två föreningar läste brevet i samrådet före beslutet. En ny omgång pågår.",
}
CHANGE_DAYS, NEXT_DAYS = 60, 170

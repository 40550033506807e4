"""One thing that went wrong in Lindvalla, from report to remedy, and the exercise of stopping what Insyn cannot hold. All invented."""

from __future__ import annotations

WHAT = (
    "Tre beslutsbrev hade fel telefonnummer till kontaktcenter. De som ringde kom till en privatperson i en annan kommun. Förslagen och "
    "besluten var riktiga."
)
KINDS = ("other",)
#: A "no" ends its clock, and needs its reason.
ANSWERS = {"personal_data": "no", "security": "no", "serious": "no", "death": "no", "widespread": "no"}
WHY = "Numret stod fel i mallen. Inga uppgifter om den sökande lämnades ut, och inget beslut påverkades."
MEASURES = "Mallen är rättad och läses nu av två personer. De tre breven är skickade på nytt."
CASES = ("BL 2026-0412", "BL 2026-0418", "BL 2026-0420")
TOLD_HOW = "Telefonsamtal från handläggaren, och nytt brev"
PUBLIC = {
    "text_sv": "Tre beslutsbrev hade fel telefonnummer. De tre har fått nya brev. Inget beslut påverkades.",
    "text_en": "Three letters had the wrong telephone number. The three have got new letters. No decision was affected.",
}

EXERCISE_WHAT = "Övning: gör allt utom att dra in licensen. Säg hur lång tid det tar."
EXERCISE_MINUTES = 60
EXERCISE_DONE = "Inloggad i adminportalen, sidan för licensen öppnad. Allt utom sista klicket är gjort."
EXERCISE_SEEN = "Jag satt bredvid och såg att det gick. Inget stängdes."

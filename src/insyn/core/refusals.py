"""The closed list of refusal codes: what each says, what would mend it, and who can.

Adding a code is adding it in :mod:`insyn.core.refusal_codes` and a row here; nothing else may invent one. A refusal never has the last word to the person in need: where a
permit names the manual way, the refusal repeats it.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from .refusal_codes import RefusalCode as RefusalCode, public_code as public_code
from .terms import Role
from .text import Text


class Explained(msgspec.Struct, frozen=True):
    """A row of the table: the sentence, the mend, and the offices that can mend it (empty: the calling program)."""

    sentence: Text
    mend: Text
    who: tuple[Role, ...]


def _row(sv: str, en: str, mend_sv: str, mend_en: str, *who: Role) -> Explained:
    return Explained(Text(sv, en), Text(mend_sv, mend_en), who)


_OWNER, _COORD, _ADMIN = Role.SYSTEM_OWNER, Role.AI_COORDINATOR, Role.ADMINISTRATOR

EXPLAINED: Mapping[RefusalCode, Explained] = {
    RefusalCode.UNKNOWN_SYSTEM: _row(
        "Systemet står inte i kommunens register.",
        "The system is not in the municipality's register.",
        "Registrera systemet, eller rätta namnet i anropet.",
        "Register the system, or correct the name in the call.",
        _OWNER,
    ),
    RefusalCode.NOT_APPROVED: _row(
        "Systemet är inte beslutat för användning.",
        "The system has not been approved for use.",
        "Uppfyll de krav som saknas och fatta beslut om att ta systemet i bruk.",
        "Meet the gates that are missing and take the decision to put it into use.",
        _OWNER,
        Role.ELECTED_MEMBER,
    ),
    RefusalCode.GATE_UNMET: _row(
        "Ett krav är inte uppfyllt.",
        "A gate is not met.",
        "Lämna den handling som kravet frågar efter.",
        "Supply the record that the gate demands.",
        _OWNER,
    ),
    RefusalCode.STOPPED: _row(
        "Systemet är stoppat.",
        "The system is stopped.",
        "Handlägg utan systemet. Bara ett formellt beslut om återstart häver stoppet.",
        "Work without the system. Only a formal decision to resume lifts the stop.",
        _OWNER,
        Role.ELECTED_MEMBER,
    ),
    RefusalCode.PAUSED: _row(
        "Systemet är pausat.", "The system is paused.", "Fatta beslut om fortsatt användning.", "Take a decision on continued use.", _OWNER
    ),
    RefusalCode.RETIRED: _row(
        "Systemet är avvecklat.", "The system is retired.", "Handlägg utan systemet.", "Work without the system.", _OWNER
    ),
    RefusalCode.REFUSED_SYSTEM: _row(
        "Kommunen har sagt nej till systemet.",
        "The municipality has refused this system.",
        "Handlägg utan systemet.",
        "Work without the system.",
        _OWNER,
        Role.ELECTED_MEMBER,
    ),
    RefusalCode.CONTRACT_ONLY: _row(
        "Insyn håller inte systemets anrop; det styrs av avtal och beslut.",
        "Insyn does not hold this system's calls; it is governed by contract and order.",
        "Ändra systemets räckvidd i registret innan anrop går hit.",
        "Change the reach in the register before calls come here.",
        _OWNER,
    ),
    RefusalCode.OVERDUE_EVALUATION: _row(
        "Utvärderingen är försenad.",
        "The evaluation is overdue.",
        "Gör utvärderingen och registrera utfallet.",
        "Carry out the evaluation and record its outcome.",
        _OWNER,
    ),
    RefusalCode.MANDATE_ENDED: _row(
        "Ett mandat som systemet vilar på har löpt ut.",
        "A mandate that the system rests on has ended.",
        "Utse en ny person och registrera beslutet.",
        "Appoint a person and record the decision.",
        _OWNER,
    ),
    RefusalCode.RECORD_EXPIRED: _row(
        "En handling som kravet vilar på har löpt ut.",
        "A record that a gate rests on has expired.",
        "Förnya handlingen.",
        "Renew the record.",
        _OWNER,
    ),
    RefusalCode.OUTSIDE_PURPOSE: _row(
        "Ändamålet ingår inte i tillståndet.",
        "The purpose is not in the permit.",
        "Använd ett beslutat ändamål, eller fatta ett direkt beslut om ett nytt.",
        "Use a decided purpose, or take a direct decision on a new one.",
        _OWNER,
        Role.DATA_PROTECTION_OFFICER,
    ),
    RefusalCode.DATA_CATEGORY_NOT_ALLOWED: _row(
        "En uppgiftskategori är inte tillåten för ändamålet.",
        "A category of data is not allowed for the purpose.",
        "Ta bort uppgiften, eller besluta om dataanvändningen.",
        "Leave the data out, or decide on the data use.",
        _OWNER,
        Role.DATA_PROTECTION_OFFICER,
    ),
    RefusalCode.VERSION_NOT_ALLOWED: _row(
        "Versionen är inte validerad och beslutad.",
        "The version is not validated and decided.",
        "Validera versionen, eller anropa med en beslutad.",
        "Validate the version, or call with a decided one.",
        _OWNER,
    ),
    RefusalCode.MODE_NOT_ALLOWED: _row(
        "Beslutsformen är inte tillåten för systemet.",
        "The mode is not allowed for the system.",
        "Använd en beslutad form. Automatiserade beslut kräver delegation.",
        "Use a decided mode. Automated decisions need a delegation.",
        _OWNER,
        Role.ELECTED_MEMBER,
    ),
    RefusalCode.MATTER_TYPE_NOT_ALLOWED: _row(
        "Ärendetypen ingår inte i tillståndet.",
        "The matter type is not in the permit.",
        "Handlägg ärendet utan systemet.",
        "Work on the case without the system.",
        _OWNER,
    ),
    RefusalCode.NEVER_AUTOMATED: _row(
        "Ärendetypen får aldrig avgöras automatiskt av systemet.",
        "This type of matter may never be decided automatically by the system.",
        "Anropa med en form där en människa beslutar.",
        "Call with a mode in which a person decides.",
        _OWNER,
    ),
    RefusalCode.INFORMATION_CLASS_TOO_HIGH: _row(
        "Uppgifterna är känsligare än vad systemet är klassat för.",
        "The data are more sensitive than the system is classified for.",
        "Ta bort uppgifterna, eller klassa kategorin och systemet och besluta på nytt.",
        "Leave the data out, or classify category and system and decide anew.",
        _OWNER,
        Role.INFORMATION_SECURITY,
    ),
    RefusalCode.OUTSIDE_HOURS: _row(
        "Systemet får inte användas vid den här tiden.",
        "The system may not be used at this time.",
        "Handlägg utan systemet, eller vänta till en tillåten tid.",
        "Work without the system, or wait until a time that is allowed.",
        _OWNER,
    ),
    RefusalCode.VOLUME_REACHED: _row(
        "Systemet har fattat eller föreslagit så många beslut som det får.",
        "The system has made or proposed as many decisions as it may.",
        "Handlägg utan systemet till nästa timme eller dag. Ett nytt beslut kan höja gränsen.",
        "Work without the system until the next hour or day. A new decision can raise the limit.",
        _OWNER,
    ),
    RefusalCode.FIELD_NOT_ALLOWED: _row(
        "En uppgift i underlaget ingår inte i någon beslutad dataanvändning.",
        "A field of the payload is in no decided use of data.",
        "Ta bort uppgiften, eller besluta om en dataanvändning som nämner den.",
        "Leave the field out, or decide on a use of data that names it.",
        _OWNER,
        Role.DATA_PROTECTION_OFFICER,
    ),
    RefusalCode.POPULATION_EXCLUDED: _row(
        "Systemet får inte användas för den här personen.",
        "The system may not be used for this person.",
        "Handlägg ärendet utan systemet.",
        "Work on the case without the system.",
        Role.CASE_OFFICER,
    ),
    RefusalCode.POPULATION_UNKNOWN: _row(
        "Det framgår inte om systemet får användas för den här personen.",
        "Nothing shows whether the system may be used for this person.",
        "Ta reda på det och ange det i anropet, eller handlägg utan systemet.",
        "Find out and say so in the call, or work without the system.",
    ),
    RefusalCode.GROUP_NOT_DECLARED: _row(
        "En grupp för uppföljning är inte angiven i registret.",
        "A group for supervision is not declared in the register.",
        "Skicka bara de grupper som registret anger.",
        "Send only the groups that the register declares.",
        _OWNER,
    ),
    RefusalCode.EXPLANATION_MISSING: _row(
        "Förklaring saknas.",
        "The explanation is missing.",
        "Skicka med de faktorer som ledde till utfallet.",
        "Send the factors that led to the outcome.",
    ),
    RefusalCode.EXPLANATION_INCONSISTENT: _row(
        "Förklaringen stämmer inte med utfallet.",
        "The explanation does not agree with the outcome.",
        "Faktorernas bidrag och utgångsvärdet ska summera till poängen.",
        "The factors' contributions and the base value must add up to the score.",
    ),
    RefusalCode.COUNTERFACTUAL_NOT_ALLOWED: _row(
        "Förklaringen ber någon att ändra det som ingen kan eller ska behöva ändra.",
        "The explanation asks somebody to change what nobody can or should have to change.",
        "Föreslå bara ändringar av sådant som den berörda själv råder över.",
        "Suggest only changes of what the person concerned has power over.",
    ),
    RefusalCode.NOTICE_MISSING: _row(
        "Det framgår inte att den berörda har fått veta att AI används.",
        "Nothing shows that the person concerned was told that AI is used.",
        "Lämna informationen och ange hur.",
        "Give the notice and say how.",
    ),
    RefusalCode.CLIENT_UNKNOWN: _row(
        "Nyckeln är okänd eller gäller inte för systemet.",
        "The client key is unknown or not for this system.",
        "Be systemägaren om en nyckel för systemet.",
        "Ask the system owner for a key for this system.",
        _OWNER,
        _ADMIN,
    ),
    RefusalCode.CLEARANCE_UNKNOWN: _row(
        "Klareringen finns inte eller är för gammal.",
        "The clearance does not exist or is too old.",
        "Be om en ny klarering.",
        "Ask for a new clearance.",
    ),
    RefusalCode.CLEARANCE_SUPERSEDED: _row(
        "Tillståndet har ändrats sedan klareringen.",
        "The permit has changed since the clearance.",
        "Be om en ny klarering.",
        "Ask for a new clearance.",
    ),
    RefusalCode.IDEMPOTENCY_CONFLICT: _row(
        "Nyckeln för upprepning har redan använts för ett annat innehåll.",
        "The idempotency key has already been used for another body.",
        "Använd en ny nyckel för ett nytt innehåll.",
        "Use a new key for a new body.",
    ),
    RefusalCode.INVALID_REQUEST: _row(
        "Anropet går inte att läsa.", "The request cannot be read.", "Rätta det fält som anges.", "Correct the field that is named."
    ),
    RefusalCode.TOO_LARGE: _row("Innehållet är för stort.", "The body is too large.", "Skicka mindre delar.", "Send smaller parts."),
    RefusalCode.NOT_READY: _row(
        "Tjänsten har inte startat färdigt. Inget besvaras.",
        "The service has not finished starting. Nothing is being answered.",
        "Försök igen om en stund, och handlägg utan systemet så länge.",
        "Try again shortly, and work without the system meanwhile.",
        _ADMIN,
    ),
    RefusalCode.SPOOL_UNREADABLE: _row(
        "En lagd stopporder går inte att läsa. Inget besvaras förrän den är utredd.",
        "A stop order in the spool cannot be read. Nothing is answered until it has been looked into.",
        "Kör `insyn doctor` och åtgärda filen som nämns.",
        "Run `insyn doctor` and mend the file that it names.",
        _ADMIN,
    ),
    RefusalCode.READ_ONLY: _row(
        "Loggen kan inte skrivas. Inget besvaras.",
        "The log cannot be written. Nothing is being answered.",
        "Åtgärda lagringen och starta om tjänsten.",
        "Mend the storage and restart the service.",
        _ADMIN,
    ),
    RefusalCode.CLOCK_JUMPED: _row(
        "Klockan har hoppat. Inget besvaras förrän en namngiven person har kontrollerat den.",
        "The clock has jumped. Nothing is answered until a named person has checked it.",
        "Kontrollera klockan och bekräfta den.",
        "Check the clock and confirm it.",
        _ADMIN,
    ),
    RefusalCode.EPOCH_OLD: _row(
        "Tillståndet bygger på ett äldre läge än det som gäller.",
        "The permit was compiled from an older state than the one in force.",
        "Gör om åtgärden från det läge som gäller.",
        "Repeat the act from the state in force.",
        _OWNER,
    ),
    RefusalCode.RESUME_LATE: _row(
        "Beslutet om återstart gäller inte det senaste stoppet.",
        "The decision to resume does not name the newest stop.",
        "Fatta ett nytt beslut som gäller det senaste stoppet.",
        "Take a new decision that names the newest stop.",
        _OWNER,
        Role.ELECTED_MEMBER,
    ),
    RefusalCode.SIGNATURE_INVALID: _row(
        "Underskriften stämmer inte.",
        "The signature does not hold.",
        "Kontrollera vilken nyckel som används.",
        "Check which key is used.",
        _ADMIN,
    ),
    RefusalCode.NOT_STOP_HOLDER: _row(
        "Personen har inte mandat att stoppa systemet.",
        "The person has no mandate to stop this system.",
        "Kontakta den stoppansvariga.",
        "Contact the stop holder.",
        Role.STOP_HOLDER,
    ),
    RefusalCode.STOP_TARGET_UNKNOWN: _row(
        "Ingen sådan version, inget sådant ändamål eller ingen sådan leverantör finns i något tillstånd, så inget stoppades.",
        "No permit names such a version, purpose or supplier, so nothing was stopped.",
        "Kontrollera namnet, eller stoppa hela systemet.",
        "Check the name, or stop the whole system.",
        Role.STOP_HOLDER,
    ),
    RefusalCode.REVIEWER_WITHOUT_MANDATE: _row(
        "Personen har inte mandat och instruktion att granska.",
        "The person has no mandate and instruction to review.",
        "Registrera mandat, instruktion och utbildning.",
        "Record mandate, instruction and training.",
        _OWNER,
    ),
    RefusalCode.REASONS_MISSING: _row(
        "Egna skäl saknas.",
        "Reasons of one's own are missing.",
        "Skriv varför du beslutar som du gör.",
        "Write why you decide as you do.",
        Role.CASE_OFFICER,
    ),
    RefusalCode.PROPOSAL_CHANGED: _row(
        "Förslaget är inte det som granskades.",
        "The proposal is not the one that was reviewed.",
        "Öppna ärendet igen.",
        "Open the case again.",
        Role.CASE_OFFICER,
    ),
    RefusalCode.OPENING_MISSING: _row(
        "Den som beslutar har inte öppnat ärendet, eller öppnade det för länge sedan.",
        "Whoever decides has not opened the case, or opened it too long ago.",
        "Öppna ärendet och läs det innan du beslutar.",
        "Open the case and read it before you decide.",
        Role.CASE_OFFICER,
    ),
    RefusalCode.BLIND_FIRST: _row(
        "Ärendet hör till dem som en person bedömer innan förslaget visas.",
        "The case is one of those that a person judges before the proposal is shown.",
        "Gör din egen bedömning först. Sedan visas förslaget.",
        "Make your own judgement first. Then the proposal is shown.",
        Role.CASE_OFFICER,
    ),
    RefusalCode.NOT_BLIND: _row(
        "Ärendet hör inte till dem som bedöms före förslaget, eller är redan bedömt.",
        "The case is not one of those judged before the proposal, or is judged already.",
        "Öppna ärendet igen.",
        "Open the case again.",
        Role.CASE_OFFICER,
    ),
    RefusalCode.NOTHING_TO_RECONSIDER: _row(
        "Det finns inget beslut att ompröva, eller så har det ändrats sedan du öppnade ärendet.",
        "There is no decision to reconsider, or it has changed since you opened the case.",
        "Öppna ärendet igen och se vilket beslut som gäller.",
        "Open the case again and see which decision stands.",
        Role.CASE_OFFICER,
    ),
    RefusalCode.EMPLOYEE_RESULTS_HELD: _row(
        "Förhandling eller bedömning om de anställda är inte avslutad. Ingen chef får se något om en enskild.",
        "Negotiation or assessment about the employees is not closed. No manager may see anything about a person.",
        "Avsluta förhandlingen enligt MBL och bedömningen av arbetsmiljön.",
        "Close the negotiation under MBL and the assessment of the work environment.",
        _OWNER,
        Role.UNION_REPRESENTATIVE,
        Role.SAFETY_REPRESENTATIVE,
    ),
    RefusalCode.ALREADY_REVIEWED: _row(
        "Förslaget är redan avgjort.",
        "The proposal has already been decided.",
        "Öppna ärendet igen för att se vem som avgjorde.",
        "Open the case again to see who decided.",
        Role.CASE_OFFICER,
    ),
    RefusalCode.RECORD_UNKNOWN: _row("Posten finns inte.", "There is no such record.", "Kontrollera beteckningen.", "Check the id."),
    RefusalCode.RECORD_ERASED: _row(
        "Innehållet är raderat efter beslut.",
        "The content has been erased by decision.",
        "Raderingsposten i loggen visar på vilken grund.",
        "The shred entry in the log shows on what ground.",
    ),
    RefusalCode.RECORD_RESTRICTED: _row(
        "Uppgifterna får vila: den som de rör har bett om det.",
        "The data is restricted: the person whom it concerns has asked for it.",
        "Rättighetshandläggaren kan häva begränsningen eller svara på personens begäran först.",
        "A rights officer can lift the restriction, or answer the person’s request first.",
    ),
    RefusalCode.LEGAL_HOLD: _row(
        "Uppgifterna får inte förstöras: ett beslut om bevarande tills vidare gäller.",
        "Nothing of this may be destroyed: a legal hold stands.",
        "Vänta tills beslutet är hävt, eller begär att det hävs.",
        "Wait until the hold is lifted, or ask for it to be lifted.",
        Role.COUNCIL_SECRETARY,
    ),
    RefusalCode.PRESERVED: _row(
        "Uppgifterna ska bevaras och lämnas till arkivmyndigheten. De gallras inte.",
        "This is to be kept for good and goes to the archive authority. It is not disposed of.",
        "Vänd dig till arkivmyndigheten.",
        "Turn to the archive authority.",
        Role.COUNCIL_SECRETARY,
    ),
    RefusalCode.DISPOSAL_NOT_DECIDED: _row(
        "Det finns inget gallringsbeslut i loggen som omfattar systemet, klassen och månaden.",
        "No disposal decision in the log covers the system, the class and the month.",
        "Fatta ett gallringsbeslut som omfattar dem.",
        "Take a disposal decision that covers them.",
        Role.ELECTED_MEMBER,
        Role.DELEGATE,
    ),
    RefusalCode.NOTHING_TO_DISPOSE: _row(
        "Det finns inget att gallra: månaden är inte slut, eller redan gallrad.",
        "There is nothing to dispose of: the month is not over, or is disposed of already.",
        "Se gallringslistan.",
        "See the list of what can be disposed of.",
        Role.COUNCIL_SECRETARY,
    ),
    RefusalCode.ANSWER_TOO_OLD: _row(
        "Svaret kom för sent för att få användas.", "The answer came too late to be used.", "Fråga igen.", "Ask again."
    ),
    RefusalCode.BUSY: _row(
        "Fler frågar just nu än Insyn hinner svara. Det räknas som nej.",
        "More are asking than Insyn has time to answer. That counts as no.",
        "Vänta en sekund och fråga igen.",
        "Wait a second and ask again.",
    ),
    RefusalCode.RATE_LIMITED: _row(
        "Anropen kommer tätare än vad som är tillåtet. Det räknas som nej.",
        "The calls come closer together than is allowed. That counts as no.",
        "Vänta så länge som Retry-After säger och fråga igen.",
        "Wait as long as Retry-After says and ask again.",
    ),
    RefusalCode.UNREACHABLE: _row(
        "Insyn svarar inte. Det räknas som nej.",
        "Insyn does not answer. That counts as no.",
        "Handlägg utan systemet tills Insyn svarar.",
        "Work without the system until Insyn answers.",
        _ADMIN,
    ),
    RefusalCode.PERSON_UNKNOWN: _row(
        "Anropet hör inte till en inloggad person, eller så gäller personens kort inte längre.",
        "The call belongs to no signed-in person, or the person's pass no longer holds.",
        "Logga in, läs instruktionen på sidan Assistenter (/arbete/assistenter/) och hämta ett eget kort där.",
        "Sign in, read the instruction on the page Assistants (/arbete/assistenter/) and get a pass of your own there.",
    ),
    RefusalCode.INSTRUCTION_NOT_CONFIRMED: _row(
        "Personen har inte bekräftat instruktionen i den lydelse som gäller nu.",
        "The person has not confirmed the instruction as it reads now.",
        "Läs och bekräfta instruktionen på sidan Assistenter (/arbete/assistenter/) och hämta ett nytt kort där.",
        "Read and confirm the instruction on the page Assistants (/arbete/assistenter/) and get a new pass there.",
    ),
    RefusalCode.CONTENT_NOT_EXAMINED: _row(
        "Innehållet är av ett slag som inte kan granskas på vägen.",
        "The content is of a kind that cannot be examined on the way.",
        "Skicka text. Bilder, filer, länkar och verktyg som modellens leverantör kör själv går inte den här vägen.",
        "Send text. Pictures, files, links and tools that the model's supplier runs itself do not go this way.",
        _OWNER,
    ),
    RefusalCode.TOOL_NOT_OFFERED: _row(
        "Svaret vill använda ett verktyg som anropet inte erbjöd.",
        "The answer wants a tool that the call did not offer.",
        "Fråga igen, och se efter om ett dokument i frågan innehåller dolda instruktioner.",
        "Ask again, and look whether a document in the question holds hidden instructions.",
    ),
    RefusalCode.MODEL_UNAVAILABLE: _row(
        "Modellen svarar inte.",
        "The model does not answer.",
        "Försök igen om en stund, och handlägg utan systemet så länge.",
        "Try again shortly, and work without the system meanwhile.",
        _ADMIN,
    ),
    RefusalCode.MODEL_REFUSED: _row(
        "Modellen tog inte emot frågan.",
        "The model did not take the question.",
        "Korta eller rätta frågan. Hjälper det inte är modellen eller dess nyckel fel inställd.",
        "Shorten or correct the question. If that does not help, the model or its key is set up wrongly.",
        _ADMIN,
    ),
    RefusalCode.MODEL_ANSWER_BROKEN: _row(
        "Modellens svar går inte att läsa och lämnades inte ut.",
        "The model's answer cannot be read and was not let out.",
        "Fråga igen. Händer det ofta är modellens server fel inställd.",
        "Ask again. If it happens often, the model's server is set up wrongly.",
        _ADMIN,
    ),
    RefusalCode.CALLER_GONE: _row(
        "Den som frågade lade på innan svaret var klart.",
        "Whoever asked hung up before the answer was ready.",
        "Fråga igen.",
        "Ask again.",
    ),
}


class Reason(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that stands in the way, in words that a person can act on.

    ``rule`` is the pack rule (``pack/slug``), ``provision`` its citation as shown, ``level`` its verification level.
    """

    code: RefusalCode
    sentence: Text
    mend: Text
    who: tuple[str, ...] = ()
    rule: str = ""
    provision: str = ""
    url: str = ""
    level: str = ""
    place: str = ""


class Refusal(msgspec.Struct, frozen=True, omit_defaults=True):
    """A whole "no": the first reason's code, and every reason. ``manual_way`` says how the person gets served all the same."""

    code: RefusalCode
    reasons: tuple[Reason, ...]
    manual_way: Text | None = None

    @property
    def sentence(self) -> Text:
        return self.reasons[0].sentence


def reason(
    code: RefusalCode, *, place: str = "", detail: Text | None = None, rule: str = "", provision: str = "", url: str = "", level: str = ""
) -> Reason:
    """A reason from the table; ``detail`` is added after the table's sentence, ``place`` names the field."""
    row = EXPLAINED[code]
    sentence = row.sentence if detail is None else Text(f"{row.sentence.sv} {detail.sv}", f"{row.sentence.en} {detail.en}")
    return Reason(
        code=code, sentence=sentence, mend=row.mend, who=row.who, rule=rule, provision=provision, url=url, level=level, place=place
    )


def refuse(code: RefusalCode, *, place: str = "", detail: Text | None = None, manual_way: Text | None = None) -> Refusal:
    """A refusal with one reason from the table."""
    return Refusal(code=code, reasons=(reason(code, place=place, detail=detail),), manual_way=manual_way)


class Refused(Exception):
    """Raised where a caller works with exceptions (SDK, acts); carries the refusal."""

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal
        super().__init__(f"{refusal.code}: {refusal.sentence.en}")

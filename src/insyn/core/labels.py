"""What each word of :mod:`insyn.core.terms` is called, in Swedish and English, and where the word comes from.

``docs/terms.md`` is generated from this table, and the interface shows nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from .terms import (
    DisclosureGroup,
    Mode,
    NoticeChannel,
    Phase,
    Population,
    Reach,
    ReconsiderationGround,
    RecordKind,
    ReviewVerdict,
    Role,
    Stage,
    StopScope,
    StopStatus,
    SystemKind,
    Tristate,
    UnknownFields,
    VerificationLevel,
)
from .text import Text


class Term(msgspec.Struct, frozen=True):
    """A label in both languages and its source: an article, a Swedish act or, where the word is ours, nothing."""

    label: Text
    source: str = ""


def _t(sv: str, en: str, source: str = "") -> Term:
    return Term(Text(sv, en), source)


_TABLE: tuple[tuple[StrEnum, Term], ...] = (
    (Phase.NEEDS_ANALYSIS, _t("Behovsanalys", "Needs analysis")),
    (Phase.DEVELOPMENT, _t("Utveckling", "Development")),
    (Phase.PROCUREMENT, _t("Upphandling", "Procurement")),
    (Phase.ASSESSMENT, _t("Bedömning", "Assessment")),
    (Phase.DECISION, _t("Inför beslut", "Awaiting decision")),
    (Phase.PILOT, _t("Pilot", "Pilot")),
    (Phase.IN_USE, _t("I drift", "In use")),
    (Phase.PAUSED, _t("Pausat", "Paused")),
    (Phase.RETIRED, _t("Avvecklat", "Retired")),
    (Phase.ARCHIVED, _t("Arkiverat", "Archived")),
    (Phase.REFUSED, _t("Nej tack", "Refused")),
    (Phase.STOPPED, _t("Stoppat", "Stopped")),
    (SystemKind.BOUGHT, _t("Köpt", "Bought")),
    (SystemKind.BUILT, _t("Egenutvecklat", "Built by the municipality", "AI Act Art. 3(3)")),
    (SystemKind.BUILT_TOGETHER, _t("Utvecklat med andra", "Built with others")),
    (SystemKind.EMBEDDED, _t("Inbyggt i annat system", "Embedded in another product")),
    (SystemKind.GENERALLY_AVAILABLE, _t("Allmänt tillgängligt", "Generally available", "AI Act Art. 3(66)")),
    (SystemKind.RULE_BASED, _t("Regelstyrd automation", "Rule-based automation", "Förvaltningslagen 28 §")),
    (Reach.EVERY_CALL, _t("Varje anrop hålls", "Every call is held")),
    (Reach.IMPORTED_LOGS, _t("Loggar läses in efteråt", "Logs are imported afterwards")),
    (Reach.CONTRACT_ONLY, _t("Endast avtal och licens", "Contract and licence only")),
    (Mode.SUPPORT, _t("Beslutsstöd", "Decision support", "GDPR Art. 22")),
    (Mode.ADVICE, _t("Rådgivning", "Advice")),
    (Mode.AUTOMATED, _t("Automatiserat beslut", "Automated decision", "Förvaltningslagen 28 §, Kommunallagen 6:37")),
    (Stage.PROPOSAL, _t("Förslag", "Proposal")),
    (Stage.DECISION, _t("Beslut", "Decision")),
    (Stage.REVIEW, _t("Mänskligt beslut", "Human decision", "AI Act Art. 14")),
    (Stage.HISTORICAL, _t("Tidigare beslut", "Decision before Insyn")),
    (Stage.BLIND, _t("Bedömning före förslaget", "Judgement before the proposal")),
    (Stage.RECONSIDERATION, _t("Omprövning", "Reconsideration", "Förvaltningslagen 36-38 §§")),
    (ReviewVerdict.ACCEPTED, _t("Godtog förslaget", "Accepted")),
    (ReviewVerdict.CHANGED, _t("Ändrade", "Changed")),
    (ReviewVerdict.REJECTED, _t("Avvisade", "Rejected")),
    (
        ReconsiderationGround.CORRECTION,
        _t("Rättelse av en uppenbar oriktighet", "Correction of an obvious error", "Förvaltningslagen 36 §"),
    ),
    (
        ReconsiderationGround.MAY_CHANGE,
        _t("Myndigheten får ändra beslutet", "The authority may change the decision", "Förvaltningslagen 37 §"),
    ),
    (
        ReconsiderationGround.MUST_CHANGE,
        _t("Myndigheten ska ändra beslutet", "The authority must change the decision", "Förvaltningslagen 38 §"),
    ),
    (
        ReconsiderationGround.ASKED_FOR_HUMAN,
        _t("Den berörda har begärt att en människa tittar", "The person concerned asked for a human", "GDPR Art. 22(3)"),
    ),
    (ReconsiderationGround.ERROR_FOUND, _t("Ett fel har hittats i uppföljningen", "Supervision found an error")),
    (NoticeChannel.FORM, _t("I ett formulär", "In a form")),
    (NoticeChannel.LETTER, _t("I ett brev", "In a letter")),
    (NoticeChannel.CALL, _t("I ett telefonsamtal", "In a call")),
    (NoticeChannel.CHAT, _t("I en chatt", "In a chat")),
    (NoticeChannel.MEETING, _t("Vid ett möte", "At a meeting")),
    (NoticeChannel.TRANSLATION, _t("Vid en översättning", "With a translation")),
    (NoticeChannel.FILE_NOTE, _t("I en tjänsteanteckning", "In a file note")),
    (NoticeChannel.WEB_TEXT, _t("I en text på webben", "In a web text")),
    (Role.SYSTEM_OWNER, _t("Systemägare", "System owner")),
    (Role.STOP_HOLDER, _t("Stoppansvarig", "Stop holder", "AI Act Art. 14(4)(e)")),
    (Role.CASE_OFFICER, _t("Handläggare", "Case officer")),
    (Role.RIGHTS_OFFICER, _t("Rättighetshandläggare", "Rights officer")),
    (Role.UNION_REPRESENTATIVE, _t("Facklig företrädare", "Union representative", "MBL 11 §")),
    (Role.SAFETY_REPRESENTATIVE, _t("Skyddsombud", "Safety representative", "Arbetsmiljölagen 6 kap.")),
    (Role.DATA_PROTECTION_OFFICER, _t("Dataskyddsombud", "Data protection officer", "GDPR Art. 37")),
    (Role.AI_COORDINATOR, _t("AI-samordnare", "AI coordinator")),
    (Role.INFORMATION_SECURITY, _t("Informationssäkerhetssamordnare", "Information security officer")),
    (Role.INVENTORY_LEAD, _t("AI-ansvarig i verksamheten", "Lead for the AI inventory")),
    (Role.TECHNICIAN, _t("Tekniker", "Technician")),
    (Role.DELEGATE, _t("Tjänsteperson med delegation", "Official with delegation", "Kommunallagen 6:37-39, 7:5")),
    (Role.ELECTED_MEMBER, _t("Förtroendevald", "Elected member", "Kommunallagen 4 kap.")),
    (Role.COUNCIL_SECRETARY, _t("Sekreterare i fullmäktige", "Secretary of the council")),
    (Role.AUDITOR, _t("Revisor", "Auditor", "Kommunallagen 12 kap.")),
    (Role.ADMINISTRATOR, _t("Systemadministratör", "Administrator")),
    (RecordKind.NEEDS_ANALYSIS, _t("Behovsanalys", "Needs analysis")),
    (RecordKind.SOURCING_CHOICE, _t("Val mellan att köpa och bygga", "Sourcing choice")),
    (RecordKind.CLASSIFICATION, _t("Riskklassning", "Classification", "AI Act Art. 6")),
    (
        RecordKind.ASSESSMENT_FUNDAMENTAL_RIGHTS,
        _t("Bedömning av grundläggande rättigheter", "Fundamental rights impact assessment", "AI Act Art. 27"),
    ),
    (RecordKind.ASSESSMENT_DATA_PROTECTION, _t("Konsekvensbedömning av dataskydd", "Data protection impact assessment", "GDPR Art. 35")),
    (RecordKind.ASSESSMENT_DISCRIMINATION, _t("Bedömning av diskriminering", "Discrimination assessment", "Diskrimineringslagen 1:5")),
    (RecordKind.ASSESSMENT_LEGAL_CERTAINTY, _t("Bedömning av rättssäkerhet", "Legal certainty assessment")),
    (RecordKind.ASSESSMENT_WORK_ENVIRONMENT, _t("Riskbedömning av arbetsmiljön", "Work environment assessment", "Arbetsmiljölagen 3 kap.")),
    (RecordKind.ASSESSMENT_INFORMATION_SECURITY, _t("Bedömning av informationssäkerhet", "Information security assessment")),
    (RecordKind.ASSESSMENT_ETHICS, _t("Etisk bedömning", "Ethics assessment")),
    (RecordKind.VALIDATION, _t("Validering av versionen", "Validation of the version", "AI Act Art. 10, 15")),
    (RecordKind.ROBUSTNESS_TEST, _t("Robusthetstest", "Robustness test", "AI Act Art. 15")),
    (RecordKind.MBL_SECTION_11, _t("Förhandling enligt 11 § MBL", "Negotiation under section 11 MBL", "MBL 11 §")),
    (RecordKind.PARTICIPATION_ROUND, _t("Samråd med berörda", "Participation round")),
    (RecordKind.DATA_USE, _t("Beslutad dataanvändning", "Decided data use", "GDPR Art. 5(1)(b)")),
    (RecordKind.INSTRUCTION, _t("Instruktion", "Instruction", "AI Act Art. 26(1)")),
    (RecordKind.TRAINING, _t("Utbildning", "Training", "AI Act Art. 4")),
    (RecordKind.CONTINUITY_PLAN, _t("Kontinuitetsplan", "Continuity plan")),
    (RecordKind.EVALUATION_PLAN, _t("Plan för utvärdering", "Evaluation plan")),
    (RecordKind.EVALUATION, _t("Utvärdering", "Evaluation")),
    (RecordKind.STOP_MANDATE, _t("Stoppmandat", "Stop mandate", "AI Act Art. 14(4)(e)")),
    (RecordKind.HUMAN_OVERSIGHT, _t("Mänsklig tillsyn", "Human oversight", "AI Act Art. 14, 26(2)")),
    (RecordKind.DELEGATION, _t("Delegation", "Delegation", "Kommunallagen 6:37")),
    (RecordKind.NOTICE, _t("Information om att AI används", "Notice that AI is used", "AI Act Art. 26(11), 50")),
    (RecordKind.DEVIATION, _t("Avvikelse från en princip", "Deviation from a principle")),
    (RecordKind.PROCUREMENT_REQUIREMENTS, _t("Krav i upphandlingen", "Requirements in the procurement", "LOU")),
    (RecordKind.RETENTION_DECISION, _t("Beslut om bevarande och gallring", "Decision on retention and disposal", "Arkivlagen 10 §")),
    (
        RecordKind.PROVIDER_DOCUMENTATION,
        _t("Leverantörens bruksanvisning och dokumentation", "The provider’s instructions and documentation", "AI Act Art. 13, 26(1)"),
    ),
    (
        RecordKind.NOT_HIGH_RISK_DOCUMENTATION,
        _t("Dokumentation av att systemet inte är av hög risk", "Documentation that the system is not high-risk", "AI Act Art. 6(4)"),
    ),
    (
        RecordKind.BIAS_PROCESSING,
        _t("Känsliga uppgifter för att upptäcka snedvridning", "Special categories to detect bias", "AI Act Art. 4a"),
    ),
    (RecordKind.ACCESSIBILITY_TEST, _t("Test av tillgänglighet", "Accessibility test", "DOS-lagen 2018:1937")),
    (RecordKind.SECRECY_ASSESSMENT, _t("Sekretessprövning", "Secrecy assessment", "OSL 2009:400")),
    (
        RecordKind.CAMERA_ASSESSMENT,
        _t("Intresseavvägning för kamerabevakning", "Balance test for camera surveillance", "Kamerabevakningslagen 2018:1200"),
    ),
    (RecordKind.WORKERS_INFORMED, _t("Information till arbetstagarna", "Information to workers", "AI Act Art. 26(7)")),
    (RecordKind.DPO_OPINION, _t("Dataskyddsombudets yttrande", "Opinion of the data protection officer", "GDPR Art. 39")),
    (RecordKind.EU_REGISTRATION, _t("Registrering i EU:s databas", "Registration in the EU database", "AI Act Art. 49")),
    (RecordKind.COMPETENCE, _t("Kompetens", "Competence", "AI Act Art. 4, 26(2)")),
    (RecordKind.CONTINUITY_EXERCISE, _t("Övning av kontinuitetsplanen", "Exercise of the continuity plan")),
    (RecordKind.BENEFIT_REALISED, _t("Uppnådd nytta", "Benefit realised")),
    (RecordKind.FIDELITY_TEST, _t("Prov av förklaringarna", "Test of the explanations")),
    (Tristate.YES, _t("Ja", "Yes")),
    (Tristate.NO, _t("Nej", "No")),
    (Tristate.UNKNOWN, _t("Vet inte", "Unknown")),
    (Population.MINOR, _t("Barn under 18 år", "Children under 18", "GDPR recital 38")),
    (Population.PROTECTED_IDENTITY, _t("Personer med skyddade personuppgifter", "People whose identity is protected", "OSL 22:1")),
    (UnknownFields.LET_THROUGH, _t("släpps igenom", "let through")),
    (UnknownFields.DROP, _t("tas bort", "dropped")),
    (UnknownFields.REFUSE, _t("anropet nekas", "the call is refused")),
    (VerificationLevel.READ, _t("läst i texten", "read in the text")),
    (VerificationLevel.SECONDARY, _t("ur andrahandskälla", "from a secondary source")),
    (VerificationLevel.KNOWLEDGE, _t("allmän kunskap, inte kontrollerad", "general knowledge, not checked")),
    (VerificationLevel.UNVERIFIED, _t("sökt men inte funnen", "looked for and not found")),
    (DisclosureGroup.INPUT, _t("Underlag", "Input")),
    (DisclosureGroup.OUTPUT, _t("Utfall", "Output")),
    (DisclosureGroup.FACTORS, _t("Faktorer", "Factors", "AI Act Art. 86")),
    (DisclosureGroup.REVIEW, _t("Granskning", "Review")),
    (DisclosureGroup.CASE, _t("Ärende", "Case")),
    (DisclosureGroup.ORDER, _t("Order", "Order")),
    (DisclosureGroup.ACT, _t("Åtgärd", "Act")),
    (StopScope.SYSTEM, _t("Hela systemet", "The whole system")),
    (StopScope.VERSION, _t("En version", "One version")),
    (StopScope.PURPOSE, _t("Ett ändamål", "One purpose")),
    (StopScope.SUPPLIER, _t("En leverantör", "One supplier")),
    (StopScope.EVERYTHING, _t("Allt", "Everything")),
    (StopStatus.NONE, _t("Inget stopp", "No stop")),
    (StopStatus.ORDERED, _t("Beordrat", "Ordered")),
    (StopStatus.COMMITTED, _t("Stoppet står i loggen", "The stop stands in the log")),
    (StopStatus.DRAINED, _t("Allt har stannat", "Everything has come to rest")),
)

# Equal words of two lists (a phase and a record both called needs_analysis) are equal as text, so the list is part of the key.
_TERMS: Mapping[tuple[type[StrEnum], str], Term] = {(type(member), member.value): term for member, term in _TABLE}

#: Words kept apart on purpose, which are no value of a list.
KEPT_APART: Mapping[str, Term] = {
    "erasure": _t("radering", "erasure", "GDPR Art. 17"),
    "disposal": _t("gallring", "disposal", "Arkivlagen 10 §"),
    "reconsideration": _t("omprövning", "reconsideration", "Förvaltningslagen 37-38 §§"),
    "appeal": _t("överklagande", "appeal", "Förvaltningslagen 40-48 §§"),
    "purpose": _t("ändamål", "purpose", "GDPR Art. 5(1)(b)"),
    "use": _t("användning", "use"),
    "deployer": _t("tillhandahållare", "deployer", "AI Act Art. 3(4)"),
    "provider": _t("leverantör", "provider", "AI Act Art. 3(3)"),
    "permit": _t("tillstånd", "permit"),
    "clearance": _t("klarering", "clearance"),
    "epoch": _t("utgåva av tillståndet", "epoch"),
    "receipt": _t("kvitto", "receipt"),
    "gate": _t("krav", "gate"),
    "stop": _t("stopp", "stop", "AI Act Art. 14(4)(e)"),
    "resume": _t("återstart", "resume"),
    "drained": _t("allt har stannat", "drained"),
}


def term(member: StrEnum) -> Term:
    """Label and source of a member. Every member of every list in ``terms`` has one (tested)."""
    return _TERMS[type(member), member.value]


def label(member: StrEnum) -> Text:
    """The label of a member."""
    return term(member).label

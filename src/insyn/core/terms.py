"""The closed lists of words. Values are stored and sent; labels stand in :mod:`insyn.core.labels`.

Names are those of the AI Act and the GDPR where these have one; Swedish institutions stay proper nouns.
"""

from __future__ import annotations

from enum import StrEnum


class Phase(StrEnum):
    """Where a system stands in its life. ``refused`` and ``stopped`` are reachable from anywhere."""

    NEEDS_ANALYSIS = "needs_analysis"
    DEVELOPMENT = "development"
    PROCUREMENT = "procurement"
    ASSESSMENT = "assessment"
    DECISION = "decision"
    PILOT = "pilot"
    IN_USE = "in_use"
    PAUSED = "paused"
    RETIRED = "retired"
    ARCHIVED = "archived"
    REFUSED = "refused"
    STOPPED = "stopped"


class SystemKind(StrEnum):
    """How the municipality came by the system."""

    BOUGHT = "bought"
    BUILT = "built"
    BUILT_TOGETHER = "built_together"
    EMBEDDED = "embedded"
    GENERALLY_AVAILABLE = "generally_available"
    RULE_BASED = "rule_based"


class Reach(StrEnum):
    """How far Insyn reaches a use of a system."""

    EVERY_CALL = "every_call"
    IMPORTED_LOGS = "imported_logs"
    CONTRACT_ONLY = "contract_only"


class Mode(StrEnum):
    """What the outcome of a guarded decision is to the person it concerns."""

    SUPPORT = "support"
    ADVICE = "advice"
    AUTOMATED = "automated"


class Stage(StrEnum):
    """Which step of a case a facts row describes."""

    PROPOSAL = "proposal"
    DECISION = "decision"
    REVIEW = "review"
    HISTORICAL = "historical"
    BLIND = "blind"
    RECONSIDERATION = "reconsideration"


class ReviewVerdict(StrEnum):
    """What a person did with a proposal."""

    ACCEPTED = "accepted"
    CHANGED = "changed"
    REJECTED = "rejected"


class ReconsiderationGround(StrEnum):
    """Why a decision is looked at again. The sections are those of Förvaltningslagen (2017:900)."""

    CORRECTION = "correction"
    MAY_CHANGE = "may_change"
    MUST_CHANGE = "must_change"
    ASKED_FOR_HUMAN = "asked_for_human"
    ERROR_FOUND = "error_found"


class NoticeChannel(StrEnum):
    """Where the person concerned was told that AI had helped (AI Act Art. 50; the municipal policies)."""

    FORM = "form"
    LETTER = "letter"
    CALL = "call"
    CHAT = "chat"
    MEETING = "meeting"
    TRANSLATION = "translation"
    FILE_NOTE = "file_note"
    WEB_TEXT = "web_text"


class Role(StrEnum):
    """Offices that act. A person holds an office by a mandate with dates."""

    SYSTEM_OWNER = "system_owner"
    STOP_HOLDER = "stop_holder"
    CASE_OFFICER = "case_officer"
    RIGHTS_OFFICER = "rights_officer"
    TECHNICIAN = "technician"
    UNION_REPRESENTATIVE = "union_representative"
    SAFETY_REPRESENTATIVE = "safety_representative"
    DATA_PROTECTION_OFFICER = "data_protection_officer"
    AI_COORDINATOR = "ai_coordinator"
    INVENTORY_LEAD = "inventory_lead"
    INFORMATION_SECURITY = "information_security"
    ELECTED_MEMBER = "elected_member"
    DELEGATE = "delegate"
    COUNCIL_SECRETARY = "council_secretary"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class RecordKind(StrEnum):
    """Records that gates demand."""

    NEEDS_ANALYSIS = "needs_analysis"
    SOURCING_CHOICE = "sourcing_choice"
    CLASSIFICATION = "classification"
    ASSESSMENT_FUNDAMENTAL_RIGHTS = "assessment_fundamental_rights"
    ASSESSMENT_DATA_PROTECTION = "assessment_data_protection"
    ASSESSMENT_DISCRIMINATION = "assessment_discrimination"
    ASSESSMENT_LEGAL_CERTAINTY = "assessment_legal_certainty"
    ASSESSMENT_WORK_ENVIRONMENT = "assessment_work_environment"
    ASSESSMENT_INFORMATION_SECURITY = "assessment_information_security"
    ASSESSMENT_ETHICS = "assessment_ethics"
    VALIDATION = "validation"
    ROBUSTNESS_TEST = "robustness_test"
    MBL_SECTION_11 = "mbl_section_11"
    PARTICIPATION_ROUND = "participation_round"
    DATA_USE = "data_use"
    INSTRUCTION = "instruction"
    TRAINING = "training"
    CONTINUITY_PLAN = "continuity_plan"
    EVALUATION_PLAN = "evaluation_plan"
    EVALUATION = "evaluation"
    STOP_MANDATE = "stop_mandate"
    HUMAN_OVERSIGHT = "human_oversight"
    DELEGATION = "delegation"
    NOTICE = "notice"
    DEVIATION = "deviation"
    PROCUREMENT_REQUIREMENTS = "procurement_requirements"
    RETENTION_DECISION = "retention_decision"
    PROVIDER_DOCUMENTATION = "provider_documentation"
    NOT_HIGH_RISK_DOCUMENTATION = "not_high_risk_documentation"
    BIAS_PROCESSING = "bias_processing"
    ACCESSIBILITY_TEST = "accessibility_test"
    SECRECY_ASSESSMENT = "secrecy_assessment"
    CAMERA_ASSESSMENT = "camera_assessment"
    WORKERS_INFORMED = "workers_informed"
    DPO_OPINION = "dpo_opinion"
    EU_REGISTRATION = "eu_registration"
    COMPETENCE = "competence"
    CONTINUITY_EXERCISE = "continuity_exercise"
    BENEFIT_REALISED = "benefit_realised"
    FIDELITY_TEST = "fidelity_test"


class Tristate(StrEnum):
    """Answer to a fact. Unknown is never "no"."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Population(StrEnum):
    """People for whom a system may be said not to be used. Callers declare them with each outcome, as yes, no or unknown."""

    MINOR = "minor"
    PROTECTED_IDENTITY = "protected_identity"


class UnknownFields(StrEnum):
    """What is done with a field of the payload that no decided use of data names."""

    LET_THROUGH = "let_through"
    DROP = "drop"
    REFUSE = "refuse"


class VerificationLevel(StrEnum):
    """How far a citation has been verified.

    ``V`` read word for word; ``S`` secondary source; ``K`` general knowledge; ``?`` looked for and not found. ``K`` and ``?`` may
    demand or refuse, and are never the ground of an exception, a derogation or a scope-out.
    """

    READ = "V"
    SECONDARY = "S"
    KNOWLEDGE = "K"
    UNVERIFIED = "?"


class DisclosureGroup(StrEnum):
    """Parts of a sealed payload that can be opened one by one, each with a commitment of its own."""

    INPUT = "input"
    OUTPUT = "output"
    FACTORS = "factors"
    REVIEW = "review"
    CASE = "case"
    ORDER = "order"
    ACT = "act"


class StopScope(StrEnum):
    """What a stop is of."""

    SYSTEM = "system"
    VERSION = "version"
    PURPOSE = "purpose"
    SUPPLIER = "supplier"
    EVERYTHING = "everything"


class StopStatus(StrEnum):
    """How far a stop has come."""

    NONE = "none"
    ORDERED = "ordered"
    COMMITTED = "committed"
    DRAINED = "drained"

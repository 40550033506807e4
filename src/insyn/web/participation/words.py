"""The closed lists of this app. What is stored is the word; what is shown is its label."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Section(models.TextChoices):
    """The section of MBL that a negotiation is held under."""

    S11 = "11", _("11 §: before an important change")
    S13 = "13", _("13 §: with a union without a collective agreement")
    S19 = "19", _("19 §: continuing information")
    S38 = "38", _("38 §: before work is contracted out")


#: The sections whose negotiation a gate can ask for, each with what the gates' rules conclude. Section 19 is a duty without a gate.
GATES = {Section.S11: "mbl_section_11", Section.S13: "mbl_section_13", Section.S38: "mbl_section_38"}


class State(models.TextChoices):
    """How far a negotiation with one union has come."""

    INVITED = "invited", _("Invited")
    MET = "met", _("Met, minutes written")
    AGREED = "agreed", _("The union agrees")
    DISAGREED = "disagreed", _("The union does not agree")
    CENTRAL_REQUESTED = "central_requested", _("Central negotiation asked for")
    CENTRAL_ENDED = "central_ended", _("Central negotiation ended")
    CLOSED = "closed", _("Closed")


class Stance(models.TextChoices):
    AGREEMENT = "agreement", _("Agreement")
    DISAGREEMENT = "disagreement", _("Disagreement")


class End(models.TextChoices):
    """On what ground a negotiation is closed."""

    UNION = "union", _("The union's own word")
    RECORDED_END = "recorded_end", _("The recorded end of the negotiation")


class SafetyStance(models.TextChoices):
    TAKEN_PART = "taken_part", _("I have taken part, and sign the assessment")
    OBJECTS = "objects", _("I object, and do not sign")


class RoundState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    OPEN = "open", _("Open to the public")
    CLOSED = "closed", _("Closed")
    PUBLISHED = "published", _("Published")


class Way(models.TextChoices):
    """How a proposal came in."""

    WEB = "web", _("On the web")
    PAPER = "paper", _("On paper")
    MEETING = "meeting", _("At a meeting")


class Moderation(models.TextChoices):
    WAITING = "waiting", _("Waits to be looked at")
    APPROVED = "approved", _("Will be shown")
    HIDDEN = "hidden", _("Not shown")


class HiddenBecause(models.TextChoices):
    """Why a proposal is not shown: a closed list, so that nobody can hide what is only unwelcome."""

    PERSONAL_DATA = "personal_data", _("It is about somebody's private life")
    THREATS = "threats", _("Threats or hate against somebody")
    OFF_TOPIC = "off_topic", _("It is about something else")


class Reply(models.TextChoices):
    TAKEN = "taken", _("Carried out")
    PARTLY = "partly", _("Carried out in part")
    NOT_TAKEN = "not_taken", _("Not carried out")

"""The closed lists of this app, and its times. What is stored is the word; what is shown is its label."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

#: The municipality's own promise, which the form and the figures state. No law sets this number, so no pack does.
ANSWER_DAYS = 10
#: An address for the answer is deleted so long after the answer: time to write again, and no longer.
CONTACT_DAYS = timedelta(days=30)
#: Who has not confirmed a subscription by then did not want it.
CONFIRM_DAYS = timedelta(days=3)
MAX_MESSAGE = 4_000
MAX_ANSWER = 8_000


class Kind(models.TextChoices):
    """Why somebody writes."""

    QUESTION = "question", _("I have a question")
    ERROR = "error", _("Something in the register is wrong")
    ACCESSIBILITY = "accessibility", _("I cannot use the page as it is (accessibility)")
    TIP = "tip", _("I want to give a tip")


class State(models.TextChoices):
    OPEN = "open", _("Waits for an answer")
    ANSWERED = "answered", _("Answered")
    MERGED = "merged", _("Answered together with another")
    SPAM = "spam", _("Closed without an answer")


class Finding(models.TextChoices):
    """What a look at an error report ended in. One that is right ends in a change of the record."""

    RIGHT = "right", _("The report was right")
    PARTLY = "partly", _("The report was right in part")
    NOT_RIGHT = "not_right", _("The record was right")


class SpamReason(models.TextChoices):
    """Why a message gets no answer: a closed list, so that nobody can put away what is only unwelcome."""

    ADVERTISING = "advertising", _("Advertising, or sent by a program")
    THREATS = "threats", _("Threats or hate")
    EMPTY = "empty", _("There is nothing in it to answer")


class EventKind(models.TextChoices):
    """What a subscriber may choose between."""

    CHANGE = "change", _("Changes of an entry")
    STOP = "stop", _("Stops, and stops that are lifted")
    DECISION = "decision", _("Decisions")
    ROUND = "round", _("Rounds where you can take part")
    ANSWER = "answer", _("Answers to what the public asked")


class LetterKind(models.TextChoices):
    """What a letter is for. Nobody chooses between these, so they have no labels."""

    CONFIRM = "confirm"
    NEWS = "news"
    ANSWER = "answer"
    ROUND = "round"


#: Parts of a page that no field of the entry covers.
OTHER_PARTS = {
    "figures": _("The figures"),
    "decisions": _("Decisions and stops"),
    "documents": _("Documents and demands"),
    "other": _("Something else on the page"),
}

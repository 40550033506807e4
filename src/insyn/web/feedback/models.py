"""Messages from the public and what became of them; addresses for answers and of subscribers, apart from everything else; letters.

Nothing here says who a sender is. ``Contact`` and ``Subscriber`` hold addresses, and rows of theirs are deleted when their time is over.
"""

from __future__ import annotations

import secrets
from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q

from insyn.web.fields import WordField

from .words import EventKind, Finding, Kind, LetterKind, SpamReason, State


def new_key() -> str:
    return secrets.token_hex(16)


class Message(models.Model):
    """What somebody said about the register: of a system, a need or a round, or of the site when it is of none of them.

    ``text`` is as it came and is never public; ``shown`` is the same with identity numbers masked. ``token`` comes from the form: sending
    twice is one, and the sender's key is made from it (:mod:`.codes`). ``part``: which part of the record an error is in. ``suspected``: a
    field that people do not see was filled in. ``changed``: the revision of the entry that an error report ended in.
    ``question_shown`` and ``answer_shown`` are what was published, after somebody has looked.
    """

    receipt = models.CharField(max_length=14, unique=True)
    token = models.CharField(max_length=32, unique=True)
    kind = WordField(max_length=16, words=Kind.values)
    system = models.ForeignKey("register.System", null=True, blank=True, on_delete=models.PROTECT, related_name="messages")
    need = models.ForeignKey("needs.Need", null=True, blank=True, on_delete=models.PROTECT, related_name="messages")
    round = models.ForeignKey("participation.Round", null=True, blank=True, on_delete=models.PROTECT, related_name="messages")
    part = models.CharField(max_length=40, blank=True)
    text = models.TextField()
    shown = models.TextField()
    language = models.CharField(max_length=2, default="sv")
    may_publish = models.BooleanField(default=True)
    suspected = models.BooleanField(default=False)
    received_on = models.DateField(db_index=True)
    due_on = models.DateField(db_index=True)
    state = WordField(max_length=12, words=State.values, default=State.OPEN, db_index=True)
    assigned = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    draft = models.TextField(blank=True)
    answer = models.TextField(blank=True)
    answered_on = models.DateField(null=True, blank=True)
    answered = models.ForeignKey("register.Act", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    finding = WordField(max_length=12, words=Finding.values, blank=True)
    changed = models.ForeignKey("history.Revision", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged")
    spam_reason = WordField(max_length=12, words=SpamReason.values, blank=True)
    question_shown = models.TextField(blank=True)
    answer_shown = models.TextField(blank=True)
    published_on = models.DateField(null=True, blank=True)
    published = models.ForeignKey("register.Act", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    act = models.OneToOneField("register.Act", on_delete=models.PROTECT, related_name="+")
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.receipt

    @property
    def kind_words(self) -> str:
        return str(Kind(self.kind).label)

    @property
    def state_words(self) -> str:
        return str(State(self.state).label)

    @property
    def finding_words(self) -> str:
        return str(Finding(self.finding).label) if self.finding else ""

    @property
    def spam_words(self) -> str:
        return str(SpamReason(self.spam_reason).label) if self.spam_reason else ""

    def is_overdue(self, on: date) -> bool:
        return self.state == State.OPEN and self.due_on < on


class Contact(models.Model):
    """An address for the answer, of a message or of a proposal in a round; deleted some time after the answer."""

    message = models.OneToOneField(Message, null=True, blank=True, on_delete=models.CASCADE, related_name="contact")
    contribution = models.OneToOneField(
        "participation.Contribution", null=True, blank=True, on_delete=models.CASCADE, related_name="contact"
    )
    email = models.EmailField(max_length=254)
    language = models.CharField(max_length=2, default="sv")

    def __str__(self) -> str:
        return f"contact {self.pk}"


class Tries(models.Model):
    """How often an address (as a keyed hash) has done a thing since ``started``. Rows are dropped when their time is over."""

    what = models.CharField(max_length=12)
    address = models.CharField(max_length=32)
    started = models.DateTimeField(db_index=True)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["what", "address"], name="one_count_by_address")]

    def __str__(self) -> str:
        return f"{self.what}: {self.count} since {self.started:%H:%M}"


class Asked(models.Model):
    """A question for letters as it came in. The relay takes it in and deletes it: what the request does is the same for every address."""

    email = models.EmailField(max_length=254)
    system = models.ForeignKey("register.System", null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    office = models.ForeignKey("accounts.Office", null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    kind = WordField(max_length=12, words=EventKind.values, blank=True)
    language = models.CharField(max_length=2, default="sv")
    asked_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"asked {self.pk}"


class Subscriber(models.Model):
    """Somebody who wants letters, by address only. Deleted, with all that hangs on it, when the last wish is taken back.

    ``from_index``: the first entry of the log that no letter has told of. ``key`` stands in the signed link that ends everything.
    """

    email = models.EmailField(max_length=254, unique=True)
    key = models.CharField(max_length=32, unique=True, default=new_key)
    language = models.CharField(max_length=2, default="sv")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    from_index = models.BigIntegerField(default=0)
    planned_on = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return f"subscriber {self.pk}"


class Wish(models.Model):
    """What a subscriber wants to hear of: one system, one office, one kind of event, or everything when all three are empty."""

    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="wishes")
    key = models.CharField(max_length=32, unique=True, default=new_key)
    system = models.ForeignKey("register.System", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    office = models.ForeignKey("accounts.Office", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    kind = WordField(max_length=12, words=EventKind.values, blank=True)
    asked_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"wish {self.pk}"


class Letter(models.Model):
    """A letter on its way. Its text is made when it is sent, from what is public then; only what it is about is kept.

    ``first`` and ``end``: the entries of the log that a letter of news tells of. ``name`` makes its Message-ID, the same in every try.
    ``claimed_at``: somebody is sending it; a claim that nobody ended is taken over after a while.
    """

    kind = WordField(max_length=8, words=LetterKind.values)
    name = models.CharField(max_length=32, unique=True, default=new_key)
    subscriber = models.ForeignKey(Subscriber, null=True, blank=True, on_delete=models.CASCADE, related_name="letters")
    wish = models.ForeignKey(Wish, null=True, blank=True, on_delete=models.CASCADE, related_name="letters")
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.CASCADE, related_name="letters")
    first = models.BigIntegerField(default=0)
    end = models.BigIntegerField(default=0)
    made_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["id"], condition=Q(sent_at=None), name="letters_that_wait")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

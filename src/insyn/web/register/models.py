"""What the register holds. Changes go through :mod:`insyn.web.register.actions`, each with its act.

Names follow :mod:`insyn.core.terms`; texts for readers exist in Swedish and English; days are days of the municipality's time zone.
"""

from __future__ import annotations

import secrets
from datetime import date

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from insyn.core.terms import Phase, Reach, RecordKind, Role, SystemKind
from insyn.web.fields import WordField
from insyn.web.language import InLanguage

from .datauses import DataOutcome, DataUse, PurposeKind
from .products import Product, Supplier

__all__ = [
    "Act",
    "AdoptedPack",
    "ClientKey",
    "DataOutcome",
    "DataUse",
    "Decision",
    "IssuedPermit",
    "LogCursor",
    "Municipality",
    "Outbox",
    "PackInUse",
    "PackText",
    "Product",
    "PurposeKind",
    "Record",
    "RecordSet",
    "Supplier",
    "System",
    "Version",
    "WorkItem",
    "new_id",
]


def new_id() -> str:
    """A random 128-bit id in hex: the id of an act and of its entry."""
    return secrets.token_hex(16)


class Municipality(models.Model):
    """Whose register this is; there is one row. ``demo`` marks a fictional one, and every page says so."""

    name = models.CharField(max_length=120)
    demo = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name

    def save(self, *args: object, **kwargs: object) -> None:
        self.pk = 1
        super().save(*args, **kwargs)

    @classmethod
    def the(cls) -> Municipality:
        """The municipality, or an unsaved one without a name before the register is opened."""
        return cls.objects.filter(pk=1).first() or cls(name="")


class System(models.Model):
    """An AI system, or another system that decides about people.

    JSON fields: ``purposes`` [{purpose, name {sv, en}, categories [], matter_types []}]; ``modes`` []; ``groups`` {group: {label {sv, en},
    values {value: {sv, en}}}}; ``outcomes`` {code: {sv, en}}; ``factors`` {feature: {label {sv, en}, unit, for, against}}; ``data_uses``
    [{category, source, why, legal_basis {sv, en}...}], shown publicly; ``facts`` {fact id: answer}; ``affected_groups`` [{group {sv, en},
    how {sv, en}}]; ``links`` {record_of_processing, system_register, procurement, case_number}; ``klassa`` {confidentiality, integrity,
    availability: 0-4, traceability, day}; ``limits`` as :class:`insyn.core.limits.Limits` without its classes, which are ``data_classes``
    {highest: 0-4, classes {category: 0-4}}; ``limits_decided`` the whole that the newest decision on use covers; ``visibility`` {field: {level, provision}} for the fields that are not public. ``epoch`` is that of the newest permit
    compiled; ``revision`` counts changes, so that a form opened before somebody else's change is noticed. ``paused_from`` is the phase
    to go back to.
    """

    slug = models.SlugField(max_length=64, unique=True)
    name_sv = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120)
    summary_sv = models.CharField(max_length=400)
    summary_en = models.CharField(max_length=400)
    description_sv = models.TextField(blank=True)
    description_en = models.TextField(blank=True)
    kind = WordField(max_length=24, words=SystemKind)
    reach = WordField(max_length=16, words=Reach)
    phase = WordField(max_length=16, words=Phase, default=Phase.ASSESSMENT)
    paused_from = models.CharField(max_length=16, blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="owned_systems")
    office = models.ForeignKey("accounts.Office", on_delete=models.PROTECT, related_name="systems")
    supplier = models.CharField(max_length=200, blank=True)
    product = models.ForeignKey(Product, null=True, blank=True, on_delete=models.PROTECT, related_name="systems")
    manual_way_sv = models.TextField(blank=True)
    manual_way_en = models.TextField(blank=True)
    purposes = models.JSONField(default=list)
    modes = models.JSONField(default=list)
    groups = models.JSONField(default=dict, blank=True)
    favourable_outcome = models.CharField(max_length=64, blank=True)
    outcomes = models.JSONField(default=dict, blank=True)
    factors = models.JSONField(default=dict, blank=True)
    data_uses = models.JSONField(default=list, blank=True)
    known_limits_sv = models.TextField(blank=True)
    known_limits_en = models.TextField(blank=True)
    easy_sv = models.TextField(blank=True)
    easy_en = models.TextField(blank=True)
    facts = models.JSONField(default=dict, blank=True)
    affected_groups = models.JSONField(default=list, blank=True)
    links = models.JSONField(default=dict, blank=True)
    klassa = models.JSONField(default=dict, blank=True)
    limits = models.JSONField(default=dict, blank=True)
    data_classes = models.JSONField(default=dict, blank=True)
    limits_decided = models.JSONField(default=dict, blank=True)
    visibility = models.JSONField(default=dict, blank=True)
    exercise = models.BooleanField(default=False)
    in_figures = models.BooleanField(default=True)
    refused_why_sv = models.TextField(blank=True)
    refused_why_en = models.TextField(blank=True)
    retention_class = models.CharField(max_length=32, default="standard")
    evaluation_due = models.DateField(null=True, blank=True)
    epoch = models.PositiveIntegerField(default=0)
    revision = models.PositiveIntegerField(default=0)

    name = InLanguage()
    summary = InLanguage()
    description = InLanguage()
    manual_way = InLanguage()
    known_limits = InLanguage()
    easy = InLanguage()
    refused_why = InLanguage()

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.name


class Act(models.Model):
    """What a named person did. Written once; only ``log_index`` is filled in, when the entry stands in the log.

    ``text`` says what, for readers of the register; the log holds a commitment to it (with ``salt``, hex).
    """

    id = models.CharField(primary_key=True, max_length=32, default=new_id, editable=False)
    verb = models.CharField(max_length=40)
    system = models.ForeignKey(System, null=True, blank=True, on_delete=models.PROTECT, related_name="acts")
    person = models.CharField(max_length=12, db_index=True)
    actor_name = models.CharField(max_length=200)
    role = WordField(max_length=32, words=Role)
    office = models.CharField(max_length=120, blank=True)
    at = models.DateTimeField()
    text = models.JSONField(default=dict)
    salt = models.CharField(max_length=64)
    log_index = models.BigIntegerField(null=True, blank=True, unique=True)

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.verb} {self.id[:8]}"

    def save(self, *args: object, **kwargs: object) -> None:
        if not self._state.adding:
            raise TypeError("an act is written once; a correction is a new act")
        super().save(*args, **kwargs)

    def delete(self, *args: object, **kwargs: object) -> None:
        raise TypeError("an act is never deleted")


class Outbox(models.Model):
    """The exact bytes of an act's entry on their way to the log, and what it loosens. Sent in order of ``id``, exactly once.

    ``permit`` is a JSON-encoded ``Signed``; ``resume_of`` the index of the stop to lift; ``error`` why the sequencer refused it last.
    """

    act = models.OneToOneField(Act, on_delete=models.PROTECT, related_name="outbox")
    entry = models.BinaryField()
    permit = models.BinaryField(null=True)
    resume_of = models.BigIntegerField(null=True)
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, db_index=True)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.pk} {self.act_id}"


class AdoptedPack(models.Model):
    """A pack that the council adopted, by its digest: another text under the same name binds nobody."""

    pack = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    adopted_on = models.DateField()
    case_number = models.CharField(max_length=40)
    act = models.OneToOneField(Act, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["adopted_on", "id"]

    def __str__(self) -> str:
        return self.pack


class PackText(models.Model):
    """A pack's files, byte for byte, under the digest of exactly these files. Kept for good from its first use on, never changed.

    ``files`` is what :mod:`insyn.web.register.texts` packs together and reads again.
    """

    digest = models.CharField(primary_key=True, max_length=64)
    pack = models.CharField(max_length=200, db_index=True)
    version = models.CharField(max_length=200)
    kind = models.CharField(max_length=16)
    files = models.BinaryField()
    kept_from = models.DateTimeField()

    class Meta:
        ordering = ["pack", "kept_from"]

    def __str__(self) -> str:
        return f"{self.pack} {self.version}"

    def save(self, *args: object, **kwargs: object) -> None:
        if not self._state.adding:
            raise TypeError("a pack's text is written once; another text has another digest")
        super().save(*args, **kwargs)


class PackInUse(models.Model):
    """From when on a law pack was known here in which text. The newest row of a pack counts; no row is ever changed.

    ``text`` is empty from when the pack was taken out of use; ``act`` only for what was there when the register was set up. A policy is
    in use through its adoption (:class:`AdoptedPack`), and has no row here.
    """

    pack = models.CharField(max_length=200)
    text = models.ForeignKey(PackText, null=True, on_delete=models.PROTECT, related_name="uses")
    known_from = models.DateTimeField(db_index=True)
    act = models.ForeignKey(Act, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["known_from", "id"]

    def __str__(self) -> str:
        return f"{self.pack} {self.known_from}"


class WorkItem(models.Model):
    """Something that the owner of a system has to look at, opened by an act about something else and closed by an act of its own."""

    class Kind(models.TextChoices):
        PACKS_APPLIED = "packs_applied", _("New law packs in use")
        POLICY_ADOPTED = "policy_adopted", _("A policy was adopted")
        EVALUATION_CHANGE = "evaluation_change", _("An evaluation asks for a change")
        EVALUATION_STOP = "evaluation_stop", _("An evaluation says stop")
        PRODUCT_CHANGED = "product_changed", _("A product card was changed")

    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="work_items")
    kind = WordField(max_length=32, words=Kind)
    text_sv = models.TextField()
    text_en = models.TextField()
    opened = models.DateTimeField()
    closed = models.DateTimeField(null=True, blank=True, db_index=True)
    act = models.ForeignKey(Act, on_delete=models.PROTECT, related_name="work_items")
    closing = models.OneToOneField(Act, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    text = InLanguage()

    def get_kind_display(self) -> str:
        """What the kind is called."""
        return str(self.Kind(self.kind).label)

    class Meta:
        ordering = ["-opened", "id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.system_id}"


class Version(models.Model):
    """A version of a system. Calls are allowed only for a version that a decision covers (``decided``).

    ``configuration``: the prompt or the settings; ``configuration_digest`` its SHA-256 (hex). ``learned_from`` [{purpose, source,
    residents_data: yes, no or unknown, data_use: id or null}]; empty where nobody has said. ``base``: what every explanation of this version
    starts from, in the unit of its score; none where nobody has declared it.
    """

    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="versions")
    name = models.CharField(max_length=64)
    model = models.CharField(max_length=200, blank=True)
    supplier = models.CharField(max_length=200, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    notes = models.TextField(blank=True)
    decided = models.BooleanField(default=False)
    previous = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="next")
    configuration = models.TextField(blank=True)
    configuration_digest = models.CharField(max_length=64, blank=True)
    learned_from = models.JSONField(default=list, blank=True)
    base = models.FloatField(null=True, blank=True)
    act = models.OneToOneField(Act, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["system", "name"], name="one_version_by_name")]
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class RecordSet(models.QuerySet["Record"]):
    def valid(self, on: date) -> RecordSet:
        """Recorded by the day, not withdrawn, not past its last day."""
        return self.filter(
            models.Q(valid_through=None) | models.Q(valid_through__gte=on),
            models.Q(withdrawn_on=None) | models.Q(withdrawn_on__gt=on),
            recorded_on__lte=on,
        )


class Record(models.Model):
    """A document that a gate demands, supplied by a person in a role. Never changed: a newer one is added, an old one withdrawn.

    ``data_use``: the decided data use that it cites; it falls with it.
    """

    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="records")
    version = models.ForeignKey(Version, null=True, blank=True, on_delete=models.PROTECT, related_name="records")
    kind = WordField(max_length=40, words=RecordKind)
    content = models.JSONField(default=dict)
    supplied_role = WordField(max_length=32, words=Role)
    person = models.CharField(max_length=12)
    person_name = models.CharField(max_length=200)
    recorded_on = models.DateField()
    valid_through = models.DateField(null=True, blank=True)
    case_number = models.CharField(max_length=40, blank=True)
    public = models.BooleanField(default=True)
    withdrawn_on = models.DateField(null=True, blank=True)
    data_use = models.ForeignKey(DataUse, null=True, blank=True, on_delete=models.PROTECT, related_name="records")
    act = models.OneToOneField(Act, on_delete=models.PROTECT, related_name="+")

    objects = RecordSet.as_manager()

    class Meta:
        ordering = ["recorded_on", "id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.recorded_on}"


class Decision(models.Model):
    """A formal decision about a system: who, in which office, on what delegation, under which case number."""

    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="decisions")
    what = models.CharField(max_length=40)
    decided_on = models.DateField()
    delegation = models.CharField(max_length=200, blank=True)
    case_number = models.CharField(max_length=40)
    decider_person = models.CharField(max_length=12)
    decider_name = models.CharField(max_length=200)
    decider_office = models.CharField(max_length=120)
    conditions = models.TextField(blank=True)
    valid_through = models.DateField(null=True, blank=True)
    packs = models.CharField(max_length=64, blank=True)
    act = models.OneToOneField(Act, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["decided_on", "id"]

    def __str__(self) -> str:
        return f"{self.what} {self.decided_on}"


class ClientKey(models.Model):
    """A key with which a program calls the gateway, as name and SHA-256 (hex); the key itself is shown once and stored nowhere.

    A program has several while one replaces another; the old one then has a last day.
    """

    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="client_keys")
    name = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64, unique=True)
    created = models.DateTimeField()
    last_day = models.DateField(null=True, blank=True)
    revoked = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class IssuedPermit(models.Model):
    """Every permit compiled for a system, as signed. ``interrupted``: it stands in the log, but the act that asked for it never ended."""

    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="permits")
    epoch = models.PositiveIntegerField()
    signed = models.BinaryField()
    act = models.OneToOneField(Act, on_delete=models.PROTECT, related_name="+")
    interrupted = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["system", "epoch"], name="one_permit_for_each_epoch")]
        indexes = [models.Index(fields=["system"], condition=models.Q(interrupted=True), name="permit_interrupted")]
        ordering = ["system", "epoch"]

    def __str__(self) -> str:
        return f"{self.system_id} {self.epoch}"


class LogCursor(models.Model):
    """How far the relay has read the log for entries that the register did not write. There is one row."""

    next_index = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.next_index)

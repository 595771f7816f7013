"""Households, persons and what is known about them.

In clear stand only ids, codes, dates and years. Everything that names or finds a person lies in
`PersonalValue`, encrypted under a key of that person (`PersonKey`), which is itself wrapped by the
installation's field keys. Destroying the key forgets the person; ids, sums and ledger stay as they are.

Nothing is overwritten: memberships and values are dated (`active_to` closes a row, a new row follows;
a trigger in 0002 refuses any other update), and what the current rows of `Person` and `Household` said
before is kept in `FormerValue`.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class Household(models.Model):
    """A household (户). It holds points; its persons act."""

    KINDS = ("hukou", "resident_non_member", "operator")
    STATUSES = ("active", "closed")

    village = models.ForeignKey("regions.Region", models.PROTECT, related_name="+", db_index=False)
    group = models.ForeignKey("regions.Region", models.PROTECT, null=True, blank=True, related_name="+")
    household_no = models.CharField(max_length=40)
    kind = models.CharField(max_length=24, default="hukou")
    status = models.CharField(max_length=12, default="active")
    card_version = models.PositiveIntegerField(default=1)
    elder_mode = models.BooleanField(default=False)
    source = models.CharField(max_length=60)
    active_from = models.DateField()
    active_to = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["village", "household_no"], name="residents_household_no"),
            models.CheckConstraint(
                condition=Q(kind__in=("hukou", "resident_non_member", "operator")),
                name="residents_household_kind",
            ),
            models.CheckConstraint(
                condition=Q(status__in=("active", "closed")), name="residents_household_state"
            ),
            models.CheckConstraint(condition=~Q(household_no=""), name="residents_household_no_given"),
        ]
        indexes = [models.Index(fields=["village", "id"], name="residents_household_village")]

    def __str__(self) -> str:
        return f"household:{self.pk}"


class Person(models.Model):
    """A person (人). Of the birth date only the year stands in clear; after erasure not even that."""

    STATUSES = ("living", "left", "deceased", "erased")
    SEX_CODES = ("0", "1", "2", "9")  # GB/T 2261.1

    sex_code = models.CharField(max_length=1, default="0")
    birth_year = models.PositiveSmallIntegerField(null=True, blank=True)
    status = models.CharField(max_length=12, default="living")
    is_collective_member = models.BooleanField(default=False)
    source = models.CharField(max_length=60)
    recorded_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(sex_code__in=("0", "1", "2", "9")), name="residents_person_sex"
            ),
            models.CheckConstraint(
                condition=Q(status__in=("living", "left", "deceased", "erased")),
                name="residents_person_status",
            ),
            models.CheckConstraint(
                condition=~Q(status="erased") | Q(birth_year=None, sex_code="0", erased_at__isnull=False),
                name="residents_person_erased_is_anonymous",
            ),
        ]

    def __str__(self) -> str:
        return f"person:{self.pk}"


class Membership(models.Model):
    """Who belongs to which household, since when and until when, with the GB/T 4761 relation to its head."""

    household = models.ForeignKey(Household, models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    relation_code = models.CharField(max_length=2)
    is_head = models.BooleanField(default=False)
    source = models.CharField(max_length=60)
    active_from = models.DateField()
    active_to = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["household"], condition=Q(is_head=True, active_to=None), name="residents_one_head"
            ),
            models.UniqueConstraint(
                fields=["person", "household"], condition=Q(active_to=None), name="residents_member_once"
            ),
            models.CheckConstraint(
                condition=Q(active_to=None) | Q(active_to__gte=models.F("active_from")),
                name="residents_membership_span",
            ),
        ]

    def __str__(self) -> str:
        return f"membership:{self.pk}"


class PersonKey(models.Model):
    """The person's own key, wrapped by the field key named `field_key_id`. Deleting the row forgets the person."""

    person = models.OneToOneField(Person, models.PROTECT, primary_key=True, related_name="+")
    wrapped_key = models.BinaryField()
    field_key_id = models.CharField(max_length=16, db_index=True)

    def __str__(self) -> str:
        return f"key of person:{self.pk}"


class PersonalValue(models.Model):
    """One dated personal value: AES-256-GCM under the person's key, bound to person and field.

    `blind_index` is an HMAC over the normalised value, so that a number can be found without being read.
    """

    FIELDS = (
        "name",
        "id_number",
        "birth_date",
        "phone",
        "bank_card",
        "address",
        "wechat_openid",
        "dingtalk_userid",
    )

    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    field = models.CharField(max_length=24)
    ciphertext = models.BinaryField()
    blind_index = models.BinaryField(null=True, blank=True)
    source = models.CharField(max_length=60)
    active_from = models.DateTimeField()
    active_to = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "field"], condition=Q(active_to=None), name="residents_value_current"
            ),
            models.UniqueConstraint(
                fields=["blind_index"],
                condition=Q(field="id_number", active_to=None),
                name="residents_id_number_once",
            ),
            models.CheckConstraint(
                condition=Q(
                    field__in=(
                        "name",
                        "id_number",
                        "birth_date",
                        "phone",
                        "bank_card",
                        "address",
                        "wechat_openid",
                        "dingtalk_userid",
                    )
                ),
                name="residents_value_field",
            ),
        ]
        indexes = [
            models.Index(
                fields=["field", "blind_index"],
                condition=Q(active_to=None, blind_index__isnull=False, field__in=("name", "phone")),
                name="residents_value_found_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.field} of person:{self.person_id}"


class FormerValue(models.Model):
    """What a column of `Person` or `Household` said before it changed (codes, ids and dates; never text about a person)."""

    person = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    household = models.ForeignKey(Household, models.PROTECT, null=True, blank=True, related_name="+")
    field = models.CharField(max_length=24)
    value = models.CharField(max_length=40, blank=True)
    source = models.CharField(max_length=60, help_text="Where the value that replaced it came from.")
    active_to = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(person=None, household__isnull=False) | Q(person__isnull=False, household=None),
                name="residents_former_of_one",
            ),
        ]

    def __str__(self) -> str:
        return f"former {self.field}"


class LifeEvent(models.Model):
    """What happened to a household on a day, who entered it and on which basis. Codes, ids and days; never changed."""

    KINDS = (
        "birth", "death", "marriage_in", "marriage_out", "moved_away", "came_back", "head_changed", "split", "merged",
    )  # fmt: skip

    kind = models.CharField(max_length=16)
    village = models.ForeignKey("regions.Region", models.PROTECT, related_name="+", db_index=False)
    household = models.ForeignKey(
        Household, models.PROTECT, related_name="+", help_text="where it happened; of a split the former one"
    )
    other_household = models.ForeignKey(
        Household,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="where a member came from or went; of a split the new household, of a merger the one that stays",
    )
    person_ids = ArrayField(models.BigIntegerField(), default=list)
    happened_on = models.DateField(help_text="the day from which it holds")
    basis = models.CharField(max_length=32)
    recorded_by_key = models.CharField(max_length=40)
    recorded_at = models.DateTimeField()
    request_key = models.UUIDField(unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    kind__in=(
                        "birth", "death", "marriage_in", "marriage_out", "moved_away", "came_back", "head_changed",
                        "split", "merged",
                    )
                ),
                name="residents_life_event_kind",
            ),
            models.CheckConstraint(
                condition=Q(other_household=None) | ~Q(other_household=models.F("household")),
                name="residents_life_event_two_households",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"life_event:{self.pk}"


class HouseholdSuccession(models.Model):
    """Which household came from which, and which share of what it held went over: `share_parts` of `share_whole`."""

    event = models.OneToOneField(LifeEvent, models.PROTECT, related_name="succession")
    kind = models.CharField(max_length=8)
    from_household = models.ForeignKey(Household, models.PROTECT, related_name="+")
    to_household = models.ForeignKey(Household, models.PROTECT, related_name="+")
    share_parts = models.PositiveIntegerField()
    share_whole = models.PositiveIntegerField()
    by_members = models.BooleanField(
        help_text="the share follows from the number of members; else it was agreed"
    )
    happened_on = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=("split", "merge")), name="residents_succession_kind"
            ),
            models.CheckConstraint(
                condition=Q(share_whole__gt=0, share_parts__lte=models.F("share_whole")),
                name="residents_succession_share",
            ),
            models.UniqueConstraint(
                fields=["from_household"], condition=Q(kind="merge"), name="residents_merged_once"
            ),
        ]

    def __str__(self) -> str:
        return f"household:{self.from_household_id} → household:{self.to_household_id}"

"""A charter on its way: drafts of a village's points charter, and the votes about them."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext as _t

from xinzhi.kernel.workflow.models import WorkflowSubject

#: A village works on one charter at a time; these are over.
ENDED = ("in_force", "withdrawn")


class CharterDraft(WorkflowSubject):
    """A charter (积分章程) before it holds. Its rules stay as they were typed, cell by cell, until they can be read as rules.

    What the villagers vote about is frozen while it is out: cells are changed in the state `draft` only.
    """

    village = models.ForeignKey("regions.Region", on_delete=models.PROTECT, related_name="+", db_index=False)
    year = models.PositiveSmallIntegerField()
    sequence = models.PositiveIntegerField(help_text="within village and year")
    revision = models.PositiveIntegerField(
        default=1, help_text="goes up with every change: who saves an older one is told"
    )
    cells = models.JSONField(default=list, help_text="rows as typed, by column of the charter sheet")
    publication_days = models.PositiveSmallIntegerField(
        help_text="how long lists of deeds hang under this charter"
    )
    council_deliberates = models.BooleanField(default=True)
    wanted_from = models.DateField(help_text="the day from which it is to hold")
    budget_tenths = models.BigIntegerField(
        null=True, blank=True, help_text="points the village can honour in a year"
    )
    acknowledged = ArrayField(models.CharField(max_length=16), default=list, help_text="keys of warnings")
    request_key = models.UUIDField(unique=True)
    checked_on = models.DateField(null=True, blank=True, help_text="put up for the vote")
    published_on = models.DateField(null=True, blank=True)
    published_until = models.DateField(null=True, blank=True)
    filed_on = models.DateField(null=True, blank=True)
    correction_until = models.DateField(
        null=True, blank=True, help_text="the last day for the township to order a correction"
    )
    correction_reason = models.CharField(
        max_length=40, blank=True, help_text="why the township ordered one, as a code"
    )
    version_id = models.BigIntegerField(
        null=True, blank=True, help_text="the version of the rule book it became"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["village", "year", "sequence"], name="charter_draft_number"),
            models.UniqueConstraint(
                fields=["village"], condition=~Q(state__in=ENDED), name="charter_draft_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(budget_tenths__isnull=True) | Q(budget_tenths__gt=0), name="charter_draft_budget"
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return f"governance_points.charter_draft:{self.pk}"

    @property
    def number(self) -> str:
        """2026年第1稿"""
        return _t("draft %(sequence)s of %(year)s") % {"year": self.year, "sequence": self.sequence}


class CharterVote(models.Model):
    """A villagers' meeting voted about a draft: who could come, who came, how they voted, by which articles it counts."""

    BASES = ("households", "adults")

    draft = models.ForeignKey(CharterDraft, on_delete=models.PROTECT, related_name="votes")
    round = models.PositiveSmallIntegerField()
    basis = models.CharField(max_length=10, help_text="representatives of households, or adults")
    notice_on = models.DateField()
    held_on = models.DateField()
    place = models.CharField(max_length=60)
    resolution = models.CharField(max_length=100)
    entitled = models.PositiveIntegerField(help_text="the roll")
    registered = models.PositiveIntegerField(help_text="households of the register on that day")
    present = models.PositiveIntegerField()
    votes_for = models.PositiveIntegerField()
    votes_against = models.PositiveIntegerField()
    votes_abstaining = models.PositiveIntegerField()
    passed = models.BooleanField()
    quorum_article = models.CharField(max_length=300)
    majority_article = models.CharField(max_length=300)
    rules_digest = models.CharField(max_length=64, help_text="SHA-256 of what was voted about")
    entered_by_key = models.CharField(max_length=40)
    entered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["draft", "round"], name="charter_vote_round"),
            models.CheckConstraint(
                condition=Q(basis__in=("households", "adults")), name="charter_vote_basis"
            ),
            models.CheckConstraint(condition=Q(present__lte=F("entitled")), name="charter_vote_roll"),
            models.CheckConstraint(
                condition=Q(present=F("votes_for") + F("votes_against") + F("votes_abstaining")),
                name="charter_vote_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.draft_id}:{self.round}"

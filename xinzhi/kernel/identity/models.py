"""Logins and what they may do. No personal text: names and phones stay with residents, under the person's key."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.foundation import clock


class Role(models.TextChoices):
    VILLAGER = "villager", _("Villager")
    VILLAGE_CLERK = "village_clerk", _("Village clerk")
    COUNCIL_MEMBER = "council_member", _("Council member")
    INSPECTOR = "inspector", _("Inspector")
    ACCOUNTANT = "accountant", _("Accountant")
    SUPERVISOR = "supervisor", _("Supervisor")
    SHOPKEEPER = "shopkeeper", _("Shopkeeper")
    TOWNSHIP_OFFICER = "township_officer", _("Township officer")
    COUNTY_OFFICER = "county_officer", _("County officer")
    PLATFORM_ADMIN = "platform_admin", _("Platform administrator")


class UserManager(BaseUserManager["User"]):
    use_in_migrations = True

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> User:
        """A user with a hashed password, or with none that works."""
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, username: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(username, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A login. Several logins may belong to one person; four-eyes rules look at the person.

    `label` is an office (“山川乡 · 积分办”), never a person's name. `is_staff` and `is_superuser` open
    Django's admin for master data and nothing else; what somebody may do follows from his role grants.
    """

    username = models.CharField(_("User name"), max_length=80, unique=True)
    label = models.CharField(_("Office"), max_length=80, blank=True, default="")
    person = models.ForeignKey(
        "residents.Person", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    is_active = models.BooleanField(_("Active"), default=True)
    is_staff = models.BooleanField(_("May open master data"), default=False)
    created_at = models.DateTimeField(default=clock.now)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")

    def __str__(self) -> str:
        return self.label or self.username


class RoleGrant(models.Model):
    """A role in a region, dated (half-open days). No region means everywhere (platform administrators only)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="role_grants")
    role = models.CharField(max_length=24, choices=Role.choices)
    region = models.ForeignKey(
        "regions.Region", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    active_from = models.DateField()
    active_to = models.DateField(null=True, blank=True)
    granted_by = models.CharField(max_length=40, help_text="person key of who granted it")
    granted_at = models.DateTimeField()

    class Meta:
        verbose_name = _("role grant")
        verbose_name_plural = _("role grants")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "region"],
                condition=Q(active_to__isnull=True),
                name="identity_one_open_grant",
            ),
            models.UniqueConstraint(
                fields=["user", "role"],
                condition=Q(active_to__isnull=True, region__isnull=True),
                name="identity_one_open_grant_everywhere",
            ),
            models.CheckConstraint(
                condition=Q(region__isnull=False) | Q(role="platform_admin"), name="identity_grant_has_region"
            ),
            models.CheckConstraint(condition=~Q(role="villager"), name="identity_villager_is_never_granted"),
            models.CheckConstraint(
                condition=Q(active_to__isnull=True) | Q(active_to__gte=F("active_from")),
                name="identity_grant_span_forward",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role}@{self.region_id}"


class OneTimeCode(models.Model):
    """A code asked for by a phone number; the number only as keyed digest, the code only as keyed hash."""

    phone_index = models.CharField(max_length=64)
    ip_index = models.CharField(max_length=64)
    salt = models.CharField(max_length=32)
    code_hash = models.CharField(max_length=64)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["phone_index", "-created_at"], name="identity_code_phone"),
            models.Index(fields=["ip_index", "-created_at"], name="identity_code_ip"),
        ]

    def __str__(self) -> str:
        return f"code {self.pk}"


class ApiKey(models.Model):
    """A key of a program: permissions in one region until a day. Only its digest is kept."""

    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12, unique=True)
    key_hash = models.CharField(max_length=64)
    scopes = models.JSONField(default=list)
    region = models.ForeignKey("regions.Region", on_delete=models.PROTECT, related_name="+")
    created_by = models.CharField(max_length=40, help_text="person key of who issued it")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="identity_key_span_forward"
            )
        ]

    def __str__(self) -> str:
        return self.prefix


class Absence(models.Model):
    """A login is away on these days (half-open), and another one holds its roles meanwhile (代班)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    substitute = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    active_from = models.DateField()
    active_to = models.DateField()
    set_by = models.CharField(max_length=40, help_text="person key of who entered it")
    set_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True, help_text="ended before its last day")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(active_to__gt=F("active_from")), name="identity_absence_span_forward"
            ),
            models.CheckConstraint(condition=~Q(user=F("substitute")), name="identity_absence_somebody_else"),
        ]
        indexes = [
            models.Index(
                fields=["substitute"], condition=Q(ended_at__isnull=True), name="identity_absence_open"
            ),
        ]

    def __str__(self) -> str:
        return f"absence {self.pk}"


class ProxyMandate(models.Model):
    """A person who acts for a household he does not belong to: a child or a cadre for an elder (代办)."""

    class Relation(models.TextChoices):
        CHILD = "child", _("Child or relative")
        CADRE = "cadre", _("Village cadre")
        NEIGHBOUR = "neighbour", _("Neighbour or volunteer")

    class Consent(models.TextChoices):
        OWN = "own", _("given by a member himself")
        PAPER = "paper", _("signed on paper, kept in the office")
        OFFICE = "office", _("said in the office before two people")

    household = models.ForeignKey("residents.Household", on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey("residents.Person", on_delete=models.PROTECT, related_name="+")
    relation = models.CharField(max_length=12, choices=Relation.choices)
    active_from = models.DateField()
    active_to = models.DateField()
    consent = models.CharField(max_length=8, choices=Consent.choices, default=Consent.PAPER)
    given_by = models.CharField(max_length=40, help_text="person key of who recorded it")
    given_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.CharField(max_length=40, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["household", "person"],
                condition=Q(revoked_at__isnull=True),
                name="identity_one_mandate",
            ),
            models.CheckConstraint(
                condition=Q(active_to__gt=F("active_from")), name="identity_mandate_span_forward"
            ),
        ]

    def __str__(self) -> str:
        return f"mandate {self.pk}"


class HouseholdCard(models.Model):
    """The printed card of a household. A new card raises `version`; cards of older versions stop working."""

    household = models.OneToOneField("residents.Household", on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)
    issued_by = models.CharField(max_length=40)
    issued_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"card {self.pk}.{self.version}"

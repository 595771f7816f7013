"""What happened in households, and which came from which. Rows stay as they were written."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

FORWARD = """
CREATE FUNCTION residents_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% rows stay as they were written', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER residents_life_event_stays BEFORE UPDATE OR DELETE ON residents_lifeevent
    FOR EACH ROW EXECUTE FUNCTION residents_stays();
CREATE TRIGGER residents_succession_stays BEFORE UPDATE OR DELETE ON residents_householdsuccession
    FOR EACH ROW EXECUTE FUNCTION residents_stays();
"""

BACKWARD = """
DROP TRIGGER residents_life_event_stays ON residents_lifeevent;
DROP TRIGGER residents_succession_stays ON residents_householdsuccession;
DROP FUNCTION residents_stays();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("regions", "0002_path_ends_in_own_id"),
        ("residents", "0003_own_accounts"),
    ]

    operations = [
        migrations.CreateModel(
            name="LifeEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=16)),
                (
                    "person_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                ("happened_on", models.DateField(help_text="the day from which it holds")),
                ("basis", models.CharField(max_length=32)),
                ("recorded_by_key", models.CharField(max_length=40)),
                ("recorded_at", models.DateTimeField()),
                ("request_key", models.UUIDField(unique=True)),
                (
                    "household",
                    models.ForeignKey(
                        help_text="where it happened; of a split the former one",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="residents.household",
                    ),
                ),
                (
                    "other_household",
                    models.ForeignKey(
                        blank=True,
                        help_text="where a member came from or went; of a split the new household, of a merger the one that stays",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="residents.household",
                    ),
                ),
                (
                    "village",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.region",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="HouseholdSuccession",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=8)),
                ("share_parts", models.PositiveIntegerField()),
                ("share_whole", models.PositiveIntegerField()),
                (
                    "by_members",
                    models.BooleanField(
                        help_text="the share follows from the number of members; else it was agreed"
                    ),
                ),
                ("happened_on", models.DateField()),
                (
                    "from_household",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="residents.household",
                    ),
                ),
                (
                    "to_household",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="residents.household",
                    ),
                ),
                (
                    "event",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="succession",
                        to="residents.lifeevent",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="lifeevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        (
                            "birth",
                            "death",
                            "marriage_in",
                            "marriage_out",
                            "moved_away",
                            "came_back",
                            "head_changed",
                            "split",
                            "merged",
                        ),
                    )
                ),
                name="residents_life_event_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="lifeevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("other_household", None),
                    models.Q(("other_household", models.F("household")), _negated=True),
                    _connector="OR",
                ),
                name="residents_life_event_two_households",
            ),
        ),
        migrations.AddConstraint(
            model_name="householdsuccession",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ("split", "merge"))), name="residents_succession_kind"
            ),
        ),
        migrations.AddConstraint(
            model_name="householdsuccession",
            constraint=models.CheckConstraint(
                condition=models.Q(("share_parts__lte", models.F("share_whole")), ("share_whole__gt", 0)),
                name="residents_succession_share",
            ),
        ),
        migrations.AddConstraint(
            model_name="householdsuccession",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "merge")),
                fields=("from_household",),
                name="residents_merged_once",
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]

"""A path that does not end in its own region would open other people's rows: the database refuses it."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("regions", "0001_initial")]

    operations = [
        migrations.RunSQL(
            """
            ALTER TABLE regions_region ADD CONSTRAINT region_path_ends_in_own_id
                CHECK (scope_path ~ ('^([0-9]+/)*' || id || '/$'));
            CREATE UNIQUE INDEX region_path_once ON regions_region (scope_path);
            """,
            """
            ALTER TABLE regions_region DROP CONSTRAINT region_path_ends_in_own_id;
            DROP INDEX region_path_once;
            """,
        )
    ]

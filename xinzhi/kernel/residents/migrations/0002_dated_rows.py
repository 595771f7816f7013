"""Dated rows are closed, never rewritten: an UPDATE may only set `active_to` where it was empty.

Deleting a personal value is possible only for a person marked as erased, so that a slip in code cannot
lose what was known.
"""

from __future__ import annotations

from django.db import migrations

FORWARD = """
CREATE FUNCTION residents_only_close() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    closed record := NEW;
BEGIN
    closed.active_to := OLD.active_to;
    IF OLD.active_to IS NOT NULL OR closed IS DISTINCT FROM OLD THEN
        RAISE EXCEPTION '% rows are dated: close the row and add a new one', TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION residents_delete_of_erased_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM residents_person p WHERE p.id = OLD.person_id AND p.status = 'erased') THEN
        RAISE EXCEPTION '% of person % may only go when the person is erased', TG_TABLE_NAME, OLD.person_id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER residents_value_dated BEFORE UPDATE ON residents_personalvalue
    FOR EACH ROW EXECUTE FUNCTION residents_only_close();
CREATE TRIGGER residents_membership_dated BEFORE UPDATE ON residents_membership
    FOR EACH ROW EXECUTE FUNCTION residents_only_close();
CREATE TRIGGER residents_value_kept BEFORE DELETE ON residents_personalvalue
    FOR EACH ROW EXECUTE FUNCTION residents_delete_of_erased_only();
CREATE TRIGGER residents_key_kept BEFORE DELETE ON residents_personkey
    FOR EACH ROW EXECUTE FUNCTION residents_delete_of_erased_only();
"""

BACKWARD = """
DROP TRIGGER residents_value_dated ON residents_personalvalue;
DROP TRIGGER residents_value_kept ON residents_personalvalue;
DROP TRIGGER residents_membership_dated ON residents_membership;
DROP TRIGGER residents_key_kept ON residents_personkey;
DROP FUNCTION residents_only_close();
DROP FUNCTION residents_delete_of_erased_only();
"""


class Migration(migrations.Migration):
    dependencies = [("residents", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]

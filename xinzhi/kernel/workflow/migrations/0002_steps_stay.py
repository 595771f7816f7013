"""Steps are history: the database itself refuses to change or remove one."""

from django.db import migrations

FORWARDS = """
CREATE FUNCTION workflow_step_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'workflow_step is append-only: steps are never changed or removed'
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER workflow_step_stays BEFORE UPDATE OR DELETE ON workflow_step
    FOR EACH ROW EXECUTE FUNCTION workflow_step_stays();
"""
BACKWARDS = """
DROP TRIGGER workflow_step_stays ON workflow_step;
DROP FUNCTION workflow_step_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("workflow", "0001_initial")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]

"""Rules of a version in force are never changed or removed, whatever a service does."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION rules_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM rules_ruleversion WHERE id = OLD.version_id AND status <> 'draft') THEN
        RAISE EXCEPTION 'rules of a version that was in force are never changed; make a new version' USING ERRCODE = 'XR001';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER rules_rule_unchanged BEFORE UPDATE OR DELETE ON rules_rule
    FOR EACH ROW EXECUTE FUNCTION rules_refuse_change();
"""
BACKWARD = "DROP TRIGGER rules_rule_unchanged ON rules_rule; DROP FUNCTION rules_refuse_change();"


class Migration(migrations.Migration):
    dependencies = [("rules", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]

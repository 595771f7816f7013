"""What a lot or a hold says stays as it was written; only what is left of it and its state move. Neither is removed."""

from django.db import migrations

FIXED = {
    "ledger_lot": "book, id, account_id, journal_id, expires_on, amount",
    "ledger_hold": "book, id, request_key, account_id, amount, source, actor_key, at, expires_at",
}
REFUSE = "".join(
    f"CREATE TRIGGER {table}_stays BEFORE UPDATE OF {columns} OR DELETE ON {table}"
    " FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();"
    for table, columns in FIXED.items()
)
ALLOW = "".join(f"DROP TRIGGER IF EXISTS {table}_stays ON {table};" for table in FIXED)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]

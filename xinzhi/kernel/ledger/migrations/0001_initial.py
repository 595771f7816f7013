"""The ledger's tables and its one way to post are written in SQL, beside this file."""

from pathlib import Path

from django.db import migrations

HERE = Path(__file__).parent

DROP = """
DROP TABLE IF EXISTS ledger_hold, ledger_lot_use, ledger_lot, ledger_balance, ledger_entry, ledger_journal, ledger_account,
    ledger_account_kind, ledger_book CASCADE;
DROP FUNCTION IF EXISTS ledger_post, ledger_move_lots, ledger_refuse_change, ledger_entries_hold, ledger_lots_hold,
    ledger_journal_has_entries CASCADE;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL((HERE / "schema.sql").read_text(encoding="utf-8"), DROP),
        migrations.RunSQL((HERE / "posting.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop),
    ]

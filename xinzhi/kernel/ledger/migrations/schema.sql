-- The ledger's tables. Every table begins with `book`, every key and foreign key too, so that a distributed
-- PostgreSQL can place a book on one node. Nothing here holds personal text: owners are references such as household:17.

CREATE TABLE ledger_book (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code text NOT NULL UNIQUE,
    region_id bigint NOT NULL UNIQUE,
    opened_at timestamptz NOT NULL
);

-- What an account may do is declared by its kind. Kinds without a kept balance (issuance, expense) are hot: every
-- posting of a book touches them, so they have no row that postings would queue for.
CREATE TABLE ledger_account_kind (
    kind text PRIMARY KEY,
    may_go_negative boolean NOT NULL,
    keeps_balance boolean NOT NULL,
    has_lots boolean NOT NULL,
    CHECK (keeps_balance OR may_go_negative),
    CHECK (keeps_balance OR NOT has_lots)
);

CREATE TABLE ledger_account (
    book bigint NOT NULL REFERENCES ledger_book (id),
    id bigint GENERATED ALWAYS AS IDENTITY,
    kind text NOT NULL REFERENCES ledger_account_kind (kind),
    unit text NOT NULL CHECK (unit ~ '^[A-Za-z][A-Za-z0-9_@-]{0,39}$'),
    owner text NOT NULL DEFAULT '' CHECK (owner ~ '^[a-z_]*(:[0-9A-Za-z_-]+)?$'),
    PRIMARY KEY (book, id),
    UNIQUE (book, kind, unit, owner)
);

CREATE TABLE ledger_journal (
    book bigint NOT NULL REFERENCES ledger_book (id),
    id bigint GENERATED ALWAYS AS IDENTITY,
    request_key uuid NOT NULL,
    content_digest bytea NOT NULL,
    effective_date date NOT NULL,
    source text NOT NULL,
    actor_key text NOT NULL,
    reason_code text NOT NULL DEFAULT '',
    reverses bigint,
    at timestamptz NOT NULL,
    -- Entries may only be added by the transaction that made their journal.
    txid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    PRIMARY KEY (book, id),
    UNIQUE (book, request_key),
    UNIQUE (book, reverses),
    UNIQUE (book, id, txid),
    FOREIGN KEY (book, reverses) REFERENCES ledger_journal (book, id),
    CHECK (reverses <> id)
);

CREATE TABLE ledger_entry (
    book bigint NOT NULL,
    journal_id bigint NOT NULL,
    line smallint NOT NULL,
    account_id bigint NOT NULL,
    amount bigint NOT NULL CHECK (amount <> 0),
    balance_after bigint,
    txid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    PRIMARY KEY (book, journal_id, line),
    FOREIGN KEY (book, journal_id, txid) REFERENCES ledger_journal (book, id, txid),
    FOREIGN KEY (book, account_id) REFERENCES ledger_account (book, id)
);
CREATE INDEX ledger_entry_of_account ON ledger_entry (book, account_id, journal_id DESC, line DESC);

CREATE TABLE ledger_balance (
    book bigint NOT NULL,
    account_id bigint NOT NULL,
    balance bigint NOT NULL DEFAULT 0,
    held bigint NOT NULL DEFAULT 0 CHECK (held >= 0),
    may_go_negative boolean NOT NULL,
    PRIMARY KEY (book, account_id),
    FOREIGN KEY (book, account_id) REFERENCES ledger_account (book, id),
    CONSTRAINT ledger_balance_not_negative CHECK (may_go_negative OR balance >= held)
) WITH (fillfactor = 70);

CREATE TABLE ledger_lot (
    book bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    account_id bigint NOT NULL,
    journal_id bigint NOT NULL,
    expires_on date,
    amount bigint NOT NULL CHECK (amount > 0),
    remaining bigint NOT NULL,
    PRIMARY KEY (book, id),
    FOREIGN KEY (book, account_id) REFERENCES ledger_account (book, id),
    FOREIGN KEY (book, journal_id) REFERENCES ledger_journal (book, id),
    CHECK (remaining BETWEEN 0 AND amount)
);
CREATE INDEX ledger_lot_open ON ledger_lot (book, account_id, expires_on, id) WHERE remaining > 0;
CREATE INDEX ledger_lot_due ON ledger_lot (book, expires_on) WHERE remaining > 0;

-- How much of which lot a journal used; negative where a reversal gave it back.
CREATE TABLE ledger_lot_use (
    book bigint NOT NULL,
    lot_id bigint NOT NULL,
    journal_id bigint NOT NULL,
    amount bigint NOT NULL CHECK (amount <> 0),
    PRIMARY KEY (book, journal_id, lot_id),
    FOREIGN KEY (book, lot_id) REFERENCES ledger_lot (book, id),
    FOREIGN KEY (book, journal_id) REFERENCES ledger_journal (book, id)
);
CREATE INDEX ledger_lot_use_of_lot ON ledger_lot_use (book, lot_id);

CREATE TABLE ledger_hold (
    book bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    request_key uuid NOT NULL,
    account_id bigint NOT NULL,
    amount bigint NOT NULL CHECK (amount > 0),
    source text NOT NULL,
    actor_key text NOT NULL,
    at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'held' CHECK (state IN ('held', 'posted', 'voided', 'expired')),
    settled_at timestamptz,
    journal_id bigint,
    PRIMARY KEY (book, id),
    UNIQUE (book, request_key),
    FOREIGN KEY (book, account_id) REFERENCES ledger_account (book, id),
    FOREIGN KEY (book, journal_id) REFERENCES ledger_journal (book, id),
    CHECK ((state = 'posted') = (journal_id IS NOT NULL))
);
CREATE INDEX ledger_hold_open ON ledger_hold (book, expires_at) WHERE state = 'held';

INSERT INTO ledger_account_kind (kind, may_go_negative, keeps_balance, has_lots) VALUES
    ('issuance', true, false, false),
    ('spendable', false, true, true),
    ('honour', false, true, false),
    ('reserved', false, true, false),
    ('redeemed', true, false, false),
    ('expired', true, false, false),
    ('revoked', true, false, false),
    ('clearing', true, true, false),
    ('fund', false, true, false);

-- Append-only: journals, entries and uses of lots are never changed or removed.
CREATE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only: % on % refused; post a reversal instead', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'XL001';
END $$;
CREATE TRIGGER ledger_journal_append_only BEFORE UPDATE OR DELETE ON ledger_journal
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_entry_append_only BEFORE UPDATE OR DELETE ON ledger_entry
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_lot_use_append_only BEFORE UPDATE OR DELETE ON ledger_lot_use
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();

-- An entry belongs to the transaction that made its journal: nobody slips one into an old journal.
CREATE FUNCTION ledger_entry_in_own_transaction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.txid <> pg_current_xact_id() THEN
        RAISE EXCEPTION 'an entry can only be written with its journal' USING ERRCODE = 'XL002';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ledger_entry_own_transaction BEFORE INSERT ON ledger_entry
    FOR EACH ROW EXECUTE FUNCTION ledger_entry_in_own_transaction();

-- Balanced per unit, judged when the transaction ends, whoever wrote the entries.
CREATE FUNCTION ledger_journal_balances() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE unbalanced text; entries bigint;
BEGIN
    SELECT string_agg(s.unit || ' ' || s.total, ', ') FILTER (WHERE s.total <> 0), sum(s.n)
      INTO unbalanced, entries
      FROM (SELECT a.unit, sum(e.amount) AS total, count(*) AS n
              FROM ledger_entry e JOIN ledger_account a ON a.book = e.book AND a.id = e.account_id
             WHERE e.book = NEW.book AND e.journal_id = NEW.id GROUP BY a.unit) s;
    IF entries IS NULL OR unbalanced IS NOT NULL THEN
        RAISE EXCEPTION 'journal % of book % does not balance: %', NEW.id, NEW.book, coalesce(unbalanced, 'no entries')
            USING ERRCODE = 'XL003';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER ledger_journal_must_balance AFTER INSERT ON ledger_journal
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_journal_balances();

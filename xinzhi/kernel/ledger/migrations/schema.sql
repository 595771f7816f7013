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
    book bigint NOT NULL,  -- there, because its entries' accounts are
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
    FOREIGN KEY (book, reverses) REFERENCES ledger_journal (book, id),
    CHECK (reverses <> id)
);
-- Taken back once. Partial, because hardly any journal takes another one back.
CREATE UNIQUE INDEX ledger_journal_book_reverses_key ON ledger_journal (book, reverses) WHERE reverses IS NOT NULL;

CREATE TABLE ledger_entry (
    book bigint NOT NULL,
    journal_id bigint NOT NULL,
    line smallint NOT NULL,
    account_id bigint NOT NULL,
    amount bigint NOT NULL CHECK (amount <> 0),
    balance_after bigint,
    txid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    PRIMARY KEY (book, journal_id, line)
    -- Journal and account of an entry are checked for a whole statement at once by ledger_entries_hold, below: a foreign
    -- key asks for each row again, which was half the time of a large batch.
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

-- Lots follow from entries: ledger_move_lots writes them beside, `verify` recomputes them. No foreign keys, as above.
CREATE TABLE ledger_lot (
    book bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    account_id bigint NOT NULL,
    journal_id bigint NOT NULL,
    expires_on date,
    amount bigint NOT NULL CHECK (amount > 0),
    remaining bigint NOT NULL,
    PRIMARY KEY (book, id),
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
    PRIMARY KEY (book, journal_id, lot_id)
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

-- Nobody removes an account or moves it to another book or unit: entries are sums of its unit.
CREATE TRIGGER ledger_account_stays BEFORE UPDATE OR DELETE ON ledger_account
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();

-- What holds for entries whoever writes them: they come with their journal, in its transaction; their accounts are there;
-- and every statement that writes entries leaves each journal balanced in every unit.
CREATE FUNCTION ledger_entries_hold() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE v_bad record;
BEGIN
    SELECT n.journal_id INTO v_bad
      FROM (SELECT DISTINCT book, journal_id, txid FROM new_entries) n LEFT JOIN LATERAL (
        SELECT j.txid FROM ledger_journal j WHERE j.book = n.book AND j.id = n.journal_id LIMIT 1) j ON true
     WHERE j.txid IS DISTINCT FROM pg_current_xact_id() OR n.txid <> pg_current_xact_id() LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'an entry can only be written with its journal %', v_bad.journal_id USING ERRCODE = 'XL002';
    END IF;
    -- Gathered by account first: its unit is looked up once, however many entries it has.
    SELECT l.journal_id, a.unit, sum(l.amount) AS total INTO v_bad
      FROM (SELECT book, account_id, array_agg(journal_id) AS journals, array_agg(amount) AS amounts
              FROM new_entries GROUP BY book, account_id) n LEFT JOIN LATERAL (
        SELECT a.unit FROM ledger_account a WHERE a.book = n.book AND a.id = n.account_id LIMIT 1) a ON true
     CROSS JOIN LATERAL unnest(n.journals, n.amounts) AS l(journal_id, amount)
     GROUP BY n.book, l.journal_id, a.unit HAVING a.unit IS NULL OR sum(l.amount) <> 0 LIMIT 1;
    IF FOUND AND v_bad.unit IS NULL THEN
        RAISE EXCEPTION 'journal % names an account that is not in its book', v_bad.journal_id
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'ledger_entry_book_account_id_fkey';
    ELSIF FOUND THEN
        RAISE EXCEPTION 'journal % does not balance: % % too much', v_bad.journal_id, v_bad.total, v_bad.unit
            USING ERRCODE = 'XL003';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_entries_hold AFTER INSERT ON ledger_entry REFERENCING NEW TABLE AS new_entries
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_entries_hold();

-- A lot comes from an entry of its journal that credits its account.
CREATE FUNCTION ledger_lots_hold() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE v_bad record;
BEGIN
    SELECT n.id, n.journal_id INTO v_bad
      FROM new_lots n LEFT JOIN LATERAL (
        SELECT true AS there FROM ledger_entry e
         WHERE e.book = n.book AND e.journal_id = n.journal_id AND e.account_id = n.account_id AND e.amount > 0 LIMIT 1) e ON true
     WHERE e.there IS NULL LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'lot % comes from no entry of journal %', v_bad.id, v_bad.journal_id USING ERRCODE = 'XL004';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_lots_hold AFTER INSERT ON ledger_lot REFERENCING NEW TABLE AS new_lots
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_lots_hold();

-- A journal without entries says nothing; judged when the transaction ends.
CREATE FUNCTION ledger_journal_has_entries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM ledger_entry e WHERE e.book = NEW.book AND e.journal_id = NEW.id) THEN
        RAISE EXCEPTION 'journal % of book % has no entries', NEW.id, NEW.book USING ERRCODE = 'XL003';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER ledger_journal_has_entries AFTER INSERT ON ledger_journal
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_journal_has_entries();

-- TRUNCATE is refused as well. (Statement triggers: a database that spreads a book over several machines would need the
-- row form of both.)
CREATE TRIGGER ledger_journal_no_truncate BEFORE TRUNCATE ON ledger_journal
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_entry_no_truncate BEFORE TRUNCATE ON ledger_entry
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_lot_use_no_truncate BEFORE TRUNCATE ON ledger_lot_use
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();

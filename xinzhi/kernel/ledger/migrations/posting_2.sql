-- Post journals of one book, one or ten thousand, in one call. Returns a row per item: its journal and whether this call
-- made it. Refusals carry codes and numbers, separated by |, for the service to put into words.
--
-- Lock order: balances by account id, then journals in the order of the items. Who comes at the same moment with the same key
-- waits at the balances; where no account keeps one he meets the unique key, and asks again.
--
-- Journals and their entries are written by one statement, so that triggers judge them together (ADR 9).
--
-- Rows of the ledger are found one by one, by their keys, never by a join or a scan: a plan made while a book was small would
-- read the whole book for each posting, and is kept as long as the connection lives. So one plan is good for any size; without
-- force_generic_plan each call with its arrays was planned anew.
CREATE OR REPLACE FUNCTION ledger_post(
    p_book bigint, p_keys uuid[], p_digests bytea[], p_dates date[], p_sources text[], p_expiries date[], p_reverses bigint[],
    p_actor_key text, p_reason_code text, p_at timestamptz,
    p_leg_items int[], p_leg_accounts bigint[], p_leg_amounts bigint[]
) RETURNS TABLE (item int, journal_id bigint, is_new boolean) LANGUAGE plpgsql
SET jit = off SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
    v_ids bigint[];
    v_new boolean[];
    v_places int[];  -- of each item among the new ones
    v_made bigint[];
    v_reused uuid;
    v_short text;
    v_lot_items int[];
    v_lot_accounts bigint[];
    v_lot_amounts bigint[];
BEGIN
    IF cardinality(p_keys) = 1 THEN
        item := 1;
        SELECT * INTO journal_id, is_new FROM ledger_post_one(
            p_book, p_keys[1], p_digests[1], p_dates[1], p_sources[1], p_expiries, p_reverses, p_actor_key, p_reason_code, p_at,
            p_leg_accounts, p_leg_amounts);
        RETURN NEXT;
        RETURN;
    END IF;

    -- Before the journals get their numbers: so the numbers of an account's journals grow in the order of its balances.
    PERFORM b.locked
      FROM (SELECT DISTINCT a.id FROM unnest(p_leg_accounts) AS a(id) ORDER BY a.id) x
     CROSS JOIN LATERAL (
        SELECT true AS locked FROM ledger_balance b WHERE b.book = p_book AND b.account_id = x.id
         LIMIT 1 FOR NO KEY UPDATE) b;

    IF EXISTS (
        SELECT 1 FROM unnest(p_keys) AS k(key) CROSS JOIN LATERAL (
            SELECT 1 FROM ledger_journal j WHERE j.book = p_book AND j.request_key = k.key LIMIT 1) j)
    THEN
        SELECT array_agg(t.id ORDER BY t.i), array_agg(t.id IS NULL ORDER BY t.i), array_agg(t.place ORDER BY t.i),
               min(t.key::text) FILTER (WHERE t.content_digest <> t.digest)
          INTO v_ids, v_new, v_places, v_reused
          FROM (
            SELECT k.key, k.digest, k.i, j.id, j.content_digest,
                   (count(*) FILTER (WHERE j.id IS NULL) OVER (ORDER BY k.i))::int AS place
              FROM unnest(p_keys, p_digests) WITH ORDINALITY AS k(key, digest, i)
              LEFT JOIN LATERAL (
                SELECT j.id, j.content_digest FROM ledger_journal j WHERE j.book = p_book AND j.request_key = k.key LIMIT 1) j
                ON true) t;
        IF v_reused IS NOT NULL THEN
            RAISE EXCEPTION 'request_key_reused|%', v_reused USING ERRCODE = 'XL010';
        END IF;
        IF NOT true = ANY (v_new) THEN
            RETURN QUERY SELECT n::int, v_ids[n], false FROM generate_subscripts(v_ids, 1) AS n;
            RETURN;
        END IF;
    ELSE
        v_new := array_fill(true, ARRAY[cardinality(p_keys)]);
        v_places := ARRAY(SELECT generate_series(1, cardinality(p_keys)));
    END IF;

    WITH made AS (
        INSERT INTO ledger_journal (book, request_key, content_digest, effective_date, source, actor_key, reason_code, reverses, at)
        SELECT p_book, t.key, t.digest, t.day, t.source, p_actor_key, p_reason_code, t.reverses, p_at
          FROM unnest(p_keys, p_digests, p_dates, p_sources, p_reverses) WITH ORDINALITY AS t(key, digest, day, source, reverses, i)
         WHERE v_new[t.i] ORDER BY t.i
        RETURNING id),
    numbers AS MATERIALIZED (SELECT array_agg(id ORDER BY id) AS ids FROM made),
    -- Gathered by account first: its balance and kind are looked up once, however many legs are on it.
    mine AS (
        SELECT l.account_id, array_agg(l.i) AS items, array_agg(l.amount) AS amounts, array_agg(l.n) AS places
          FROM unnest(p_leg_items, p_leg_accounts, p_leg_amounts) WITH ORDINALITY AS l(i, account_id, amount, n)
         WHERE v_new[l.i] GROUP BY l.account_id),
    running AS (
        SELECT mine.account_id, l.i, l.n, l.amount, b.held, b.may_go_negative, k.has_lots,
               row_number() OVER (PARTITION BY l.i ORDER BY l.n) AS line,
               (b.balance + sum(l.amount) OVER (PARTITION BY mine.account_id ORDER BY l.n))::bigint AS after
          FROM mine LEFT JOIN LATERAL (
            SELECT b.balance, b.held, b.may_go_negative FROM ledger_balance b
             WHERE b.book = p_book AND b.account_id = mine.account_id LIMIT 1) b ON true
          LEFT JOIN LATERAL (
            SELECT k.has_lots FROM ledger_account a JOIN ledger_account_kind k ON k.kind = a.kind
             WHERE a.book = p_book AND a.id = mine.account_id LIMIT 1) k ON true
         CROSS JOIN LATERAL unnest(mine.items, mine.amounts, mine.places) AS l(i, amount, n)),
    written AS (
        INSERT INTO ledger_entry (book, journal_id, line, account_id, amount, balance_after)
        SELECT p_book, (SELECT ids FROM numbers)[v_places[i]], line, account_id, amount, after FROM running),
    kept AS (
        -- An upsert, because it always goes by the primary key. The row is there and locked; what would be inserted only
        -- carries the sum, so it may be negative.
        INSERT INTO ledger_balance (book, account_id, balance, may_go_negative)
        SELECT p_book, account_id, sum(amount), true FROM running WHERE after IS NOT NULL AND (may_go_negative OR after >= held)
         GROUP BY account_id
        ON CONFLICT (book, account_id) DO UPDATE SET balance = ledger_balance.balance + excluded.balance)
    SELECT (SELECT ids FROM numbers), array_agg(i) FILTER (WHERE has_lots), array_agg(account_id) FILTER (WHERE has_lots),
           array_agg(amount) FILTER (WHERE has_lots),
           (array_agg(format('not_enough|%s|%s|%s', account_id, after - amount - held, -amount))
             FILTER (WHERE NOT may_go_negative AND after < held AND amount < 0))[1]
      INTO v_made, v_lot_items, v_lot_accounts, v_lot_amounts, v_short
      FROM (SELECT * FROM running ORDER BY n) legs;
    IF v_short IS NOT NULL THEN
        RAISE EXCEPTION '%', v_short USING ERRCODE = 'XL011';
    END IF;
    IF false = ANY (v_new) THEN
        SELECT array_agg(coalesce(v_ids[n], v_made[v_places[n]]) ORDER BY n) INTO v_ids FROM generate_subscripts(v_ids, 1) AS n;
    ELSE
        v_ids := v_made;
    END IF;
    IF v_lot_items IS NOT NULL THEN
        PERFORM ledger_move_lots(p_book, v_ids, p_expiries, p_reverses, v_lot_items, v_lot_accounts, v_lot_amounts);
    END IF;
    RETURN QUERY SELECT n::int, v_ids[n], v_new[n] FROM generate_subscripts(v_ids, 1) AS n;
END $$;

-- The same for one journal, step by step: for a handful of rows, starting and ending the plans above was most of the time.
-- `test_against_a_model.py` posts by both and expects the same.
CREATE FUNCTION ledger_post_one(
    p_book bigint, p_key uuid, p_digest bytea, p_date date, p_source text, p_expiries date[], p_reverses bigint[],
    p_actor_key text, p_reason_code text, p_at timestamptz, p_accounts bigint[], p_amounts bigint[],
    OUT journal_id bigint, OUT is_new boolean
) LANGUAGE plpgsql SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
    v_account bigint;
    v_balance bigint;
    v_held bigint;
    v_may_go_negative boolean;
    v_has_lots boolean;
    v_digest bytea;
    v_kept bigint[] := '{}';
    v_balances bigint[] := '{}';
    v_after bigint[] := array_fill(NULL::bigint, ARRAY[cardinality(p_accounts)]);
    v_lot_accounts bigint[] := '{}';
    v_lot_amounts bigint[] := '{}';
    v_short text;
    v_short_line int;
BEGIN
    FOREACH v_account IN ARRAY ARRAY(SELECT DISTINCT a.id FROM unnest(p_accounts) AS a(id) ORDER BY a.id) LOOP
        SELECT b.balance, b.held, b.may_go_negative INTO v_balance, v_held, v_may_go_negative
          FROM ledger_balance b WHERE b.book = p_book AND b.account_id = v_account FOR NO KEY UPDATE;
        CONTINUE WHEN NOT FOUND;  -- a hot account, which has no lots either
        SELECT k.has_lots INTO v_has_lots FROM ledger_account a JOIN ledger_account_kind k ON k.kind = a.kind
         WHERE a.book = p_book AND a.id = v_account;
        FOR n IN 1 .. cardinality(p_accounts) LOOP
            CONTINUE WHEN p_accounts[n] <> v_account;
            IF p_amounts[n] < 0 AND NOT v_may_go_negative AND v_balance + p_amounts[n] < v_held
                AND (v_short IS NULL OR n < v_short_line)
            THEN
                v_short := format('not_enough|%s|%s|%s', v_account, v_balance - v_held, -p_amounts[n]);
                v_short_line := n;
            END IF;
            v_balance := v_balance + p_amounts[n];
            v_after[n] := v_balance;
            IF v_has_lots THEN
                v_lot_accounts := v_lot_accounts || v_account;
                v_lot_amounts := v_lot_amounts || p_amounts[n];
            END IF;
        END LOOP;
        v_kept := v_kept || v_account;
        v_balances := v_balances || v_balance;
    END LOOP;

    SELECT j.id, j.content_digest INTO journal_id, v_digest
      FROM ledger_journal j WHERE j.book = p_book AND j.request_key = p_key;
    is_new := NOT FOUND;
    IF NOT is_new THEN
        IF v_digest <> p_digest THEN
            RAISE EXCEPTION 'request_key_reused|%', p_key USING ERRCODE = 'XL010';
        END IF;
        RETURN;
    END IF;
    WITH made AS (
        INSERT INTO ledger_journal (book, request_key, content_digest, effective_date, source, actor_key, reason_code, reverses, at)
        VALUES (p_book, p_key, p_digest, p_date, p_source, p_actor_key, p_reason_code, p_reverses[1], p_at) RETURNING id),
    written AS (
        INSERT INTO ledger_entry (book, journal_id, line, account_id, amount, balance_after)
        SELECT p_book, made.id, l.line, l.account_id, l.amount, l.after
          FROM made CROSS JOIN unnest(p_accounts, p_amounts, v_after) WITH ORDINALITY AS l(account_id, amount, after, line))
    SELECT id INTO journal_id FROM made;
    IF v_short IS NOT NULL THEN  -- after the journal: one that was taken back already is told so
        RAISE EXCEPTION '%', v_short USING ERRCODE = 'XL011';
    END IF;
    FOR n IN 1 .. cardinality(v_kept) LOOP
        UPDATE ledger_balance SET balance = v_balances[n] WHERE book = p_book AND account_id = v_kept[n];
    END LOOP;
    IF v_lot_accounts <> '{}' THEN
        PERFORM ledger_move_lots(
            p_book, ARRAY[journal_id], p_expiries, p_reverses, array_fill(1, ARRAY[cardinality(v_lot_accounts)]),
            v_lot_accounts, v_lot_amounts);
    END IF;
END $$;

-- Credits make lots, debits use them, oldest expiry first. Taking a debit back restores the lots it used; taking a
-- credit back uses its own lot first and then the others. The legs are new and on accounts with lots; the caller holds
-- the balances' locks.
CREATE OR REPLACE FUNCTION ledger_move_lots(
    p_book bigint, p_ids bigint[], p_expiries date[], p_reverses bigint[],
    p_items int[], p_accounts bigint[], p_amounts bigint[]
) RETURNS void LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    v_leg record;
    v_lot record;
    v_need bigint;
    v_take bigint;
BEGIN
    INSERT INTO ledger_lot (book, account_id, journal_id, expires_on, amount, remaining)
    SELECT p_book, l.account_id, p_ids[l.i], p_expiries[l.i], l.amount, l.amount
      FROM unnest(p_items, p_accounts, p_amounts) WITH ORDINALITY AS l(i, account_id, amount, n)
     WHERE l.amount > 0 AND p_reverses[l.i] IS NULL
     ORDER BY l.n;

    -- An expression without a query costs next to nothing; the queries below would run for credits alone, too.
    IF array_remove(p_reverses, NULL) <> '{}' THEN
        FOR v_leg IN
            SELECT l.i, l.account_id, l.amount FROM unnest(p_items, p_accounts, p_amounts) WITH ORDINALITY AS l(i, account_id, amount, n)
             WHERE p_reverses[l.i] IS NOT NULL ORDER BY l.n
        LOOP
            IF v_leg.amount > 0 THEN
                FOR v_lot IN
                    SELECT u.lot_id, u.amount FROM ledger_lot_use u
                     CROSS JOIN LATERAL (
                        SELECT t.account_id FROM ledger_lot t WHERE t.book = u.book AND t.id = u.lot_id LIMIT 1) t
                     WHERE u.book = p_book AND u.journal_id = p_reverses[v_leg.i] AND t.account_id = v_leg.account_id
                LOOP
                    INSERT INTO ledger_lot_use (book, lot_id, journal_id, amount)
                    VALUES (p_book, v_lot.lot_id, p_ids[v_leg.i], -v_lot.amount);
                    UPDATE ledger_lot SET remaining = remaining + v_lot.amount WHERE book = p_book AND id = v_lot.lot_id;
                END LOOP;
            ELSE
                v_need := -v_leg.amount;
                FOR v_lot IN
                    SELECT id, remaining FROM ledger_lot
                     WHERE book = p_book AND account_id = v_leg.account_id AND remaining > 0
                     ORDER BY journal_id <> p_reverses[v_leg.i], expires_on NULLS LAST, id
                LOOP
                    v_take := least(v_need, v_lot.remaining);
                    INSERT INTO ledger_lot_use (book, lot_id, journal_id, amount) VALUES (p_book, v_lot.id, p_ids[v_leg.i], v_take);
                    UPDATE ledger_lot SET remaining = remaining - v_take WHERE book = p_book AND id = v_lot.id;
                    v_need := v_need - v_take;
                    EXIT WHEN v_need = 0;
                END LOOP;
            END IF;
        END LOOP;
    END IF;

    IF 0 > ANY (p_amounts) THEN
        -- Debits: each account by itself, its debits laid end to end along its lots laid end to end.
        FOR v_lot IN
            WITH debit AS (
                SELECT l.account_id, array_agg(p_ids[l.i] ORDER BY l.n) AS journals, array_agg(-l.amount ORDER BY l.n) AS amounts
                  FROM unnest(p_items, p_accounts, p_amounts) WITH ORDINALITY AS l(i, account_id, amount, n)
                 WHERE l.amount < 0 AND p_reverses[l.i] IS NULL
                 GROUP BY l.account_id),
            used AS (
                INSERT INTO ledger_lot_use (book, lot_id, journal_id, amount)
                SELECT p_book, part.lot_id, part.journal_id, sum(part.amount)
                  FROM debit CROSS JOIN LATERAL (
                    SELECT lot.id AS lot_id, d.journal_id, least(d.high, lot.high) - greatest(d.low, lot.low) AS amount
                      FROM (SELECT u.journal_id, sum(u.amount) OVER w - u.amount AS low, sum(u.amount) OVER w AS high
                              FROM unnest(debit.journals, debit.amounts) WITH ORDINALITY AS u(journal_id, amount, n)
                            WINDOW w AS (ORDER BY u.n)) d
                      JOIN (SELECT t.id, sum(t.remaining) OVER w - t.remaining AS low, sum(t.remaining) OVER w AS high
                              FROM ledger_lot t
                             WHERE t.book = p_book AND t.account_id = debit.account_id AND t.remaining > 0
                            WINDOW w AS (ORDER BY t.expires_on NULLS LAST, t.id)) lot
                        ON d.low < lot.high AND lot.low < d.high) part
                 GROUP BY part.lot_id, part.journal_id
                RETURNING lot_id, amount)
            SELECT lot_id AS id, sum(amount) AS taken FROM used GROUP BY lot_id
        LOOP
            UPDATE ledger_lot SET remaining = remaining - v_lot.taken WHERE book = p_book AND id = v_lot.id;
        END LOOP;
    END IF;
END $$;

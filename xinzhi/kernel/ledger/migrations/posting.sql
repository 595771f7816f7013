-- Post journals of one book, one or ten thousand, in one call: one path for all. Returns a row per item: its journal and
-- whether this call made it. Refusals carry codes and numbers, separated by |, for the service to put into words.
--
-- Lock order: balances by account id, then journals in the order of the items (unique request key).
CREATE FUNCTION ledger_post(
    p_book bigint, p_keys uuid[], p_digests bytea[], p_dates date[], p_sources text[], p_expiries date[], p_reverses bigint[],
    p_actor_key text, p_reason_code text, p_at timestamptz,
    p_leg_items int[], p_leg_accounts bigint[], p_leg_amounts bigint[]
) RETURNS TABLE (item int, journal_id bigint, is_new boolean) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    v_first bigint;
    v_ids bigint[];
    v_new boolean[];
    v_reused uuid;
    v_short record;
    v_with_lots boolean;
BEGIN
    -- Before the journals get their numbers: so the numbers of an account's journals grow in the order of its balances.
    PERFORM 1 FROM ledger_balance b
      WHERE b.book = p_book AND b.account_id IN (SELECT DISTINCT a FROM unnest(p_leg_accounts) AS a)
      ORDER BY b.account_id FOR NO KEY UPDATE;

    WITH made AS (
        INSERT INTO ledger_journal (book, request_key, content_digest, effective_date, source, actor_key, reason_code, reverses, at)
        SELECT p_book, t.key, t.digest, t.day, t.source, p_actor_key, p_reason_code, t.reverses, p_at
          FROM unnest(p_keys, p_digests, p_dates, p_sources, p_reverses) WITH ORDINALITY AS t(key, digest, day, source, reverses, i)
         ORDER BY t.i
        ON CONFLICT (book, request_key) DO NOTHING
        RETURNING id)
    SELECT min(id) INTO v_first FROM made;

    -- Identity numbers grow, so what this call made has this transaction's id and a number from v_first on.
    SELECT array_agg(j.id ORDER BY t.i),
           array_agg((v_first IS NOT NULL AND j.id >= v_first AND j.txid = pg_current_xact_id()) ORDER BY t.i),
           min(t.key::text) FILTER (WHERE j.content_digest <> t.digest)
      INTO v_ids, v_new, v_reused
      FROM unnest(p_keys, p_digests) WITH ORDINALITY AS t(key, digest, i)
      JOIN ledger_journal j ON j.book = p_book AND j.request_key = t.key;
    IF v_reused IS NOT NULL THEN
        RAISE EXCEPTION 'request_key_reused|%', v_reused USING ERRCODE = 'XL010';
    END IF;
    IF v_first IS NULL THEN
        RETURN QUERY SELECT n::int, v_ids[n], false FROM generate_subscripts(v_ids, 1) AS n;
        RETURN;
    END IF;

    WITH leg AS (
        SELECT l.i, l.n, l.account_id, l.amount, v_ids[l.i] AS journal_id,
               row_number() OVER (PARTITION BY l.i ORDER BY l.n) AS line
          FROM unnest(p_leg_items, p_leg_accounts, p_leg_amounts) WITH ORDINALITY AS l(i, account_id, amount, n)
         WHERE v_new[l.i]),
    running AS (
        SELECT leg.*, b.held, b.may_go_negative,
               b.balance + sum(leg.amount) OVER (PARTITION BY leg.account_id ORDER BY leg.n) AS after
          FROM leg LEFT JOIN ledger_balance b ON b.book = p_book AND b.account_id = leg.account_id),
    written AS (
        INSERT INTO ledger_entry (book, journal_id, line, account_id, amount, balance_after)
        SELECT p_book, journal_id, line, account_id, amount, after FROM running)
    SELECT account_id, after - amount - held AS available, -amount AS needed INTO v_short
      FROM running WHERE NOT may_go_negative AND after < held AND amount < 0 ORDER BY n LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'not_enough|%|%|%', v_short.account_id, v_short.available, v_short.needed USING ERRCODE = 'XL011';
    END IF;

    UPDATE ledger_balance b SET balance = b.balance + s.total
      FROM (SELECT l.account_id, sum(l.amount) AS total
              FROM unnest(p_leg_items, p_leg_accounts, p_leg_amounts) AS l(i, account_id, amount)
             WHERE v_new[l.i] GROUP BY l.account_id) s
     WHERE b.book = p_book AND b.account_id = s.account_id;

    SELECT EXISTS (
        SELECT 1 FROM ledger_account a JOIN ledger_account_kind k ON k.kind = a.kind
         WHERE a.book = p_book AND a.id = ANY (p_leg_accounts) AND k.has_lots) INTO v_with_lots;
    IF v_with_lots THEN
        PERFORM ledger_move_lots(p_book, v_ids, v_new, p_expiries, p_reverses, p_leg_items, p_leg_accounts, p_leg_amounts);
    END IF;
    RETURN QUERY SELECT n::int, v_ids[n], v_new[n] FROM generate_subscripts(v_ids, 1) AS n;
END $$;

-- Credits make lots, debits use them, oldest expiry first. Taking a debit back restores the lots it used; taking a
-- credit back uses its own lot first and then the others. The caller holds the balances' locks.
CREATE FUNCTION ledger_move_lots(
    p_book bigint, p_ids bigint[], p_new boolean[], p_expiries date[], p_reverses bigint[],
    p_leg_items int[], p_leg_accounts bigint[], p_leg_amounts bigint[]
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
      FROM unnest(p_leg_items, p_leg_accounts, p_leg_amounts) WITH ORDINALITY AS l(i, account_id, amount, n)
      JOIN ledger_account a ON a.book = p_book AND a.id = l.account_id
      JOIN ledger_account_kind k ON k.kind = a.kind AND k.has_lots
     WHERE p_new[l.i] AND l.amount > 0 AND p_reverses[l.i] IS NULL
     ORDER BY l.n;

    FOR v_leg IN
        SELECT l.i, l.account_id, l.amount
          FROM unnest(p_leg_items, p_leg_accounts, p_leg_amounts) WITH ORDINALITY AS l(i, account_id, amount, n)
          JOIN ledger_account a ON a.book = p_book AND a.id = l.account_id
          JOIN ledger_account_kind k ON k.kind = a.kind AND k.has_lots
         WHERE p_new[l.i] AND p_reverses[l.i] IS NOT NULL ORDER BY l.n
    LOOP
        IF v_leg.amount > 0 THEN
            WITH back AS (
                INSERT INTO ledger_lot_use (book, lot_id, journal_id, amount)
                SELECT p_book, u.lot_id, p_ids[v_leg.i], -u.amount
                  FROM ledger_lot_use u JOIN ledger_lot t ON t.book = u.book AND t.id = u.lot_id
                 WHERE u.book = p_book AND u.journal_id = p_reverses[v_leg.i] AND t.account_id = v_leg.account_id
                RETURNING lot_id, amount)
            UPDATE ledger_lot t SET remaining = t.remaining - back.amount FROM back WHERE t.book = p_book AND t.id = back.lot_id;
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

    WITH debit AS (
        SELECT l.account_id, p_ids[l.i] AS journal_id,
               sum(-l.amount) OVER w + l.amount AS low, sum(-l.amount) OVER w AS high
          FROM unnest(p_leg_items, p_leg_accounts, p_leg_amounts) WITH ORDINALITY AS l(i, account_id, amount, n)
          JOIN ledger_account a ON a.book = p_book AND a.id = l.account_id
          JOIN ledger_account_kind k ON k.kind = a.kind AND k.has_lots
         WHERE p_new[l.i] AND l.amount < 0 AND p_reverses[l.i] IS NULL
        WINDOW w AS (PARTITION BY l.account_id ORDER BY l.n)),
    lot AS (
        SELECT t.account_id, t.id, sum(t.remaining) OVER w - t.remaining AS low, sum(t.remaining) OVER w AS high
          FROM ledger_lot t
         WHERE t.book = p_book AND t.remaining > 0 AND t.account_id IN (SELECT account_id FROM debit)
        WINDOW w AS (PARTITION BY t.account_id ORDER BY t.expires_on NULLS LAST, t.id)),
    used AS (
        INSERT INTO ledger_lot_use (book, lot_id, journal_id, amount)
        SELECT p_book, lot.id, debit.journal_id, sum(least(debit.high, lot.high) - greatest(debit.low, lot.low))
          FROM debit JOIN lot ON lot.account_id = debit.account_id AND debit.low < lot.high AND lot.low < debit.high
         GROUP BY lot.id, debit.journal_id
        RETURNING lot_id, amount)
    UPDATE ledger_lot t SET remaining = t.remaining - s.taken
      FROM (SELECT lot_id, sum(amount) AS taken FROM used GROUP BY lot_id) s
     WHERE t.book = p_book AND t.id = s.lot_id;
END $$;

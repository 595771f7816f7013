// Brings the queue home: in order, in small parts, one part at a time. Every record has a key, so that what was sent twice counts once,
// whichever answer was lost on the way.
const MOST_RECORDS = 20;
const MOST_BYTES = 1_500_000;
const PATIENCE_MS = 60_000;

function token() {
  return /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? "";
}

function size(record) {
  return record.photos.reduce((sum, photo) => sum + photo.blob.size, 400);
}

function* parts(records) {
  let part = [];
  let bytes = 0;
  for (const record of records) {
    if (part.length && (part.length === MOST_RECORDS || bytes + size(record) > MOST_BYTES)) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push(record);
    bytes += size(record);
  }
  if (part.length) yield part;
}

async function send(address, part) {
  const form = new FormData();
  form.set("sent_at", new Date().toISOString());
  form.set(
    "records",
    JSON.stringify(
      part.map(({ key, yard, rater, outcome, scored_at, consent, consented_at, marks, vetoes, photos }) => ({
        key, yard, rater, outcome, scored_at, consent, consented_at, marks, vetoes, photos: photos.map((photo) => photo.key),
      })),
    ),
  );
  for (const record of part) for (const photo of record.photos) form.set(photo.key, photo.blob, "photo.jpg");
  return fetch(address, {
    method: "POST", body: form, credentials: "same-origin", headers: { "X-CSRFToken": token() }, signal: AbortSignal.timeout(PATIENCE_MS),
  });
}

// What became of it: "done", "offline", "login", or "trouble" with the server's sentence. `onPart` is called after each part.
export async function bringHome(store, { address, rounds, user, onPart }) {
  const mine = (await store.queue()).filter((record) => !record.refusal && record.rater === user);
  let sent = 0;
  for (const part of parts(mine)) {
    let answer;
    try {
      answer = await send(address, part);
      if (answer.status === 403 && !(answer.headers.get("content-type") ?? "").includes("json")) {
        await fetch(rounds, { credentials: "same-origin" }); // the token of the page was of an earlier login
        answer = await send(address, part);
      }
    } catch {
      return { state: "offline", sent };
    }
    if (answer.status === 401 || answer.redirected) return { state: "login", sent };
    const said = await answer.json().catch(() => null);
    if (!answer.ok || !said?.answers) return { state: answer.status >= 500 ? "offline" : "trouble", message: said?.message, sent };
    const told = new Map(said.answers.map((one) => [one.key, one]));
    const settled = part.filter((record) => told.has(record.key)).map((record) => {
      const one = told.get(record.key);
      return one.status === "kept" ? { record, total_tenths: one.total_tenths } : { record, refusal: one.message };
    });
    await store.settle(settled);
    sent += part.length;
    onPart({ settled, sent, of: mine.length });
  }
  return { state: "done", sent };
}

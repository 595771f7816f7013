// The walk itself: who is next, may I come in, what is missing, a photo, save, next. All of it works without signal.
import { shrink } from "../../web/js/photo.js";
import { cleanMarks, gradeOf, itemCard, linesOf, say, totalOf } from "./screen.js";
import { newKey, open } from "./store.js";
import { bringHome } from "./sync.js";

const MOST_BYTES = 200_000;
const EVERY_MS = 30_000;
const at = (id) => document.getElementById(id);
const main = at("content");
const words = JSON.parse(main.dataset.words);
const now = () => new Date().toISOString();

let store;
let taken = { user: null, rounds: [] };
let round = null;
let queue = [];
let draft = null;
let state = "online";
let busy = false;
let progress = null;

// What this rater has to do with a courtyard, from what the server told and what waits on this phone.
function standing(yard) {
  const waiting = queue.findLast((record) => record.yard === yard.id);
  if (waiting?.refusal) return { mark: "refused", done: true };
  if (waiting?.outcome === "scored") return { mark: "queued", done: true };
  if (yard.own) return { mark: "own", done: true };
  if (yard.state === "rectifying") return yard.again_tenths == null ? { mark: "again", done: false } : { mark: "done", done: true };
  if (yard.mine_tenths != null) return { mark: "done", done: true };
  if (!["open", "third"].includes(yard.state)) return { mark: "closed", done: true };
  if (waiting || yard.not_met) return { mark: "not_met", done: false, seen: true };
  return { mark: yard.state === "third" ? "third" : "", done: false };
}

function showNet() {
  const mine = queue.filter((record) => record.rater === taken.user);
  const waiting = queue.filter((record) => !record.refusal).length;
  const others = queue.length - mine.length;
  const net = at("net");
  net.className = `walk-net${state === "online" ? (waiting ? " walk-net_wait" : "") : " walk-net_off"}`;
  const rest = progress ? say(words, "sending", progress) : waiting ? say(words, "waiting", { n: waiting }) : words.all_sent;
  net.textContent = `${state === "offline" ? words.offline : words.online} · ${rest}`;
  net.dataset.waiting = waiting;
  net.dataset.state = state;
  const alerts = [];
  if (state === "login") alerts.push(say(words, "login", { n: waiting }));
  if (others && taken.user) alerts.push(say(words, "others", { n: others }));
  const refused = queue.filter((record) => record.refusal).length;
  if (refused) alerts.push(say(words, "refused", { n: refused }));
  tell(alerts.join(" "));
  at("login").hidden = state !== "login" && taken.user !== null;
}

function tell(text) {
  at("alert").textContent = text;
  at("alert").hidden = !text;
}

function showTroubles() {
  const refused = queue.filter((record) => record.refusal);
  at("troubles").hidden = !refused.length;
  at("troubles").replaceChildren(
    ...refused.map((record) => {
      const card = at("trouble").content.firstElementChild.cloneNode(true);
      card.querySelector("h2").textContent = `${record.no} ${record.name}`;
      card.querySelector("p").textContent = record.refusal;
      card.querySelector("[data-mend]").addEventListener("click", async () => {
        const { seq, refusal, ...again } = record;
        await store.mend(record, again);
        await refresh();
        const found = taken.rounds.find((r) => r.yards.some((y) => y.id === record.yard));
        if (found) {
          round = found;
          await enter(found.yards.find((y) => y.id === record.yard));
        }
      });
      card.querySelector("[data-discard]").addEventListener("click", async () => {
        if (!window.confirm(words.discard)) return;
        await store.settle([{ record }]);
        await refresh();
      });
      return card;
    }),
  );
}

function showList() {
  draft = null;
  at("list").hidden = false;
  at("yard").hidden = at("dock").hidden = true;
  at("rounds").hidden = taken.rounds.length < 2;
  at("rounds").replaceChildren(
    ...taken.rounds.map((each) => {
      const choose = document.createElement("button");
      choose.type = "button";
      choose.textContent = `${each.village} ${each.year}Q${each.quarter}`;
      choose.setAttribute("aria-pressed", each === round);
      choose.addEventListener("click", () => ((round = each), showList()));
      return choose;
    }),
  );
  const rows = (round?.yards ?? []).map((yard) => ({ yard, ...standing(yard) }));
  const done = rows.filter((row) => row.done).length;
  at("bar").max = Math.max(1, rows.length);
  at("bar").value = done;
  at("far").textContent = say(words, "progress", { done, n: rows.length });
  const next = rows.find((row) => !row.done && !row.seen) ?? rows.find((row) => !row.done);
  at("next").hidden = !next;
  if (next) {
    const place = document.createElement("span");
    place.textContent = [next.yard.group, next.yard.class_label, next.mark ? words[next.mark] : ""].filter(Boolean).join(" · ");
    at("next").replaceChildren(`${next.yard.position}. ${next.yard.no} ${next.yard.name}`, place);
    at("next").onclick = () => enter(next.yard);
  }
  at("nothing").hidden = Boolean(next);
  at("nothing").textContent = rows.length ? words.all_done : taken.user === null ? words.never : words.no_round;
  const list = document.createDocumentFragment();
  let group = null;
  for (const { yard, mark, done: isDone } of rows) {
    if (yard.group !== group) {
      group = yard.group;
      if (group) list.append(Object.assign(document.createElement("li"), { className: "walk-yards__group", textContent: group }));
    }
    list.append(row(yard, mark, isDone));
  }
  at("yards").replaceChildren(list);
  at("yards").hidden = !rows.length;
}

function row(yard, mark, isDone) {
  const line = document.createElement("li");
  const button = Object.assign(document.createElement("button"), { type: "button", disabled: isDone });
  button.dataset.yard = yard.id;
  const number = Object.assign(document.createElement("span"), { className: "walk-yards__nr", textContent: yard.position });
  const who = Object.assign(document.createElement("span"), { className: "walk-yards__who", textContent: `${yard.no} ${yard.name}` });
  who.append(Object.assign(document.createElement("small"), { textContent: yard.class_label }));
  button.append(number, who);
  if (mark) {
    const kind = { queued: "phone", again: "look", third: "look", not_met: "look", refused: "refused" }[mark];
    const total = mark === "done" ? ` ${(yard.again_tenths ?? yard.mine_tenths) / 10}` : "";
    const text = words[mark === "refused" ? "refused_mark" : mark] + total;
    button.append(Object.assign(document.createElement("span"), { className: `walk-mark${kind ? ` walk-mark_${kind}` : ""}`, textContent: text }));
  }
  button.addEventListener("click", () => enter(yard));
  line.append(button);
  return line;
}

async function enter(yard) {
  const id = `${taken.user}:${yard.id}`; // of each rater his own: nobody sees what the other has begun
  draft = (await store.draft(id)) ?? {
    id, key: newKey(), yard: yard.id, no: yard.no, name: yard.name, rater: taken.user, consent: "", consented_at: null, marks: {}, vetoes: [], photos: [],
  };
  tell("");
  at("list").hidden = true;
  at("troubles").hidden = true;
  at("yard").hidden = false;
  at("who").textContent = `${yard.position}. ${yard.no} ${yard.name}`;
  at("what").textContent = [yard.group, yard.class_label].filter(Boolean).join(" · ");
  document.querySelector("[data-consent=lane]").hidden = yard.yard_class !== "empty";
  showYard();
  window.scrollTo(0, 0);
}

function showYard() {
  const asks = !draft.consent;
  at("consent").hidden = !asks;
  at("scoring").hidden = at("dock").hidden = asks;
  if (asks) return;
  const card = (item) => itemCard(at("item"), item, draft, changed);
  at("items").replaceChildren(...linesOf(round.sheet, draft.consent).map(card));
  at("extra").replaceChildren(...round.sheet.items.filter((item) => item.part !== "item").map(card));
  at("more").open = draft.vetoes.length > 0;
  showShots();
  showTotal();
}

function showTotal() {
  const total = totalOf(round.sheet, draft);
  at("total").textContent = total;
  at("grade").textContent = gradeOf(round.sheet, total, words.below);
}

function showShots() {
  for (const image of at("shots").querySelectorAll("img")) URL.revokeObjectURL(image.src);
  at("photo-count").textContent = draft.photos.length || "";
  at("shots").replaceChildren(
    ...draft.photos.map((photo) => {
      const away = Object.assign(document.createElement("button"), { type: "button", title: "×" });
      away.append(Object.assign(new Image(), { src: URL.createObjectURL(photo.blob), alt: "" }));
      away.addEventListener("click", () => {
        draft.photos = draft.photos.filter((each) => each !== photo);
        showShots();
        changed();
      });
      return away;
    }),
  );
}

function changed() {
  showTotal();
  store.keepDraft(draft).catch(() => tell(words.store_failed));
}

async function save(outcome) {
  if (busy) return;
  const record = { ...draft, outcome, scored_at: now() };
  if (outcome === "scored" && !draft.photos.length) {
    tell(words.photo_needed);
    at("alert").scrollIntoView({ block: "center" });
    at("photo").focus();
    return;
  }
  if (outcome !== "scored") Object.assign(record, { consent: "", consented_at: null, marks: {}, vetoes: [], photos: [] });
  busy = true;
  try {
    await store.enqueue(record);
  } catch {
    tell(words.store_failed);
    return;
  } finally {
    busy = false;
  }
  await refresh();
  tell(say(words, "saved", { no: record.no }));
  window.scrollTo(0, 0);
  home();
}

async function addPhotos(files) {
  for (const file of files) {
    const small = await shrink(file, MOST_BYTES).catch(() => null);
    if (!small) {
      tell(words.photo_failed);
      continue;
    }
    draft.photos.push({ key: newKey(), blob: new Blob([await small.arrayBuffer()], { type: small.type }) });
  }
  at("photo").value = "";
  showShots();
  changed();
}

async function refresh() {
  queue = await store.queue();
  if (!draft || at("yard").hidden || !(await store.draft(draft.id))) showList();
  if (at("yard").hidden) showTroubles();
  showNet();
}

// Takes the rounds along again; what cannot be reached stays as it was taken.
async function take() {
  try {
    const answer = await fetch(main.dataset.rounds, { credentials: "same-origin", headers: { Accept: "application/json" } });
    if (answer.status === 401) state = "login";
    else if (answer.ok) {
      taken = await answer.json();
      await store.set("taken", taken);
      round = taken.rounds.find((each) => each.id === round?.id) ?? taken.rounds[0] ?? null;
      state = "online";
    } else if (answer.status < 500) {
      const said = await answer.json().catch(() => null);
      state = "online";
      return said?.message ?? "";
    } else state = "offline";
  } catch {
    state = "offline";
  }
  return "";
}

// One at a time in this tab; two tabs may send the same, and the server counts it once.
let sending = null;
function home() {
  sending ??= bring().finally(() => (sending = null));
  return sending;
}

async function bring() {
  const refusal = await take();
  let result = null;
  if (state === "online" && queue.some((record) => !record.refusal && record.rater === taken.user)) {
    result = await bringHome(store, {
      address: main.dataset.sync, rounds: main.dataset.rounds, user: taken.user,
      onPart: ({ settled, sent, of }) => {
        progress = { done: sent, n: of };
        for (const { record, refusal: no, total_tenths } of settled) if (!no) note(record, total_tenths);
        showNet();
      },
    });
    progress = null;
    state = result.state === "done" || result.state === "trouble" ? "online" : result.state;
    if (result.state === "done") await take();
    else await store.set("taken", taken);
  }
  queue = await store.queue();
  if (at("yard").hidden) {
    showList();
    showTroubles();
  }
  showNet();
  if (refusal || result?.message) tell(refusal || result.message);
}

// What the server keeps now, until the rounds are taken along again.
function note(record, total) {
  for (const each of taken.rounds) {
    const yard = each.yards.find((one) => one.id === record.yard);
    if (!yard) continue;
    if (total == null) yard.not_met = true;
    else if (yard.state === "rectifying") yard.again_tenths = total;
    else yard.mine_tenths = total;
  }
}

async function begin() {
  try {
    store = await open();
    taken = (await store.get("taken")) ?? taken;
  } catch {
    at("net").textContent = words.store_failed;
    return;
  }
  round = taken.rounds[0] ?? null;
  for (const button of document.querySelectorAll("[data-consent]")) {
    button.addEventListener("click", () => {
      Object.assign(draft, { consent: button.dataset.consent, consented_at: now(), marks: cleanMarks(round.sheet, button.dataset.consent) });
      showYard();
      changed();
      window.scrollTo(0, 0);
    });
  }
  for (const button of document.querySelectorAll("[data-outcome]")) button.addEventListener("click", () => save(button.dataset.outcome));
  at("save").addEventListener("click", () => save("scored"));
  at("back").addEventListener("click", () => (showList(), refresh()));
  at("photo").addEventListener("change", (event) => addPhotos([...event.target.files]));
  at("send").addEventListener("click", home);
  window.addEventListener("online", home);
  window.addEventListener("offline", () => ((state = "offline"), showNet()));
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && home());
  setInterval(() => queue.some((record) => !record.refusal) && home(), EVERY_MS);
  await refresh();
  await home();
  document.documentElement.dataset.ready = "1";
}

if ("serviceWorker" in navigator) {
  navigator.serviceWorker.register(main.dataset.worker, { scope: main.dataset.scope }).catch(() => {
    // Without one (plain http, an old browser) the page works as long as the tab stays open; the records are kept all the same.
  });
}
begin();

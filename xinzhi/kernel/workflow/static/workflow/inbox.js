// The inbox by keyboard: J next, K previous, A approve, R return, X mark. The case opens beside the list where there
// is room; on a phone the link simply leads to it.

const inbox = document.querySelector("[data-inbox]");
const beside = document.querySelector("[data-beside]");
const items = [...document.querySelectorAll("[data-item]")];
let current = -1;
let asked = 0;

const hasRoom = () => window.matchMedia("(min-width: 1000px)").matches;
const isTyping = (target) => target.closest("input:not([type=checkbox]), select, textarea, [contenteditable]") !== null;

async function open(index) {
  if (index < 0 || index >= items.length) return;
  items[current]?.removeAttribute("aria-current");
  current = index;
  const item = items[current];
  item.setAttribute("aria-current", "true");
  item.scrollIntoView({ block: "nearest" });
  const link = item.querySelector("[data-open]");
  if (!hasRoom()) {
    link.focus();
    return;
  }
  const turn = ++asked;
  beside.setAttribute("aria-busy", "true");
  try {
    if (window.htmx) {
      await window.htmx.ajax("GET", link.href, { target: beside, swap: "innerHTML" });
    } else {
      const answer = await fetch(link.href, { headers: { "HX-Request": "true" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const text = await answer.text();
      if (turn === asked) beside.innerHTML = text;
    }
  } catch {
    if (turn === asked) window.location.assign(link.href);
    return;
  } finally {
    if (turn === asked) beside.removeAttribute("aria-busy");
  }
}

function press(kind) {
  const form = beside.querySelector(`form[data-kind="${kind}"]`);
  if (!form) return;
  const folded = form.closest("details");
  if (folded) folded.open = true;
  const empty = form.querySelector("select:invalid, textarea:invalid");
  if (empty) {
    empty.focus();
    form.reportValidity();
  } else {
    form.requestSubmit();
  }
}

function count() {
  const marked = document.querySelectorAll('[data-item] input[name="case"]:checked').length;
  const place = document.querySelector("[data-count]");
  if (place) place.textContent = marked ? String(marked) : "";
}

const keys = {
  j: () => open(Math.min(current + 1, items.length - 1)),
  k: () => open(Math.max(current - 1, 0)),
  a: () => press("approve"),
  r: () => press("return"),
  x: () => {
    const box = items[current]?.querySelector('input[name="case"]');
    if (box) {
      box.checked = !box.checked;
      count();
    }
  },
};

if (inbox) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isTyping(event.target)) return;
    const act = keys[event.key.toLowerCase()];
    if (act) {
      event.preventDefault();
      act();
    }
  });
  items.forEach((item, index) => {
    item.querySelector("[data-open]").addEventListener("click", (event) => {
      if (!hasRoom() || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
      event.preventDefault();
      open(index);
    });
  });
  document.querySelector("[data-mark-all]")?.addEventListener("change", (event) => {
    for (const box of document.querySelectorAll('[data-item] input[name="case"]')) box.checked = event.target.checked;
    count();
  });
  inbox.addEventListener("change", count);
  if (hasRoom()) open(0);
}

// What is seen of a courtyard: its lines with their buttons, its total. Pure: it is told what to show and tells what was tapped.
const SEEN_WITH = { lane: ["lane"], yard: ["lane", "yard"], rooms: ["lane", "yard", "rooms"] };

export function linesOf(sheet, consent) {
  return sheet.items.filter((item) => item.part === "item" && SEEN_WITH[consent]?.includes(item.where));
}

export function cleanMarks(sheet, consent) {
  return Object.fromEntries(linesOf(sheet, consent).map((item) => [item.code, item.most]));
}

// The same sum as the server's: what was not looked at loses nothing.
export function totalOf(sheet, draft) {
  const lost = linesOf(sheet, draft.consent).reduce((sum, item) => sum + item.most - draft.marks[item.code], 0);
  const bonus = sheet.items.filter((item) => item.part === "bonus").reduce((sum, item) => sum + (draft.marks[item.code] ?? 0), 0);
  return sheet.most - lost + bonus;
}

export function gradeOf(sheet, total, below) {
  return sheet.grades.find(([, least]) => total >= least)?.[2] ?? below;
}

function button(text, label, tapped) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  made.setAttribute("aria-label", `${label} ${text}`);
  made.addEventListener("click", tapped);
  return made;
}

export function itemCard(template, item, draft, changed) {
  const card = template.content.firstElementChild.cloneNode(true);
  const [title, hint] = [card.querySelector("h2"), card.querySelector(".cell-sub")];
  title.textContent = item.title;
  hint.textContent = item.hint;
  card.dataset.code = item.code;
  const points = card.querySelector(".walk-item__points strong");
  const most = card.querySelector(".walk-item__points span");
  const buttons = card.querySelector(".walk-item__buttons");
  const isVeto = item.part === "veto";
  const set = (value) => {
    if (isVeto) draft.vetoes = value ? [...new Set([...draft.vetoes, item.code])] : draft.vetoes.filter((code) => code !== item.code);
    else if (item.part === "bonus" && !value) delete draft.marks[item.code];
    else draft.marks[item.code] = value;
    show();
    changed();
  };
  const shows = [];
  if (isVeto) {
    const yes = button("✕", item.title, () => set(!draft.vetoes.includes(item.code)));
    yes.className = "walk-veto";
    buttons.append(yes);
    shows.push(() => yes.setAttribute("aria-pressed", draft.vetoes.includes(item.code)));
  } else if (item.how === "steps") {
    for (const step of item.possible) {
      const choice = button(String(step), item.title, () => set(step));
      buttons.append(choice);
      shows.push(() => choice.setAttribute("aria-pressed", (draft.marks[item.code] ?? 0) === step));
    }
  } else {
    const lose = button(`−${item.each}`, item.title, () => set(Math.max(0, draft.marks[item.code] - item.each)));
    lose.className = "walk-lose";
    // From 0 upwards the steps of the sheet are walked back, also where the last one was smaller.
    const back = button("↶", item.title, () => set(Math.min(...item.possible.filter((p) => p > draft.marks[item.code]))));
    buttons.append(lose, back);
    shows.push(() => {
      lose.disabled = draft.marks[item.code] === 0;
      back.disabled = draft.marks[item.code] === item.most;
    });
  }
  function show() {
    const have = draft.marks[item.code] ?? 0;
    points.textContent = isVeto ? "" : have;
    most.textContent = isVeto ? "" : item.part === "bonus" ? "" : ` / ${item.most}`;
    card.classList.toggle("walk-item_lost", item.part === "item" && have < item.most);
    for (const each of shows) each();
  }
  show();
  return card;
}

export function say(words, name, values = {}) {
  return Object.entries(values).reduce((text, [key, value]) => text.replace(`{${key}}`, value), words[name]);
}

// Keeps what is typed in forms with data-draft="name" on this device until it has been sent, so that an expired login or a
// lost signal loses nothing. Never passwords, codes, files or hidden keys.
const PREFIX = "xinzhi-draft:";
const KEPT_MS = 3 * 24 * 3600 * 1000;

function worthKeeping(field) {
  return field.name && !["password", "file", "hidden", "submit", "button"].includes(field.type) && field.autocomplete !== "one-time-code";
}

function read(key) {
  try {
    const kept = JSON.parse(localStorage.getItem(key));
    return kept && Date.now() - kept.at < KEPT_MS ? kept.values : null;
  } catch {
    return null;
  }
}

function write(form, key) {
  const values = {};
  for (const field of form.elements) {
    if (!worthKeeping(field)) continue;
    if (field.type === "radio" || field.type === "checkbox") {
      if (field.checked) (values[field.name] ??= []).push(field.value);
    } else {
      (values[field.name] ??= []).push(field.value);
    }
  }
  try {
    localStorage.setItem(key, JSON.stringify({ at: Date.now(), values }));
  } catch {
    // A full store keeps no draft; the form still works.
  }
}

function restore(form, values) {
  const seen = {};
  for (const field of form.elements) {
    if (!worthKeeping(field) || !(field.name in values)) continue;
    if (field.type === "radio" || field.type === "checkbox") {
      field.checked = values[field.name].includes(field.value);
    } else {
      const nth = (seen[field.name] = (seen[field.name] ?? -1) + 1);
      if (values[field.name][nth] !== undefined) field.value = values[field.name][nth];
    }
  }
}

export function keepDrafts(root) {
  if (root.querySelector("[data-draft-clear]")) {
    for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX + "sent:")) localStorage.removeItem(key.replace("sent:", "")), localStorage.removeItem(key);
  }
  for (const form of root.querySelectorAll("form[data-draft]")) {
    const key = PREFIX + form.dataset.draft;
    const hasError = form.querySelector(".field-error") || document.querySelector(".form-error");
    if (document.querySelector(".toast_success")) localStorage.removeItem(key);
    const values = hasError ? null : read(key);
    if (values) {
      restore(form, values);
      form.dispatchEvent(new Event("change", { bubbles: true }));
    }
    form.addEventListener("input", () => write(form, key));
    form.addEventListener("change", () => write(form, key));
    form.addEventListener("submit", () => {
      write(form, key);
      localStorage.setItem(PREFIX + "sent:" + form.dataset.draft, "1");
    });
  }
}

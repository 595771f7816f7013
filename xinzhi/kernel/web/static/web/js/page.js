// What every page does when it can: keep drafts, send once, shrink photos, read aloud, show fields when needed. Without it everything still works.
import { keepDrafts } from "./draft.js";
import { sendOnce } from "./once.js";
import { shrinkPhotos } from "./photo.js";
import { reachScrolling } from "./scroll.js";
import { readAloud } from "./speak.js";
import { recordVoice } from "./voice.js";
import { showWhenNeeded } from "./when.js";

keepDrafts(document);
sendOnce(document);
shrinkPhotos(document);
recordVoice(document);
readAloud(document);
showWhenNeeded(document);
reachScrolling(document);

for (const select of document.querySelectorAll("[data-submit-on-change]")) {
  select.addEventListener("change", () => select.form.requestSubmit());
}
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
for (const button of document.querySelectorAll("[data-back]")) {
  button.hidden = history.length < 2;
  button.addEventListener("click", () => history.back());
}
const fold = document.querySelector(".side__fold");
if (fold && window.matchMedia("(max-width: 820px)").matches) fold.open = false;

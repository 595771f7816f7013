// A field that only some choices need shows with them: data-when names the select, data-when-kind the kind of the choice.
// Without this module all fields show, and the server says which one it needs.
export function showWhenNeeded(root) {
  for (const field of root.querySelectorAll("[data-when]")) {
    const select = document.getElementById(field.dataset.when);
    const suggestions = field.querySelector("datalist");
    const look = () => {
      const chosen = select.selectedOptions[0];
      field.hidden = chosen?.dataset.kind !== field.dataset.whenKind;
      const choices = chosen?.dataset.choices?.split("|") ?? [];
      suggestions?.replaceChildren(...choices.map((choice) => new Option(choice, choice)));
    };
    select.addEventListener("change", look);
    look();
  }
}

// Reads a part of the page aloud where the phone has a voice.
export function readAloud(root) {
  if (!("speechSynthesis" in window)) return;
  for (const button of root.querySelectorAll("[data-speak]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      window.speechSynthesis.cancel();
      const words = new SpeechSynthesisUtterance(document.querySelector(button.dataset.speak)?.innerText ?? "");
      words.lang = document.documentElement.lang.startsWith("zh") ? "zh-CN" : "en";
      words.rate = 0.9;
      window.speechSynthesis.speak(words);
    });
  }
}

// A voice note recorded on the spot where the browser can; everywhere else the file field stays.
export function recordVoice(root) {
  for (const place of root.querySelectorAll("[data-voice]")) {
    const input = place.querySelector("input[type=file]");
    const preview = place.querySelector("[data-voice-preview]");
    input.addEventListener("change", () => {
      preview.hidden = input.files.length === 0;
      if (input.files.length) preview.src = URL.createObjectURL(input.files[0]);
    });
    if (window.MediaRecorder && navigator.mediaDevices?.getUserMedia) offerRecording(place, input);
  }
}

function offerRecording(place, input) {
  const button = place.querySelector("[data-voice-record]");
  const show = (live) => {
    button.setAttribute("aria-pressed", String(live));
    button.querySelector("[data-voice-idle]").hidden = live;
    button.querySelector("[data-voice-live]").hidden = !live;
  };
  button.hidden = false;
  input.closest("label").hidden = true;
  let recorder = null;
  button.addEventListener("click", async () => {
    if (recorder) {
      recorder.stop();
      return;
    }
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      const parts = [];
      recorder = new MediaRecorder(stream);
      recorder.addEventListener("dataavailable", (event) => parts.push(event.data));
      recorder.addEventListener("stop", () => {
        const transfer = new DataTransfer();
        const kind = recorder.mimeType.includes("mp4") ? "m4a" : recorder.mimeType.includes("ogg") ? "ogg" : "webm";
        transfer.items.add(new File(parts, `voice.${kind}`, { type: recorder.mimeType }));
        input.files = transfer.files;
        input.dispatchEvent(new Event("change", { bubbles: true }));
        for (const track of stream.getTracks()) track.stop();
        recorder = null;
        show(false);
      });
      recorder.start();
      show(true);
    } catch {
      // No microphone, or not allowed: a file can still be chosen.
      button.hidden = true;
      input.closest("label").hidden = false;
    }
  });
}

// A voice note recorded on the spot, where the browser can; the file field beside it stays for all others.
export function recordVoice(root) {
  if (!window.MediaRecorder || !navigator.mediaDevices?.getUserMedia) return;
  for (const place of root.querySelectorAll("[data-voice-record]")) {
    const input = place.closest("form")?.querySelector(`input[type=file][name="${place.dataset.voiceRecord}"]`);
    if (!input) continue;
    place.hidden = false;
    let recorder = null;
    place.addEventListener("click", async () => {
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
          transfer.items.add(new File(parts, "voice.webm", { type: recorder.mimeType }));
          input.files = transfer.files;
          for (const track of stream.getTracks()) track.stop();
          place.setAttribute("aria-pressed", "false");
          recorder = null;
        });
        recorder.start();
        place.setAttribute("aria-pressed", "true");
      } catch {
        place.hidden = true;
      }
    });
  }
}

// Photos are made small on the phone before they are sent (long side 1280, about 200 kB): valleys have little signal.
const LONG_SIDE = 1280;

async function shrink(file) {
  if (!file.type.startsWith("image/") || file.size < 220_000) return file;
  try {
    const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONG_SIDE / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(bitmap.width * scale);
    canvas.height = Math.round(bitmap.height * scale);
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    for (const quality of [0.82, 0.7, 0.55]) {
      const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", quality));
      if (blob && (blob.size < 220_000 || quality === 0.55)) return new File([blob], "photo.jpg", { type: "image/jpeg" });
    }
  } catch {
    // What the phone cannot draw (HEIC on some) is sent as it is; the server reads it.
  }
  return file;
}

export function shrinkPhotos(root) {
  for (const input of root.querySelectorAll("input[data-photo]")) {
    const previews = input.form?.querySelector("[data-photo-previews]");
    input.addEventListener("change", async () => {
      const small = await Promise.all([...input.files].map(shrink));
      const transfer = new DataTransfer();
      for (const file of small) transfer.items.add(file);
      input.files = transfer.files;
      if (!previews) return;
      previews.replaceChildren(
        ...small.map((file) => {
          const image = new Image();
          image.className = "thumb";
          image.alt = file.name;
          image.src = URL.createObjectURL(file);
          return image;
        }),
      );
    });
  }
}

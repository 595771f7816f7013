// Photos are made small on the phone before they are sent (long side 1280, about 200 kB): valleys have little signal.
const LONG_SIDE = 1280;

const EXIF = [0x45, 0x78, 0x69, 0x66, 0, 0];
const ORIENTATION = 0x0112;

// The camera's own note (day, place) as a JPEG segment, or null. Who verifies is told when a photo is of another day.
async function exifOf(file) {
  const bytes = new Uint8Array(await file.slice(0, 262_144).arrayBuffer());
  const view = new DataView(bytes.buffer);
  if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) return null;
  for (let at = 2; at + 4 <= view.byteLength && view.getUint8(at) === 0xff; ) {
    const marker = view.getUint8(at + 1);
    const length = view.getUint16(at + 2);
    if (marker === 0xda || length < 2) return null;
    if (marker === 0xe1 && EXIF.every((byte, n) => bytes[at + 4 + n] === byte)) {
      const segment = bytes.slice(at, at + 2 + length);
      return segment.length === 2 + length ? upright(segment) : null;
    }
    at += 2 + length;
  }
  return null;
}

// The canvas has turned the picture already: the note must not turn it once more.
function upright(segment) {
  const view = new DataView(segment.buffer);
  const little = view.getUint16(10) === 0x4949;
  try {
    const first = 10 + view.getUint32(14, little);
    for (let n = 0; n < view.getUint16(first, little); n++) {
      const entry = first + 2 + 12 * n;
      if (view.getUint16(entry, little) === ORIENTATION) view.setUint16(entry + 8, 1, little);
    }
    return segment;
  } catch {
    return null; // a broken note is left out
  }
}

async function withExif(blob, original) {
  const note = await exifOf(original).catch(() => null);
  if (!note) return blob;
  return new Blob([blob.slice(0, 2), note, blob.slice(2)], { type: "image/jpeg" });
}

// At most `most` bytes where the phone can draw it: first plainer, then smaller.
export async function shrink(file, most = 220_000) {
  if (!file.type.startsWith("image/") || file.size < most) return file;
  try {
    const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
    for (const side of [LONG_SIDE, 960, 640]) {
      const scale = Math.min(1, side / Math.max(bitmap.width, bitmap.height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(bitmap.width * scale);
      canvas.height = Math.round(bitmap.height * scale);
      canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
      for (const quality of [0.82, 0.7, 0.55, 0.4]) {
        const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", quality));
        if (!blob || blob.size >= most) continue;
        const noted = await withExif(blob, file); // the camera's note may hold a picture of its own
        return new File([noted.size < most ? noted : blob], "photo.jpg", { type: "image/jpeg" });
      }
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
      const small = await Promise.all([...input.files].map((file) => shrink(file)));
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

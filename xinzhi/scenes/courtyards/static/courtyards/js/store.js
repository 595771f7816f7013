// What lies on this phone: the rounds that were taken along, drafts of courtyards, and the queue of records. IndexedDB keeps it when the
// tab is killed. A record leaves the queue only when the server has said that it keeps it.
const NAME = "courtyards";

function asked(request) {
  return new Promise((done, failed) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
}

function committed(work) {
  return new Promise((done, failed) => {
    work.oncomplete = () => done();
    work.onerror = work.onabort = () => failed(work.error);
  });
}

export async function open() {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => {
    const db = request.result;
    db.createObjectStore("kept");
    db.createObjectStore("drafts", { keyPath: "id" });
    db.createObjectStore("queue", { keyPath: "seq", autoIncrement: true }).createIndex("key", "key", { unique: true });
  };
  const db = await asked(request);
  db.onversionchange = () => db.close();
  // Ask that the browser does not clear it when space is short; refused, it is kept as long as there is space.
  navigator.storage?.persist?.().catch(() => false);

  const reading = (name) => db.transaction(name).objectStore(name);
  const writing = (names) => db.transaction(names, "readwrite", { durability: "strict" });

  return {
    get: (key) => asked(reading("kept").get(key)),
    async set(key, value) {
      const work = writing(["kept"]);
      work.objectStore("kept").put(value, key);
      await committed(work);
    },
    draft: (id) => asked(reading("drafts").get(id)),
    async keepDraft(draft) {
      const work = writing(["drafts"]);
      work.objectStore("drafts").put(draft);
      await committed(work);
    },
    queue: () => asked(reading("queue").getAll()),
    // The draft becomes a record in one step: a tab killed in between leaves the one or the other, never both.
    async enqueue(record) {
      const work = writing(["drafts", "queue"]);
      work.objectStore("drafts").delete(record.id);
      work.objectStore("queue").add(record);
      await committed(work);
    },
    async settle(changes) {
      const work = writing(["queue"]);
      const queue = work.objectStore("queue");
      for (const { record, refusal } of changes) {
        if (refusal) queue.put({ ...record, refusal });
        else queue.delete(record.seq);
      }
      await committed(work);
    },
    async mend(record, draft) {
      const work = writing(["drafts", "queue"]);
      work.objectStore("queue").delete(record.seq);
      work.objectStore("drafts").put(draft);
      await committed(work);
    },
  };
}

// Browsers give randomUUID only to secure pages; a key is needed on every page.
export function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

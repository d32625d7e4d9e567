"use strict";
// Runs the program on a thread of its own: what is read from a file is what the command reads, and each answer is the command's.

const EXAMPLES = "/examples/";  // as files.json places them
const MOST_BYTES = 2 ** 29;
const TOO_LARGE = "this page reads files of at most 512 MB: the command reads larger ones";

let program = null;
let bundled = null;  // path -> bytes

async function fetchBytes(address, tell) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  const pieces = [];
  let n = 0;
  for (const reader = answer.body.getReader();;) {
    const {done, value} = await reader.read();
    if (done) break;
    pieces.push(value);
    tell(n += value.length);
  }
  return new Uint8Array(await new Blob(pieces).arrayBuffer());
}

async function load(base) {
  const list = JSON.parse(new TextDecoder().decode(await fetchBytes(new URL("files.json", base), () => {})));
  const all = list.reduce((sum, file) => sum + file.bytes, 0), done = {};
  const tell = (address) => (n) => {
    done[address] = n;
    postMessage({kind: "loading", share: Object.values(done).reduce((a, b) => a + b, 0) / all});
  };
  const loaded = await Promise.all(list.map(async (file) => ({...file, content: await fetchBytes(new URL(file.address, base), tell(file.address))})));
  bundled = loaded.filter((file) => file.path);
  program = await WebAssembly.compile(loaded.find((file) => !file.path).content);
}

// The bytes of a file as the program is to see them: without gzip, which the page takes away.
async function unpacked(bytes) {
  if (bytes.length > MOST_BYTES) throw new Error(TOO_LARGE);
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const pieces = [];
  let n = 0;
  for (const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip")).getReader();;) {
    const {done, value} = await reader.read();
    if (done) break;
    pieces.push(value);
    if ((n += value.length) > MOST_BYTES) throw new Error(TOO_LARGE);
  }
  return new Uint8Array(await new Blob(pieces).arrayBuffer());
}

function csvRows(text) {
  const rows = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^,\n]*))(,|\n|$)/g)) {
    rows.at(-1).push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === "\n") rows.push([]);
    else if (end === "") break;
  }
  const [names, ...lines] = rows.filter((row) => row.length > 1 || row[0] !== "");
  return lines.map((line) => Object.fromEntries(line.map((cell, i) => [names[i], cell])));
}

// A name that the command takes for a file's and for nothing else.
function safeName(name) {
  const plain = name.replaceAll(/[\/\\\0]/g, "_").replace(/\.gz$/i, "");
  return /^[-@.]|[*?[]/.test(plain) ? "file_" + plain.replaceAll(/[*?[\]]/g, "_") : plain;
}

// The band that has most observations, where the file has several and none was asked for.
function bandOf(report, options) {
  const bands = Object.entries(report.bands ?? {});
  if (bands.length < 2 || options.some((word) => /^--band(=|$)/.test(word))) return [];
  return ["--band", bands.reduce((best, band) => (band[1] > best[1] ? band : best))[0]];
}

class Session {
  constructor(id, name, bytes, options) {
    this.id = id;
    this.name = safeName(name);
    this.files = new MemoryFiles();
    for (const {path, content} of bundled) this.files.add(path, content);
    this.files.add("/" + this.name, bytes);
    this.options = options;
  }

  run(step, words) {
    const start = performance.now();
    const answer = runProgram(program, this.files, ["astrom3", ...words], {});
    return {...answer, step, milliseconds: performance.now() - start};
  }

  tell(answer, more = {}) {
    postMessage({kind: "step", id: this.id, step: answer.step, code: answer.code, errors: answer.errors,
                 milliseconds: answer.milliseconds, ...more});
  }

  all() {
    const inspected = this.run("inspect", ["inspect", "--json", ...this.options, this.name]);
    const report = inspected.out ? JSON.parse(inspected.out) : null;
    this.options = [...this.options, ...(report ? bandOf(report, this.options) : [])];
    this.tell(inspected, {report, options: this.options});
    if (!report || !report.columns) return;
    const classified = this.run("classify", ["classify", this.name, ...this.options, "-o", "-"]);
    const rows = csvRows(classified.out);
    this.tell(classified, {rows});
    if (!rows.length) return;
    const embedded = this.run("embed", ["embed", this.name, ...this.options, "-o", "-"]);
    this.files.add("/embedding.csv", new TextEncoder().encode(embedded.out));
    this.tell(embedded, {csv: embedded.out});
    if (rows.some((row) => row.status === "ok")) {
      const found = this.run("search", ["search", EXAMPLES + "embeddings.csv", "--query", "/embedding.csv", "--labels",
                                        EXAMPLES + "classes.csv", "-k", "5"]);
      this.tell(found, {rows: csvRows(found.out)});
    }
    this.plot(rows[0].object_id, rows.length > 1);
  }

  plot(object, names_it) {
    const which = names_it ? ["--object", object] : [];
    const drawn = this.run("periodogram", ["periodogram", this.name, ...this.options, ...which, "--json", "--svg", "/plot.svg"]);
    const svg = this.files.bytesOf("/plot.svg");
    this.tell(drawn, {object, svg: svg ? new TextDecoder().decode(svg) : null, period: drawn.out ? JSON.parse(drawn.out) : null});
    this.files.nodes.delete("/plot.svg");
  }
}

const sessions = new Map();

async function answer({kind, id, name, bytes, options, object, base}) {
  if (kind === "load") {
    await load(base);
    postMessage({kind: "ready"});
  } else if (kind === "file") {
    const session = new Session(id, name, await unpacked(bytes), options);
    sessions.set(id, session);
    session.all();
    postMessage({kind: "done", id});
  } else {
    sessions.get(id).plot(object, true);
    postMessage({kind: "done", id});
  }
}

let before = Promise.resolve();
onmessage = ({data}) => {
  before = before.then(() => answer(data)).catch((error) => postMessage({kind: "failed", id: data.id, message: String(error.message ?? error)}));
};

"use strict";
// What a program for WebAssembly asks of its system (WASI, preview 1), with files in memory: nothing of this machine is seen, and
// nothing is written to it. Numbers of errors, of types of files and the places of members are those of WASI's documentation.

const ERRNO = {ok: 0, badf: 8, exist: 20, inval: 28, isdir: 31, noent: 44, nosys: 52, notdir: 54, spipe: 70};
const FILE_TYPE = {unknown: 0, folder: 3, file: 4};
const OPEN = {create: 1, folder: 2, exclusive: 4, truncate: 8};
const ALL_RIGHTS = 0x1fffffffn;
const ROOT_DESCRIPTOR = 3;

class Ended {
  constructor(code) {
    this.code = code;
  }
}

// Files and folders by their paths: "/" or "/a/b".
class MemoryFiles {
  constructor() {
    this.nodes = new Map();
    this.count = 0;
    this.addFolder("/");
  }

  static clean(path) {
    const parts = [];
    for (const part of path.split("/")) {
      if (part === "..") parts.pop();
      else if (part !== "" && part !== ".") parts.push(part);
    }
    return "/" + parts.join("/");
  }

  static parent(path) {
    return path.slice(0, Math.max(1, path.lastIndexOf("/")));
  }

  node(path) {
    return this.nodes.get(path);
  }

  addFolder(path) {
    if (path !== "/" && !this.nodes.has(MemoryFiles.parent(path))) this.addFolder(MemoryFiles.parent(path));
    const made = {type: FILE_TYPE.folder, inode: ++this.count, bytes: new Uint8Array(), size: 0};
    this.nodes.set(path, made);
    return made;
  }

  add(path, bytes = new Uint8Array()) {
    if (!this.nodes.has(MemoryFiles.parent(path))) this.addFolder(MemoryFiles.parent(path));
    const made = {type: FILE_TYPE.file, inode: ++this.count, bytes, size: bytes.length};
    this.nodes.set(path, made);
    return made;
  }

  bytesOf(path) {
    const found = this.nodes.get(path);
    return found && found.bytes.subarray(0, found.size);
  }

  namesIn(folder) {
    const before = folder === "/" ? "/" : folder + "/";
    return [...this.nodes.keys()].filter((path) => path !== folder && path.startsWith(before) && !path.includes("/", before.length))
      .map((path) => path.slice(before.length));
  }
}

function resize(file, size) {
  if (size > file.bytes.length) {
    const larger = new Uint8Array(Math.max(size, 2 * file.bytes.length));
    larger.set(file.bytes.subarray(0, file.size));
    file.bytes = larger;
  }
  if (size < file.size) file.bytes.fill(0, size, file.size);
  file.size = size;
}

function writeAt(file, at, bytes) {
  if (at + bytes.length > file.size) resize(file, at + bytes.length);
  file.bytes.set(bytes, at);
}

// One run of a program: its arguments, its open files and what it printed.
class Run {
  constructor(files, words, environment = {}) {
    this.files = files;
    this.words = words;
    this.environment = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
    this.printed = ["", ""];
    this.decoders = [new TextDecoder(), new TextDecoder()];
    const root = {path: "/", node: files.node("/"), at: 0};
    this.open = new Map([[0, {stream: 0}], [1, {stream: 1}], [2, {stream: 2}], [ROOT_DESCRIPTOR, root]]);
    this.memory = null;
  }

  get view() {
    return new DataView(this.memory.buffer);
  }

  bytes(at, n) {
    return new Uint8Array(this.memory.buffer, at, n);
  }

  path(descriptor, at, n) {
    const folder = this.open.get(descriptor);
    return MemoryFiles.clean(`${folder.path}/${new TextDecoder().decode(this.bytes(at, n).slice())}`);
  }

  newDescriptor(opened) {
    let descriptor = ROOT_DESCRIPTOR + 1;
    while (this.open.has(descriptor)) ++descriptor;
    this.open.set(descriptor, opened);
    return descriptor;
  }

  // Calls work(bytes) for each piece of a list of pieces of memory until it is short.
  pieces(list, n, work) {
    let done = 0;
    for (let i = 0; i < n; ++i) {
      const at = this.view.getUint32(list + 8 * i, true), size = this.view.getUint32(list + 8 * i + 4, true);
      const part = work(this.bytes(at, size), done);
      done += part;
      if (part < size) break;
    }
    return done;
  }

  texts(list, pointers, place) {
    const encoder = new TextEncoder();
    for (const [i, text] of list.entries()) {
      const bytes = encoder.encode(text + "\0");
      this.view.setUint32(pointers + 4 * i, place, true);
      this.bytes(place, bytes.length).set(bytes);
      place += bytes.length;
    }
    return ERRNO.ok;
  }

  textSizes(list, count, size) {
    this.view.setUint32(count, list.length, true);
    this.view.setUint32(size, list.reduce((sum, text) => sum + new TextEncoder().encode(text).length + 1, 0), true);
    return ERRNO.ok;
  }

  status(node, out) {
    this.bytes(out, 64).fill(0);
    this.view.setBigUint64(out + 8, BigInt(node.inode), true);
    this.view.setUint8(out + 16, node.type);
    this.view.setBigUint64(out + 24, 1n, true);
    this.view.setBigUint64(out + 32, BigInt(node.size), true);
    return ERRNO.ok;
  }

  read(descriptor, list, n, out, at = null) {
    const opened = this.open.get(descriptor);
    if (!opened) return ERRNO.badf;
    if (opened.node && opened.node.type === FILE_TYPE.folder) return ERRNO.isdir;
    const start = at ?? opened.at;
    const done = opened.node ? this.pieces(list, n, (piece, so_far) => {
      const from = Math.min(start + so_far, opened.node.size), part = Math.min(piece.length, opened.node.size - from);
      piece.set(opened.node.bytes.subarray(from, from + part));
      return part;
    }) : 0;
    if (at === null && opened.node) opened.at += done;
    this.view.setUint32(out, done, true);
    return ERRNO.ok;
  }

  write(descriptor, list, n, out, at = null) {
    const opened = this.open.get(descriptor);
    if (!opened || opened.stream === 0) return ERRNO.badf;
    const start = at ?? (opened.appends ? opened.node.size : opened.at);
    const done = this.pieces(list, n, (piece, so_far) => {
      if (opened.node) writeAt(opened.node, start + so_far, piece);
      else this.printed[opened.stream - 1] += this.decoders[opened.stream - 1].decode(piece.slice(), {stream: true});
      return piece.length;
    });
    if (at === null && opened.node) opened.at = start + done;
    this.view.setUint32(out, done, true);
    return ERRNO.ok;
  }

  openPath(path, how, flags, out) {
    let node = this.files.node(path);
    if (node && how & OPEN.create && how & OPEN.exclusive) return ERRNO.exist;
    if (!node && !(how & OPEN.create)) return ERRNO.noent;
    if (!node && this.files.node(MemoryFiles.parent(path))?.type !== FILE_TYPE.folder) return ERRNO.noent;
    node ??= this.files.add(path);
    if (how & OPEN.folder && node.type !== FILE_TYPE.folder) return ERRNO.notdir;
    if (how & OPEN.truncate && node.type === FILE_TYPE.file) resize(node, 0);
    this.view.setUint32(out, this.newDescriptor({path, node, at: 0, appends: (flags & 1) !== 0}), true);
    return ERRNO.ok;
  }

  list(opened, place, room, cookie, out) {
    const names = this.files.namesIn(opened.path).map((name) => new TextEncoder().encode(name));
    let done = 0;
    for (let i = Number(cookie); i < names.length && done < room; ++i) {
      const entry = new Uint8Array(24 + names[i].length), view = new DataView(entry.buffer);
      view.setBigUint64(0, BigInt(i + 1), true);
      view.setUint32(16, names[i].length, true);
      const path = MemoryFiles.clean(`${opened.path}/${new TextDecoder().decode(names[i])}`);
      view.setUint8(20, this.files.node(path).type);
      entry.set(names[i], 24);
      const part = entry.subarray(0, Math.min(entry.length, room - done));
      this.bytes(place + done, part.length).set(part);
      done += part.length;
    }
    this.view.setUint32(out, done, true);
    return ERRNO.ok;
  }

  // Everything is ready at once.
  poll(subscriptions, events, n, out) {
    for (let i = 0; i < n; ++i) {
      const from = subscriptions + 48 * i, event = events + 32 * i;
      this.bytes(event, 32).fill(0);
      this.view.setBigUint64(event, this.view.getBigUint64(from, true), true);
      this.view.setUint8(event + 10, this.view.getUint8(from + 8));
      this.view.setBigUint64(event + 16, 65536n, true);
    }
    this.view.setUint32(out, n, true);
    return ERRNO.ok;
  }

  seek(descriptor, offset, whence, out) {
    const opened = this.open.get(descriptor);
    if (!opened?.node) return opened ? ERRNO.spipe : ERRNO.badf;
    const at = [0, opened.at, opened.node.size][whence] + Number(offset);
    if (!(at >= 0)) return ERRNO.inval;
    opened.at = at;
    this.view.setBigUint64(out, BigInt(at), true);
    return ERRNO.ok;
  }

  rename(from, to) {
    const node = this.files.node(from);
    if (!node) return ERRNO.noent;
    if (node.type === FILE_TYPE.folder) return ERRNO.nosys;
    this.files.nodes.delete(from);
    this.files.nodes.set(to, node);
    return ERRNO.ok;
  }

  descriptorStatus(descriptor, out) {
    const opened = this.open.get(descriptor);
    if (!opened) return ERRNO.badf;
    this.bytes(out, 24).fill(0);
    this.view.setUint8(out, opened.node ? opened.node.type : FILE_TYPE.unknown);
    for (const at of [8, 16]) this.view.setBigUint64(out + at, ALL_RIGHTS, true);
    return ERRNO.ok;
  }

  withNode(node, work) {
    return node ? work(node) : ERRNO.noent;
  }

  // The functions of files, of those that the program imports; what is missing answers that the system does not have it.
  fileFunctions() {
    const node = (descriptor) => this.open.get(descriptor)?.node;
    return {
      fd_close: (descriptor) => (this.open.delete(descriptor) ? ERRNO.ok : ERRNO.badf),
      fd_fdstat_get: (descriptor, out) => this.descriptorStatus(descriptor, out),
      fd_fdstat_set_flags: () => ERRNO.ok,
      fd_filestat_get: (descriptor, out) =>
        this.open.has(descriptor) ? this.status(node(descriptor) ?? {inode: 0, type: FILE_TYPE.unknown, size: 0}, out) : ERRNO.badf,
      fd_filestat_set_size: (descriptor, size) => this.withNode(node(descriptor), (file) => (resize(file, Number(size)), ERRNO.ok)),
      fd_read: (descriptor, list, n, out) => this.read(descriptor, list, n, out),
      fd_pread: (descriptor, list, n, at, out) => this.read(descriptor, list, n, out, Number(at)),
      fd_write: (descriptor, list, n, out) => this.write(descriptor, list, n, out),
      fd_pwrite: (descriptor, list, n, at, out) => this.write(descriptor, list, n, out, Number(at)),
      fd_readdir: (descriptor, place, room, cookie, out) => this.list(this.open.get(descriptor), place, room, cookie, out),
      fd_seek: (descriptor, offset, whence, out) => this.seek(descriptor, offset, whence, out),
      fd_sync: () => ERRNO.ok,
      fd_datasync: () => ERRNO.ok,
      fd_prestat_get: (descriptor, out) => {
        if (descriptor !== ROOT_DESCRIPTOR) return ERRNO.badf;
        this.view.setBigUint64(out, 1n << 32n, true);  // a folder whose name has one byte
        return ERRNO.ok;
      },
      fd_prestat_dir_name: (descriptor, place) => (this.bytes(place, 1).fill(0x2f), ERRNO.ok),
      path_open: (folder, follow, at, n, how, rights, inherited, flags, out) => this.openPath(this.path(folder, at, n), how, flags, out),
      path_filestat_get: (folder, follow, at, n, out) =>
        this.withNode(this.files.node(this.path(folder, at, n)), (found) => this.status(found, out)),
      path_create_directory: (folder, at, n) => (this.files.addFolder(this.path(folder, at, n)), ERRNO.ok),
      path_readlink: (folder, at, n) => this.withNode(this.files.node(this.path(folder, at, n)), () => ERRNO.inval),
      path_rename: (folder, at, n, to, to_at, to_n) => this.rename(this.path(folder, at, n), this.path(to, to_at, to_n)),
      path_unlink_file: (folder, at, n) => (this.files.nodes.delete(this.path(folder, at, n)) ? ERRNO.ok : ERRNO.noent),
    };
  }

  functions() {
    return {
      ...this.fileFunctions(),
      args_get: (pointers, place) => this.texts(this.words, pointers, place),
      args_sizes_get: (count, size) => this.textSizes(this.words, count, size),
      environ_get: (pointers, place) => this.texts(this.environment, pointers, place),
      environ_sizes_get: (count, size) => this.textSizes(this.environment, count, size),
      clock_time_get: (clock, precision, out) => {
        const milliseconds = clock === 0 ? Date.now() : performance.now();
        this.view.setBigUint64(out, BigInt(Math.round(milliseconds * 1e6)), true);
        return ERRNO.ok;
      },
      poll_oneoff: (subscriptions, events, n, out) => this.poll(subscriptions, events, n, out),
      random_get: (at, n) => {
        for (let i = 0; i < n; i += 65536) crypto.getRandomValues(this.bytes(at + i, Math.min(65536, n - i)));
        return ERRNO.ok;
      },
      sched_yield: () => ERRNO.ok,
      proc_exit: (code) => {
        throw new Ended(code);
      },
    };
  }
}

// Runs a compiled program from its start to its end: {code, out, errors}. The files stay as it leaves them.
function runProgram(module, files, words, environment) {
  const run = new Run(files, words, environment);
  const imports = {...run.functions()};
  for (const {name} of WebAssembly.Module.imports(module)) imports[name] ??= () => ERRNO.nosys;
  const instance = new WebAssembly.Instance(module, {wasi_snapshot_preview1: imports});
  run.memory = instance.exports.memory;
  let code = 0;
  try {
    instance.exports._start();
  } catch (end) {
    if (!(end instanceof Ended)) throw end;
    code = end.code;
  }
  return {code, out: run.printed[0], errors: run.printed[1]};
}

if (typeof module !== "undefined") module.exports = {MemoryFiles, runProgram};

// SPDX-License-Identifier: MIT
// Runs a program for WebAssembly with Node: run_wasm.js PROGRAM [WORD...]; exit code 77 where `make wasm` has not built it.
"use strict";
const fs = require("fs");
const {MemoryFiles, runProgram} = require("../../apps/try_page/wasi.js");

const [program, ...words] = process.argv.slice(2);
if (!fs.existsSync(program)) {
  console.log(`skipped: there is no ${program}; \`make wasm\` builds it`);
  process.exit(77);
}
const {code, out, errors} = runProgram(new WebAssembly.Module(fs.readFileSync(program)), new MemoryFiles(), [program, ...words]);
process.stdout.write(out + errors);
process.exitCode = code;

// node core-vectors.mjs MODULE.wasm
//
// Runs a wasm module that imports nothing and whose exported `main` gives the number of vectors that passed.
// A vector that fails panics there, which is a trap here. Prints {"passed", "bytes", "gzip"} as one line.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const bytes = readFileSync(process.argv[2]);
const { instance } = await WebAssembly.instantiate(bytes, {});
const passed = instance.exports.main(0, 0);
console.log(JSON.stringify({ passed, bytes: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length }));

// node --no-warnings wasi.mjs PROGRAM.wasm
//
// Runs a WebAssembly program under Node's WASI: its standard streams are this process's, and it sees nothing else.
import { readFileSync } from "node:fs";
import { WASI } from "node:wasi";

const wasi = new WASI({ version: "preview1", args: ["program"], env: {}, preopens: {}, returnOnExit: true });
const { instance } = await WebAssembly.instantiate(readFileSync(process.argv[2]), wasi.getImportObject());
process.exitCode = wasi.start(instance);

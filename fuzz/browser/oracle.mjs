// Core's verdicts, by the program `verdict` of hf-oauth-core: as WebAssembly under Node's WASI, or natively.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A core that answers until it is closed. `program` is a `.wasm` file or an executable. */
export class Oracle {
  #child;
  #waiting = [];

  constructor(program) {
    const [command, args] = program.endsWith(".wasm")
      ? [process.execPath, ["--no-warnings", fileURLToPath(new URL("wasi.mjs", import.meta.url)), program]]
      : [program, []];
    this.#child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
    createInterface({ input: this.#child.stdout, crlfDelay: Infinity }).on("line", (line) => {
      this.#waiting.shift()?.resolve(JSON.parse(line));
    });
    const ended = (why) => this.#waiting.splice(0).forEach(({ reject }) => reject(new Error(`${program} ended: ${why}`)));
    this.#child.on("error", ended);
    this.#child.on("close", (code, signal) => ended(signal ?? code));
    // Said by `close` already.
    this.#child.stdin.on("error", () => {});
  }

  /** The verdicts on `[{ exchange, input }]`, in that order. Ask many at once: each round costs a switch of processes. */
  async ask(questions) {
    const verdicts = questions.map(() => new Promise((resolve, reject) => this.#waiting.push({ resolve, reject })));
    this.#child.stdin.write(questions.map((question) => `${JSON.stringify(question)}\n`).join(""));
    return Promise.all(verdicts);
  }

  close() {
    this.#child.stdin.end();
  }
}

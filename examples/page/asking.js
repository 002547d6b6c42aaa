// The prompt and its answer: send, stop, copy, ask again.

import { byId, copy, show } from "./dom.js";
import { InferenceError, ask } from "./inference.js";

// What a screen reader hears is whole sentences; what the eye sees comes word by word.
const SENTENCE = /^[\s\S]*[.!?:\n]["\u201d')]*\s/;

let underWay = null;
// A token that was refused is not sent again.
let refused = null;

// `config` has endpoint and model; `token` gives one that has not ended, or null; `complain` says what went wrong.
export function start({ endpoint, model, token, complain, calm }) {
  byId("model").textContent = model;

  async function answer(prompt, signal) {
    if (!endpoint) throw new InferenceError("no-endpoint");
    const bearer = await token();
    if (!bearer || bearer === refused) throw new InferenceError("token-ended");
    signal.throwIfAborted();
    try {
      for await (const piece of ask({ endpoint, model, prompt, token: bearer, signal })) append(piece);
    } catch (error) {
      if (error.kind === "token-ended") refused = bearer;
      throw error;
    }
  }

  async function run() {
    // One at a time, also by keyboard.
    if (underWay || !byId("ask").reportValidity()) return;
    const controller = (underWay = new AbortController());
    calm();
    begin();
    let status = "The answer is complete.";
    try {
      await answer(byId("prompt").value, controller.signal);
    } catch (error) {
      const stopped = controller.signal.aborted;
      status = stopped ? "Stopped." : byId("answer").textContent ? "The answer is not complete." : "There is no answer.";
      if (!stopped) complain(error instanceof InferenceError ? error : new InferenceError("broke-off", { said: error?.message }));
    }
    underWay = null;
    end(status);
  }

  byId("ask").addEventListener("submit", (event) => {
    event.preventDefault();
    run();
  });
  byId("prompt").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) run();
  });
  byId("stop").addEventListener("click", () => {
    stop();
    byId("prompt").focus();
  });
  byId("copy").addEventListener("click", () => copy(byId("answer"), byId("copy")));
  byId("retry").addEventListener("click", run);
  // Nobody reads on: the connection ends, and with it what it costs.
  addEventListener("pagehide", stop);
  return run;
}

// What came stays.
export function stop() {
  underWay?.abort();
}

// Nothing of one person is left for the next.
export function forget() {
  stop();
  byId("prompt").value = "";
  byId("spoken").textContent = byId("coming").textContent = byId("status").textContent = "";
  show("answered", false);
}

function begin() {
  byId("spoken").textContent = byId("coming").textContent = "";
  byId("status").textContent = "Answering.";
  byId("answer").ariaBusy = "true";
  byId("send").disabled = true;
  for (const [id, shown] of [["answered", true], ["stop", true], ["copy", false], ["retry", false]]) show(id, shown);
}

function append(piece) {
  const coming = byId("coming");
  const text = coming.textContent + piece;
  const whole = SENTENCE.exec(text)?.[0] ?? "";
  if (whole) byId("spoken").append(whole);
  coming.textContent = text.slice(whole.length);
}

function end(status) {
  byId("spoken").append(byId("coming").textContent);
  byId("coming").textContent = "";
  byId("status").textContent = status;
  byId("answer").ariaBusy = "false";
  byId("send").disabled = false;
  show("stop", false);
  show("retry", true);
  show("copy", byId("answer").textContent !== "");
}

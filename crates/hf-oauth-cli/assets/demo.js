"use strict";

const byId = (id) => document.getElementById(id);

// The token's remaining time.
const remaining = byId("remaining");
const tick = () => {
  const seconds = Math.max(0, Number(remaining.dataset.expiresAt) - Date.now() / 1000);
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  remaining.textContent =
    seconds < 60 ? `${Math.floor(seconds)} s` : hours ? `${hours} h ${minutes} min` : `${minutes} min`;
};
tick();
setInterval(tick, 1000);

// The answer, as it comes.
const form = byId("ask");
const answer = byId("answer");
const problem = byId("problem");

function complain(message, code) {
  problem.textContent = message + " ";
  const ways = { signed_out: ["/oauth/huggingface/login", "Sign in again"], missing_scope: ["/inference", "Allow inference"] };
  if (ways[code]) {
    const link = document.createElement("a");
    [link.href, link.textContent] = ways[code];
    problem.append(link);
  }
  problem.hidden = false;
}

async function ask() {
  const body = new URLSearchParams({ prompt: byId("prompt").value });
  const response = await fetch("/ask", { method: "POST", body, headers: { Accept: "application/json" } });
  if (!response.ok) {
    const { message, error } = await response.json();
    complain(message ?? "That did not work. Try again.", error);
    return;
  }
  answer.hidden = false;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    answer.append(value);
  }
}

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  answer.textContent = "";
  problem.hidden = true;
  answer.ariaBusy = "true";
  byId("send").disabled = true;
  try {
    await ask();
  } catch {
    complain("The answer broke off. Try again.");
  } finally {
    answer.ariaBusy = "false";
    byId("send").disabled = false;
  }
});

byId("prompt")?.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
});

"use strict";

const byId = (id) => document.getElementById(id);

// A picture that does not load leaves the initial in its place.
const picture = document.querySelector("img.picture");
const withoutPicture = () => {
  const initial = document.createElement("span");
  initial.className = "picture";
  initial.ariaHidden = "true";
  initial.textContent = picture.dataset.initial;
  picture.replaceWith(initial);
};
picture?.addEventListener("error", withoutPicture);
if (picture?.complete && picture.naturalWidth === 0) withoutPicture();

// The token's remaining time.
const remaining = byId("remaining");
let asked = false;
const tick = () => {
  const seconds = Math.max(0, Number(remaining.dataset.expiresAt) - Date.now() / 1000);
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  remaining.textContent =
    seconds < 60 ? `${Math.floor(seconds)} s` : hours ? `${hours} h ${minutes} min` : `${minutes} min`;
  if (seconds === 0 && !asked) renew();
};

// The app renews on request what can be renewed.
async function renew() {
  asked = true;
  const response = await fetch("/api/me").catch(() => null);
  if (response?.status === 401) complain("Your sign-in has ended. Sign in again to go on.", "unauthenticated");
  if (!response?.ok) return;
  const { expires_at } = await response.json();
  remaining.dataset.expiresAt = expires_at;
  asked = expires_at * 1000 <= Date.now();
}

// The answer, as it comes.
const form = byId("ask");
const answer = byId("answer");
const problem = byId("problem");

function complain(message, code) {
  problem.textContent = message + " ";
  const ways = { unauthenticated: ["/oauth/huggingface/login", "Sign in"], missing_scope: ["/inference", "Allow inference"] };
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
  // One at a time, also by keyboard.
  if (byId("send").disabled) return;
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

tick();
setInterval(tick, 1000);

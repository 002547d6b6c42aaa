// A prompt for the inference router, and its answer piece by piece as it comes. No page in here: text in, text out.

const LONGEST_LINE = 1 << 20;

// Why there is no answer, or no more of it. `kind` is one of: unreachable, token-ended, forbidden, credits, too-many,
// model, cold, status, broke-off.
export class InferenceError extends Error {
  constructor(kind, { status, retryAfter, said } = {}) {
    super(said ?? kind);
    this.name = "InferenceError";
    Object.assign(this, { kind, status, retryAfter, said });
  }
}

// Where prompts go. A token is sent to the address that belongs to its issuer and nowhere else: none for an issuer that
// is neither huggingface.co nor on this machine, unless the page names one.
export function endpointOf(hubUrl, named) {
  const hub = new URL(hubUrl);
  const onThisMachine = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hub.hostname) || hub.hostname.endsWith(".localhost");
  const base = hub.origin === "https://huggingface.co" ? "https://router.huggingface.co" : (named ?? (onThisMachine ? hub.href : null));
  return base && `${base.replace(/\/+$/, "")}/v1/chat/completions`;
}

// Gives the answer's texts. Ends when the answer is whole, throws an `InferenceError` when it is not; when `signal` is
// aborted, what `fetch` throws.
export async function* ask({ endpoint, model, prompt, token, signal }) {
  const response = await send(endpoint, token, { model, messages: [{ role: "user", content: prompt }], stream: true }, signal);
  if (!response.ok) throw await refusal(response);
  const events = new Events();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error) => {
        throw signal.aborted ? error : new InferenceError("broke-off");
      });
      // Only `[DONE]` makes an answer whole: a stream that ends before it is as broken as one that fails.
      if (done) throw new InferenceError("broke-off");
      yield* events.take(value);
      if (events.ended) return;
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

async function send(endpoint, token, body, signal) {
  try {
    return await fetch(endpoint, {
      method: "POST",
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
      body: JSON.stringify(body),
      // No cookie goes along, and a redirect would take the token elsewhere.
      credentials: "omit",
      redirect: "error",
      cache: "no-store",
      signal,
    });
  } catch (error) {
    if (signal.aborted) throw error;
    // A browser does not say which: no network, no such address, or an answer without permission to read it.
    throw new InferenceError("unreachable");
  }
}

// Server-sent events (WHATWG HTML section 9.2), in pieces of any length.
class Events {
  line = "";
  ended = false;

  *take(piece) {
    const lines = (this.line + piece).split(/\r\n|\n|\r(?!$)/);
    this.line = lines.pop();
    if (this.line.length > LONGEST_LINE) throw new InferenceError("broke-off");
    for (const line of lines) {
      const data = /^data: ?(.*)/s.exec(line)?.[1];
      if (data === undefined) continue;
      if (data.trim() === "[DONE]") {
        this.ended = true;
        return;
      }
      const text = textOf(data);
      if (text) yield text;
    }
  }
}

function textOf(data) {
  let event;
  try {
    event = JSON.parse(data);
  } catch {
    return "";
  }
  if (event?.error) throw failed(event.error);
  const content = event?.choices?.[0]?.delta?.content;
  return typeof content === "string" ? content : "";
}

// An error in mid-answer has its status inside, if any.
function failed(error) {
  const status = Number(error.status ?? error.http_status_code ?? error.code);
  return new InferenceError(status === 401 ? "token-ended" : status === 429 ? "too-many" : "broke-off", { said: saidBy(error) });
}

async function refusal(response) {
  const status = response.status;
  const body = await response.text().catch(() => "");
  let error;
  try {
    error = JSON.parse(body).error;
  } catch {
    // A proxy's page says nothing that helps.
  }
  const retryAfter = Number(response.headers.get("retry-after")) || undefined;
  return new InferenceError(kindOf(status, error), { status, retryAfter, said: saidBy(error) });
}

function kindOf(status, error) {
  const kind = { 401: "token-ended", 402: "credits", 403: "forbidden", 404: "model", 429: "too-many" }[status];
  if (kind) return kind;
  const words = `${error?.code ?? ""} ${saidBy(error) ?? ""}`;
  if (status === 503 && /load|warm|cold/i.test(words)) return "cold";
  if ((status === 400 || status === 422) && /model/i.test(words)) return "model";
  return "status";
}

// Another's words: cut, and only ever shown as text.
function saidBy(error) {
  const said = typeof error === "string" ? error : error?.message;
  return typeof said === "string" && said ? said.slice(0, 300) : undefined;
}

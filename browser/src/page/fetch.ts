import { type Answer, LONGEST_BODY, type Step } from "../rules/answer.js";
import { SignInError } from "../rules/refused.js";

/** The options of a form that is posted (RFC 6749 section 4.1.3). */
export const form = (body: string): RequestInit => ({
  method: "POST",
  body,
  headers: { "content-type": "application/x-www-form-urlencoded" },
});

/**
 * One request to the provider: no cookies (they are not what answers here), no redirect (it would carry the code along),
 * no cache, no referrer.
 *
 * @throws SignInError `page/network` or `page/timeout`
 */
export async function request(step: Step, url: string, init: RequestInit = {}): Promise<Answer> {
  const controller = new AbortController();
  // As in core. It holds for the whole of an answer; a refresh is not given up lightly, because it spends its token.
  const timer = setTimeout(() => controller.abort(), step === "refresh" ? 30_000 : 10_000);
  try {
    const response = await fetch(url, {
      ...init,
      headers: { accept: "application/json", ...init.headers },
      credentials: "omit",
      redirect: "manual",
      cache: "no-store",
      referrerPolicy: "no-referrer",
      signal: controller.signal,
    });
    return {
      // A browser shows nothing of a redirect but that it is one.
      status: response.type === "opaqueredirect" ? 302 : response.status,
      contentType: response.headers.get("content-type"),
      body: await bytesOf(response),
    };
  } catch {
    const { origin } = new URL(url);
    throw controller.signal.aborted
      ? new SignInError("page/timeout", `${origin} took too long to answer. Check the connection and try again.`)
      : new SignInError(
          "page/network",
          `${origin} could not be reached. The network is down, a blocker or this page's connect-src is in the way, or that server does not let other origins read its answer (CORS); a page cannot tell which.`,
        );
  } finally {
    clearTimeout(timer);
  }
}

/** The body, counted while it arrives, whatever `content-length` says: of one that is too long, enough to see that. */
async function bytesOf({ body }: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = body?.getReader();
  while (reader && length <= LONGEST_BODY) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    length += value.length;
  }
  if (length > LONGEST_BODY) await reader?.cancel();
  const bytes = new Uint8Array(length);
  chunks.reduce((at, chunk) => (bytes.set(chunk, at), at + chunk.length), 0);
  return bytes;
}

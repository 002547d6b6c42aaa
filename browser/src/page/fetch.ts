import type { Answer } from "../rules/answer.ts";
import { SignInError } from "../rules/refused.ts";

/** No answer that this module reads is longer. As in core. */
const LONGEST = 1 << 20;
/** For the whole of an answer. */
const PATIENCE = 30_000;

/**
 * One request to the provider: no cookies (they are not what answers here), no redirect (it would carry the code along),
 * no cache, no referrer.
 *
 * @throws SignInError `page/network`, `page/timeout`, or `…/too-large` with the name of the exchange
 */
export async function request(exchange: string, url: string, init: RequestInit = {}): Promise<Answer> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), PATIENCE);
  const { origin } = new URL(url);
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
    const body = await bytesOf(response);
    if (!body) throw new SignInError(`${exchange}/too-large`, `${origin} answered with more than a mebibyte. Try again later.`);
    return {
      // A browser shows nothing of a redirect but that it is one.
      status: response.type === "opaqueredirect" ? 302 : response.status,
      contentType: response.headers.get("content-type"),
      body,
    };
  } catch (error) {
    if (error instanceof SignInError) throw error;
    if (controller.signal.aborted) {
      throw new SignInError("page/timeout", `${origin} took too long to answer. Check the connection and try again.`);
    }
    throw new SignInError(
      "page/network",
      `${origin} could not be reached: the network is down, a blocker or this page's connect-src is in the way, or that server does not let other origins read its answer (CORS); a page cannot tell which.`,
    );
  } finally {
    clearTimeout(timer);
  }
}

/** The body, or nothing if it is longer than allowed: counted while it arrives, whatever `content-length` says. */
async function bytesOf(response: Response): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = response.body?.getReader();
  for (let part; reader && !(part = await reader.read()).done; chunks.push(part.value)) {
    length += part.value.length;
    if (length > LONGEST) {
      await reader.cancel();
      return undefined;
    }
  }
  const body = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.length;
  }
  return body;
}

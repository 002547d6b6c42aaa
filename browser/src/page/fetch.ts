import { type Answer, LONGEST_BODY, type Step } from "../rules/answer.js";
import { refuse } from "../rules/refused.js";

/**
 * One request to the provider, a form if there is a `body`: no cookies (they are not what answers here), no redirect (it
 * would carry the code along), no cache, no referrer.
 *
 * @throws SignInError `page/network` or `page/timeout`
 */
export async function request(step: Step, url: string, body?: string, token?: string): Promise<Answer> {
  // As in core, for the whole of an answer; a refresh is not given up lightly, because it spends its token.
  const signal = AbortSignal.timeout(step === "refresh" ? 30_000 : 10_000);
  try {
    const response = await fetch(url, {
      ...(body && { method: "POST", body }),
      headers: {
        accept: "application/json",
        ...(body && { "content-type": "application/x-www-form-urlencoded" }),
        ...(token && { authorization: `Bearer ${token}` }),
      },
      credentials: "omit",
      redirect: "manual",
      cache: "no-store",
      referrerPolicy: "no-referrer",
      signal,
    });
    // Counted while it arrives, whatever `content-length` says: of a body that is too long, enough to see that.
    const reader = response.body?.getReader();
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    for (let length = 0; reader && length <= LONGEST_BODY; length += chunks.at(-1)?.length ?? 0) {
      const { value } = await reader.read();
      if (!value) break;
      chunks.push(value);
    }
    reader?.cancel();
    return {
      // A browser shows nothing of a redirect but that it is one.
      status: response.type === "opaqueredirect" ? 302 : response.status,
      contentType: response.headers.get("content-type"),
      body: new Uint8Array(await new Blob(chunks).arrayBuffer()),
    };
  } catch {
    const { origin } = new URL(url);
    return signal.aborted
      ? refuse("page/timeout", origin, "Try again.", true)
      : refuse("page/network", origin, "No network, or CORS, a blocker or this page's connect-src is in the way.", true);
  }
}

import { refuse } from "../rules/refused.js";
import { pageAddress } from "./address.js";
import type { Config, Options } from "./types.js";

/**
 * What this page is configured to: options, `window.HF_OAUTH_CLIENT_ID`, `HF_OAUTH_SCOPES` and `HF_INFERENCE_MODEL`, the
 * variables of a static Space.
 *
 * @throws SignInError `page/client-id`: without a client id
 */
export function readConfig(options: Options = {}): Config {
  const page = globalThis as { huggingface?: { variables?: Record<string, unknown> } } & Record<string, unknown>;
  // A global that is no text is somebody else's: an element with that id, say.
  const setting = (option: unknown, name: string, otherwise?: string): string =>
    [option, page[`HF_${name}`], page.huggingface?.variables?.[name], otherwise].find((text) => text && typeof text === "string") as string;
  return {
    storage: "session",
    attempts: "local",
    framable: true,
    prompt: undefined,
    ...options,
    clientId:
      setting(options.clientId, "OAUTH_CLIENT_ID") ??
      refuse(
        "page/client-id",
        "OAuth Client ID not configured",
        page.huggingface
          ? "Put hf_oauth: true into this Space's README.md."
          : 'Put <script>window.HF_OAUTH_CLIENT_ID = "…"</script> before this module; get the id at https://huggingface.co/settings/applications/new',
      ),
    scopes: setting(options.scopes, "OAUTH_SCOPES", "openid profile"),
    hubUrl: setting(options.hubUrl, "OPENID_PROVIDER_URL", "https://huggingface.co").replace(/\/$/, ""),
    redirectUrl: options.redirectUrl || pageAddress(),
    model: setting(0, "INFERENCE_MODEL", "google/gemma-2-2b-it"),
    orgIds: [options.orgIds ?? []].flat(),
  };
}

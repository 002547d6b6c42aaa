import { SignInError } from "../rules/refused.js";
import { pageAddress } from "./address.js";
import type { Config, Options } from "./types.js";

export const HUB_URL = "https://huggingface.co";

/** Text, or nothing: a global of another type is somebody else's. */
const text = (value: unknown): string | undefined => (typeof value === "string" && value) || undefined;

/** The first that is set of: the option, `window.HF_…`, a static Space's variable. */
export function setting(option: string | undefined, name: string, variable?: string): string | undefined {
  const page = globalThis as { huggingface?: { variables?: Record<string, unknown> } } & Record<string, unknown>;
  return option || text(page[`HF_${name}`]) || text(page.huggingface?.variables?.[variable ?? name]);
}

/** The client id, from wherever a page may have it. */
export function readClientId(option?: string): string {
  const id = setting(option, "OAUTH_CLIENT_ID");
  if (id) return id;
  throw new SignInError(
    "page/client-id",
    `OAuth Client ID not configured. ${
      (globalThis as { huggingface?: unknown }).huggingface
        ? "Put hf_oauth: true into the metadata of this Space's README.md."
        : `Create an app at ${HUB_URL}/settings/applications/new and put this before the script that signs in: <script>window.HF_OAUTH_CLIENT_ID = "your client id"</script>`
    }`,
  );
}

/** The scopes, from wherever a page may have them. */
export const readScopes = (option?: string): string => setting(option, "OAUTH_SCOPES") ?? "openid profile";

/** The Hub's address, without the slash that people write behind it. */
export const readHubUrl = (option?: string): string =>
  (setting(option, "OAUTH_HUB_URL", "OPENID_PROVIDER_URL") ?? HUB_URL).replace(/\/$/, "");

/**
 * What this page is configured to: options, `window.HF_OAUTH_CLIENT_ID`, `HF_OAUTH_SCOPES` and `HF_INFERENCE_MODEL`, the
 * variables of a static Space.
 *
 * @throws SignInError `page/client-id`: without a client id
 */
export function readConfig(options: Options = {}): Config {
  return {
    clientId: readClientId(options.clientId),
    scopes: readScopes(options.scopes),
    hubUrl: readHubUrl(options.hubUrl),
    redirectUrl: options.redirectUrl || pageAddress(),
    model: setting(undefined, "INFERENCE_MODEL") ?? "google/gemma-2-2b-it",
    storage: options.storage ?? "session",
    attempts: options.attempts ?? "local",
    prompt: options.prompt,
    orgIds: ([] as string[]).concat((options.orgIds as string) ?? []),
    framable: options.framable ?? true,
  };
}

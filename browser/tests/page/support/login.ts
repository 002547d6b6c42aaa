// What most tests begin with: a provider, a browser, and somebody who signs in.
import assert from "node:assert/strict";
import { after, before, beforeEach } from "node:test";
import { Browser, type Module, type Page, type PageOptions } from "./browser.js";
import { Provider } from "./provider.js";

export interface Scene {
  provider: Provider;
  browser: Browser;
}

/** A provider for the file, a new browser for each test. */
export function scene(): Scene {
  const scene = {} as Scene;
  before(async () => {
    scene.provider = await Provider.start();
  });
  beforeEach(() => {
    scene.browser = new Browser();
    Object.assign(scene.provider.mood, { expiresIn: 28_800, refreshTokens: false, token: undefined, claims: {}, metadata: {}, clock: 0, omitIdToken: false });
    scene.provider.journal.length = 0;
    scene.provider.forms.length = 0;
  });
  after(() => scene.provider.stop());
  return scene;
}

/** What a page says in `window` before the module comes. */
export const globals = ({ provider }: Scene): Record<string, unknown> => ({
  HF_OAUTH_CLIENT_ID: "blog",
  HF_OPENID_PROVIDER_URL: provider.issuer,
});

/** A page of this app. */
export const open = (scene: Scene, options: PageOptions = {}): Page =>
  scene.browser.open({ ...options, globals: { ...globals(scene), ...options.globals } });

/** The page as the redirect comes back to it, the person having approved. */
export async function comeBack(scene: Scene, page: Page): Promise<Page> {
  await page.load().signIn();
  return page.navigate(scene.provider.approve(page.visited[0] as string));
}

/** A page of which somebody is signed in. */
export async function signedIn(scene: Scene, options: PageOptions = {}): Promise<{ page: Page; module: Module }> {
  const page = await comeBack(scene, open(scene, options));
  const module = page.load();
  assert.equal((await module.init())?.userInfo.sub, "u1");
  return { page, module };
}

/** Asserts that this is refused by `rule`. */
export async function refused(work: Promise<unknown>, rule: string): Promise<string> {
  const error = await work.then(
    () => assert.fail(`${rule} was not refused`),
    (error: unknown) => error as { rule?: string; message: string },
  );
  assert.equal(error.rule, rule, error.message);
  return error.message;
}

/** Lets everything that is under way between tabs arrive. */
export const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

import { isSignInError } from "../rules/refused.js";
import { init, loadSavedOAuthResult, logout, onChange, settingsUrl, signIn } from "../client.js";
import type { OAuthResult, Options } from "./types.js";

/** System colours follow the page's `color-scheme`. A constructed sheet is no inline style: `style-src` lets it pass. */
const STYLE = `:host{display:inline-block;position:relative}
[hidden]{display:none!important}
a,button{all:unset;padding:.8em 1em;cursor:pointer}
:focus-visible{outline:auto}
[part=button],[part=account],[part=menu]{border:1px solid;border-radius:.5em;background:Canvas;color:CanvasText}
[part=button]{background:CanvasText;color:Canvas}
[part=account]{display:flex;gap:.5em;align-items:center}
[part=menu]{position:absolute;z-index:1;min-width:max-content}
[part=item]{display:block}
[part=picture]{border-radius:50%}`;

/** An element with a CSS part of that name; text becomes a text node. */
function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  part: string,
  properties: Partial<HTMLElementTagNameMap[K]> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = Object.assign(document.createElement(tag), properties);
  element.setAttribute("part", part);
  element.append(...children);
  return element;
}

/** The options that the attributes say. */
function optionsOf(host: HTMLElement): Options {
  const options: Record<string, unknown> = {};
  for (const { name, value } of host.attributes) {
    options[name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())] =
      name === "org-ids" ? value.split(" ") : name === "framable" ? value !== "false" : value;
  }
  return options;
}

/** Builds what the element shows. Returns what to do when it comes into the page, which returns what to do when it goes. */
function build(host: HTMLElement): () => () => void {
  let signedIn = false;
  const own = make("button", "button", {}, "Sign in with Hugging Face");
  const slot = make("slot", "", {}, own);
  const picture = make("img", "picture", { alt: "", width: 28, height: 28, referrerPolicy: "no-referrer" });
  const name = make("span", "name", { dir: "auto" });
  const account = make("button", "account", { hidden: true }, picture, name);
  const settings = make("a", "item", { target: "_blank" }, "Manage access");
  const signOut = make("button", "item", {}, "Sign out");
  const menu = make("div", "menu", {}, make("slot", "", { name: "menu" }), settings, signOut);
  const message = make("output", "message");
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  root.adoptedStyleSheets = [sheet];
  root.append(slot, account, menu, message);

  /** A disclosure: Tab goes through the entries, Escape and leaving close it. */
  const open = (isOpen: boolean): void => {
    menu.hidden = !isOpen;
    account.setAttribute("aria-expanded", `${isOpen}`);
  };
  const say = (event: string, detail: unknown): unknown => host.dispatchEvent(new CustomEvent(event, { detail, bubbles: true }));

  const show = (session: OAuthResult | null): void => {
    slot.hidden = !!session;
    account.hidden = !session;
    if (session) {
      const { userInfo } = session;
      name.textContent = userInfo.preferred_username || userInfo.name;
      message.textContent = "";
      settings.href = settingsUrl();
      picture.hidden = !userInfo.picture.startsWith("https:") && !userInfo.picture.startsWith(`${settings.origin}/`);
      if (!picture.hidden) picture.src = userInfo.picture;
    } else open(false);
    if (signedIn === !!session) return;
    signedIn = !!session;
    say(signedIn ? "hf-signed-in" : "hf-signed-out", session);
  };

  const attempt = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      message.textContent = `${(error as Error).message} `;
      // In a frame there is a way out: the page by itself.
      if (isSignInError(error) && /outside|storage/.test(error.rule) && window.top !== window) {
        message.append(make("a", "link", { href: location.href, target: "_blank" }, "Open this page"));
      }
      say("hf-sign-in-error", error);
    }
  };

  // A second click begins a second login, and the browser leaves the first: either could be finished.
  slot.onclick = () => attempt(() => signIn(optionsOf(host)));
  account.onclick = () => open(!!menu.hidden);
  // A browser that does not focus what is clicked would close the menu before the click arrives.
  menu.onmousedown = (event) => event.preventDefault();
  signOut.onclick = () => {
    logout();
    ((slot.assignedElements()[0] as HTMLElement | undefined) ?? own).focus();
  };
  root.addEventListener("keydown", (event) => {
    if ((event as KeyboardEvent).key !== "Escape" || menu.hidden) return;
    open(false);
    account.focus();
  });
  host.addEventListener("focusout", ({ relatedTarget }) => host.contains(relatedTarget as Node) || open(false));
  open(false);

  return () => {
    const stop = onChange(show);
    // `init` claims a redirect before it returns; what this tab has shows at once.
    const ready = init(optionsOf(host));
    attempt(async () => {
      show(loadSavedOAuthResult());
      show(await ready);
    });
    return stop;
  };
}

/**
 * `<hf-sign-in>`: the button, and who is signed in. Its content is the button (kept as it is, so that nothing jumps when
 * this module arrives); `slot="menu"` takes more entries of the menu. Attributes are those of `Options`. Events:
 * `hf-signed-in` (detail: `OAuthResult`), `hf-signed-out`, `hf-sign-in-error` (detail: what was thrown).
 *
 * This file defines no element: `hf-sign-in.js` does.
 */
export class HfSignIn extends ((globalThis.HTMLElement ?? Object) as typeof HTMLElement) {
  #connect = build(this);
  #disconnect?: () => void;

  connectedCallback(): void {
    this.#disconnect = this.#connect();
  }

  disconnectedCallback(): void {
    this.#disconnect?.();
  }
}

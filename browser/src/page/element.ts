import { isSignInError } from "../rules/refused.js";
import { init, loadSavedOAuthResult, logout, onChange, settingsUrl, signIn } from "../client.js";
import type { OAuthResult, Options } from "./types.js";

/** System colours follow the page's `color-scheme`. A constructed sheet is no inline style: `style-src` lets it pass. */
const STYLE = `
:host{display:inline-block;position:relative}
[hidden]{display:none!important}
button,a{font:inherit;color:inherit;cursor:pointer}
:focus-visible{outline:2px solid Highlight;outline-offset:2px}
[part=button],[part=account]{display:inline-flex;align-items:center;gap:.5em;min-height:44px;padding:0 1em;border:1px solid CanvasText;border-radius:.5em;background:CanvasText;color:Canvas}
[part=account]{background:Canvas;color:CanvasText}
[part=picture]{border-radius:50%}
[part=menu]{position:absolute;z-index:1;min-width:100%;margin-top:4px;padding:4px;box-sizing:border-box;border:1px solid GrayText;border-radius:.5em;background:Canvas;color:CanvasText}
[part=item]{display:block;width:100%;padding:.7em;box-sizing:border-box;border:0;border-radius:.3em;background:none;text-align:start;text-decoration:none;white-space:nowrap}
[part=item]:hover{text-decoration:underline}
[part=message]{margin:.5em 0 0;max-width:30em}
[part=message]:empty{margin:0}`;

/** An element with attributes and children; text becomes a text node. */
function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string>,
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const name in attributes) element.setAttribute(name, attributes[name] as string);
  element.append(...children);
  return element;
}

const ATTRIBUTES = ["client-id", "scopes", "hub-url", "redirect-url", "storage", "attempts", "prompt", "org-ids", "framable"];

/**
 * `<hf-sign-in>`: the button, and who is signed in. Its content is the button (kept as it is, so that nothing jumps when
 * this module arrives); `slot="menu"` takes more entries of the menu. Attributes are those of `Options`. Events:
 * `hf-signed-in` (detail: `OAuthResult`), `hf-signed-out`, `hf-sign-in-error` (detail: what was thrown).
 *
 * This file defines no element: `hf-sign-in.js` does.
 */
export class HfSignIn extends ((globalThis.HTMLElement ?? Object) as typeof HTMLElement) {
  #signedIn = false;
  #busy = false;
  #stop?: () => void;
  #button = make("button", { part: "button", type: "button" }, make("span", { "aria-hidden": "true" }, "🤗"), "Sign in with Hugging Face");
  #slot = make("slot", {}, this.#button);
  #picture = make("img", { part: "picture", alt: "", width: "28", height: "28", referrerpolicy: "no-referrer" });
  #name = make("span", { part: "name", dir: "auto" });
  #account = make(
    "button",
    { part: "account", type: "button", "aria-haspopup": "menu", "aria-expanded": "false", "aria-controls": "menu" },
    this.#picture,
    this.#name,
  );
  #entries = make("slot", { name: "menu" });
  #settings = make("a", { part: "item", role: "menuitem", target: "_blank", rel: "noopener noreferrer" }, "Manage access ↗");
  #signOut = make("button", { part: "item", role: "menuitem", type: "button" }, "Sign out");
  #menu = make("div", { part: "menu", role: "menu", id: "menu" }, this.#entries, this.#settings, this.#signOut);
  #message = make("p", { part: "message", role: "alert" });

  connectedCallback(): void {
    if (!this.shadowRoot) this.#build();
    this.#stop = onChange((session) => this.#show(session));
    // `init` claims a redirect before it returns; what this tab has shows at once.
    const ready = init(this.options);
    this.#try(async () => {
      this.#show(loadSavedOAuthResult());
      this.#show(await ready);
    });
  }

  disconnectedCallback(): void {
    this.#stop?.();
  }

  /** The options that the attributes say. */
  get options(): Options {
    const options: Record<string, unknown> = {};
    for (const name of ATTRIBUTES) {
      const value = this.getAttribute(name);
      if (value === null) continue;
      options[name.replace(/-(.)/, (_, letter: string) => letter.toUpperCase())] =
        name === "org-ids" ? value.split(/\s+/) : name === "framable" ? value !== "false" : value;
    }
    return options;
  }

  #build(): void {
    const root = this.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
    root.append(this.#slot, this.#account, this.#menu, this.#message);
    this.#account.hidden = true;
    this.#toggle(false);

    this.#slot.onclick = async () => {
      // A second click would begin a second login.
      if (this.#busy) return;
      this.#busy = true;
      await this.#try(() => signIn(this.options));
      this.#busy = false;
    };
    this.#account.onclick = () => this.#toggle(!!this.#menu.hidden);
    this.#signOut.onclick = () => {
      logout();
      (this.querySelector<HTMLElement>("button:not([slot]),a:not([slot])") ?? this.#button).focus();
    };
    this.#picture.onerror = () => (this.#picture.hidden = true);
    // A browser that does not focus what is clicked would close the menu before the click arrives.
    this.#menu.onmousedown = (event) => event.preventDefault();
    this.#menu.onclick = () => this.#toggle(false);
    root.addEventListener("keydown", (event) => this.#key(event as KeyboardEvent));
    this.addEventListener("focusout", (event) => {
      const to = event.relatedTarget as Node | null;
      if (to !== this && !this.contains(to)) this.#toggle(false);
    });
  }

  /** The keys of a menu button (ARIA Authoring Practices). */
  #key(event: KeyboardEvent): void {
    const items = this.#items();
    const open = !this.#menu.hidden;
    const at = items.indexOf(event.target as HTMLElement);
    const { key } = event;
    if (key === "Escape" && open) {
      this.#toggle(false);
      this.#account.focus();
    } else if (open || this.shadowRoot?.activeElement === this.#account) {
      const to = { ArrowDown: at + 1, ArrowUp: at < 0 ? -1 : at - 1, Home: 0, End: -1 }[key];
      if (to === undefined) return;
      this.#toggle(true);
      items.at(Number(to) % items.length)?.focus();
    } else return;
    event.preventDefault();
  }

  #items(): HTMLElement[] {
    return [...(this.#entries.assignedElements() as HTMLElement[]), this.#settings, this.#signOut];
  }

  #toggle(open: boolean): void {
    this.#menu.hidden = !open;
    this.#account.setAttribute("aria-expanded", `${open}`);
    if (open) this.#items()[0]?.focus();
  }

  #show(session: OAuthResult | null): void {
    const signedIn = !!session;
    this.#slot.hidden = signedIn;
    this.#account.hidden = !signedIn;
    if (session) {
      const { name, preferred_username, picture } = session.userInfo;
      const who = preferred_username || name;
      this.#name.textContent = who;
      this.#menu.setAttribute("aria-label", who);
      this.#message.textContent = "";
      this.#settings.href = settingsUrl();
      this.#picture.hidden = !/^https:/.test(picture) && !picture.startsWith(`${this.#settings.origin}/`);
      if (!this.#picture.hidden) this.#picture.src = picture;
    } else this.#toggle(false);
    if (signedIn === this.#signedIn) return;
    this.#signedIn = signedIn;
    this.#say(signedIn ? "hf-signed-in" : "hf-signed-out", session);
  }

  /** What goes wrong is said. */
  async #try(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#message.textContent = error instanceof Error ? error.message : String(error);
      // In a frame there is a way out: the page by itself.
      if (isSignInError(error) && window.top !== window && /outside|storage/.test(error.rule)) {
        this.#message.append(" ", make("a", { part: "link", href: location.href, target: "_blank", rel: "noopener" }, "Open this page in a tab"));
      }
      this.#say("hf-sign-in-error", error);
    }
  }

  #say(event: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(event, { detail, bubbles: true, composed: true }));
  }
}

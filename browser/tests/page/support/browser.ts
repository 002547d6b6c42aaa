// A browser of a few objects: what this module touches of one, and no more. Each page is a context of its own, so that tabs
// and copies of the module share nothing but what a browser shares.
import { fileURLToPath } from "node:url";
import vm from "node:vm";
import { type BuildOptions, buildSync } from "esbuild";

export const BROWSER_DIR = fileURLToPath(new URL("../..", import.meta.url)).replace(/\.tests\/?$/, "");

/** A module as a script that leaves its exports in the global `name`. */
export function bundle(contents: string, name: string, options: BuildOptions = {}): string {
  const { outputFiles } = buildSync({
    stdin: { contents, resolveDir: BROWSER_DIR, loader: "ts" },
    bundle: true,
    write: false,
    format: "iife",
    globalName: name,
    target: "es2022",
    logLevel: "silent",
    ...options,
  });
  return (outputFiles as { text: string }[])[0]?.text ?? "";
}

export type Module = typeof import("../../../src/index.js");

const OURS = bundle('export * from "./src/index.ts"', "hfOauth");

type Store = Map<string, string>;

/** `localStorage` or `sessionStorage` over `store`: the keys are its own properties, as in a browser. */
function storage(store: Store, changed: () => void = () => {}): object {
  const methods: Record<string, (...text: string[]) => unknown> = {
    getItem: (key) => store.get(key as string) ?? null,
    setItem: (key, value) => (store.set(key as string, String(value)), changed()),
    removeItem: (key) => store.delete(key as string) && changed(),
  };
  return new Proxy(methods, {
    ownKeys: () => [...store.keys()],
    getOwnPropertyDescriptor: (_, key) => ({ value: store.get(key as string), enumerable: true, configurable: true }),
  });
}

export interface PageOptions {
  url?: string;
  /** Plain `http` that is not loopback: no `crypto.subtle`, no `randomUUID`, no Web Locks. */
  plainHttp?: boolean;
  /** Every access to a storage throws. */
  noStorage?: boolean;
  noRandomness?: boolean;
  framed?: boolean;
  globals?: Record<string, unknown>;
  session?: Store;
  /** Addresses that cannot be read: no CORS. */
  withheld?: (url: string) => boolean;
}

/** One person's browser: its tabs share `localStorage`, locks and channels. */
export class Browser {
  readonly local: Store = new Map();
  readonly pages: Page[] = [];
  readonly locks = new Map<string, Promise<unknown>>();

  open(options: PageOptions = {}): Page {
    const page = new Page(this, options);
    this.pages.push(page);
    return page;
  }
}

export class Page {
  readonly session: Store;
  readonly visited: string[] = [];
  readonly warnings: string[] = [];
  readonly requests: { url: string; init: RequestInit }[] = [];
  readonly channels: { name: string; onmessage?: (event: { data: unknown }) => void }[] = [];
  /** Seconds that this page's clock is ahead. */
  clock = 0;
  /** A tab in the background that the browser has stopped: hears nothing. */
  frozen = false;
  url: URL;
  readonly #events = new EventTarget();
  readonly #context: Record<string, any>;

  constructor(
    readonly browser: Browser,
    readonly options: PageOptions,
  ) {
    this.url = new URL(options.url ?? "https://app.example/blog/post.html");
    this.session = options.session ?? new Map();
    this.#context = vm.createContext(this.#globals());
    this.#context.globalThis = this.#context;
    this.#context.now = () => this.clock * 1000;
    vm.runInContext("{ const real = Date.now; Date.now = () => real() + now(); }", this.#context);
  }

  /** A copy of the module on this page; each call loads another one. */
  load(script = OURS): Module {
    vm.runInContext(script, this.#context);
    return this.#context.hfOauth as Module;
  }

  /** Whatever another script put into the page. */
  global(name: string): any {
    return this.#context[name];
  }

  /** F5: the same tab, the same address. */
  reload(): Page {
    return this.navigate(this.url.href);
  }

  /** The same tab at another address. */
  navigate(url: string): Page {
    this.close();
    return this.browser.open({ ...this.options, url, session: this.session });
  }

  /** "Duplicate tab": `sessionStorage` is copied. */
  duplicate(): Page {
    return this.browser.open({ ...this.options, url: this.url.href, session: new Map(this.session) });
  }

  close(): void {
    this.frozen = true;
    this.channels.length = 0;
  }

  dispatch(type: string): void {
    this.#events.dispatchEvent(new Event(type));
  }

  #globals(): Record<string, unknown> {
    const { options, browser } = this;
    const page = this;
    const get = (value: () => unknown): PropertyDescriptor => ({ get: value, enumerable: true, configurable: true });
    const area = (make: object) =>
      get(() => {
        if (options.noStorage) throw new DOMException("The operation is insecure.", "SecurityError");
        return make;
      });
    const told = (): void => {
      for (const other of browser.pages) if (other !== page && !other.frozen) queueMicrotask(() => other.dispatch("storage"));
    };
    const globals: Record<string, unknown> = {
      URL, URLSearchParams, TextEncoder, TextDecoder, AbortSignal, Blob, btoa, atob, queueMicrotask,
      // A page's timers end with the page, and so with the test.
      setTimeout: (work: () => void, wait: number) => setTimeout(work, wait).unref(),
      reportError: (error: Error) => page.warnings.push(error.message),
      console: { warn: (text: string) => page.warnings.push(text) },
      isSecureContext: !options.plainHttp,
      crypto: options.noRandomness
        ? {}
        : options.plainHttp
          ? { getRandomValues: (bytes: Uint8Array<ArrayBuffer>) => crypto.getRandomValues(bytes) }
          : crypto,
      navigator: options.plainHttp ? {} : { locks: { request: lock(browser.locks) } },
      addEventListener: (type: string, listener: () => void) => page.#events.addEventListener(type, listener),
      location: {
        get href() { return page.url.href; },
        set href(url: string) { page.visited.push(url); },
        get search() { return page.url.search; },
        get hash() { return page.url.hash; },
        assign: (url: string) => page.visited.push(url),
      },
      history: {
        state: null,
        replaceState: (_: unknown, __: string, url: string) => (page.url = new URL(url, page.url)),
      },
      fetch: (url: string, init: RequestInit = {}) => {
        page.requests.push({ url, init });
        return options.withheld?.(url) ? Promise.reject(new TypeError("Failed to fetch")) : fetch(url, init);
      },
      BroadcastChannel: function (this: any, name: string) {
        this.name = name;
        this.postMessage = (data: unknown) => {
          for (const other of browser.pages) {
            if (other === page) continue;
            for (const channel of other.channels) {
              if (channel.name === name) setImmediate(() => other.frozen || channel.onmessage?.({ data }));
            }
          }
        };
        this.close = () => page.channels.splice(page.channels.indexOf(this), 1);
        page.channels.push(this);
      },
      ...options.globals,
    };
    globals.window = globals;
    globals.top = options.framed ? {} : globals;
    Object.defineProperty(globals, "localStorage", area(storage(browser.local, told)));
    Object.defineProperty(globals, "sessionStorage", area(storage(this.session)));
    return globals;
  }
}

/** Web Locks of one browser: who asks waits for who has. */
const lock =
  (locks: Map<string, Promise<unknown>>) =>
  <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const turn = (locks.get(name) ?? Promise.resolve()).then(work, work);
    locks.set(name, turn);
    return turn;
  };

// Who is signed in, and what this page may do.

import { byId, element, show } from "./dom.js";
import { SCOPES, restriction } from "./words.js";

export function showPerson({ userInfo: user, scope, accessTokenExpiresAt }) {
  const name = user.name || user.preferred_username || "Somebody";
  byId("name").textContent = name;
  byId("username").textContent = user.preferred_username ? `@${user.preferred_username}` : "";
  byId("plan").textContent = user.isPro ? "PRO" : "Free plan";
  byId("plan").classList.toggle("pro", Boolean(user.isPro));
  byId("email").textContent = user.email ?? "";
  show("email", Boolean(user.email));
  showPicture(user.picture, name);
  showOrganisations(user.orgs ?? []);
  const scopes = scope.split(" ").filter(Boolean);
  byId("scopes").replaceChildren(
    ...scopes.map((it) => element("li", {}, element("code", {}, it), " ", element("span", { className: "quiet" }, SCOPES[it] ?? ""))),
  );
  byId("remaining").dataset.endsAt = accessTokenExpiresAt.getTime();
  tick();
}

export function forgetPerson() {
  for (const id of ["name", "username", "email"]) byId(id).textContent = "";
  for (const id of ["picture", "orgs", "scopes"]) byId(id).replaceChildren();
  delete byId("remaining").dataset.endsAt;
}

// A picture that does not load leaves the initial in its place.
function showPicture(address, name) {
  const initial = element("span", { className: "picture", ariaHidden: "true" }, [...name][0].toUpperCase());
  byId("picture").replaceChildren(initial);
  if (!/^https?:/.test(address ?? "")) return;
  const picture = element("img", { className: "picture", alt: "", width: 72, height: 72, referrerPolicy: "no-referrer" });
  picture.addEventListener("load", () => initial.isConnected && initial.replaceWith(picture));
  picture.src = address;
}

function showOrganisations(orgs) {
  byId("orgs-count").textContent = orgs.length;
  show("no-orgs", orgs.length === 0);
  show("orgs", orgs.length > 0);
  const badge = (words, more = "") => element("span", { className: `badge ${more}` }, words);
  const items = orgs.map((org) => {
    const badges = [org.roleInOrg ?? "member", org.plan].filter(Boolean).map((words) => badge(words));
    const warnings = (org.securityRestrictions ?? []).map((name) => badge(restriction(name), "warn"));
    const named = element("bdi", { className: "org" }, org.name || org.preferred_username || org.sub);
    return element("li", {}, named, ...[...badges, ...warnings].flatMap((it) => [" ", it]));
  });
  byId("orgs").replaceChildren(...items);
  // A list that scrolls can be reached by keyboard.
  const scrolls = orgs.length > 8;
  for (const [name, value] of [["tabindex", "0"], ["aria-labelledby", "orgs-title"]]) {
    if (scrolls) byId("orgs").setAttribute(name, value);
    else byId("orgs").removeAttribute(name);
  }
}

// The token's remaining time; gives whether it is over.
export function tick() {
  const endsAt = byId("remaining").dataset.endsAt;
  if (!endsAt) return false;
  const seconds = Math.max(0, Math.floor((Number(endsAt) - Date.now()) / 1000));
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  byId("remaining").textContent = seconds < 60 ? `${seconds} s` : hours ? `${hours} h ${minutes} min` : `${minutes} min`;
  return seconds === 0;
}

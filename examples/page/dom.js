// The few things that this page does with its document. Text is only ever set as text.

export const byId = (id) => document.getElementById(id);

export const show = (id, shown) => {
  byId(id).hidden = !shown;
};

// An element with attributes and children; a child that is a string becomes text.
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key in made) made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

// A link that goes to the web and nowhere else, whoever wrote its address.
export function link(address, words, blank = false) {
  const url = new URL(address, location.href);
  const made = element("a", blank ? { target: "_blank", rel: "noopener" } : {}, words);
  if (/^https?:$/.test(url.protocol)) made.href = url.href;
  return made;
}

export function button(words, act) {
  const made = element("button", { type: "button" }, words);
  made.addEventListener("click", act);
  return made;
}

// Copies the text that `from` shows, and says in `button` whether it did. The clipboard's own API is for https pages only.
export async function copy(from, button) {
  const words = button.textContent;
  let copied = true;
  try {
    await navigator.clipboard.writeText(from.textContent);
  } catch {
    getSelection().selectAllChildren(from);
    copied = document.execCommand("copy");
  }
  button.textContent = copied ? "Copied" : "Selected: press Ctrl+C";
  setTimeout(() => {
    button.textContent = words;
  }, 2000);
}

// Building blocks for elements. Data reaches the document as text nodes and attributes only, never as markup.

/** Create an element: `properties` may hold `class`, `text`, `on` (event -> listener); the rest become attributes. */
export function element(tag, properties = {}, children = []) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "class") node.className = value;
    else if (name === "text") node.textContent = value;
    else if (name === "on") for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** True when a click should stay with the browser (new tab, new window, download). */
export function wantsBrowser(event) {
  return event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
}

/** A real link (it can be opened in a new tab) whose plain click is handled in the page. */
export function pageLink(properties, href, follow, children = []) {
  const click = (event) => {
    if (wantsBrowser(event)) return;
    event.preventDefault();
    follow();
  };
  return element("a", { ...properties, href, on: { click } }, children);
}

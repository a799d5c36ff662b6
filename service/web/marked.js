// Texts in which the service marked what was asked for: `<em>` around the matches, the rest escaped.
// They become text and `mark` elements; nothing of them is ever read as markup.

import { element } from "./dom.js";

const ENTITIES = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'", "&#x27;": "'" };

const plain = (text) => text.replace(/&(?:amp|lt|gt|quot|#39|#x27);/g, (entity) => ENTITIES[entity]);

/** Nodes for `text` with its marks, or for `fallback` when there is no marked text. */
export function markedParts(text, fallback) {
  if (typeof text !== "string") return [fallback];
  return text.split(/<em>(.*?)<\/em>/s).map((part, index) => (index % 2 ? element("mark", { text: plain(part) }) : plain(part)));
}

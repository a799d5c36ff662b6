// Words, numbers and plurals of the page in its four languages.

import { MESSAGES } from "./messages.js";

// Polish would leave four-digit numbers ungrouped ("4310,20" under "18 250,00"), which reads badly in a column.
const GROUPED = { useGrouping: "always" };

let current = "uk";

/** Switch the page: the document language and every element that names a message. */
export function applyLanguage(language) {
  current = language;
  document.documentElement.lang = language;
  for (const node of document.querySelectorAll("[data-i18n]")) node.textContent = message(node.dataset.i18n);
  for (const [data, attribute] of [["i18nLabel", "aria-label"], ["i18nPlaceholder", "placeholder"], ["i18nTitle", "title"]]) {
    const selector = `[data-${data.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}]`;
    for (const node of document.querySelectorAll(selector)) node.setAttribute(attribute, message(node.dataset[data]));
  }
}

/** The message `key` with its `{name}` slots filled; `undefined` when the page has no such message. */
export function message(key, values = {}) {
  return MESSAGES[current][key]?.replace(/\{(\w+)\}/g, (slot, name) => values[name] ?? slot);
}

/** The same with elements in the slots: an array of strings and nodes for `append`. */
export function messageParts(key, nodes) {
  return MESSAGES[current][key].split(/\{(\w+)\}/).map((part, index) => (index % 2 ? nodes[part] : part));
}

/** A counted message (`results` -> "3 результати"); `atLeast` writes "1 000+". */
export function counted(key, count, { atLeast = false } = {}) {
  const forms = MESSAGES[current][key];
  const category = atLeast ? "many" : new Intl.PluralRules(current).select(count);
  return (forms[category] ?? forms.other).replace("{n}", formatNumber(count) + (atLeast ? "+" : ""));
}

export function formatNumber(value, digits = 3) {
  return new Intl.NumberFormat(current, { maximumFractionDigits: digits, ...GROUPED }).format(value);
}

/** A price as the source gives it: an amount without a currency sign. */
export function formatPrice(value) {
  return new Intl.NumberFormat(current, { minimumFractionDigits: 2, maximumFractionDigits: 2, ...GROUPED }).format(value);
}

const AGES = [[86400, "day"], [3600, "hour"], [60, "minute"], [1, "second"]];

/** An age in seconds, in its largest whole unit. */
export function formatAge(seconds) {
  const [size, unit] = AGES.find(([each]) => seconds >= each) ?? AGES.at(-1);
  return new Intl.NumberFormat(current, { style: "unit", unit, unitDisplay: "long", maximumFractionDigits: 0 }).format(seconds / size);
}

/** Milliseconds with one digit below 100. */
export function formatMilliseconds(value) {
  return `${formatNumber(value, value < 100 ? 1 : 0)} ${message("milliseconds")}`;
}

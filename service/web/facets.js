// What the results can be narrowed by: categories, groups, makes and prices with their counts.
// Links, not form fields: every choice is an address of its own, to be shared, gone back to or opened beside.

import { NO_FILTERS, isFiltered } from "./address.js";
import { element, pageLink } from "./dom.js";
import { formatNumber, formatPrice, message } from "./i18n.js";

const SHOWN = 8; // values before "more"
// facet of the answer -> state key of its filter
const CHOSEN = { category: "categories", group: "groups", car_brand: "makes" };

/** The column beside the results, or null when there is nothing to choose. */
export function facetsView(answer, state, { go, link }) {
  const groups = Object.entries(answer.facets ?? {}).map(([name, facet]) =>
    name === "price" ? priceGroup(facet, state, { go, link }) : idGroup(name, facet, state, { go, link }),
  ).filter(Boolean);
  if (groups.length === 0) return null;
  const none = { ...NO_FILTERS, offset: 0 };
  const clear = isFiltered(state) ? pageLink({ class: "facets-clear", text: message("clearFilters") }, link(none), () => go(none)) : null;
  const wide = matchMedia("(min-width: 60rem)").matches;
  return element("aside", { class: "facets", "aria-label": message("narrow") }, [
    clear,
    element("details", { class: "facets-all", open: wide }, [element("summary", { text: message("narrow") }), ...groups]),
  ]);
}

function idGroup(name, facet, state, { go, link }) {
  const key = CHOSEN[name];
  if (!key) return null;
  const chosen = state[key];
  // A value that was chosen stays in sight, also when nothing is found with it any more.
  const values = facet.values.filter(({ count, value }) => count > 0 || chosen.includes(value));
  if (values.length < 2 && chosen.length === 0) return null;
  const item = ({ value, label, count }) => {
    const on = chosen.includes(value);
    const changes = { [key]: on ? chosen.filter((each) => each !== value) : [...chosen, value], offset: 0 };
    return valueItem(label ?? value, count, facet.estimated, on, link(changes), () => go(changes));
  };
  return group(name, values.map(item));
}

function priceGroup(facet, state, { go, link }) {
  const values = facet.values.filter(({ count }) => count > 0);
  if (values.length < 2 && !state.priceMin && !state.priceMax) return null;
  const item = ({ lowest, highest, count }) => {
    // The range excludes its upper end, the filter includes it: prices have two digits.
    const range = { priceMin: lowest ? String(lowest) : "", priceMax: highest === null ? "" : String(Number((highest - 0.01).toFixed(2))) };
    const on = state.priceMin === range.priceMin && state.priceMax === range.priceMax && (state.priceMin !== "" || state.priceMax !== "");
    const changes = { ...(on ? { priceMin: "", priceMax: "" } : range), offset: 0 };
    const low = formatPrice(lowest ?? 0);
    const label = highest === null ? message("priceFrom", { from: low }) : `${low} – ${formatPrice(highest)}`;
    return valueItem(label, count, facet.estimated, on, link(changes), () => go(changes));
  };
  return group("price", values.map(item));
}

function valueItem(label, count, estimated, on, href, follow) {
  const number = `${estimated ? "≈\u2009" : ""}${formatNumber(count)}`;
  const box = element("span", { class: "facet-box", "aria-hidden": "true", text: on ? "✓" : "" });
  const parts = [box, element("span", { class: "facet-label", text: label }), element("span", { class: "facet-count", text: number })];
  return element("li", {}, [pageLink({ class: on ? "facet on" : "facet", "aria-current": on ? "true" : null, rel: "nofollow" }, href, follow, parts)]);
}

function group(name, items) {
  const label = message(`facet_${name}`);
  const rest = items.slice(SHOWN);
  const list = element("ul", { "aria-label": label }, items.slice(0, SHOWN));
  const more = rest.length
    ? element("details", { class: "facet-more" }, [element("summary", { text: message("more", { n: formatNumber(rest.length) }) }), element("ul", { "aria-label": label }, rest)])
    : null;
  return element("section", { class: "facet-group", "data-facet": name }, [element("h2", { text: label }), list, more]);
}

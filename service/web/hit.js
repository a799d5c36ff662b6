// One search result as a list item.

import { element } from "./dom.js";
import { explainView, retrieverWord } from "./explain.js";
import { formatNumber, formatPrice, message } from "./i18n.js";
import { markedParts } from "./marked.js";

/** The list item of a hit of `GET /search`, its name already in the language the service chose for it. */
export function hitItem(hit, language) {
  const near = hit.match === "meaning" ? element("p", { class: "hit-near", text: message("matchMeaning") }) : null;
  const pinned = hit.pinned ? element("p", { class: "hit-near", text: message("pinned") }) : null;
  return item("hit", hit, language, [pinned, near, reasons(hit.reasons ?? []), details(hit)]);
}

/** The list item of an analogue; `replaced` is the hit it may replace, if it is on the page. */
export function analogueItem(analogue, language, replaced) {
  const instead = replaced?.vendor_code ? element("li", { class: "reason", text: message("replaces", { code: replaced.vendor_code }) }) : null;
  const why = analogue.reasons.map(({ kind, number }) => element("li", { class: "reason", "data-reason": kind, text: message(`reason_${kind}`, { number }) ?? kind }));
  return item("hit analogue", analogue, language, [element("ul", { class: "reasons", "aria-label": message("whyAnalogue") }, [instead, ...why])]);
}

function item(kind, hit, language, foot) {
  const name = element("h3", { class: "hit-name", lang: hit.name_language }, markedParts(hit.highlights?.name, hit.name || message("noName")));
  const foreign = hit.name && hit.name_language && hit.name_language !== language;
  return element("li", { class: kind, "data-product-id": hit.product_id }, [
    picture(hit.image_url),
    element("div", { class: "hit-body" }, [
      name,
      foreign ? element("p", { class: "hit-foreign", text: message("shownIn", { language: languageWord(hit.name_language) }) }) : null,
      codes(hit),
    ]),
    element("div", { class: "hit-side" }, [availability(hit), price(hit.price)]),
    element("div", { class: "hit-foot" }, foot),
  ]);
}

function languageWord(language) {
  return message(`language${language.charAt(0).toUpperCase()}${language.slice(1)}`) ?? language;
}

function picture(address) {
  const placeholder = "part.svg";
  const image = element("img", { class: "hit-image", src: allowedImage(address) ?? placeholder, alt: "", width: 64, height: 64, loading: "lazy", decoding: "async" });
  image.addEventListener("error", () => { image.src = placeholder; }, { once: true });
  return image;
}

// Images come from this origin or from one the page names; any other address would leave the origin (and break the CSP).
function allowedImage(address) {
  if (!address || !URL.canParse(address, location.origin)) return null;
  const url = new URL(address, location.origin);
  const origins = document.querySelector("meta[name=image-origins]").content.split(/\s+/);
  return url.origin === location.origin || origins.includes(url.origin) ? url.href : null;
}

function codes(hit) {
  const code = hit.vendor_code
    ? element("span", { class: "code vendor-code" }, markedParts(hit.highlights?.vendor_code, hit.vendor_code))
    : element("span", { class: "missing", text: message("noCode") });
  // The number that was asked for, if it was one of the others.
  const marks = hit.highlights ?? {};
  const number = plainNumber(marks.matched_number) ?? hit.main_original_number;
  const marked = marks.matched_number ?? marks.main_original_number;
  return element("dl", { class: "hit-codes" }, [
    element("div", {}, [element("dt", { text: message("vendorCode") }), element("dd", {}, [code])]),
    number
      ? element("div", {}, [
          element("dt", { text: message("originalNumber") }),
          element("dd", {}, [element("span", { class: "code original-number" }, markedParts(marked, number))]),
        ])
      : null,
  ]);
}

function plainNumber(marked) {
  return typeof marked === "string" ? markedParts(marked, "").map((part) => part.textContent ?? part).join("") : null;
}

function reasons(list) {
  if (list.length === 0) return null;
  const items = list.map((reason) =>
    element("li", { class: "reason", "data-retriever": reason.retriever }, [
      element("span", { text: retrieverWord(reason.retriever) }),
      element("span", { class: "reason-rank", text: message("rank", { n: formatNumber(reason.rank) }) }),
    ]),
  );
  return element("ul", { class: "reasons", "aria-label": message("why") }, items);
}

function availability(hit) {
  if (!hit.available) return element("p", { class: "stock stock-none", text: message("outOfStock") });
  const quantity = hit.available_quantity;
  const text = quantity > 0 ? message("inStock", { n: formatNumber(quantity) }) : message("inStockPlain");
  return element("p", { class: "stock stock-yes", text });
}

function price(value) {
  if (value === null || value === undefined) return null;
  return element("p", { class: "price" }, [
    element("span", { class: "price-label", text: message("price") }),
    element("span", { class: "price-value", text: formatPrice(Number(value)) }),
  ]);
}

function details(hit) {
  const names = Object.entries(hit.names ?? {}).filter(([, name]) => name);
  const numbers = hit.original_numbers ?? [];
  const marks = hit.highlights ?? {};
  const rows = [
    names.length ? row(message("names"), names.map(([language, name]) => nameLine(language, markedParts(marks.names?.[language], name)))) : null,
    numbers.length ? row(message("numbers"), numbers.map((number, place) => element("span", { class: "code" }, markedParts(marks.original_numbers?.[place], number)))) : null,
    hit.category ? row(message("category"), [element("span", { text: hit.category })]) : null,
    row(message("why"), [...(hit.reasons ?? []).map(reasonLine), explainView(hit)].filter(Boolean)),
  ];
  return element("details", { class: "hit-details" }, [
    element("summary", { text: message("details") }),
    element("dl", {}, rows.filter(Boolean)),
  ]);
}

function row(label, values) {
  return element("div", {}, [element("dt", { text: label }), element("dd", {}, values)]);
}

function nameLine(language, name) {
  return element("span", {}, [element("span", { class: "tag", text: language }), element("span", { lang: language }, name)]);
}

function reasonLine(reason) {
  const parts = [`${retrieverWord(reason.retriever)} ${message("rank", { n: formatNumber(reason.rank) })}`];
  if (typeof reason.score === "number") parts.push(message("score", { value: formatNumber(reason.score) }));
  if (reason.matched) parts.push(message("matched", { text: reason.matched }));
  return element("span", { text: parts.join(" · ") });
}

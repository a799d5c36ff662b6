// Why a hit stands where it stands: what each signal added to its score, as bars, and by whom it was proposed.

import { element } from "./dom.js";
import { formatNumber, message } from "./i18n.js";

/** A labelled chart of the parts of the score, largest first; null when the service did not explain. */
export function explainView(hit) {
  const explained = hit.explain;
  if (!explained) return null;
  const boosts = (explained.boosts ?? []).map(({ rule_id: rule, addition }) => [message("boost", { rule }), addition]);
  const parts = [...Object.entries(explained.contributions), ...boosts].filter(([, value]) => Math.abs(value) >= 0.0005);
  if (parts.length === 0) return null;
  parts.sort((one, other) => Math.abs(other[1]) - Math.abs(one[1]));
  const largest = Math.max(...parts.map(([, value]) => Math.abs(value)));
  const whole = explained.fused_score || 1;
  const retrievers = Object.entries(explained.retrievers ?? {}).map(([name, share]) => [name, share / whole]).sort((one, other) => other[1] - one[1]);
  return element("div", { class: "explain" }, [
    element("p", { class: "explain-score", text: message("score", { value: formatNumber(hit.score) }) }),
    element("ul", { class: "bars", "aria-label": message("signals") }, parts.map(([name, value]) => bar(message(`signal_${name}`) ?? name, value, Math.abs(value) / largest, formatNumber(value)))),
    retrievers.length > 1
      ? element("ul", { class: "bars", "aria-label": message("proposedBy") }, retrievers.map(([name, share]) => bar(retrieverWord(name), share, share, new Intl.NumberFormat(undefined, { style: "percent" }).format(share))))
      : null,
  ]);
}

export function retrieverWord(name) {
  return message(`retriever${name.charAt(0).toUpperCase()}${name.slice(1)}`) ?? name;
}

function bar(label, value, share, text) {
  const fill = element("span", { class: value < 0 ? "bar-fill less" : "bar-fill", "aria-hidden": "true" });
  fill.style.inlineSize = `${(share * 100).toFixed(1)}%`; // by script, not by attribute: the policy allows no inline style
  return element("li", { class: "bar" }, [
    element("span", { class: "bar-label", text: label }),
    element("span", { class: "bar-track", "aria-hidden": "true" }, [fill]),
    element("span", { class: "bar-value", text }),
  ]);
}

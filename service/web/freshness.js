// How old the data may be, said at the foot of the page. A service that cannot tell leaves the line empty.

import { fetchFreshness, isAbort } from "./api.js";
import { formatAge, message } from "./i18n.js";

const EVERY_MS = 30000;
const SHOPPERS_SEE = ["Product", "ProductAvailability", "ProductPricing"];

export class FreshnessLine {
  #line;
  #found = null;

  constructor(line) {
    this.#line = line;
  }

  /** Look now and again as long as the page is in sight. */
  keep() {
    const look = () => {
      if (!document.hidden) this.#look();
    };
    look();
    setInterval(look, EVERY_MS);
    document.addEventListener("visibilitychange", look);
  }

  /** Say what was found last, in the language of the page. */
  say() {
    const ages = (this.#found?.tables ?? []).filter(({ table }) => SHOPPERS_SEE.includes(table)).map((table) => table.look_age_seconds);
    const known = ages.length > 0 && ages.every((age) => typeof age === "number");
    this.#line.textContent = known ? message(this.#found.status === "stale" ? "dataStale" : "dataAge", { age: formatAge(Math.max(...ages)) }) : "";
  }

  async #look() {
    try {
      this.#found = await fetchFreshness(new AbortController().signal);
    } catch (error) {
      if (!isAbort(error)) this.#found = null;
    }
    this.say();
  }
}

// The search box's suggestions: the WAI-ARIA "editable combobox with list autocomplete" pattern.
// Asks after a pause in typing, drops stale answers, and hands the chosen text to `choose`.

import { fetchSuggestions, isAbort } from "./api.js";
import { element } from "./dom.js";
import { counted, formatNumber, message } from "./i18n.js";

const PAUSE_MS = 80;
const SHORTEST = 2;
const LONGEST = 100; // A pasted text longer than any name or number: nothing to suggest.
const LIMIT = 8;

export class Combobox {
  #input;
  #list;
  #announce;
  #choose;
  #language;
  #timer = 0;
  #call = null;
  #options = [];
  #active = -1;

  /** `language()` is asked at each call; `announce(text)` speaks to assistive technology; `choose(text)` gets the selection. */
  constructor({ input, list, language, announce, choose }) {
    this.#input = input;
    this.#list = list;
    this.#language = language;
    this.#announce = announce;
    this.#choose = choose;
    input.addEventListener("input", () => this.#schedule());
    input.addEventListener("keydown", (event) => this.#keyDown(event));
    input.addEventListener("blur", () => this.close());
    // Keeps the focus in the input, so that the click reaches the option before the list closes.
    list.addEventListener("pointerdown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.#select(this.#options.indexOf(option));
    });
  }

  /** Hide the list and forget every call under way. */
  close() {
    clearTimeout(this.#timer);
    this.#call?.abort();
    this.#call = null;
    this.#options = [];
    this.#active = -1;
    this.#list.hidden = true;
    this.#list.replaceChildren();
    this.#input.setAttribute("aria-expanded", "false");
    this.#input.removeAttribute("aria-activedescendant");
  }

  #schedule() {
    clearTimeout(this.#timer);
    this.#call?.abort();
    const text = this.#input.value.trim();
    if (text.length < SHORTEST || text.length > LONGEST) this.close();
    else this.#timer = setTimeout(() => this.#ask(text), PAUSE_MS);
  }

  async #ask(text) {
    const call = new AbortController();
    this.#call = call;
    try {
      const answer = await fetchSuggestions(text, this.#language(), LIMIT, call.signal);
      if (!call.signal.aborted) this.#show(answer.suggestions ?? [], text);
    } catch (error) {
      // A suggestion that fails must not stand in the way of typing; the search itself reports errors.
      if (!isAbort(error)) this.close();
    }
  }

  #show(suggestions, text) {
    if (suggestions.length === 0) {
      this.close();
      this.#announce(message("noSuggestions"));
      return;
    }
    this.#options = suggestions.map((suggestion, index) => optionOf(suggestion, index, text));
    this.#active = -1;
    this.#list.replaceChildren(...this.#options);
    this.#list.hidden = false;
    this.#input.setAttribute("aria-expanded", "true");
    this.#input.removeAttribute("aria-activedescendant");
    this.#announce(counted("suggestions", suggestions.length));
  }

  #keyDown(event) {
    if (event.isComposing) return;
    const open = !this.#list.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (open) this.#move(event.key === "ArrowDown" ? 1 : -1);
      else this.#schedule();
    } else if (event.key === "Enter" && open && this.#active >= 0) {
      event.preventDefault();
      this.#select(this.#active);
    } else if (event.key === "Escape") {
      // Prevented because a search field would also clear itself: the first Escape only closes the list.
      event.preventDefault();
      if (open) this.close();
      else if (this.#input.value) {
        this.#input.value = "";
        this.#input.dispatchEvent(new Event("input", { bubbles: true }));
      }
    } else if (event.key === "Tab") this.close();
  }

  // One more place than options: the input itself, where no option is active.
  #move(step) {
    const places = this.#options.length + 1;
    this.#options[this.#active]?.setAttribute("aria-selected", "false");
    this.#active = ((this.#active + 1 + step + places) % places) - 1;
    const option = this.#options[this.#active];
    if (!option) {
      this.#input.removeAttribute("aria-activedescendant");
      return;
    }
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    this.#input.setAttribute("aria-activedescendant", option.id);
  }

  #select(index) {
    const text = this.#options[index]?.dataset.text;
    this.close();
    if (text) this.#choose(text);
  }
}

function optionOf(suggestion, index, typed) {
  const kind = message(`kind${capital(suggestion.kind)}`) ?? suggestion.kind;
  return element(
    "li",
    { role: "option", id: `suggestion-${index}`, "aria-selected": "false", "data-text": suggestion.text },
    [
      element("span", { class: "suggestion-text", lang: suggestion.language }, marked(suggestion.text, typed)),
      suggestion.detail ? element("span", { class: "suggestion-detail", text: suggestion.detail }) : null,
      element("span", { class: "suggestion-kind", text: kind }),
      suggestion.product_count
        ? element("span", { class: "suggestion-count", text: formatNumber(suggestion.product_count), "aria-label": counted("results", suggestion.product_count) })
        : null,
    ],
  );
}

// The typed part stands out where the suggestion contains it literally; a corrected suggestion has none.
function marked(text, typed) {
  const at = text.toLocaleLowerCase().indexOf(typed.toLocaleLowerCase());
  if (at < 0 || text.toLocaleLowerCase().length !== text.length) return [text];
  const end = at + typed.length;
  return [text.slice(0, at), element("mark", { text: text.slice(at, end) }), text.slice(end)];
}

function capital(word) {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

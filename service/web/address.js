// The page's state lives in its address (?q=&language=&supplier=&available=&correct=&offset=), so a search can be shared and gone back to.

export const LANGUAGES = ["uk", "ru", "pl", "en"];
const REMEMBERED = "cordsearch.language";

/** Read the state from the address; what is missing or malformed gets its default. */
export function readState(search = location.search) {
  const parameters = new URLSearchParams(search);
  const language = parameters.get("language");
  const offset = Number.parseInt(parameters.get("offset") ?? "0", 10);
  return {
    q: (parameters.get("q") ?? "").trim(),
    language: LANGUAGES.includes(language) ? language : preferredLanguage(),
    supplier: (parameters.get("supplier") ?? "").trim(),
    available: parameters.get("available") === "true",
    correct: parameters.get("correct") !== "false",
    offset: Number.isFinite(offset) && offset > 0 ? offset : 0,
  };
}

/** The address that stands for a state; defaults are left out. */
export function addressOf(state) {
  const parameters = new URLSearchParams();
  if (state.q) parameters.set("q", state.q);
  parameters.set("language", state.language);
  if (state.supplier) parameters.set("supplier", state.supplier);
  if (state.available) parameters.set("available", "true");
  if (!state.correct) parameters.set("correct", "false");
  if (state.offset) parameters.set("offset", String(state.offset));
  return `/?${parameters}`;
}

/** Remember the language for the next visit; browsers may refuse storage, the page works without it. */
export function rememberLanguage(language) {
  try {
    localStorage.setItem(REMEMBERED, language);
  } catch {
    // Storage is off (private window, policy): the language then comes from the browser's settings.
  }
}

function preferredLanguage() {
  let remembered = null;
  try {
    remembered = localStorage.getItem(REMEMBERED);
  } catch {
    // As above.
  }
  const wanted = [remembered, ...(navigator.languages ?? [])].map((tag) => (tag ?? "").slice(0, 2));
  return wanted.find((tag) => LANGUAGES.includes(tag)) ?? "uk";
}

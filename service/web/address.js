// The page's state lives in its address (?q=&language=&supplier=&available=&category_id=...), so a search can be shared and gone back to.

export const LANGUAGES = ["uk", "ru", "pl", "en"];
/** State key -> parameter, of the filters that take several ids. */
export const ID_FILTERS = { categories: "category_id", groups: "group_id", makes: "car_brand_id" };
export const ORDERS = ["relevance", "price_asc", "price_desc", "newest", "popularity", "name"];
const LARGEST_ID = /^[1-9]\d{0,17}$/;
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
    ...Object.fromEntries(Object.entries(ID_FILTERS).map(([key, name]) => [key, idsOf(parameters, name)])),
    priceMin: amountOf(parameters, "price_min"),
    priceMax: amountOf(parameters, "price_max"),
    sort: ORDERS.includes(parameters.get("sort")) ? parameters.get("sort") : ORDERS[0],
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
  for (const [key, name] of Object.entries(ID_FILTERS)) for (const id of state[key] ?? []) parameters.append(name, id);
  if (state.priceMin) parameters.set("price_min", state.priceMin);
  if (state.priceMax) parameters.set("price_max", state.priceMax);
  if (state.sort && state.sort !== ORDERS[0]) parameters.set("sort", state.sort);
  if (!state.correct) parameters.set("correct", "false");
  if (state.offset) parameters.set("offset", String(state.offset));
  return `/?${parameters}`;
}

/** The state's filters taken off. */
export const NO_FILTERS = { supplier: "", available: false, categories: [], groups: [], makes: [], priceMin: "", priceMax: "" };

export function isFiltered(state) {
  return state.supplier !== "" || state.available || state.priceMin !== "" || state.priceMax !== "" || Object.keys(ID_FILTERS).some((key) => state[key].length > 0);
}

function idsOf(parameters, name) {
  return [...new Set(parameters.getAll(name))].filter((id) => LARGEST_ID.test(id)).slice(0, 100);
}

function amountOf(parameters, name) {
  const value = parameters.get(name) ?? "";
  return /^\d{1,9}(\.\d{1,4})?$/.test(value) ? value : "";
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

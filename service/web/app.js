// The search page: reads its state from the address, asks the service, shows the answer.
// Stage: VECTORS -> ANSWERS, the person's side of GET /search and GET /autocomplete. Needs no build step and no other origin.

import { NO_FILTERS, addressOf, readState, rememberLanguage } from "./address.js";
import { ServiceError, fetchResults, isAbort } from "./api.js";
import { Combobox } from "./combobox.js";
import { wantsBrowser } from "./dom.js";
import { FreshnessLine } from "./freshness.js";
import { applyLanguage, message } from "./i18n.js";
import { answerView, errorView, loadingView, totalText, welcomeView } from "./views.js";

const LIMIT = 20;
const LOADING_AFTER_MS = 150; // Most answers are faster; showing the loading state for them would only flicker.

const byId = (id) => document.getElementById(id);
const [form, input, clear, supplier, available] = ["form", "query", "clear", "supplier", "available"].map(byId);
const [results, progress, status] = ["results", "progress", "status"].map(byId);
const canHover = matchMedia("(hover: hover)").matches;

let state = readState();
let call = null;

const freshness = new FreshnessLine(byId("freshness"));
const links = { go: navigate, link: (changes) => addressOf({ ...state, ...changes }) };

const combobox = new Combobox({
  input,
  list: byId("suggestions"),
  language: () => state.language,
  announce,
  choose: (text) => {
    input.value = text;
    submit();
  },
});

function announce(text) {
  status.textContent = text;
}

/** Go to a changed state: a new history entry, unless nothing changed (then the search is repeated). */
function navigate(changes) {
  const next = { ...state, ...changes };
  const moved = next.offset !== state.offset;
  if (addressOf(next) !== addressOf(state)) history.pushState(null, "", addressOf(next));
  state = next;
  show();
  if (moved) {
    results.focus({ preventScroll: true });
    scrollTo({ top: 0 });
  }
}

function submit(changes = {}) {
  combobox.close();
  if (!canHover) input.blur(); // Puts a phone's keyboard away from over the results.
  const q = input.value.trim();
  // "As typed" was asked for one query; another one is corrected again.
  const correct = q === state.q ? state.correct : true;
  // What was chosen among the results of one query means little for another.
  const chosen = q === state.q ? {} : NO_FILTERS;
  navigate({ ...chosen, q, correct, supplier: supplier.value.trim(), available: available.checked, offset: 0, ...changes });
}

// Filters left as they were must not search again: leaving the field after Enter fires a second event.
function filtersChanged() {
  if (supplier.value.trim() !== state.supplier || available.checked !== state.available) submit();
}

/** Make the whole page agree with `state`, and search when there is something to search for. */
function show() {
  applyLanguage(state.language);
  freshness.say();
  input.value = state.q;
  supplier.value = state.supplier;
  available.checked = state.available;
  clear.hidden = state.q === "";
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === state.language));
  }
  document.title = state.q ? `${state.q} · Cord Search` : "Cord Search";
  document.body.classList.toggle("has-query", state.q !== "");
  byId("home").href = addressOf({ language: state.language });
  if (state.q) search();
  else {
    stop();
    announce("");
    results.replaceChildren(...welcomeView(links));
  }
}

/** Forget the search under way, whatever it was. */
function stop() {
  call?.abort();
  call = null;
  busy(false);
}

function busy(on) {
  progress.hidden = !on;
  results.setAttribute("aria-busy", String(on));
}

async function search() {
  stop();
  const mine = new AbortController();
  const asked = state;
  call = mine;
  const slow = setTimeout(() => {
    busy(true);
    announce(message("loading"));
    if (!results.querySelector(".hits")) results.replaceChildren(...loadingView());
  }, LOADING_AFTER_MS);
  try {
    const answer = await fetchResults(asked, LIMIT, mine.signal);
    if (mine.signal.aborted) return;
    results.replaceChildren(...answerView(answer, asked, LIMIT, links));
    announce(answer.hits.length ? totalText(answer) : message("emptyTitle"));
  } catch (error) {
    if (isAbort(error) || mine.signal.aborted) return;
    results.replaceChildren(...errorView(error, search));
    announce("");
    if (!(error instanceof ServiceError)) throw error; // A defect of the page, not of the service: let it reach the console.
  } finally {
    clearTimeout(slow);
    if (call === mine) busy(false);
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
});
input.addEventListener("input", () => { clear.hidden = input.value === ""; });
clear.addEventListener("click", () => {
  combobox.close();
  input.value = "";
  clear.hidden = true;
  input.focus();
});
supplier.addEventListener("change", filtersChanged);
available.addEventListener("change", filtersChanged);
byId("languages").addEventListener("click", (event) => {
  const language = event.target.closest("[data-language]")?.dataset.language;
  if (!language || language === state.language) return;
  rememberLanguage(language);
  submit({ language }); // What was typed but not yet searched is searched, too.
});
byId("home").addEventListener("click", (event) => {
  if (wantsBrowser(event)) return;
  event.preventDefault();
  navigate({ q: "", correct: true, ...NO_FILTERS, offset: 0 });
  input.focus();
});
addEventListener("popstate", () => {
  combobox.close();
  state = readState();
  show();
});

show();
freshness.keep();
// A phone would open its keyboard over the welcome text.
if (!state.q && canHover) input.focus();

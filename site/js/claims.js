// All claims, narrowed down by verdict, kind of miniature, question and words: the page has every claim, and the script
// hides those that are not asked for. The form is the state: an address has what the form would send.

import { words } from "./words.js";

const form = document.querySelector(".sift");
const { words: query, question } = form.elements;
const boxes = [...form.querySelectorAll("input[type=checkbox]")];
const status = form.querySelector(".found"), again = form.querySelector("button"), none = document.querySelector(".matrix .empty");
const PAUSE = 350; // ms between two notes of what is typed: browsers refuse more than about three a second

// a row says by its cells what it is of; a claim of two questions stands under the first and names the other
const tables = [...document.querySelectorAll(".matrix table")].map((table) => ({ table, number: table.caption.querySelector(".number") }));
const claims = tables.flatMap(({ table, number }) => [...table.tBodies[0].rows].map((row) => ({
  row, table, number,
  verdict: row.cells[0].querySelector(".verdict").classList[1].replace("-", " "),
  miniature: row.cells[3].textContent,
  question: [table.caption.id, row.dataset.also].filter(Boolean),
  get text() {
    const text = ` ${words(`${row.cells[1].textContent} ${row.cells[2].textContent}`).join(" ")}`;
    Object.defineProperty(this, "text", { value: text });
    return text;
  },
})));

const picked = (name) => boxes.filter((box) => box.name === name && box.checked).map((box) => box.value);

function update() {
  const asked = { verdict: picked("verdict"), miniature: picked("miniature"), question: question.value ? [question.value] : [] };
  const facets = Object.keys(asked), starts = words(query.value).map((word) => ` ${word}`);
  const left = new Map(), counts = Object.fromEntries(facets.map((facet) => [facet, {}]));
  let found = 0;
  for (const claim of claims) {
    const failed = facets.filter((facet) => asked[facet].length && !asked[facet].some((value) => [claim[facet]].flat().includes(value)));
    const named = starts.every((start) => claim.text.includes(start));
    const shown = named && !failed.length;
    claim.row.hidden = !shown;
    if (shown) found++, left.set(claim.table, (left.get(claim.table) ?? 0) + 1);
    // a value counts the claims that it would leave: those that fail in its own facet alone are among them
    for (const facet of named ? facets : []) {
      if (failed.some((other) => other !== facet)) continue;
      for (const value of [claim[facet]].flat()) counts[facet][value] = (counts[facet][value] ?? 0) + 1;
    }
  }
  for (const { table, number } of tables) {
    table.hidden = !left.has(table);
    number.textContent = left.get(table) ?? 0;
  }
  for (const box of boxes) {
    const number = counts[box.name][box.value] ?? 0, label = box.closest("label");
    label.querySelector(".number").textContent = number;
    label.classList.toggle("none", !number && !box.checked);
  }
  for (const option of question.options) if (option.value) option.textContent = `${option.dataset.name} (${counts.question[option.value] ?? 0})`;
  const all = claims.length;
  status.replaceChildren(Object.assign(document.createElement("b"), { textContent: found }), found === all ? " claims" : ` of ${all} claims`);
  again.hidden = address() === location.pathname;
  none.hidden = found > 0;
}

function address() {
  const values = new URLSearchParams(new FormData(form));
  for (const name of ["words", "question"]) if (!form.elements[name].value.trim()) values.delete(name);
  const text = values.toString();
  return `${location.pathname}${text ? `?${text}` : ""}`;
}

let timer = 0, typed = "";
function note() {
  clearTimeout(timer);
  timer = 0;
  history.replaceState(null, "", typed);
}
function changed() {
  if (timer) note();
  if (address() !== location.pathname + location.search) history.pushState(null, "", address());
  update();
}

// the form as the address has it
function restore() {
  clearTimeout(timer);
  timer = 0;
  const values = new URLSearchParams(location.search);
  for (const box of boxes) box.checked = values.getAll(box.name).includes(box.value);
  query.value = values.get("words") ?? "";
  question.value = values.get("question") ?? "";
  if (question.selectedIndex < 0) question.value = "";
  update();
}

form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("change", (event) => (event.target === query ? timer && note() : changed()));
query.addEventListener("input", () => {
  clearTimeout(timer);
  typed = address();
  timer = setTimeout(note, PAUSE);
  update();
});
again.addEventListener("click", () => {
  form.reset();
  changed();
  query.focus();
});
addEventListener("popstate", restore);
addEventListener("pagehide", () => timer && note());
restore();
form.dataset.state = "ready";

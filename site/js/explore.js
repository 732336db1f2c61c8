// The explorer: works narrowed down by facets and words, sorted, with its state in the address and exports of what is
// chosen. The form on the page is the state: an address has what the form would send. Text goes in by `textContent`.

import { words } from "./words.js";

const base = new URL("../", import.meta.url);
const root = document.querySelector(".explorer");
const form = root.querySelector("form");
const list = root.querySelector(".results");
const sort = root.querySelector("[name=sort]");
const query = form.elements.words; // not `q`: the theme takes that for a search of its own
const boxes = [...form.querySelectorAll("input[type=checkbox]")];
const STEP = Number(root.dataset.shown);
const PAUSE = 350; // ms between two notes of what is typed: browsers refuse more than about three a second
const WIDE = matchMedia("(min-width:64.0625rem)");

// an address of arXiv or a version is asked for by its id
const asked = (text) => words(text.replace(/\S*\/(?=\d{4}\.\d)/g, "").replace(/(\d{4}\.\d{4,5})v\d+/g, "$1"));

// one object for each work; a facet's values become numbers into `names[facet]`
export function opened(data) {
  const facets = Object.entries(data.facets).map(([name, { values, of }]) => ({
    name, of, number: new Map(values.map((value, place) => [value, place])), size: values.length,
  }));
  const methods = data.facets.method.of;
  const works = data.slug.map((slug, place) => {
    const claims = [];
    for (let at = 0; at < data.claims[place].length; at += 2)
      claims.push([...data.standings[data.claims[place][at]], data.claims[place][at + 1]]);
    const others = /^(\d+) ?(.*)/.exec(data.others[place]);
    const arxiv = data.arxiv[place];
    const text = [
      data.title[place], data.author[place], others[2], arxiv && `arxiv ${arxiv}`, slug,
      data.venues[data.venue[place]], ...methods[place].map((method) => data.words[method]),
    ].join(" ");
    const decided = claims.reduce((sum, [verdict, , count]) => sum + (/^(supp|contra)/.test(verdict) ? count : 0), 0);
    return {
      place, slug, claims, decided, title: data.title[place], date: data.date[place], authors: Number(others[1]),
      author: data.author[place], second: others[2], text: ` ${words(text).join(" ")}`,
    };
  });
  const key = new Map(works.map((work) => [work, work.title.toLowerCase()]));
  const titled = [...works].sort((one, other) => (key.get(one) < key.get(other) ? -1 : key.get(one) > key.get(other) ? 1 : 0));
  titled.forEach((work, rank) => (work.rank = rank));
  return { works, facets };
}

const later = (one, other) => (one.date < other.date ? 1 : one.date > other.date ? -1 : one.rank - other.rank);
const ORDERS = {
  newest: later,
  oldest: (one, other) => (one.date > other.date ? 1 : one.date < other.date ? -1 : one.rank - other.rank),
  title: (one, other) => one.rank - other.rank,
  decided: (one, other) => other.decided - one.decided || later(one, other),
};

// the works that have a chosen value in every facet and all words, and for each facet how many works each value would
// leave: a work that fails in one facet alone still counts there
export function chosen({ works, facets }, { picked, text }) {
  const wanted = facets.map(({ name, number }) => {
    const numbers = (picked[name] ?? []).map((value) => number.get(value)).filter((each) => each !== undefined);
    return numbers.length ? new Set(numbers) : null;
  });
  const counts = facets.map(({ size }) => new Uint32Array(size));
  const starts = asked(text).map((word) => ` ${word}`);
  const found = [];
  for (const work of works) {
    if (!starts.every((start) => work.text.includes(start))) continue;
    let failed = -1, failures = 0;
    for (let at = 0; at < facets.length && failures < 2; at++) {
      if (wanted[at] && !facets[at].of[work.place].some((value) => wanted[at].has(value))) [failed, failures] = [at, failures + 1];
    }
    if (failures > 1) continue;
    if (failures === 0) found.push(work);
    for (let at = 0; at < facets.length; at++) {
      if (failures === 0 || at === failed) for (const value of facets[at].of[work.place]) counts[at][value]++;
    }
  }
  return { found, counts };
}

function element(name, content, attributes = {}) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...[content].flat());
  return made;
}

const glyphs = new Map(
  boxes.filter((box) => box.name === "verdict").map((box) => [box.value, box.closest("label").querySelector("svg")]),
);
function standing([verdict, said, count]) {
  const mark = element("span", `${count} ${said}`, { class: `verdict ${verdict.replace(" ", "-")}` });
  mark.prepend(glyphs.get(verdict).cloneNode(true));
  return mark;
}

function row(work) {
  const link = element("a", element("bdi", work.title), { href: new URL(`papers/${work.slug}/`, base) });
  const by = [element("bdi", work.author)];
  if (work.authors > 2) by.push(" et al.");
  else if (work.second) by.push(" and ", element("bdi", work.second));
  return element("li", [
    element("span", work.date.slice(0, 7), { class: "when" }), " ",
    element("span", [link, " ", element("span", by, { class: "by" })], { class: "entry" }), " ",
    element("span", work.claims.flatMap((claim) => [standing(claim), " "]), { class: "tally" }),
  ]);
}

let shelf = null, found = [], shown = STEP;

function more() {
  const from = list.children.length;
  list.append(...found.slice(from, shown).map(row));
  root.querySelector(".more").hidden = found.length <= shown;
  return list.children[from];
}

function picked() {
  const values = {};
  for (const box of boxes) if (box.checked) (values[box.name] ??= []).push(box.value);
  return values;
}

const label = (box) => box.closest("label").querySelector(".name").textContent.trim();
const title = (box) => box.closest(".facet").querySelector("summary").firstChild.textContent.trim();

function chip(name, remove) {
  const made = element("button", [element("span", name), " ", element("span", "×", { "aria-hidden": "true" })], { type: "button", "aria-label": `Remove ${name}` });
  made.addEventListener("click", () => {
    const place = [...root.querySelectorAll(".chips button")].indexOf(made);
    remove();
    changed();
    const left = root.querySelectorAll(".chips button");
    (left[Math.min(place, left.length - 1)] ?? query).focus();
  });
  return element("li", made);
}

function chips() {
  const all = boxes.filter((box) => box.checked).map((box) => chip(`${title(box)}: ${label(box)}`, () => (box.checked = false)));
  if (query.value.trim()) all.unshift(chip(`Words: ${query.value.trim()}`, () => (query.value = "")));
  if (all.length > 1) all.push(element("li", element("button", "Clear all", { type: "button", "data-do": "clear" })));
  const place = root.querySelector(".chips");
  place.replaceChildren(...all);
  place.hidden = !all.length;
}

function count(counts) {
  for (const box of boxes) {
    const at = shelf.facets.findIndex(({ name }) => name === box.name);
    const works = counts[at][shelf.facets[at].number.get(box.value)] ?? 0;
    const item = box.closest("label");
    item.querySelector(".number").textContent = works;
    item.classList.toggle("none", !works && !box.checked);
  }
  for (const facet of form.querySelectorAll(".facet, .facets")) {
    const number = facet.querySelectorAll(":checked").length;
    facet.querySelector(":scope > summary .number").textContent = number || "";
  }
}

// the page as the form has it
function update() {
  chips();
  if (!shelf) return;
  const answer = chosen(shelf, { picked: picked(), text: query.value });
  found = answer.found.sort(ORDERS[sort.value]);
  count(answer.counts);
  const all = shelf.works.length, noun = found.length === 1 && found.length === all ? "work" : "works";
  root.querySelector(".found").replaceChildren(
    element("b", String(found.length)), found.length === all ? ` ${noun}` : ` of ${all} ${all === 1 ? "work" : "works"}`,
  );
  root.querySelector(".empty").hidden = found.length > 0;
  root.querySelector(".export").hidden = !found.length;
  root.querySelector(".export .note").textContent = "";
  list.replaceChildren();
  more();
}

function address() {
  const values = new URLSearchParams(new FormData(form));
  if (!query.value.trim()) values.delete("words");
  if (sort.value !== "newest") values.append("sort", sort.value);
  const text = values.toString();
  return `${location.pathname}${text ? `?${text}` : ""}`;
}

let timer = 0, typed = "";
function note() {
  clearTimeout(timer);
  timer = 0;
  history.replaceState({ shown }, "", typed);
}
function changed() {
  if (timer) note();
  shown = STEP;
  if (address() !== location.pathname + location.search) history.pushState({ shown }, "", address());
  update();
}

// the form as the address has it
function restore() {
  clearTimeout(timer);
  timer = 0;
  const values = new URLSearchParams(location.search);
  for (const box of boxes) {
    box.checked = values.getAll(box.name).includes(box.value);
    if (box.checked) for (let fold = box.closest("details"); fold && !fold.matches(".facets"); fold = fold.parentElement.closest("details")) fold.open = true;
  }
  query.value = values.get("words") ?? "";
  sort.value = Object.hasOwn(ORDERS, values.get("sort") ?? "") ? values.get("sort") : "newest";
  shown = history.state?.shown ?? STEP;
  update();
}

// an export of all works, cut down to those that are chosen, in their order
const EXPORTS = {
  bib: { file: "works.bib", type: "application/x-bibtex", parts: (text) => text.split(/\n\n(?=@)/).map((entry) => entry.trim()), whole: (parts) => `${parts.join("\n\n")}\n` },
  csv: {
    file: "works.csv", type: "text/csv",
    // no cell has a line break; the last is the way to the page
    parts: (text, from) => text.trimEnd().split("\r\n").map((line, place) => {
      const at = line.lastIndexOf(",") + 1;
      return place ? line.slice(0, at) + new URL(line.slice(at), from) : line;
    }),
    whole: (parts) => parts.map((line) => `${line}\r\n`).join(""), head: 1,
  },
  json: {
    file: "works.jsonl", name: "works.json", type: "application/json",
    parts: (text, from) => text.trimEnd().split("\n").map((line) => {
      const work = JSON.parse(line);
      return { ...work, page: new URL(work.page, from).href };
    }),
    whole: (parts) => `${JSON.stringify(parts, null, 1)}\n`,
  },
};

async function take(name) {
  const { file, type, parts, whole, head = 0, name: saved = file } = EXPORTS[name];
  const said = root.querySelector(".export .note");
  const works = found;
  said.textContent = "is being prepared …";
  try {
    const from = new URL(`exports/${file}`, base);
    const answer = await fetch(from);
    if (!answer.ok) throw new Error(String(answer.status));
    const all = parts(await answer.text(), from.href);
    if (all.length !== shelf.works.length + head) throw new Error("another number of works");
    const text = whole([...all.slice(0, head), ...works.map((work) => all[work.place + head])]);
    const link = element("a", "", { href: URL.createObjectURL(new Blob([text], { type })), download: saved });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    said.textContent = `${saved} has ${works.length} ${works.length === 1 ? "work" : "works"}`;
  } catch {
    said.textContent = `${file} could not be read; load the page again, and then try once more`;
  }
}

function clear() {
  for (const box of boxes) box.checked = false;
  query.value = "";
  changed();
  query.focus();
}

form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("change", (event) => (event.target === query ? timer && note() : changed()));
query.addEventListener("input", () => {
  shown = STEP;
  clearTimeout(timer);
  typed = address();
  timer = setTimeout(note, PAUSE);
  update();
});
sort.addEventListener("change", changed);
root.addEventListener("click", ({ target }) => {
  const action = target.closest("[data-do]")?.dataset.do;
  if (action === "clear") clear();
  else if (action === "more") {
    shown += STEP;
    more()?.querySelector("a").focus();
    history.replaceState({ shown }, "", address());
  } else if (action) take(action);
});
addEventListener("popstate", restore);
addEventListener("pagehide", () => timer && note());

const fold = () => (form.querySelector(".facets").open = WIDE.matches);
WIDE.addEventListener("change", fold);
fold();
restore();
if (address() !== location.pathname) root.dataset.state = "waiting"; // what is shown is not yet what was asked for
try {
  const answer = await fetch(new URL("explore.json", base));
  if (!answer.ok) throw new Error(String(answer.status));
  shelf = opened(await answer.json());
  update();
  root.dataset.state = "ready";
} catch {
  root.dataset.state = "failed";
  root.querySelector(".found").replaceChildren("The list could not be loaded. ", element("a", "All works", { href: new URL("works/", base) }), " are in one plain list.");
}

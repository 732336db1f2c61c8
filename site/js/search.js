// The search box: works, claims, terms and pages, found as one types. Nothing is loaded before the box is used.
// Text from cards goes into the page by `textContent` alone.

const base = new URL("../", import.meta.url);
const LONGEST = 200; // of a query
const SHOWN = 20;
const CLAIMS = 2; // shown below a work
const FEW = 4; // so few works with all words: those with some of them follow
const COMMON = new Set("a an and are as at by does for from how in is it of on or the to what with".split(" "));
const WEIGHT = { work: 1.4, method: 2.2, topic: 1, model: 1, benchmark: 1, question: 0.9, page: 0.8, claim: 0.5 };

export const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
// a dot within an id or a version stays: 2503.20783, 1.5B
export const words = (text) => text.match(/[\p{L}\p{N}\p{M}]+(?:\.\p{N}+)*/gu) ?? [];

const options = {
  fields: ["title", "ids", "names", "terms", "text"],
  idField: "key",
  storeFields: ["kind"],
  tokenize: words,
  processTerm: folded,
  searchOptions: {
    boost: { title: 5, ids: 8, names: 3, terms: 1.5, text: 1 },
    prefix: (term) => term.length > 1,
    fuzzy: (term) => (term.length > 3 && !/\d{3}/.test(term) ? 0.25 : false),
    maxFuzzy: 2,
    weights: { prefix: 0.5, fuzzy: 0.3 },
    combineWith: "AND",
    boostDocument: (key, term, stored) => WEIGHT[stored.kind],
  },
};

async function json(name) {
  const answer = await fetch(new URL(name, base));
  if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
  return answer.json();
}

// the documents of the first file; what the second adds is put in by `extend`
function documents(first) {
  const works = first.works.map(([slug, title, leading, others, arxiv, year]) => ({
    key: `papers/${slug}/`, kind: "work", title, ids: `${arxiv} ${slug}`, names: `${leading} ${others}`,
    note: `${leading}${others ? " et al." : ""}, ${year}`, terms: "", text: "",
  }));
  const terms = first.terms.map(([key, title, kind, aliases]) => ({
    key, kind, title: `${title} ${aliases}`, shown: title, note: aliases ? `${kind}; ${aliases}` : kind, ids: "", text: "",
  }));
  return { works, terms };
}

function extend({ works, terms }, more) {
  works.forEach((work, place) => ([work.names, work.terms, work.text] = more.works[place]));
  terms.slice(0, more.terms.length).forEach((term, place) => (term.text = more.terms[place]));
  return more.claims.map(([work, id, text, verdict]) => ({
    key: `${works[work].key}#${id}`, kind: "claim", title: "", ids: "", text, verdict, work: works[work],
  }));
}

function indexed(MiniSearch, all) {
  const index = new MiniSearch(options);
  index.addAll(all);
  return { index, found: new Map(all.map((each) => [each.key, each])) };
}

export async function load(later) {
  const [{ default: MiniSearch }, first] = await Promise.all([import("./minisearch.js"), json("search.json")]);
  const parts = documents(first);
  const rest = json("search-more.json").then((more) => {
    const claims = extend(parts, more);
    later(indexed(MiniSearch, [...parts.works, ...parts.terms, ...claims]));
  });
  return { shelf: indexed(MiniSearch, [...parts.works, ...parts.terms]), rest };
}

// the names under which a page is asked for, as `plain` writes a query
const plain = (text) => folded(words(text).join(" "));
function names({ kind, title, shown, note, ids }) {
  if (kind === "work") return [title, title.split(":")[0], ...ids.split(" ")].map(plain);
  return [shown, ...note.split(/[;,] /)].map(plain);
}

// pages with their claims, best first; one whose very name was typed comes before all others
export function search({ index, found }, query) {
  const asked = words(query.slice(0, LONGEST));
  const telling = asked.filter((word) => !COMMON.has(folded(word)));
  const text = (telling.length ? telling : asked).join(" ");
  let hits = index.search(text);
  if (hits.length < FEW && telling.length > 1) {
    const known = new Set(hits.map((hit) => hit.id));
    hits = [...hits, ...index.search(text, { combineWith: "OR" }).filter((hit) => !known.has(hit.id))];
  }
  const pages = new Map();
  for (const hit of hits) {
    const each = found.get(hit.id);
    const owner = each.kind === "claim" ? each.work : each;
    const page = pages.get(owner.key) ?? { document: owner, claims: [], terms: new Set() };
    if (each.kind === "claim") page.claims.push({ document: each, terms: new Set(hit.terms) });
    else hit.terms.forEach((term) => page.terms.add(term));
    pages.set(owner.key, page);
  }
  const name = plain(query), is = ({ document }) => names(document).includes(name);
  const ordered = [...pages.values()];
  return [...ordered.filter(is), ...ordered.filter((page) => !is(page))];
}

function element(name, content, className) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...[content].flat());
  return made;
}

// the text with the words that were found marked
function marked(text, terms) {
  const parts = [];
  let from = 0;
  for (const { 0: word, index } of text.matchAll(/[\p{L}\p{N}\p{M}]+(?:\.\p{N}+)*/gu)) {
    if (terms.has(folded(word))) {
      parts.push(text.slice(from, index), element("mark", word));
      from = index + word.length;
    }
  }
  return [...parts, text.slice(from)];
}

// some words around the first that was found; empty where none was
function excerpt(text, terms, size = 170) {
  const hit = [...text.matchAll(/[\p{L}\p{N}\p{M}]+(?:\.\p{N}+)*/gu)].find(({ 0: word }) => terms.has(folded(word)));
  if (!hit) return "";
  const start = hit.index < size / 2 ? 0 : text.indexOf(" ", hit.index - size / 2) + 1;
  const end = text.length - start <= size ? text.length : text.lastIndexOf(" ", start + size);
  return `${start ? "… " : ""}${text.slice(start, Math.max(end, hit.index + hit[0].length))}${end < text.length ? " …" : ""}`;
}

function shownPage({ document: page, claims, terms }) {
  const title = element("a", marked(page.shown ?? page.title, terms), "hit");
  title.href = new URL(page.key, base).href;
  const item = element("li", [element("bdi", title), element("p", marked(page.note, terms), "by")]);
  const found = excerpt(page.text, terms);
  if (found && !claims.length) item.append(element("p", marked(found, terms)));
  for (const claim of claims.slice(0, CLAIMS)) {
    const link = element("a", marked(claim.document.text, claim.terms), "hit");
    link.href = new URL(claim.document.key, base).href;
    item.append(element("p", [link, element("span", ` ${claim.document.verdict}`, "by")], "said"));
  }
  return item;
}

function start(box) {
  const input = box.querySelector("input"), panel = box.querySelector(".found"), status = box.querySelector(".status");
  const further = box.querySelector(".further"), narrowed = [...further.querySelectorAll("a")].map((link) => [link, link.href]);
  const list = box.querySelector("ol"), hint = status.textContent;
  let shelf = null, loading = null, complete = false;

  const open = (state) => (panel.hidden = !state);
  const links = () => [...list.querySelectorAll("a.hit")];

  function show() {
    const query = input.value.trim();
    box.querySelector(".clear").hidden = !input.value;
    if (!query || !shelf) {
      list.replaceChildren();
      further.hidden = true;
      status.textContent = query ? "Loading" : hint;
      box.dataset.state = query ? "loading" : "idle";
      return;
    }
    const pages = search(shelf, query);
    list.replaceChildren(...pages.slice(0, SHOWN).map(shownPage));
    for (const [link, address] of narrowed) link.href = `${address}?words=${encodeURIComponent(query)}`;
    further.hidden = !pages.length;
    const number = pages.length === 1 ? "1 page" : `${pages.length} pages`;
    status.textContent = pages.length ? number : complete ? "Nothing found" : "Loading";
    box.dataset.state = complete ? "done" : "first";
  }

  function begin() {
    loading ??= load((all) => {
      [shelf, complete] = [all, true];
      show();
    }).then(({ shelf: some, rest }) => {
      shelf ??= some;
      show();
      return rest;
    }).catch(() => {
      loading = null;
      status.textContent = "The search could not be loaded; type on to try again";
    });
  }

  input.addEventListener("focus", () => {
    begin();
    open(true);
  });
  input.addEventListener("input", () => {
    begin();
    open(true);
    show();
  });
  box.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    links()[0]?.click();
  });
  box.querySelector("form").addEventListener("reset", () => setTimeout(() => {
    show();
    input.focus();
  }));
  box.addEventListener("keydown", (event) => {
    const all = links(), place = all.indexOf(document.activeElement);
    if (event.key === "Escape") {
      input.focus();
      open(false);
    } else if (event.key === "ArrowDown") {
      (all[place + 1] ?? all[0] ?? input).focus();
    } else if (event.key === "ArrowUp") {
      (place > 0 ? all[place - 1] : input).focus();
    } else return;
    event.preventDefault();
  });
  document.addEventListener("pointerdown", (event) => box.contains(event.target) || open(false));
  box.addEventListener("focusout", (event) => event.relatedTarget && !box.contains(event.relatedTarget) && open(false));
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input:not([type=checkbox],[type=radio]), textarea, select, [contenteditable]");
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    input.focus();
  });
  box.dataset.state = "idle";
}

const box = typeof document === "undefined" ? null : document.querySelector(".search");
if (box) start(box);

// The page: takes files, asks Python in a side thread what they are, and shows it. Text only ever becomes text.
"use strict";

const LARGEST = 32 * 2 ** 20; // octets of a file
const MOST = 200; // files
const PATIENCE = 60_000; // milliseconds for a verdict
const settings = JSON.parse(document.getElementById("settings").textContent);
const get = (id) => document.getElementById(id);

// Words

let language = (navigator.languages ?? [navigator.language]).find((name) => /^(de|en)\b/.test(name))?.slice(0, 2) ?? "en";
let python = "";

function text(name, values = {}) {
  const found = settings.texts[language][name] ?? name.replace(/^field\./, "");
  const all = { version: settings.version, pyodide: settings.pyodide, python, ...values };
  return found.replace(/\{(\w+)\}/g, (_, key) => all[key]);
}

const locale = () => navigator.languages?.find((name) => name.startsWith(language)) ?? language;
const number = (value) => value.toLocaleString(locale());

// A name of a file may hold what turns the direction of text, or moves the cursor.
const plain = (name) => name.replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}]/gu, "\ufffd");

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children.filter((child) => child !== null));
  return made;
}

const named = (name) => element("bdi", {}, plain(name));

function translate() {
  document.documentElement.lang = language;
  document.title = `ecpure: ${text("title")}`;
  for (const place of document.querySelectorAll("[data-t]")) place.textContent = text(place.dataset.t);
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-pressed", button.dataset.language === language);
  }
  for (const [list, count] of [["step", 5], ["trust", 4]]) {
    const lines = Array.from({ length: count }, (_, index) => element("li", {}, text(`${list}.${index + 1}`)));
    get(list === "step" ? "steps" : "trust").replaceChildren(...lines);
  }
  show();
  sayState();
}

for (const button of document.querySelectorAll("[data-language]")) {
  button.onclick = () => {
    language = button.dataset.language;
    translate();
  };
}

let state = ["", {}];

function sayState(...said) {
  if (said.length) state = said;
  get("state").textContent = state[0] && text(...state);
}

// Python, in a side thread

let worker, parts, suiteIsThere, started;
const waiting = new Map();

function ask(task, given = {}, onProgress = () => {}) {
  const id = crypto.getRandomValues(new Uint32Array(2)).join();
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject, onProgress });
    worker.postMessage({ id, task, ...given });
  });
}

function answered({ data: { id, result, error, progress } }) {
  const { resolve, reject, onProgress } = waiting.get(id) ?? {};
  if (!resolve) return;
  if (progress) return onProgress(progress);
  waiting.delete(id);
  if (error === undefined) resolve(result);
  else reject(new Error(error));
}

function start() {
  worker?.terminate();
  for (const { reject } of waiting.values()) reject(new Error("stopped"));
  waiting.clear();
  suiteIsThere = false;
  const source = new Blob([parts.runtime, get("worker").textContent], { type: "text/javascript" });
  worker = new Worker(URL.createObjectURL(source));
  worker.onmessage = answered;
  worker.onerror = (event) => {
    for (const { reject } of waiting.values()) reject(new Error(event.message));
    waiting.clear();
  };
  const { code, stdlib, wasm } = parts;
  started = ask("start", { parts: { code, stdlib, wasm }, info: settings.info });
  return started;
}

function decoded(base64) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64);
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

async function inflated(name) {
  const octets = decoded(get(`data-${name}`).textContent);
  const stream = new Blob([octets]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

async function load() {
  if (!("DecompressionStream" in window && "WebAssembly" in window)) {
    get("loading").hidden = true;
    return sayState("old");
  }
  try {
    parts = {};
    for (const [name, share] of [["runtime", 10], ["code", 15], ["stdlib", 30], ["wasm", 50]]) {
      parts[name] = await inflated(name);
      get("progress").value = share;
    }
    const creep = setInterval(() => (get("progress").value += (99 - get("progress").value) / 20), 100);
    python = JSON.parse(await start().finally(() => clearInterval(creep))).python;
    get("loading").hidden = true;
    document.documentElement.dataset.ready = "yes";
    sayState(...(chosen.length ? state : ["ready"]));
    translate();
  } catch (error) {
    get("loading").hidden = true;
    sayState("failed", { detail: `${error.message}.` });
  }
}

// Files

let chosen = []; // { name, octets } or { name, code } for one that was not read
let found = null; // what Python said of them
let checkedAt = null;
let round = 0;

async function take(files) {
  forget();
  for (const file of files) {
    const name = file.name;
    if (chosen.length >= MOST) chosen.push({ name, code: "many" });
    else if (file.size > LARGEST) chosen.push({ name, code: "large" });
    else {
      try {
        chosen.push({ name, octets: new Uint8Array(await file.arrayBuffer()) });
      } catch {
        chosen.push({ name, code: "unopened" });
      }
    }
    if (chosen.length > MOST) break;
  }
  await judge();
}

// What was said is no longer of these files.
function forget() {
  found = null;
  show();
  sayState("working");
  return ++round;
}

async function judge() {
  const mine = forget();
  if (!chosen.length) return sayState(python && "ready", {});
  get("loading").hidden = python !== "";
  if (await started.then(() => false, () => true)) return; // load says why
  const outcome = await verdicts(readable()).catch(oneByOne);
  if (mine !== round) return;
  found = outcome;
  checkedAt = new Date();
  sayState("", {});
  show();
  get("results").focus({ preventScroll: true });
  get("results").scrollIntoView({ block: "start" });
}

const readable = () => chosen.filter((file) => !file.code);

// Where the side thread came to its end: find the files that do that, and judge the others without them.
async function oneByOne() {
  for (const file of readable()) await verdicts([file]).catch(() => (file.code = "crashed"));
  return verdicts(readable()).catch(() => ({ said: readable().map(({ name }) => ({ name, code: "crashed" })) }));
}

async function verdicts(files) {
  const given = { names: files.map((file) => file.name), contents: files.map((file) => file.octets) };
  const answers = [];
  for (;;) {
    const outcome = JSON.parse(await patiently("judge", { ...given, answers }));
    const questions = Object.entries(outcome.asked);
    if (!questions.length) return outcome;
    for (const [id, question] of questions) answers.push([id, await askBrowser(question)]);
  }
}

async function patiently(task, given) {
  await started;
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(reject, PATIENCE);
  });
  try {
    return await Promise.race([ask(task, given), late]);
  } catch (error) {
    start();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

// Whether the browser finds a signature on P-256 valid; null where it has no WebCrypto.
async function askBrowser({ key, signature, message, hash }) {
  if (!crypto.subtle) return null;
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash };
  try {
    const imported = await crypto.subtle.importKey("spki", decoded(key), algorithm, false, ["verify"]);
    return await crypto.subtle.verify(algorithm, imported, decoded(signature), decoded(message));
  } catch {
    return null;
  }
}

// What is shown

const hashName = (name) => name.toUpperCase().replace("SHA3_", "SHA3-").replace(/^SHA(?=1|\d\d)/, "SHA-").replace("_", "/");
const hex = (digits) => digits.replace(/(.{4})(?=.)/g, "$1 ");

function pairs(rows) {
  return element("dl", {}, ...rows.flatMap(([name, value, type]) => [
    element("dt", {}, name),
    element("dd", { className: type ?? "" }, value),
  ]));
}

function aboutKey({ key, kind, verdict }) {
  if (key === null) return [];
  return [
    element("h4", {}, text("key")),
    verdict === "valid" ? element("p", { className: "note" }, text(`key-compare.${kind === "receipt" ? kind : "other"}`)) : null,
    pairs([
      [text("key-file"), named(key.name)],
      [text("key-curve"), key.curve],
      [text("key-point"), hex(key.point), "hex"],
      [text("key-fingerprint"), hex(key.fingerprint), "hex"],
    ]),
  ];
}

function sentences(one) {
  const why = one.verdict === "unknown" ? `why.${one.why}` : `${one.verdict}.${one.kind}`;
  return [
    element("p", {}, text(why, { curve: one.key?.curve })),
    one.detail ? element("p", {}, text("detail", { detail: plain(one.detail.replace(/\.$/, "")) })) : null,
    one.others ? element("p", {}, text("others", { count: one.others })) : null,
  ];
}

function limits(one) {
  if (one.verdict === "unknown") return [];
  const names = one.verdict === "invalid" ? ["invalid"] : one.kind === "receipt" ? ["key", "true", "unsigned"] : ["key"];
  const lines = names.map((name) => element("li", {}, text(`limit.${name}`)));
  return [element("h4", {}, text("limits")), element("ul", {}, ...lines)];
}

function how(one) {
  if (one.verdict === "unknown") return [];
  const by = text(one.key.curve === "P-256" ? "how.webcrypto" : "how.ecpure");
  const hash = one.hash ? ` ${text("how.hash", { hash: hashName(one.hash), count: number(one.octets) })}` : "";
  const { r, s } = one.signature;
  return [
    element("p", { className: "how" }, by + hash),
    element("details", {}, element("summary", {}, text("numbers")), pairs([["r", hex(r), "hex"], ["s", hex(s), "hex"]])),
  ];
}

function card(one) {
  const mark = { valid: "✓", invalid: "✗", unknown: "?" }[one.verdict];
  const rows = one.rows[language].map(([name, value]) => [name.startsWith("field.") ? text(name) : name, element("bdi", {}, plain(value))]);
  const title = text(one.verdict === "valid" ? "fields" : "fields-unsigned");
  return element("article", { className: `verdict ${one.verdict}` },
    element("div", { className: "banner" },
      element("h3", {}, element("span", { className: "mark", ariaHidden: "true" }, mark), text(one.verdict)),
      ...sentences(one)),
    element("div", { className: "body" },
      element("p", { className: "what" }, `${text(`kind.${one.kind}`)}: `, named(one.name)),
      ...one.notes.map((note) => element("p", { className: "note" }, text(`note.${note}`))),
      ...(rows.length ? [element("h4", {}, title), pairs(rows)] : []),
      one.rows[language].some(([, value]) => / UTC$/.test(value)) ? element("p", { className: "how" }, text("utc")) : "",
      ...aboutKey(one), ...limits(one), ...how(one)));
}

function listed(file, index) {
  const seen = found?.files?.find((one) => one.name === file.name && one.octets === file.octets?.length);
  const about = seen ? `${text(`what.${seen.what}`)}, ${text("octets", { count: number(seen.octets) })}` : "";
  const remove = element("button", { type: "button", ariaLabel: text("remove-what", { name: plain(file.name) }) }, text("remove"));
  remove.onclick = () => {
    chosen.splice(index, 1);
    judge();
  };
  return element("li", {}, element("div", {}, named(file.name), about && element("div", { className: "what" }, about),
    seen?.sha256 ? element("div", { className: "hex" }, `SHA-256 ${hex(seen.sha256)}`) : null), remove);
}

function show() {
  get("clear").hidden = get("results").hidden = chosen.length === 0;
  get("print").hidden = found === null;
  get("checked").textContent = found ? text("checked", { time: checkedAt.toLocaleString(locale(), { timeZoneName: "short" }) }) : "";
  get("verdicts").replaceChildren(...(found?.verdicts ?? []).map(card));
  const said = [...chosen.filter((file) => file.code), ...(found?.said ?? [])];
  get("said").replaceChildren(...said.map(({ name, code }) =>
    element("p", { className: "note" }, named(name), ": ", text(`said.${code}`))));
  get("chosen").replaceChildren(...chosen.map(listed));
}

// What people do

get("files").onchange = async (event) => {
  const files = [...event.target.files];
  await take(files);
  event.target.value = "";
};

for (const name of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(name, (event) => {
    event.preventDefault();
    document.body.classList.toggle("over", name === "dragover");
    if (name === "drop") take([...event.dataTransfer.files]);
  });
}

get("clear").onclick = () => {
  chosen = [];
  judge();
  get("files").focus();
};

get("example").onclick = () => {
  chosen = Object.entries(settings.example).map(([name, base64]) => ({ name, octets: decoded(base64) }));
  judge();
};

get("take").onclick = () => {
  const pasted = get("pasted").value;
  if (!pasted.trim()) return;
  get("pasted").value = "";
  const count = chosen.filter((file) => file.pasted).length + 1;
  chosen.push({ name: text("pasted", { count }), octets: new TextEncoder().encode(pasted), pasted: true });
  judge();
};

get("print").onclick = () => window.print();

get("run-vectors").onclick = async () => {
  const begun = performance.now();
  get("run-vectors").disabled = true;
  get("vectors-progress").hidden = false;
  try {
    await started;
    const suite = suiteIsThere ? null : decoded(get("data-suite").textContent);
    suiteIsThere = true;
    const { cases, wrong } = JSON.parse(await ask("vectors", { suite }, ({ done, total }) => {
      get("vectors-progress").value = done / total;
      get("vectors-progress").ariaLabel = text("vectors-progress", { done: number(done), total: number(total) });
    }));
    const values = { total: number(cases), seconds: number(Math.ceil((performance.now() - begun) / 1000)) };
    const bad = { count: number(wrong.length), names: wrong.slice(0, 10).join(", ") };
    get("vectors-state").textContent = text(wrong.length ? "vectors-bad" : "vectors-good", { ...values, ...bad });
  } catch {
    get("vectors-state").textContent = text("stopped");
  }
  get("run-vectors").disabled = false;
  get("vectors-progress").hidden = true;
};

get("lines").value = settings.lines;

get("run").onclick = async () => {
  get("run").disabled = true;
  get("stop").hidden = false;
  let output;
  try {
    await started;
    output = await ask("run", { text: get("lines").value });
  } catch {
    output = text("stopped");
  }
  get("output").textContent = output;
  get("output").hidden = get("run").disabled = false;
  get("stop").hidden = true;
};

get("stop").onclick = () => start();

document.querySelector(".version").textContent = settings.version;
translate();
document.addEventListener("DOMContentLoaded", load);

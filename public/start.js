// Starts the page: the worker's code is fetched beside the app's, once, for every worker there will be.
try {
  document.documentElement.dataset.theme = localStorage.getItem("assay.theme") ?? "auto";
} catch {
  // Storage can be forbidden; the theme then follows the system.
}

// Filled in when the page is built.
const VERSION = "";
const here = (name) => new URL(name, document.baseURI).href;

async function compile(url) {
  try {
    return await WebAssembly.compileStreaming(fetch(url));
  } catch {
    // A server that names another media type than application/wasm. A copy of the answer, kept for this, would stay in memory.
    const answer = await fetch(url);
    return WebAssembly.compile(await answer.arrayBuffer());
  }
}

async function load(name) {
  const [glue, module] = await Promise.all([
    fetch(here(name + ".js" + VERSION)).then((answer) => answer.text()),
    compile(here(name + "_bg.wasm" + VERSION)),
  ]);
  const boot = `
    self.addEventListener("message", function start(event) {
      self.removeEventListener("message", start);
      wasm_bindgen({ module_or_path: event.data.module }).catch((error) => setTimeout(() => { throw error; }));
    });`;
  const script = URL.createObjectURL(new Blob([glue, boot], { type: "text/javascript" }));
  return { script, module };
}

globalThis.assayWorker = load("worker");
globalThis.assayWorker.catch(() => {}); // the page reports it when it waits for the worker

// What reads workbooks, fetched with the first one. Tried again when there was no network.
let sheets;
globalThis.assaySheets = () =>
  (sheets ??= load("sheets").catch((error) => {
    sheets = undefined;
    throw error;
  }));

const { default: init } = await import(here("app.js" + VERSION));
await init({ module_or_path: here("app_bg.wasm" + VERSION) });

// Offline from the second visit on. Not where service workers do not exist (plain http, file:).
if ("serviceWorker" in navigator && isSecureContext && location.protocol !== "file:") {
  globalThis.assayWorker
    .then(() => navigator.serviceWorker.register(here("sw.js")))
    .then(() => navigator.serviceWorker.ready)
    .then((registration) => {
      const own = performance.getEntriesByType("resource").map((entry) => entry.name);
      // Workbooks too can be read offline.
      const later = ["sheets.js", "sheets_bg.wasm"].map((name) => here(name + VERSION));
      const keep = [...new Set([here("./"), ...later, ...own.filter((url) => url.startsWith(here("./")))])];
      registration.active?.postMessage({ keep });
    })
    .catch(() => {}); // Without it the page works all the same, only not offline.
}

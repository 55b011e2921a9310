// Mounts anywidget modules from the widget state that MyST-NB embeds in a page: no kernel, and
// nothing from elsewhere. The code comes from _static/widgets, in classic scripts that register
// texts (see book/_ext/live_widgets.py), so that it works from file:// too.

(() => {
  "use strict";
  if (window.widgetHost) return; // a page may link this file twice
  window.widgetHost = true;

  const MIME = "application/vnd.jupyter.widget-";
  const models = new Map();
  const modules = new Map();
  const folder = new URL("widgets/", document.currentScript.src);
  const code = new Map();
  const styles = new Set();

  const equal = (a, b) => Object.is(a, b)
    || (typeof a === "object" && typeof b === "object" && JSON.stringify(a) === JSON.stringify(b));

  /** What a front end sees of a widget; without a kernel, its state here is the only one. */
  class Model {
    constructor({ state, model_module: home, model_name: name }) {
      Object.assign(this, { state, home, name, listeners: new Map() });
      this.widget_manager = { get_model: async (id) => models.get(id.replace(/^IPY_MODEL_/, "")) };
    }

    get(key) {
      return this.state[key];
    }

    /** As Backbone does: "change:key" for each new value, then "change", before it returns. */
    set(key, value) {
      const wanted = typeof key === "object" ? key : { [key]: value };
      const changed = Object.entries(wanted).filter(([name, to]) => !equal(this.state[name], to));
      for (const [name, to] of changed) this.state[name] = to;
      for (const [name, to] of changed) this.#tell(`change:${name}`, to);
      if (changed.length) this.#tell("change");
    }

    on(names, listener) {
      for (const name of names.split(/\s+/)) {
        if (!this.listeners.has(name)) this.listeners.set(name, new Set());
        this.listeners.get(name).add(listener);
      }
    }

    off(name, listener) {
      if (name == null) this.listeners.clear();
      else if (listener == null) this.listeners.delete(name);
      else this.listeners.get(name)?.delete(listener);
    }

    save_changes() {}

    send() {}

    #tell(name, value) {
      for (const listener of [...(this.listeners.get(name) ?? [])]) listener(this, value);
    }
  }

  /** A text that a script of _static/widgets registers; each script is asked for once. */
  function fetchCode(name) {
    const known = () => window.widgetCode?.[name];
    const ask = (done, fail) => {
      if (known()) return done(known());
      const script = document.createElement("script");
      script.src = new URL(name, folder);
      script.onload = () => done(known());
      script.onerror = () => fail(new Error(`${name} is missing`));
      document.head.append(script);
    };
    if (!code.has(name)) code.set(name, new Promise(ask));
    return code.get(name);
  }

  /** The whole text of a widget: of the site its parts, of others what the state carries. */
  async function sourceOf({ state }) {
    if (state._code) state._esm ??= (await Promise.all(state._code.map(fetchCode))).join("\n");
    return state._esm;
  }

  /** The module of a front end, one for each distinct source, as anywidget has it. */
  function load(source) {
    if (!modules.has(source)) {
      const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
      modules.set(source, import(url).then(({ default: front }) => (
        typeof front === "function" ? front() : front)));
    }
    return modules.get(source);
  }

  function addStyle(text) {
    if (!text || styles.has(text)) return;
    styles.add(text);
    const style = document.createElement("style");
    style.textContent = text;
    document.head.append(style);
  }

  /** The widget takes the poster's place once it stands: until then it lies over it, unseen. */
  async function mount(host) {
    const model = models.get(host.dataset.model);
    addStyle(model.get("_css"));
    const front = await load(await sourceOf(model));
    const signal = new AbortController().signal;
    model.initialized ??= Promise.resolve(front.initialize?.({ model, signal }));
    await model.initialized;
    const poster = [...host.childNodes];
    const el = document.createElement("div");
    host.style.position = "relative";
    el.style.cssText = "position: absolute; inset: 0 0 auto; visibility: hidden";
    host.append(el);
    try {
      await front.render({ model, el, signal });
    } catch (error) {
      el.remove();
      throw error;
    } finally {
      host.style.position = "";
    }
    for (const node of poster) node.remove();
    el.removeAttribute("style");
    host.dataset.widget = "ready";
  }

  function explain(host, text) {
    host.dataset.widget = "failed";
    host.setAttribute("role", "note");
    host.append(text);
  }

  function wake(host) {
    if (host.dataset.widget !== "waiting") return;
    host.dataset.widget = "mounting";
    mount(host).catch((error) => {
      console.error(error);
      explain(host, `This widget failed to start: ${error.message}`);
    });
  }

  /** The place of a view: the one with the poster, or a new one. */
  function hostOf(script, id) {
    const free = `.lr-host[data-model="${CSS.escape(id)}"]:not([data-widget])`;
    const placed = document.querySelector(free);
    if (placed) return placed;
    const host = document.createElement("div");
    host.className = "lr-host";
    host.dataset.model = id;
    script.after(host);
    return host;
  }

  function place(script, watcher) {
    const id = JSON.parse(script.textContent).model_id;
    const model = models.get(id);
    const host = hostOf(script, id);
    const advice = "Interactive output: run this notebook with a kernel to see it.";
    if (!model) return explain(host, advice);
    if (model.home !== "anywidget") return explain(host, `${model.name}: needs a running kernel.`);
    host.dataset.widget = "waiting";
    watcher.observe(host);
    // early, for readers who go offline; mounting tells what went wrong
    for (const name of model.get("_code") ?? []) fetchCode(name).catch(() => {});
    const entry = `${model.get("ident")}?`;
    const linked = location.hash.slice(1).split(";").some((given) => given.startsWith(entry));
    if (linked) { // the address carries this widget's state: show it
      wake(host);
      host.scrollIntoView({ block: "center" });
    }
  }

  function start() {
    for (const script of document.querySelectorAll(`script[type="${MIME}state+json"]`)) {
      for (const [id, entry] of Object.entries(JSON.parse(script.textContent).state)) {
        if (!models.has(id)) models.set(id, new Model(entry));
      }
    }
    const watcher = new IntersectionObserver((entries) => {
      for (const { isIntersecting, target } of entries) if (isIntersecting) wake(target);
    }, { rootMargin: "400px" }); // a closed tab's widget wakes when the tab opens
    for (const script of document.querySelectorAll(`script[type="${MIME}view+json"]`)) {
      place(script, watcher);
    }
    window.addEventListener("beforeprint", () => {
      document.querySelectorAll(".lr-host").forEach(wake);
    });
  }

  // "interactive" comes before deferred scripts such as MathJax have run, DOMContentLoaded after
  if (document.readyState !== "loading") start();
  else document.addEventListener("readystatechange", start, { once: true });
})();

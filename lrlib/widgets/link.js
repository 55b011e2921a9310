// State outside the widget: the page's address (#ident?lr=0.0012&start=9.3;other?lr=1) and the clipboard.

/** The entries of the address: [{ident, query}], plain anchors included with a null query. */
function hashEntries() {
  return location.hash.slice(1).split(";").filter(Boolean).map((entry) => {
    const mark = entry.indexOf("?");
    return mark < 0 ? { ident: entry, query: null } : { ident: entry.slice(0, mark), query: entry.slice(mark + 1) };
  });
}

/** What the address asks of widget `ident`: an array of [key, text], empty if nothing. */
function linkedState(ident) {
  const entry = hashEntries().find((e) => e.ident === ident && e.query !== null);
  return entry ? [...new URLSearchParams(entry.query)] : [];
}

/** The page's address with the state of widget `ident` in it; other widgets keep theirs. */
function linkTo(ident, state) {
  const others = hashEntries().filter((e) => e.ident !== ident && e.query !== null);
  const query = Object.entries(state).map(([key, value]) => `${key}=${value}`).join("&");
  const entries = [...others, { ident, query }].map((e) => `${e.ident}?${e.query}`);
  return `${location.href.split("#")[0]}#${entries.join(";")}`;
}

/** What is wrong with `text` as a value of `key`, or "". */
function complaint(key, text, allowed) {
  const shown = `${key} = ${text.slice(0, 40)}`;
  if (!Object.hasOwn(allowed, key)) return `${shown} (allowed are ${Object.keys(allowed).join(", ")})`;
  const { low, high, whole } = allowed[key], value = text.trim() === "" ? NaN : Number(text);
  if (value >= low && value <= high && (!whole || Number.isInteger(value))) return "";
  return `${shown} (allowed is ${whole ? "a whole" : "a"} number from ${low} to ${high})`;
}

/** Split the address's wishes into usable numbers and complaints. */
function checkState(pairs, allowed) {
  const state = {}, complaints = [];
  for (const [key, text] of pairs) {
    const wrong = complaint(key, text, allowed);
    if (wrong) complaints.push(wrong);
    else state[key] = Number(text);
  }
  return { state, complaints };
}

/** Put text on the clipboard; the old way serves pages opened from a file or over http. */
async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = element("textarea", { style: "position:fixed;opacity:0" });
    const focused = document.activeElement;
    area.value = text;
    document.body.append(area);
    area.select();
    const copied = document.execCommand("copy");
    area.remove();
    focused?.focus();
    return copied;
  }
}

/** Fill the template that Python sent: "lr={lr}" with {lr: 0.1} is "lr=0.1". */
const fillTemplate = (template, values) => template.replace(/\{(\w+)\}/g, (_, key) => String(values[key]));

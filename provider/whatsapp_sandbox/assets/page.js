"use strict";

/* The live page. It asks the server for the state once a second and changes only what differs, so that focus, typed
   text, open parts and scroll positions stay. Every text that comes from elsewhere goes in as text, never as markup. */

const $ = id => document.getElementById(id);
const query = new URLSearchParams(location.search);
let chosen = query.get("account");
let state = null;
let turn = 0;

const SETTINGS = {
  last_seen: "Last seen", profile_photo: "Profile photo", about: "About", group_add: "Groups", online: "Online",
  read_receipts: "Read receipts", call_add: "Calls", default_message_timer: "Message timer",
};
const VALUES = {
  all: "everyone", contacts: "my contacts", contact_blacklist: "my contacts except…", none: "nobody",
  match_last_seen: "same as last seen", known: "known contacts", "24h": "24 hours", "7d": "7 days", "90d": "90 days",
};
const SWITCHED = {"read_receipts:all": "on", "read_receipts:none": "off"};
const OPERATIONS = {
  block: "a block", unblock: "an unblock", list: "a listing", privacy_read: "a privacy read",
  privacy_write: "a privacy change", status: "a status check",
};
const IDENTITIES = {instance: "Instance", phoneNumber: "Phone number of the account", phoneNumberId: "Phone number id"};
const COUNTRIES = new Intl.DisplayNames("en", {type: "region"});
const named = setting => SETTINGS[setting] ?? setting;
const many = (count, one, more) => `${count.toLocaleString("en")} ${count === 1 ? one : more}`;

function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes))
    name.startsWith("on") ? node.addEventListener(name.slice(2), value) : node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/* The server */

class Unreachable extends Error {}

async function ask(path, fields = {}, options = {}) {
  let response, text;
  try {
    const url = Object.keys(fields).length ? `${path}?${new URLSearchParams(fields)}` : path;
    response = await fetch(url, {signal: AbortSignal.timeout(5000), ...options});
    text = await response.text();
  } catch {
    reachable(false);
    throw new Unreachable("Not done: the sandbox does not answer.");
  }
  reachable(true);
  if (!response.headers.get("Content-Type").startsWith("application/json"))
    throw new Error(`The sandbox answered HTTP ${response.status}; its terminal says why.`);
  const body = JSON.parse(text);
  if (!response.ok) throw new Error(body.error);
  return body;
}

function reachable(yes) {
  const banner = $("offline");
  if (banner.hidden === yes) return;
  banner.textContent = yes ? "" : "The sandbox does not answer. This page goes on by itself when it is back; what you typed stays.";
  banner.hidden = yes;
  if (!yes) return;
  if ($("said").className === "bad") say("");
  echo();
  for (const paste of pastes) if (paste.wanted && !paste.found) paste.load(...paste.wanted);
  for (const request of document.querySelectorAll(".request[open]")) request.dispatchEvent(new Event("toggle"));
}

let forgetting;
function say(text, bad = false) {
  clearTimeout(forgetting);
  $("said").textContent = text;
  $("said").className = bad ? "bad" : "";
  if (text) forgetting = setTimeout(say, bad ? 15000 : 6000, "");
}

async function act(action, fields = {}) {
  const account = action === "create" ? {} : {account: chosen};
  try {
    const {done} = await ask("/_sandbox/act", {}, {
      method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify({action, ...account, ...fields}),
    });
    if (action === "create") choose(done);
    say(action === "create" ? `${done} is there` : done);
    await refresh();
    return true;
  } catch (error) {
    say(error.message, true);
    return false;
  }
}

/* Drawing: `same` says whether a part is drawn already from this data; `keyed` keeps the nodes of what stays. */

const drawn = {};
function same(part, data) {
  const text = JSON.stringify(data);
  const before = drawn[part];
  drawn[part] = text;
  return before === text;
}

function fill(select, entries) {
  if (same(select.id, entries)) return;
  const before = select.value;
  select.replaceChildren(...entries.map(([value, text]) => el("option", {value}, text)));
  if (entries.some(([value]) => value === before)) select.value = before;
}

function keyed(parent, items, key, make, update = () => {}) {
  const old = new Map([...parent.children].map(node => [node.dataset.key, node]));
  const wanted = items.map(item => {
    const name = String(key(item));
    const node = old.get(name) ?? make(item);
    node.dataset.key = name;
    old.delete(name);
    update(node, item);
    return node;
  });
  for (const node of old.values()) {
    if (node.contains(document.activeElement)) moveFocus(node, parent, new Set(old.values()));
    node.remove();
  }
  wanted.forEach((node, index) => {
    if (parent.children[index] !== node) parent.insertBefore(node, parent.children[index] ?? null);
  });
}

/* Whoever has the focus on something that goes gets the same control of the next entry that stays, else the list. */
function moveFocus(node, parent, going) {
  const entries = [...parent.children];
  const from = entries.indexOf(node);
  const next = [...entries.slice(from + 1), ...entries.slice(0, from).reverse()].find(one => !going.has(one));
  const target = next?.querySelector("button, summary, a") ?? parent.closest("section")?.querySelector("h2") ?? parent;
  if (!target.matches("button, summary, a, [tabindex]")) target.tabIndex = -1;
  target.focus({preventScroll: true});
}

/* What to paste */

const KINDS = [["stack", "Stack configuration"], ["environment", "Environment"], ["embedded", "Without this server"]];
const NOTES = {
  stack: "Where the stack has whatsapp:sandbox, remove it first: one account has either a sandbox or an address.",
  environment: "Secrets in the environment win over those of the stack.",
  embedded: "The program opens the file itself and needs no server; this page shows the same accounts. Where the stack has "
    + "whatsapp:baseUrl, remove it first.",
};
let kind = "stack";

function copyButton(text, label) {
  const button = el("button", {type: "button", class: "small", "aria-label": label}, "Copy");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text());
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(button.closest("[data-copied]").querySelector("pre"));
      button.textContent = "Press Ctrl-C";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
  return button;
}

function makePaste(box) {
  const lines = el("pre", {tabindex: "0", "aria-label": "What to paste"});
  const note = el("p", {class: "quiet"});
  const choice = el("fieldset", {class: "choice", "aria-label": "As what to paste it"});
  for (const [value, text] of KINDS) {
    const radio = el("input", {type: "radio", name: `kind-${box.id}`, value,
      onchange: () => { kind = value; pastes.forEach(paste => paste.show()); }});
    choice.append(el("label", {}, radio, text));
  }
  box.dataset.copied = "";
  const paste = {
    found: null,
    wanted: null,
    show() {
      for (const radio of choice.querySelectorAll("input")) radio.checked = radio.value === kind;
      if (!this.found) return lines.replaceChildren();
      lines.replaceChildren(...this.found[kind].map(line => el("span", {class: "line"}, line)));
      note.textContent = NOTES[kind] + (this.found.own_credential || kind === "embedded" ? "" :
        " The account has seen another credential first: set the variables to that one, or rotate the credential below.");
    },
    async load(gateway, identity) {
      const wanted = this.wanted = [gateway, identity];
      let found = null, problem = "";
      try {
        found = await ask("/_sandbox/setup", {gateway, identity});
      } catch (error) {
        problem = error.message;
      }
      if (wanted !== this.wanted) return;
      this.found = found;
      note.textContent = problem;
      this.show();
    },
  };
  const copy = copyButton(() => `${paste.found?.[kind].join("\n") ?? ""}\n`, "Copy the lines");
  box.append(choice, lines, el("div", {class: "row"}, copy), note);
  return paste;
}
const pasteNew = makePaste($("paste-new"));
const pasteAccount = makePaste($("paste-account"));
const pastes = [pasteNew, pasteAccount];

function gatewayChanged() {
  const gateway = state.gateways[$("gateway").value];
  $("identity-label").textContent = IDENTITIES[gateway.identity] ?? gateway.identity;
  $("identity").value = gateway.example;
  pasteNew.load($("gateway").value, $("identity").value);
}

/* An account */

function blockedEntry(one) {
  const text = el("span", {class: "number"}, one.contact);
  return el("li", {}, text, el("button", {type: "button", class: "small", "aria-label": `Unblock ${one.contact}`,
    onclick: () => act("unblock", {phones: [one.contact]})}, "Unblock"));
}

function updateBlocked(node, one) {
  const hidden = one.hides_number ? ` listed as ${one.user_id}` : "";
  const text = one.contact + hidden;
  if (node.firstChild.textContent !== text)
    node.firstChild.replaceChildren(one.contact, ...(hidden ? [el("span", {class: "quiet"}, hidden)] : []));
}

function settingRow([setting]) {
  const select = el("select", {id: `setting-${setting}`});
  for (const value of state.account.settings[setting]) {
    select.append(el("option", {value}, SWITCHED[`${setting}:${value}`] ?? VALUES[value] ?? value));
  }
  select.addEventListener("change", async () => {
    if (!await act("set_privacy", {setting, value: select.value})) select.value = state.account.privacy[setting];
  });
  const input = el("input", {placeholder: "+55 11 98765-4321", required: "", autocomplete: "off"});
  const form = el("form", {"data-exceptions": setting, onsubmit: async event => {
    event.preventDefault();
    if (await act("add_exceptions", {setting, phones: [input.value]})) input.value = "";
  }}, el("label", {class: "grow"}, `Exception of ${named(setting)}`, input), el("button", {}, "Add"));
  return el("div", {class: "setting"}, el("label", {}, el("span", {}, named(setting)), select), el("code"),
    el("div", {class: "exceptions"}, el("p", {class: "quiet"}), el("ul", {class: "chips"}), form));
}

function updateSetting(node, [setting, value]) {
  const select = node.querySelector("select");
  if (select.dataset.live !== value) select.value = select.dataset.live = value;
  node.querySelector("code").textContent = `${setting} = ${value}`;
  const found = state.account.exceptions[setting];
  const box = node.querySelector(".exceptions");
  box.hidden = !found || (!found.count && value !== "contact_blacklist");
  if (!found) return;
  const rest = found.count - found.contacts.length;
  box.querySelector("p").textContent = !found.count ? "" : many(found.count, "exception", "exceptions")
    + (value === "contact_blacklist" ? "" : ", which this value does not use") + (rest ? `; the first ${found.contacts.length}:` : "");
  keyed(box.querySelector("ul"), found.contacts, phone => phone, phone => el("li", {class: "chip number"}, phone,
    el("button", {type: "button", "aria-label": `Remove the exception ${phone} of ${named(setting)}`,
      onclick: () => act("remove_exceptions", {setting, phones: [phone]})}, "×")));
}

function requestEntry(request) {
  const clock = new Date(request.at * 1000).toTimeString().slice(0, 8);
  const status = el("span", {class: request.status && request.status < 400 ? "ok" : "bad"}, String(request.status ?? "no answer"));
  const fault = request.fault ? [el("span", {class: "fault"}, faultTitle(request.fault))] : [];
  const what = request.operation.replace("_", " ") + (request.contacts ? ` ${many(request.contacts, "contact", "contacts")}` : "");
  const body = el("div", {class: "body"});
  const summary = el("summary", {}, el("span", {class: "number quiet"}, clock),
    el("code", {class: "path"}, `${request.method} ${request.path}`), el("span", {class: "quiet"}, what), status, ...fault);
  const details = el("details", {class: "request"}, summary, body);
  details.addEventListener("toggle", () => details.open && openRequest(body, request));
  return details;
}

async function openRequest(body, request) {
  if (body.dataset.loaded) return;
  try {
    const whole = await ask(`/_sandbox/requests/${request.id}`, {account: chosen});
    body.dataset.loaded = "yes";
    const cut = whole.contacts > 100 ? ` (the first 100 of ${whole.contacts.toLocaleString("en")} contacts)` : "";
    body.replaceChildren(
      part(`Body${cut}`, whole.json === null ? "none" : pretty(whole.json)),
      part("Answer", whole.answer === null ? "none: the connection was lost before it" : pretty(whole.answer) || "empty"),
      part(`Send it again${cut}`, whole.curl));
  } catch (error) {
    body.replaceChildren(el("p", {class: "quiet"}, error.message));
  }
}

function part(title, text) {
  const shown = el("pre", {tabindex: "0", "aria-label": title}, text);
  return el("div", {"data-copied": ""}, el("h3", {}, title, copyButton(() => text, `Copy: ${title}`)), shown);
}

function pretty(value) {
  if (typeof value !== "string") return JSON.stringify(value, null, 2);
  try {
    return JSON.stringify(JSON.parse(value), null, 2);
  } catch {
    return value;
  }
}

const faultTitle = name => state.account?.fault_kinds[name]?.title ?? name;

function describedFault(fault) {
  const on = !fault.on ? "any request" : OPERATIONS[fault.on] ?? fault.on;
  const times = fault.times === null ? "every time" : fault.times === 1 ? "once" : `${fault.times} times`;
  return `${faultTitle(fault.kind)}: on ${on}, ${times}` + (fault.after ? `, after ${fault.after} that ${fault.after === 1 ? "goes" : "go"} well` : "");
}

function showFaultForm(a) {
  fill($("kind"), Object.entries(a.fault_kinds).map(([name, one]) => [name, one.title]));
  const one = a.fault_kinds[$("kind").value];
  $("kind-text").textContent = one.text;
  const on = Object.entries(OPERATIONS).filter(([name]) => one.operations.includes(name));
  fill($("on"), [["", on.length === 1 ? on[0][1] : "any request"], ...(on.length === 1 ? [] : on)]);
}

function showAccount(a) {
  $("name").textContent = a.name;
  $("own").textContent = `own number ${a.phone}`;
  $("count").textContent = a.count.toLocaleString("en");
  $("shown").textContent = !a.count ? "Nobody is blocked."
    : a.matching > a.blocked.length ? `The first ${a.blocked.length} of ${a.matching.toLocaleString("en")}; search to see others.`
    : $("search").value.trim() ? many(a.matching, "matches.", "match.") : "";
  if (!same("blocked", a.blocked)) keyed($("blocked"), a.blocked, one => one.contact, blockedEntry, updateBlocked);
  if (!same("privacy", [a.privacy, a.exceptions]))
    keyed($("privacy"), Object.entries(a.privacy), ([setting]) => setting, settingRow, updateSetting);
  $("no-privacy").textContent = a.has_privacy ? "" : `${a.gateway} can neither read nor set these; only the phone can.`;
  showFaultForm(a);
  if (!same("faults", a.faults)) $("faults").replaceChildren(...a.faults.map(one => el("li", {}, describedFault(one))));
  $("clear-faults").hidden = !a.faults.length;
  if (!same("requests", a.requests)) keyed($("requests"), a.requests, one => one.id, requestEntry);
  $("no-requests").textContent = a.requests.length ? "" : "No request has reached this account yet.";
  $("clear-requests").hidden = !a.requests.length;
}

/* Which account, and the turn of things */

function address(name) {
  return name ? `?account=${encodeURIComponent(name)}` : "?connect";
}

function choose(name, push = true) {
  if (name === chosen && state) return;
  if (push) history.pushState(null, "", address(name));
  chosen = name;
  for (const part of Object.keys(drawn)) if (part !== "gateway") delete drawn[part];
  for (const id of ["blocked", "privacy", "faults", "requests"]) $(id).replaceChildren();
  for (const id of ["search", "phone"]) $(id).value = "";
  $("echo").textContent = "";
  $("how").open = false;
}

function link([name, text]) {
  return el("li", {}, el("a", {href: address(name), onclick: event => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    choose(name);
    refresh();
  }}, text));
}

function show(found) {
  state = found;
  const wantsNone = chosen === "" || new URLSearchParams(location.search).has("connect");
  const typing = $("new").contains(document.activeElement);
  if (chosen === null && !wantsNone && found.accounts.length && !typing) { chosen = found.accounts[0]; return refresh(); }
  const gone = chosen && !found.account;
  if (gone) {
    choose("", false);
    history.replaceState(null, "", address(""));
  }
  const first = $("gateway").options.length === 0;
  fill($("gateway"), Object.keys(found.gateways).map(name => [name, name]));
  if (first) gatewayChanged();
  keyed($("accounts"), [["", "Connect a program"], ...found.accounts.map(name => [name, name])], ([name]) => name, link, (node, [name]) => {
    if (name === (chosen ?? "")) node.firstChild.setAttribute("aria-current", "page");
    else node.firstChild.removeAttribute("aria-current");
  });
  $("connect").hidden = Boolean(chosen);
  $("account").hidden = !chosen;
  if (gone) $("h-connect").focus();
  document.title = chosen ? `${chosen} · WhatsApp sandbox` : "WhatsApp sandbox";
  if (chosen) showAccount(found.account);
}

async function refresh() {
  const mine = ++turn;
  const fields = chosen ? {account: chosen, search: $("search").value, sort: $("sort").value} : {};
  try {
    const found = await ask("/_sandbox/state", fields);
    if (mine === turn) await show(found);
  } catch (error) {
    if (!(error instanceof Unreachable)) say(error.message, true);
  }
}

/* What people do */

const FORMS = {
  new: fields => act("create", fields),
  block: ({phone}) => act("block", {phones: [phone]}),
  contact: ({phone, what}) => {
    const [name, value] = what.split(":");
    return act("contact", {phone, [name]: value === "true"});
  },
  fault: ({kind: name, on, times, after}) =>
    act("fault", {kind: name, on: on || null, times: times ? Number(times) : null, after: Number(after)}),
};
for (const [id, send] of Object.entries(FORMS))
  $(id).addEventListener("submit", async event => {
    event.preventDefault();
    if (!await send(Object.fromEntries(new FormData($(id))))) return;
    for (const input of $(id).querySelectorAll("input[name=phone]")) input.value = "";
    echo();
  });

let echoed = 0;
async function echo() {
  const mine = ++echoed;
  const phone = $("phone").value.trim();
  const box = $("echo");
  if (!phone) { box.textContent = ""; box.classList.remove("bad"); return; }
  let text, bad = false;
  try {
    const one = await ask("/_sandbox/contact", {account: chosen, phone});
    const country = one.country !== "ZZ" && !one.contact.includes("@") ? `, ${COUNTRIES.of(one.country)}` : "";
    text = one.own_number ? `${one.contact}${country}: the account's own number` :
      `${one.blocked ? "Already blocked" : "Blocks"}: ${one.contact}${country}`;
  } catch (error) {
    [text, bad] = error instanceof Unreachable ? ["", false] : [error.message, true];
  }
  if (mine !== echoed) return;
  box.textContent = text;
  box.classList.toggle("bad", bad);
}

async function sure(text, yes) {
  $("sure-text").textContent = text;
  $("sure-yes").textContent = yes;
  $("sure").returnValue = "no";
  $("sure").showModal();
  await new Promise(done => $("sure").addEventListener("close", done, {once: true}));
  return $("sure").returnValue === "yes";
}

$("reset").addEventListener("click", async () => {
  if (await sure(`Make ${chosen} as it was when it was new? Its block list, settings, contacts, faults, requests and credential go.`, "Reset"))
    await act("reset");
});
$("delete").addEventListener("click", async () => {
  if (await sure(`Delete ${chosen}, with its block list and its requests?`, "Delete")) await act("delete");
});
document.addEventListener("click", event => {
  const action = event.target.dataset?.do;
  if (action) act(action);
});
$("phone").addEventListener("input", echo);
$("search").addEventListener("input", refresh);
$("sort").addEventListener("change", refresh);
$("kind").addEventListener("change", () => showFaultForm(state.account));
$("gateway").addEventListener("change", gatewayChanged);
$("identity").addEventListener("input", () => pasteNew.load($("gateway").value, $("identity").value));
$("how").addEventListener("toggle", () => $("how").open && pasteAccount.load(state.account.gateway, state.account.identity));
addEventListener("popstate", () => {
  const there = new URLSearchParams(location.search);
  choose(there.get("account") ?? "", false);
  refresh();
});
document.addEventListener("visibilitychange", () => document.hidden || refresh());
(async function live() {
  if (!document.hidden) await refresh();
  setTimeout(live, 1000);
})();

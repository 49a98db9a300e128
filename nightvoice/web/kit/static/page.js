// Saves reloading: a form replaces only its own part of the page, and live updates appear on their own.
// Every form and link also works without this script.
"use strict";

const said = document.getElementById("said");

function say(text, stays) {
  said.classList.toggle("stays", stays);
  said.textContent = "";
  requestAnimationFrame(() => { said.textContent = text; });
}

function parse(text) {
  return new DOMParser().parseFromString(text, "text/html");
}

/** Replace the element `id` with that of `page`, or the whole main part if `page` has no such element. */
function swap(page, id) {
  const theirs = page.getElementById(id);
  const ours = document.getElementById(theirs ? id : "main");
  if (theirs && ours.open) theirs.open = true;
  ours.replaceWith(document.adoptNode(theirs || page.getElementById("main")));
}

/** Show the level of the microphone in `form` while it waits for its answer. */
function watchLevel(form) {
  const meter = form.querySelector("meter");
  const state = (name) => {
    for (const line of form.querySelectorAll("[data-when]")) line.hidden = line.dataset.when !== name;
  };
  state("opening");
  const levels = new EventSource(form.dataset.level);
  levels.onmessage = (event) => {
    if (meter.hidden) state("listening");
    meter.hidden = false;
    meter.value = Number(event.data);
  };
  return levels;
}

async function send(form, button) {
  const body = new URLSearchParams(new FormData(form, button));
  form.setAttribute("aria-busy", "true");
  const levels = form.dataset.level ? watchLevel(form) : null;
  try {
    const answer = await fetch(form.action, { method: "POST", body });
    const page = parse(await answer.text());
    swap(page, form.dataset.swap);
    const news = page.getElementById("said");
    if (news) say(news.textContent, false);
    const target = document.querySelector("[aria-invalid]") || document.getElementById(button.id) || document.getElementById("main");
    target.focus();
  } catch {
    form.removeAttribute("aria-busy");
    say(document.getElementById("unreachable").content.textContent, true);
  } finally {
    if (levels) levels.close();
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.dataset.swap || form.hasAttribute("aria-busy")) return;
  event.preventDefault();
  send(form, event.submitter);
});

/** Say the value of a slider beside it. */
function tell(slider) {
  const value = slider.max === "1" ? `${Math.round(slider.value * 100)} %` : slider.value;
  slider.parentElement.querySelector("output").textContent = value;
}

document.addEventListener("input", (event) => { if (event.target.type === "range") tell(event.target); });
document.querySelectorAll("input[type=range]").forEach(tell);

/** Longest silence of a stream that works: the server sends something every 15 seconds. */
const SILENCE_MS = 35000;
const RETRY_MS = 5000;
const FETCH_MS = 10000;

let stream = null;
let timer = 0;
let known = new Date();

function alive() {
  known = new Date();
  clearTimeout(timer);
  timer = setTimeout(lose, SILENCE_MS);
}

function close() {
  clearTimeout(timer);
  if (stream) stream.close();
  stream = null;
}

/** Say that the page is not live, and try again soon. A browser does not itself after an error of the server. */
function lose() {
  close();
  const notice = document.getElementById("stale");
  notice.querySelector("time").textContent = known.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  notice.hidden = false;
  timer = setTimeout(() => reload().then(follow, lose), RETRY_MS);
}

/** Replace the live part of this page by the present one. */
async function reload() {
  const answer = await fetch(location.href, { signal: AbortSignal.timeout(FETCH_MS) });
  if (!answer.ok) throw new Error(answer.statusText);
  const page = parse(await answer.text());
  swap(page, "live");
  const dark = "link[href*='/dark.css']";
  document.querySelector(dark).media = page.querySelector(dark).media;
  known = new Date();
}

let reloading = false;
let again = false;

/** Reload once for all events that come while a reload is under way, and once more for those. */
async function refresh() {
  again = true;
  if (reloading) return;
  reloading = true;
  try {
    while (again) {
      again = false;
      await reload();
    }
    if (stream) alive();
  } catch {
    lose();
  } finally {
    reloading = false;
  }
}

/** Reload the live part whenever the server sends an event. */
function follow() {
  const live = document.querySelector("[data-live]");
  if (!live) return;
  stream = new EventSource(live.dataset.live);
  stream.onopen = () => { document.getElementById("stale").hidden = true; alive(); };
  stream.onmessage = refresh;
  stream.addEventListener("alive", alive);
  stream.onerror = lose;
}

follow();
addEventListener("pagehide", close);
addEventListener("pageshow", (event) => { if (event.persisted) lose(); });

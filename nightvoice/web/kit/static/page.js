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
  ours.replaceWith(document.adoptNode(theirs || page.getElementById("main")));
}

async function send(form, button) {
  const body = new URLSearchParams(new FormData(form, button));
  form.setAttribute("aria-busy", "true");
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
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.dataset.swap || form.hasAttribute("aria-busy")) return;
  event.preventDefault();
  send(form, event.submitter);
});

/** Reload the live part of this page whenever the server sends an event. */
function follow(source) {
  const stream = new EventSource(source);
  stream.onmessage = async () => {
    const answer = await fetch(location.href);
    if (answer.ok) swap(parse(await answer.text()), "live");
  };
  addEventListener("pagehide", () => stream.close());
}

const live = document.querySelector("[data-live]");
if (live) {
  follow(live.dataset.live);
  addEventListener("pageshow", (event) => { if (event.persisted) follow(live.dataset.live); });
}

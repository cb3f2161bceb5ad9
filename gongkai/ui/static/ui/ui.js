/* What pages gain with a script. Everything works without it.
 *
 * form                 one submission for one click
 * form[data-draft=key] what was typed is kept in this browser for a day; never passwords, files or [data-private]
 *                      (data-draft-page: where to go on with it)
 * [data-draft-waits=key] says on another page that a draft waits: when, how it begins ([data-draft-title=field]), go on, drop
 * [data-draft-done=key] on the page after success: the draft is dropped
 * time[data-due]       hours and minutes left, counted down
 * [data-print]         prints the page; hidden until the script runs
 */
"use strict";

/* One submission: a second click does nothing until the page is left, or for eight seconds when it stays (a download). */

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) { event.preventDefault(); return; }
  if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("hx-post")) return;
  form.dataset.sent = "yes";
  form.setAttribute("aria-busy", "true");
  setTimeout(() => release(form), 8000);
});

function release(form) {
  delete form.dataset.sent;
  form.removeAttribute("aria-busy");
}

addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(release));

/* Drafts. */

const DAY = 24 * 3600 * 1000;

function kept(form) {
  return [...form.elements].filter((one) =>
    one.name && one.name !== "csrfmiddlewaretoken" && !one.closest("[data-private]") &&
    (one.tagName === "TEXTAREA" || one.tagName === "SELECT" || /^(text|search|number|date|time|datetime-local|radio|checkbox)$/.test(one.type)));
}

function isChoice(one) { return one.type === "radio" || one.type === "checkbox"; }

function save(form) {
  const words = {};
  for (const one of kept(form)) {
    if (!isChoice(one)) words[one.name] = [one.value];
    else if (one.checked) (words[one.name] ||= []).push(one.value);
  }
  localStorage.setItem(`draft:${form.dataset.draft}`, JSON.stringify({ at: Date.now(), page: form.dataset.draftPage, words }));
}

function draftOf(key) {
  const draft = JSON.parse(localStorage.getItem(`draft:${key}`) || "null");
  if (!draft || Date.now() - draft.at <= DAY) return draft;
  drop(key);
  return null;
}

function restore(form) {
  const draft = draftOf(form.dataset.draft);
  if (!draft) return;
  let changed = false;
  for (const one of kept(form)) {
    const values = draft.words[one.name];
    if (!values) continue;
    if (isChoice(one)) {
      const checked = values.includes(one.value);
      if (one.checked !== checked) { one.checked = checked; changed = true; }
    } else if (!one.value && values[0]) { one.value = values[0]; changed = true; }
  }
  if (changed) say(form);
}

function drop(key) { localStorage.removeItem(`draft:${key}`); }

function say(form) {
  const line = document.createElement("p");
  line.className = "notice draft";
  line.setAttribute("role", "status");
  line.textContent = "已恢复上次没有提交的内容。";
  const clear = document.createElement("button");
  clear.type = "button";
  clear.className = "button button--second button--sm";
  clear.textContent = "清空";
  clear.addEventListener("click", () => { drop(form.dataset.draft); form.reset(); line.remove(); });
  line.append(" ", clear);
  form.prepend(line);
}

function waits(line) {
  const draft = draftOf(line.dataset.draftWaits);
  if (!draft) return;
  const at = new Date(draft.at), title = (draft.words[line.dataset.draftTitle]?.[0] || "").trim();
  const time = `${at.getMonth() + 1}月${at.getDate()}日 ${at.getHours()}:${String(at.getMinutes()).padStart(2, "0")}`;
  line.querySelector("[data-draft-words]").textContent =
    `您有一份没有写完的草稿（${time}${title ? `，“${title.slice(0, 12)}${title.length > 12 ? "…" : ""}”` : ""}）。`;
  if (draft.page) line.querySelector("a").href = draft.page;
  line.querySelector("button").addEventListener("click", () => { drop(line.dataset.draftWaits); line.remove(); });
  line.hidden = false;
}

function drafts() {
  for (const done of document.querySelectorAll("[data-draft-done]")) drop(done.dataset.draftDone);
  document.querySelectorAll("[data-draft-waits]").forEach(waits);
  for (const form of document.querySelectorAll("form[data-draft]")) {
    restore(form);
    form.addEventListener("input", () => save(form));
  }
}

/* Hours left. Days are working days, which only the server can count, so beyond two days the words stay. */

function count() {
  for (const time of document.querySelectorAll("time[data-due]")) {
    const minutes = Math.round((new Date(time.dateTime) - Date.now()) / 60000);
    const length = Math.abs(minutes);
    if (length > 48 * 60) continue;
    const hours = Math.floor(length / 60);
    time.textContent = `${minutes > 0 ? "还剩" : "已过"} ${hours ? `${hours} 小时 ` : ""}${length % 60} 分`;
  }
}

count();
setInterval(count, 60000);
for (const one of document.querySelectorAll("[data-print]")) {
  one.hidden = false;
  one.addEventListener("click", () => print());
}
try { drafts(); } catch { /* a browser that keeps nothing: no drafts */ }

// A plain editor over a textarea[data-editor]: headings, bold, lists, tables. Without this script the textarea works as it is.
for (const area of document.querySelectorAll("textarea[data-editor]")) {
  const page = document.createElement("div");
  page.className = "doc doc__body editor input";
  page.contentEditable = "true";
  page.setAttribute("role", "textbox");
  page.setAttribute("aria-multiline", "true");
  page.setAttribute("aria-label", document.querySelector(`label[for="${area.id}"]`)?.textContent.trim() || "正文");
  if (area.getAttribute("aria-describedby")) page.setAttribute("aria-describedby", area.getAttribute("aria-describedby"));
  const isHtml = /<[a-z]/i.test(area.value);
  if (isHtml) page.innerHTML = area.value;
  else for (const line of area.value.split("\n")) if (line.trim()) page.append(Object.assign(document.createElement("p"), { textContent: line.trim() }));

  const table = "<table><tbody>" + "<tr><td><br></td><td><br></td><td><br></td></tr>".repeat(3) + "</tbody></table><p><br></p>";
  const acts = [
    ["小标题", () => document.execCommand("formatBlock", false, "h2")],
    ["正文", () => document.execCommand("formatBlock", false, "p")],
    ["加粗", () => document.execCommand("bold")],
    ["编号", () => document.execCommand("insertOrderedList")],
    ["列表", () => document.execCommand("insertUnorderedList")],
    ["表格", () => document.execCommand("insertHTML", false, table)],
    ["撤销", () => document.execCommand("undo")],
  ];
  const bar = document.createElement("div");
  bar.className = "acts editor__bar";
  bar.setAttribute("role", "toolbar");
  bar.setAttribute("aria-label", "排版");
  for (const [label, act] of acts) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "button button--second button--sm", textContent: label });
    button.addEventListener("mousedown", (event) => event.preventDefault());
    button.addEventListener("click", () => { page.focus(); act(); keep(); });
    bar.append(button);
  }
  const keep = () => { area.value = page.innerHTML; };
  const kept = new Set("P BR H2 H3 STRONG B UL OL LI TABLE THEAD TBODY TR TH TD A".split(" "));
  const plain = (node) => {
    for (const child of [...node.childNodes]) {
      if (child.nodeType === Node.COMMENT_NODE) { child.remove(); continue; }
      if (child.nodeType !== Node.ELEMENT_NODE) continue;
      if (["STYLE", "SCRIPT", "META", "LINK", "TITLE", "XML"].includes(child.tagName)) { child.remove(); continue; }
      plain(child);
      if (!kept.has(child.tagName)) { child.replaceWith(...child.childNodes); continue; }
      for (const { name } of [...child.attributes]) if (!["colspan", "rowspan", "href"].includes(name)) child.removeAttribute(name);
    }
  };
  page.addEventListener("paste", (event) => {
    const pasted = event.clipboardData.getData("text/html");
    if (!pasted) return;
    event.preventDefault();
    const from = new DOMParser().parseFromString(pasted, "text/html").body;
    plain(from);
    document.execCommand("insertHTML", false, from.innerHTML);
    keep();
  });
  document.execCommand("defaultParagraphSeparator", false, "p");
  page.addEventListener("input", keep);
  area.form.addEventListener("submit", keep);
  area.hidden = true;
  area.before(bar, page);
  document.querySelector(`label[for="${area.id}"]`)?.addEventListener("click", () => page.focus());
}

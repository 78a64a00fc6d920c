// Fills a text field of the office from a file that is chosen: tables and lists are long.
"use strict";
for (const chooser of document.querySelectorAll("[data-fills]")) {
  const field = document.getElementById(chooser.dataset.fills);
  chooser.closest("[hidden]").hidden = false;
  chooser.addEventListener("change", async () => {
    const [file] = chooser.files;
    if (file) field.value = await file.text();
  });
}

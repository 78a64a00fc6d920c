// A button that prints the page: shown only where there are scripts, for without them it could do nothing.
"use strict";
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

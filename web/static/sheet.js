// What a hand-held scanner read of a sheet's line goes into its field, whatever the keyboard's layout; the times come next.
"use strict";
document.addEventListener("scanned", (e) => {
  const code = document.getElementById("code");
  code.value = e.detail;
  document.getElementById("entered").focus();
});

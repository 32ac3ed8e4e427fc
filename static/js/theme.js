/* The chosen theme, set before the first paint. Without a choice the system decides. */
(function () {
  "use strict";
  try {
    var theme = window.localStorage.getItem("theme");
    if (theme === "light" || theme === "dark") document.documentElement.setAttribute("data-theme", theme);
  } catch (error) { /* storage is off: the system decides */ }
})();

/* Keys, theme, menus, and what htmx leaves to the page. Every page works without this file. */
(function () {
  "use strict";

  var root = document.documentElement;
  var narrow = window.matchMedia("(max-width: 767px)");

  function stored(name, value) {
    try {
      if (value === undefined) return window.localStorage.getItem(name);
      if (value) window.localStorage.setItem(name, value);
      else window.localStorage.removeItem(name);
    } catch (error) { /* storage is off: the choice lasts for this page */ }
    return value || null;
  }

  function all(selector, within) {
    return Array.prototype.slice.call((within || document).querySelectorAll(selector));
  }

  function visible(element) {
    return element.getClientRects().length > 0;
  }

  // Theme

  function applyTheme(theme) {
    if (theme) root.setAttribute("data-theme", theme);
    else root.removeAttribute("data-theme");
  }

  // Keys

  function keysOff() {
    return root.getAttribute("data-keys") === "off";
  }

  function applyKeys(off) {
    if (off) root.setAttribute("data-keys", "off");
    else root.removeAttribute("data-keys");
  }

  var FREE_TYPES = ["radio", "checkbox", "button", "submit", "reset"];

  function isTyping(element) {
    if (!element) return false;
    if (element.isContentEditable || element.tagName === "TEXTAREA" || element.tagName === "SELECT") return true;
    return element.tagName === "INPUT" && FREE_TYPES.indexOf(element.type) < 0;
  }

  function openKeys() {
    var dialog = document.getElementById("keys-dialog");
    if (dialog && dialog.showModal && !dialog.open) dialog.showModal();
  }

  // A letter only chooses: what would send a form gets the focus, not the click.
  function press(element) {
    var sends = (element.tagName === "BUTTON" || element.tagName === "INPUT") && element.type === "submit";
    element.focus();
    if (!sends && !isTyping(element)) element.click();
  }

  function find(key) {
    return all("[data-key]").filter(function (element) {
      return element.getAttribute("data-key").toLowerCase() === key && !element.disabled && visible(element);
    })[0];
  }

  var first = "";
  var firstAt = 0;

  function sign() {
    var here = document.activeElement && document.activeElement.closest("[data-sign-form]");
    var forms = here ? [here] : all("[data-sign-form]").filter(visible);
    if (forms.length !== 1) return false;
    if (forms[0].requestSubmit) forms[0].requestSubmit();
    else forms[0].submit();
    return true;
  }

  document.addEventListener("keydown", function (event) {
    if (event.defaultPrevented || event.isComposing) return;
    var active = document.activeElement;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      if (sign()) event.preventDefault();
      return;
    }
    if (event.key === "Escape") {
      var menu = active && active.closest("details[data-menu][open]");
      if (menu) {
        menu.open = false;
        menu.querySelector("summary").focus();
      } else if (isTyping(active)) {
        active.blur();
      } else if (window.location.hash === "#queue") {
        window.location.hash = "main";
      }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || keysOff() || isTyping(active)) return;
    if (document.querySelector("dialog[open]")) return;

    if (event.key === "/") {
      var search = all("[data-search]").filter(visible)[0];
      if (search) {
        event.preventDefault();
        search.focus();
        search.select();
      }
      return;
    }
    if (event.key === "?") {
      event.preventDefault();
      openKeys();
      return;
    }
    if (event.key.length !== 1 || event.key === " ") return;
    var key = event.key.toLowerCase();
    var pair = first && Date.now() - firstAt < 1200 ? find(first + " " + key) : null;
    var target = pair || find(key);
    first = pair ? "" : key;
    firstAt = Date.now();
    if (target) {
      event.preventDefault();
      press(target);
    }
  });

  // Menus close when the person goes elsewhere

  document.addEventListener("click", function (event) {
    all("details[data-menu][open]").forEach(function (menu) {
      if (!menu.contains(event.target)) menu.open = false;
    });
    if (event.target.closest("[data-open-keys]")) openKeys();
  });

  document.addEventListener("change", function (event) {
    if (event.target.matches("[data-theme-choice]")) {
      stored("theme", event.target.value);
      applyTheme(event.target.value);
    }
    if (event.target.matches("[data-keys-off]")) {
      stored("keys", event.target.checked ? "off" : "");
      applyKeys(event.target.checked);
    }
    if (event.target.matches("[data-submits]") && event.target.form) event.target.form.requestSubmit();
  });

  // A form that is on its way says so, keeps its width, and is not sent twice

  function working(form, submitter, on) {
    var button = submitter || form.querySelector("[data-working]");
    if (!button || !button.hasAttribute("data-working")) return;
    if (on) {
      button.style.minWidth = button.offsetWidth + "px";
      button.setAttribute("data-label", button.innerHTML);
      button.textContent = button.getAttribute("data-working");
      button.classList.add("is-working");
    } else if (button.hasAttribute("data-label")) {
      button.innerHTML = button.getAttribute("data-label");
      button.removeAttribute("data-label");
      button.classList.remove("is-working");
      button.style.minWidth = "";
    }
  }

  document.addEventListener("submit", function (event) {
    var form = event.target;
    if ((form.getAttribute("method") || "").toLowerCase() !== "post") return;
    if (form.hasAttribute("data-download")) return; // its answer is a file, so this page stays as it is
    if (form.hasAttribute("data-sent")) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    form.setAttribute("data-sent", "");
    window.setTimeout(function () {
      if (event.defaultPrevented && !form.classList.contains("htmx-request")) form.removeAttribute("data-sent");
      else working(form, event.submitter, true);
    }, 0);
  }, true);

  function release(form) {
    form.removeAttribute("data-sent");
    all("[data-label].is-working", form).forEach(function (button) { working(form, button, false); });
  }

  document.addEventListener("htmx:afterRequest", function (event) {
    var form = event.target.closest && event.target.closest("form");
    if (form) release(form);
  });

  window.addEventListener("pageshow", function (event) {
    if (event.persisted) all("form[data-sent]").forEach(release);
  });

  // htmx: an error is a notice above the page; what was typed stays where it is

  function notice(node) {
    var place = document.getElementById("messages");
    if (!place) return;
    all("[data-error-notice]", place).forEach(function (old) { old.remove(); });
    place.appendChild(node);
    node.setAttribute("tabindex", "-1");
    node.focus();
    node.scrollIntoView({ block: "nearest" });
  }

  function plainNotice(lead, text) {
    var node = document.createElement("div");
    var bold = document.createElement("b");
    var line = document.createElement("p");
    node.className = "note bad";
    node.setAttribute("data-error-notice", "");
    bold.textContent = lead;
    line.appendChild(bold);
    line.appendChild(document.createTextNode(" " + text));
    node.appendChild(line);
    notice(node);
  }

  document.addEventListener("htmx:beforeSwap", function (event) {
    var status = event.detail.xhr.status;
    if (status < 400) return;
    var sent = new DOMParser().parseFromString(event.detail.serverResponse || "", "text/html");
    var found = sent.querySelector("[data-error-notice]");
    if (found) {
      event.detail.shouldSwap = false;
      event.detail.isError = false;
      notice(document.importNode(found, true));
    }
  });
  document.addEventListener("htmx:responseError", function (event) {
    plainNotice("That did not work (" + event.detail.xhr.status + ").",
      "What you wrote is kept. Reload the page to see what is recorded, then try again.");
  });
  document.addEventListener("htmx:sendError", function () {
    plainNotice("No answer from the server.", "What you wrote is kept. Check the connection and try again.");
  });

  // After a swap the focus goes to the first error, else to the new heading. Parts that poll carry neither.

  document.addEventListener("htmx:afterSettle", function (event) {
    var part = event.target;
    if (!part || !part.querySelector) return;
    prepare(part);
    var target = part.matches("[data-focus]") ? part : part.querySelector("[aria-invalid='true'], [data-focus]");
    if (!target) return;
    if (!target.matches("a, button, input, select, textarea, [tabindex]")) target.setAttribute("tabindex", "-1");
    target.focus();
  });

  // Tables that fold to labelled rows: labels from the head where the page gave none, and the roles a folded table loses

  function labelRows(table) {
    var heads = all("thead th", table).map(function (th) { return th.textContent.trim(); });
    table.setAttribute("role", "table");
    all("thead, tbody, tfoot", table).forEach(function (group) { group.setAttribute("role", "rowgroup"); });
    all("tr", table).forEach(function (row) {
      row.setAttribute("role", "row");
      var column = 0;
      Array.prototype.forEach.call(row.cells, function (cell) {
        var head = row.parentNode.tagName === "THEAD";
        cell.setAttribute("role", head ? "columnheader" : cell.tagName === "TH" ? "rowheader" : "cell");
        if (!head && table.matches(".rows") && cell.tagName === "TD" && cell.colSpan === 1 && heads[column] &&
            !cell.hasAttribute("data-label") && !cell.matches(".wide")) cell.setAttribute("data-label", heads[column]);
        column += cell.colSpan;
      });
    });
  }

  // Parts of a case on a narrow screen: one at a time

  function showPart(nav, id) {
    all("a", nav).forEach(function (link) {
      var shown = link.hash === "#" + id;
      var part = document.getElementById(link.hash.slice(1));
      if (shown) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
      if (part) part.classList.toggle("is-shown", shown);
    });
  }

  function prepareParts(nav) {
    var links = all("a", nav);
    if (!links.length) return;
    document.body.classList.add("has-parts");
    links.forEach(function (link) {
      link.addEventListener("click", function (event) {
        if (!narrow.matches) return;
        event.preventDefault();
        showPart(nav, link.hash.slice(1));
        var part = document.getElementById(link.hash.slice(1));
        if (part && part.getBoundingClientRect().top > window.innerHeight - 160) part.scrollIntoView();
      });
    });
    showPart(nav, links[0].hash.slice(1));
  }

  function prepare(part) {
    all("table.rows, table.cmp", part).forEach(labelRows);
    if (part.matches && part.matches("table.rows, table.cmp")) labelRows(part);
    all("[data-parts]", part).forEach(prepareParts);
  }

  applyKeys(stored("keys") === "off");
  all("[data-theme-choice]").forEach(function (choice) { choice.value = stored("theme") || ""; });
  all("[data-keys-off]").forEach(function (box) { box.checked = keysOff(); });
  prepare(document);
})();

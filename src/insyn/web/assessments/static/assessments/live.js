/* Shows at once what the answers on the page say, and the questions that they make needed. Saves nothing: the form does that.
   Without this script the same is shown on each saving. */
"use strict";
(() => {
  const form = document.querySelector("form[data-so-far]");
  const aside = document.getElementById("so-far");
  if (!form || !aside) return;
  const more = form.querySelector("[data-more]");
  let asking = null;
  let timer = 0;

  /* “None of these” stands alone. */
  function keepNoneAlone(box) {
    if (box.type !== "checkbox" || !box.checked) return;
    for (const other of form.querySelectorAll(`input[type="checkbox"][name="${CSS.escape(box.name)}"]`)) {
      if (other !== box && (box.value === "none" || other.value === "none")) other.checked = false;
    }
  }

  async function show() {
    if (asking) asking.abort();
    asking = new AbortController();
    try {
      const answer = await fetch(form.dataset.soFar, { method: "POST", body: new FormData(form), signal: asking.signal });
      if (!answer.ok) return;
      const told = await answer.json();
      aside.innerHTML = told.aside;
      const there = [...more.querySelectorAll('input[name="shown"]')].map((field) => field.value);
      const holder = document.createElement("template");
      holder.innerHTML = told.more;
      for (const question of holder.content.querySelectorAll("fieldset.question")) {
        if (!there.includes(question.querySelector('input[name="shown"]').value)) more.append(question);
      }
    } catch (error) {
      if (error.name !== "AbortError") aside.setAttribute("data-stale", "");
    }
  }

  form.addEventListener("change", (event) => {
    keepNoneAlone(event.target);
    if (/-(evidence|case)$/.test(event.target.name || "")) return;
    clearTimeout(timer);
    timer = setTimeout(show, 150);
  });
})();

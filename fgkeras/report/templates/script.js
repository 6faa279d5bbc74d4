"use strict";
(() => {
  const table = document.getElementById("class-table");
  if (!table) return;
  const body = table.tBodies[0];
  const rows = Array.from(body.rows);
  const texts = rows.map((row) => row.cells[0].textContent.toLowerCase());
  const search = document.getElementById("search");
  const found = document.getElementById("found");
  const filter = () => {
    const wanted = search.value.trim().toLowerCase();
    let count = 0;
    rows.forEach((row, i) => {
      row.hidden = !texts[i].includes(wanted);
      count += row.hidden ? 0 : 1;
    });
    found.textContent = count + " of " + rows.length + " classes";
  };
  let timer = 0;
  search.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(filter, 120);
  });
  filter();
  search.closest(".tools").hidden = false;

  const heads = Array.from(table.tHead.rows[0].cells);
  const key = (row, column) => {
    const text = row.cells[column].textContent;
    if (column < 2) return text;
    const value = parseFloat(text.replace(/,/g, ""));
    return Number.isNaN(value) ? null : value;
  };
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const order = rows.map((row, i) => [key(row, column), i, row]);
      order.sort(([a, i], [b, j]) => {
        if (a === null || b === null) {
          return a === b ? i - j : a === null ? 1 : -1;
        }
        const sign = a < b ? -1 : a > b ? 1 : 0;
        return (down ? -sign : sign) || i - j;
      });
      body.append(...order.map((entry) => entry[2]));
    });
  });
})();

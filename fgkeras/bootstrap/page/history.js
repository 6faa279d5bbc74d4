// Pages without pictures to answer: what waits is sent, the past is changed.
import { $, answerOf, facts, put, say, start } from "./label.js";

const past = facts.mode === "history";

addEventListener("change", ({ target }) => {
  if (!target.value) return;
  const rival = Number($("option[data-rival]", target)?.dataset.rival);
  const candidate = Number(target.dataset.change);
  put("/api/decide", { candidate, ...answerOf(target.value, { rival }) });
});
start({
  act(action) { if (past && action === "undo") put("/api/undo", {}); },
  again() {},
  saved(item, said) {
    if (!said.answers.length) say("There is nothing more to take back in this round.");
    else if (past) setTimeout(() => location.reload());
  },
});

"""The work of a simulated labeller, from the first card to the last."""

import dataclasses
import time
import uuid

from fgkeras.bootstrap.simulated.refused import Refused

MODES = ("card", "grid")
_UNSURE = "unsure"


@dataclasses.dataclass
class WorkDone:
    """What a simulated labeller did.

    Attributes:
        decisions: Int, candidates that were answered.
        pages: Int, pages that were committed.
        accepted: Int, answers "tp".
        rejected: Int, answers "fp".
        renamed: Int, of these those that named the rival.
        unsure: Int.
        wrong: Int, answers that are not the truth.
        refused: Int, answers that were refused, such as those whose candidate
            went to somebody else meanwhile.
        seconds: Float, virtual ones.
        paused: String, why the labeller was paused; `""` if not.
    """

    decisions: int = 0
    pages: int = 0
    accepted: int = 0
    rejected: int = 0
    renamed: int = 0
    unsure: int = 0
    wrong: int = 0
    refused: int = 0
    seconds: float = 0.0
    paused: str = ""

    def count(self, answers, seconds):
        """Adds answers that were kept, and how long they took."""
        self.seconds += seconds
        for answer in answers:
            self.decisions += 1
            self.accepted += answer.verdict == "tp"
            self.rejected += answer.verdict == "fp"
            self.renamed += answer.instead
            self.unsure += answer.verdict == _UNSURE
            self.wrong += answer.right is False


class Work:
    """A simulated labeller at a desk, where candidates are handed out.

    A desk has `cards(count)`, `page(size)`, `decide(**body)` and
    `commit(**body)`, with what the JSON of the labelling page holds, and
    raises `Refused`.

    Args:
        desk: The desk.
        labeller: `SimulatedLabeller`.
        truth: Callable of a candidate's id, such as `candidate_truth`.
        pace: Float at least 0, real seconds that pass for each virtual one.
            Defaults to `0.0`.

    Raises:
        ValueError: If `pace` is negative.
    """

    def __init__(self, desk, labeller, truth, *, pace=0.0):
        if not pace >= 0:
            raise ValueError(
                f"`pace` must be at least 0. Received: pace={pace}. 1 is real "
                "time."
            )
        self.desk, self.labeller, self.truth = desk, labeller, truth
        self.pace = pace

    def work(self, mode="card", limit=None, *, size=36, ahead=6):
        """Answers until nothing is left, or the limit is reached.

        Args:
            mode: String, `"card"` (default), one by one, or `"grid"`, by
                pages. On a page the rival is not named.
            limit: Int at least 1, stops once so many are answered, at the end
                of a page; `None` (default) for no limit.
            size: Int, how many a page has. Defaults to `36`.
            ahead: Int, how many cards are asked for at once. Defaults to `6`.

        Returns:
            `WorkDone`. Who is paused stops, which is no error.

        Raises:
            Refused: If the desk refuses something else than the answer to a
                candidate that went to somebody else.
            ValueError: If an option is out of range.
        """
        if mode not in MODES:
            raise ValueError(
                f"`mode` must be one of {list(MODES)}. Received: mode={mode!r}."
            )
        if limit is not None and limit < 1:
            raise ValueError(
                f"`limit` must be at least 1. Received: limit={limit}. None "
                "stands for no limit."
            )
        done, lost = WorkDone(), set()
        try:
            while limit is None or done.decisions < limit:
                if mode == "grid":
                    more = self._page(done, lost, size)
                else:
                    left = None if limit is None else limit - done.decisions
                    more = self._cards(done, lost, ahead, left)
                if not more:
                    break
        except Refused as error:
            if error.status != 403:
                raise
            done.paused = str(error)
        return done

    def _cards(self, done, lost, ahead, left):
        """Answers some cards; returns whether there were any."""
        cards = self.desk.cards(ahead if left is None else min(ahead, left))
        for card in cards:
            answer = self._answer(card, card["rival_name"])
            seconds = self.labeller.seconds
            body = {
                "candidate": card["candidate"],
                "verdict": answer.verdict,
                "dwell_ms": round(1000 * seconds),
            }
            if answer.instead:
                body["instead"] = card["rival"]
            self._tell(
                done, lost, card["candidate"], self.desk.decide, body,
                [answer], seconds,
            )  # fmt: skip
        return bool(cards)

    def _page(self, done, lost, size):
        """Commits a page; returns whether there was one."""
        page = self.desk.page(size)
        if page["page"] is None:
            return False
        cells = page["cells"]
        answers = [self._answer(cell, None) for cell in cells]
        mark = {"right": "tp", "wrong": "fp"}[page["mark"]]
        seconds = self.labeller.tile_seconds * len(cells)
        body = {
            "page": page["page"],
            "marked": [
                cell["candidate"]
                for cell, answer in zip(cells, answers, strict=True)
                if answer.verdict == mark
            ],
            "others": [
                {"candidate": cell["candidate"], "verdict": _UNSURE}
                for cell, answer in zip(cells, answers, strict=True)
                if answer.verdict == _UNSURE
            ],
            "dwell_ms": round(1000 * seconds),
        }
        kept = self._tell(
            done, lost, page["page"], self.desk.commit, body, answers, seconds
        )
        done.pages += kept
        return True

    def _answer(self, cell, rival):
        return self.labeller.answer(
            cell["candidate"],
            cell["class_name"],
            self.truth(cell["candidate"]),
            rival,
        )

    def _tell(self, done, lost, what, tell, body, answers, seconds):
        """Gives answers; returns whether they were kept."""
        if self.pace:
            time.sleep(self.pace * seconds)
        try:
            tell(request=uuid.uuid4().hex, **body)
        except Refused as error:
            # What comes back after it was refused would come for ever.
            if error.status != 409 or what in lost:
                raise
            lost.add(what)
            done.refused += 1
            return False
        done.count(answers, seconds)
        return True

"""What a sweep came to: its trials, its winner, and a page of both."""

import dataclasses

from fgkeras.report.page import write_page
from fgkeras.storage import write_json
from fgkeras.tuning.curves import curve_of
from fgkeras.tuning.importance import importance
from fgkeras.tuning.objective import meaning_of


@dataclasses.dataclass(frozen=True)
class TuningReport:
    """What a sweep came to.

    Use it as `fgkeras tune` does: it is made of the folder of a sweep, and
    writes `report.json` and `report.html`, one file that opens offline. All
    numbers of trials are of validation images; those of the winner on the test
    images stand apart.

    Args:
        path: `pathlib.Path` of the sweep's folder.
        facts: Dict ready for JSON, all that is shown.

    Example:

    >>> facts = {"trials": [{"trial": 1, "score": 0.5, "options": {}}]}
    >>> TuningReport(None, facts).as_json()["trials"][0]["score"]
    0.5
    """

    path: object
    facts: dict

    @classmethod
    def of(cls, sweep, trials, *, winner=None, tested=None, command=""):
        """Makes the report of a sweep.

        Args:
            sweep: `Sweep`.
            trials: Its `Trials`.
            winner: `Trial`, or `None` while there is none.
            tested: Dict, the winner's numbers on the test images, or `None`.
            command: String that trains the winner.
        """
        rows = [_row(sweep, trial) for trial in trials.known]
        done = [row for row in rows if row["score"] is not None]
        limits = sweep.space.config["evaluation.groups"]
        facts = {
            **sweep.about(),
            "meaning": meaning_of(sweep.objective, limits),
            "trials": rows,
            "winner": winner and winner.number,
            "tested": tested,
            "command": command,
            "importance": importance(
                [row["options"] for row in done], [r["score"] for r in done]
            ),
        }
        return cls(sweep.folder.path, facts)

    def as_json(self):
        """Returns all that is shown, a dict ready for JSON."""
        return self.facts

    def write(self):
        """Writes `report.json` and `report.html` into the sweep's folder."""
        from fgkeras.tuning.page.sweep_page import sweep_page

        write_json(self.path / "report.json", self.facts)
        page = sweep_page(self.facts, self.best_first(), self.path.name)
        write_page(self.path / "report.html", page)

    def best_first(self):
        """Returns the rows of the trials, the best first, failed ones last.

        Trials that were stopped early come after those trained as long as the
        winner.
        """
        return sorted(
            self.facts["trials"],
            key=lambda row: (
                row["score"] is None,
                row["stopped"] is not None,
                -(row["stopped"] or 0),
                -(row["score"] or 0.0),
                row["trial"],
            ),
        )

    def show(self):
        """Prints the trials, the best first, and the winner."""
        import rich.console
        import rich.table

        facts = self.facts
        table = rich.table.Table("trial", f"{facts['objective']} %", "options")
        for row in self.best_first()[:20]:
            score = "failed"
            if row["score"] is not None:
                score = f"{100 * row['score']:.1f}"
            if row["stopped"] is not None:
                score += f" at epoch {row['stopped']}"
            table.add_row(str(row["trial"]), score, row["words"])
        console = rich.console.Console(markup=False, emoji=False)
        console.print(table)
        for line in self.said():
            console.print(line, highlight=False, soft_wrap=True)

    def said(self):
        """Returns the winner in sentences, a list of strings."""
        facts, tested = self.facts, self.facts["tested"]
        out = []
        failed = [r for r in facts["trials"] if r["failed"] is not None]
        if failed:
            out.append(
                f"{len(failed)} of {len(facts['trials'])} trials failed: "
                f"{failed[0]['failed']}"
            )
        if facts["winner"] is None:
            return out
        out.append(f"winner: trial {facts['winner']}: {facts['command']}")
        if tested:
            how = (
                "trained again on all images" if tested["refit"] else "as it is"
            )
            out.append(
                f"on the test images, {how}: top 1 "
                f"{100 * tested['top1']['value']:.1f} %, mean of classes "
                f"{100 * tested['mean_per_class']['value']:.1f} %"
            )
            out.append(f"run: {self.path / tested['folder']}")
        out.append(f"report: {self.path / 'report.html'}")
        return out


def _row(sweep, trial):
    last = trial.last or {}
    folder = sweep.folder.trial(trial.number)
    paths = [folder / name for name, _ in sweep.repeats]
    curve = curve_of([p for p in paths if p.is_dir()], sweep.objective)
    stopped = None
    if trial.measured and None not in trial.measured:
        stopped = max(trial.measured)
    return {
        "trial": trial.number,
        "options": sweep.space.changes(trial.values),
        "words": sweep.space.describe(trial.values),
        "score": None if trial.failed is not None else trial.score,
        "low": last.get("low"),
        "high": last.get("high"),
        "repeats": last.get("repeats"),
        "stopped": stopped,
        "seconds": round(
            sum(m.get("seconds", 0.0) for m in trial.measured.values()), 1
        ),
        "failed": trial.failed,
        "curve": curve,
    }

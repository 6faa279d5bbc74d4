"""What all parts of the page share."""

import dataclasses

from fgkeras.bootstrap.page.pictures import Pictures
from fgkeras.bootstrap.page.queries import project_id
from fgkeras.bootstrap.page.words import checked_keys
from fgkeras.bootstrap.page.words import words_of
from fgkeras.bootstrap.store import Labellers
from fgkeras.bootstrap.store import Store


@dataclasses.dataclass(frozen=True)
class Site:
    """A project as it is shown.

    Args:
        store: `Store`.
        people: `Labellers`, or another with `name` and `paused`.
        pictures: `Pictures`.
        title: String.
        project: String, see `project_id`.
        kind: String, see `words_of`.
        keys: Dict of actions to keys.
        least_ms: Int, how long a picture is looked at before keys are taken.
    """

    store: Store
    people: Labellers
    pictures: Pictures
    title: str
    project: str
    kind: str
    keys: dict
    least_ms: int

    @property
    def words(self):
        """What is said, see `words_of`."""
        return words_of(self.kind)

    @property
    def grids(self):
        """Whether there are pages of many pictures."""
        return self.kind != "settle"


def site_of(store, pictures, title, people, keys, least_ms):
    """Returns a `Site`, all of it checked.

    Raises:
        ValueError: If something is out of range.
    """
    if isinstance(least_ms, bool) or not 0 <= least_ms <= 10_000:
        raise ValueError(
            "`least_ms` must be from 0 to 10000 ms. Received: "
            f"least_ms={least_ms}. Usual is 0."
        )
    kind = store.setting("kind") or "bootstrap"
    words_of(kind)
    return Site(
        store=store,
        people=Labellers(store) if people is None else people,
        pictures=pictures,
        title=title,
        project=project_id(store),
        kind=kind,
        keys=checked_keys(keys),
        least_ms=least_ms,
    )

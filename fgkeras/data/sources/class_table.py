"""Class tables: `classes.csv`, the classes with their parents."""

import dataclasses
import pathlib

from fgkeras.data.sources.file_names import printable
from fgkeras.data.sources.table_text import read_small
from fgkeras.data.sources.table_text import table_rows

FILE_NAME = "classes.csv"

# Columns that describe a class without being a parent of it.
DESCRIPTION = "description"
_NOT_PARENTS = frozenset(
    ("n", "n_train", "n_val", "n_test", "split", "name", "title")
)


@dataclasses.dataclass(frozen=True)
class ClassTable:
    """The rows of a `classes.csv`.

    Args:
        where: String, the file, for messages.
        class_names: Tuple of strings, in the order of the rows.
        columns: Dict of column name to a tuple of strings, one per row: the
            parents of the classes, such as `{"genus": (...)}`.
        descriptions: Dict of class name to what the column `description` says
            of it, in words for people. Defaults to none.
    """

    where: str
    class_names: tuple
    columns: dict
    descriptions: dict = dataclasses.field(default_factory=dict)

    def hierarchy(self, class_names):
        """Returns the parents of `class_names`, in their order.

        Args:
            class_names: Sequence of strings. The table may hold more classes.

        Returns:
            Dict of column name to a tuple of strings, one per class.

        Raises:
            ValueError: if a class has no row.

        Example:

        >>> table = ClassTable("t", ("oak", "elm"), {"genus": ("Q", "U")})
        >>> table.hierarchy(["elm"])
        {'genus': ('U',)}
        """
        rows = {name: i for i, name in enumerate(self.class_names)}
        missing = [name for name in class_names if name not in rows]
        if missing:
            raise ValueError(
                f"Every class needs a row in {self.where}. Received: "
                f"{len(missing)} without one, such as {missing[:5]}. Add the "
                "rows, or move the file away to do without parents."
            )
        order = [rows[name] for name in class_names]
        return {
            column: tuple(parents[row] for row in order)
            for column, parents in self.columns.items()
        }


def parse_class_table(data, where):
    """Reads a class table: a CSV whose first column is `class`.

    Columns of counts (`n`, `n_train`, `n_val`, `n_test`), of names (`name`,
    `title`), `split`, and those that number the rows (whole numbers, all
    different) are no parents and are left out. `description` holds words for
    people, and its cells may be empty.

    Args:
        data: Bytes or string, the table; see `table_rows`.
        where: String, the file, for messages.

    Returns:
        `ClassTable`.

    Raises:
        ValueError: if it is no table, the first column is not `class`, a row
            has another number of cells than the header, a cell is empty or
            holds a line break or another control character, or a class has
            two rows.

    Example:

    >>> table = parse_class_table("class,genus,n\\noak,Quercus,7\\n", "t.csv")
    >>> table.columns
    {'genus': ('Quercus',)}
    """
    data = data.encode() if isinstance(data, str) else data
    rows = table_rows(data, where)
    header = rows[0][1] if rows else []
    if header:
        header[0] = header[0].lower()
    if not header or header[0] != "class" or len(set(header)) < len(header):
        raise ValueError(
            "A class table starts with a header whose first column is "
            f"`class` and whose columns differ. Received: {header} in {where}."
        )
    names, cells = {}, []
    for number, row in rows[1:]:
        odd = next((cell for cell in row if printable(cell) != cell), None)
        if odd is not None:
            raise ValueError(
                "Cells of a class table hold no line break or other control "
                f"character. Received: {odd!r} in row {number} of {where}."
            )
        if len(row) != len(header):
            raise ValueError(
                f"Every row of {where} needs {len(header)} cells "
                f"({', '.join(header)}). Received: {len(row)} in row {number}."
            )
        if row[0] in names:
            raise ValueError(
                f"Every class has one row in {where}. Received: {row[0]!r} "
                f"in rows {names[row[0]]} and {number}."
            )
        names[row[0]] = number
        cells.append((number, row))
    columns, descriptions = {}, {}
    for index, column in enumerate(header):
        values = tuple(row[index] for _, row in cells)
        if column.lower() == DESCRIPTION:
            descriptions = dict(zip(names, values, strict=True))
            continue
        if index and (column in _NOT_PARENTS or _numbers_rows(values)):
            continue
        for number, row in cells:
            if not row[index]:
                raise ValueError(
                    f"Every class needs a value in column `{column}` of "
                    f"{where}. Received: an empty cell in row {number}."
                )
        columns[column] = values
    return ClassTable(where, columns.pop("class"), columns, descriptions)


def find_class_table(*folders):
    """Reads the first `classes.csv` that lies in one of `folders`.

    Args:
        *folders: Paths, searched in order.

    Returns:
        `ClassTable`, or `None` where there is no such file.
    """
    for folder in folders:
        path = pathlib.Path(folder) / FILE_NAME
        if path.is_file():
            return parse_class_table(read_small(path), str(path))
    return None


def _numbers_rows(values):
    """Whether a column only numbers the rows: whole numbers, all different."""
    return len(set(values)) == len(values) and all(
        value.isascii() and value.isdigit() for value in values
    )

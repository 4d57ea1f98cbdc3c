"""Reads a census file, CSV or Parquet, into a staging table of text, one row per employee.

Everything is staged as text so that one set of checks judges both formats. Social security numbers
become tokens here, before DuckDB sees a row: the number reaches no table, temporary or not.
"""

import csv
import difflib
import errno
import hmac
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from config.census import COLUMN_NAMES, REQUIRED_COLUMNS, SSN_MASK
from orchestrator.census_report import CensusError

BATCH_ROWS = 50_000
SSN_COLUMN = "employee_ssn"
SSN_RULE_COLUMN = "employee_ssn_rule"
SEPARATOR = r"[\s.\-\u2010-\u2015\u2212/_]"
# With separators other than both dashes only as digits of their own: 2024-001234 is no number.
SSN_LIKE = re.compile(
    r"\d{3}-\d{2}-\d{4}"
    rf"|(?<!\d)\d{{3}}{SEPARATOR}\d{{2}}{SEPARATOR}\d{{4}}(?!\d)"
)
NINE_DIGITS = re.compile(rf"\d{{9}}|{SSN_LIKE.pattern}")
MISSPELT_RATIO = 0.9
SUGGESTION_RATIO = 0.6


@dataclass(frozen=True)
class StagedCensus:
    """What was staged: `columns` are contract columns; `ragged` is (row, number of fields)."""

    row_label: str
    columns: tuple[str, ...]
    rows: int
    ragged: tuple[tuple[int, int], ...]
    width: int
    notes: tuple[str, ...]


def tokenize_ssn(value: str, ssn_key: bytes) -> tuple[str | None, str | None]:
    """(token, None) for a valid social security number, else (None, broken rule).

    The token is keyed (HMAC-SHA256) because nine digits can be searched exhaustively behind a
    plain hash. Valid means the form and the ranges that the Social Security Administration issues
    (20 CFR 422.103; POMS RM 10201.035).
    """
    digits = value.replace("-", "") if re.fullmatch(r"\d{3}-\d{2}-\d{4}", value) else value
    if not re.fullmatch(r"[0-9]{9}", digits):
        return None, "ssn_format"
    area, group, serial = digits[:3], digits[3:5], digits[5:]
    if area in ("000", "666") or area[0] == "9" or group == "00" or serial == "0000":
        return None, "ssn_never_issued"
    return "tok_" + hmac.digest(ssn_key, digits.encode(), "sha256").hex()[:32], None


def stage_census(
    connection: duckdb.DuckDBPyConnection, table: str, path: Path, ssn_key: bytes
) -> StagedCensus:
    """Create temporary table `table`: row_number, the contract columns found as VARCHAR (the
    social security number as token), and `employee_ssn_rule` when that column is given.

    Rows are numbered by the file's line for CSV (the header is line 1; a record that spans lines
    counts from its first) and from 1 for Parquet. Raises CensusError when the file as a whole
    cannot be read: missing, empty, not a table, a wrong separator, a column missing or misspelt.
    """
    _require_file(path)
    reader = _ParquetReader(path) if _is_parquet(path) else _CsvReader(path)
    columns, notes = _match_columns(path, reader.header)
    fields = [("row_number", pa.int64()), *((name, pa.string()) for name in columns)]
    if SSN_COLUMN in columns:
        fields.append((SSN_RULE_COLUMN, pa.string()))
    schema = pa.schema(fields)
    rows = 0
    connection.register("staged_batch", schema.empty_table())
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT * FROM staged_batch")
    for numbers, values in reader.batches([columns[name] for name in columns]):
        staged = pa.table(_without_ssn(numbers, list(columns), values, ssn_key), schema=schema)
        connection.register("staged_batch", staged)
        connection.execute(f"INSERT INTO {table} SELECT * FROM staged_batch")
        rows += staged.num_rows
    connection.unregister("staged_batch")
    if not rows and not reader.ragged:
        raise CensusError(f"{path} has column names but no employees.")
    return StagedCensus(
        row_label=reader.row_label,
        columns=tuple(columns),
        rows=rows,
        ragged=tuple(reader.ragged),
        width=len(reader.header),
        notes=(*notes, *reader.notes()),
    )


def _without_ssn(
    numbers: pa.Array, names: Sequence[str], values: Sequence[pa.Array], ssn_key: bytes
) -> dict[str, pa.Array]:
    """The batch with tokens for numbers. Elsewhere, what looks like one or holds the person's own
    is masked: employers make the employee id of the number, and a shifted row misplaces it."""
    staged: dict[str, pa.Array] = {"row_number": numbers}
    own_digits: list[str | None] = [None] * len(numbers)
    if SSN_COLUMN in names:
        trimmed = [(text or "").strip() for text in values[names.index(SSN_COLUMN)].to_pylist()]
        outcomes = [tokenize_ssn(text, ssn_key) if text else (None, None) for text in trimmed]
        staged[SSN_COLUMN] = pa.array([token for token, _ in outcomes], pa.string())
        staged[SSN_RULE_COLUMN] = pa.array([rule for _, rule in outcomes], pa.string())
        own_digits = [re.sub("[^0-9]", "", text) or None for text in trimmed]
    for name, column in zip(names, values, strict=True):
        if name == SSN_COLUMN:
            continue
        staged[name] = _masked(column, own_digits)
    return staged


def _masked(column: pa.Array, own_digits: Sequence[str | None]) -> pa.Array:
    """The column with numbers masked, alone or in a longer text; the row's own in any writing."""
    same = pc.equal(pc.utf8_trim_whitespace(column), pa.array(own_digits, pa.string()))
    holds_nine = pc.match_substring_regex(column, r"(?:[0-9][^0-9]*){9}")
    rows = pc.indices_nonzero(pc.fill_null(pc.or_kleene(same, holds_nine), False)).to_pylist()
    if not rows:
        return column
    texts = column.to_pylist()
    for row in rows:
        text, own = texts[row], own_digits[row]
        digits = re.sub("[^0-9]", "", text)
        if own and (digits == own or (len(own) == 9 and own in digits)):
            text = re.sub("[^0-9]*".join(own), SSN_MASK, text)
        texts[row] = SSN_LIKE.sub(SSN_MASK, text)
    return pa.array(texts, pa.string())


class _CsvReader:
    """Comma-separated UTF-8 text, with or without byte order mark, any line ending."""

    row_label = "line of the file"

    def __init__(self, path: Path) -> None:
        self.path = path
        self.ragged: list[tuple[int, int]] = []
        self.blank_rows = 0
        with path.open("rb") as file:
            start = file.read(65_536)
        if start.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise CensusError(f"{path} is UTF-16 text. Save it as CSV UTF-8 (comma delimited).")
        if b"\x00" in start:
            raise CensusError(
                f"{path} is neither CSV nor Parquet (it holds binary data)."
                " Export the sheet as CSV UTF-8 (comma delimited)."
            )
        self._records = self._read()
        _, header = next(self._records, (0, None))
        if header is None:
            raise CensusError(_empty(path))
        self.header = [name.strip() for name in header]
        if len(self.header) == 1:
            _refuse_other_separators(path, self.header[0])

    def _read(self) -> Iterator[tuple[int, list[str]]]:
        """(first line, fields) of every record that is not blank."""
        line = 1
        try:
            with self.path.open(encoding="utf-8-sig", newline="") as file:
                records = csv.reader(file, strict=True)
                for fields in records:
                    if any(fields):
                        yield line, fields
                    elif fields:
                        self.blank_rows += 1
                    line = records.line_num + 1
        except csv.Error as error:
            raise CensusError(
                f"{self.path}, line {line}: not readable as CSV ({error})."
                " Look for a quotation mark that is never closed."
            ) from error
        except UnicodeDecodeError as error:
            raise CensusError(
                f"{self.path}, line {_first_undecodable_line(self.path)}: not UTF-8 text."
                " Save the file as CSV UTF-8 (comma delimited)."
            ) from error

    def batches(self, positions: Sequence[int]) -> Iterator[tuple[pa.Array, list[pa.Array]]]:
        width = len(self.header)
        numbers: list[int] = []
        rows: list[list[str]] = []
        for line, fields in self._records:
            if len(fields) != width:
                self.ragged.append((line, len(fields)))
                continue
            numbers.append(line)
            rows.append(fields)
            if len(rows) == BATCH_ROWS:
                yield _as_arrays(numbers, rows, positions)
                numbers, rows = [], []
        if rows:
            yield _as_arrays(numbers, rows, positions)

    def notes(self) -> list[str]:
        if not self.blank_rows:
            return []
        return [f"{self.blank_rows:,} rows without any value were skipped (empty sheet rows)"]


class _ParquetReader:
    row_label = "data row, counted from 1"

    def __init__(self, path: Path) -> None:
        self.path = path
        self.ragged: list[tuple[int, int]] = []
        try:
            self._file = pq.ParquetFile(path)
        except (pa.ArrowInvalid, OSError) as error:
            raise CensusError(f"{path} is not a readable Parquet file: {error}") from error
        self._names = self._file.schema_arrow.names
        self.header = [name.strip() for name in self._names]
        for field in self._file.schema_arrow:
            if field.name.strip() in COLUMN_NAMES:
                self._require_plain(field)

    def _require_plain(self, field: pa.Field) -> None:
        kind = field.type
        if field.name.strip() in ("employee_id", SSN_COLUMN) and pa.types.is_floating(kind):
            raise CensusError(
                f"{self.path}: column {field.name} holds floating-point numbers; write it as text."
            )
        if pa.types.is_dictionary(kind):
            kind = kind.value_type
        if pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
            raise CensusError(
                f"{self.path}: column {field.name} has type {field.type};"
                " write it as text, number, date or boolean."
            )

    def batches(self, positions: Sequence[int]) -> Iterator[tuple[pa.Array, list[pa.Array]]]:
        names = [self._names[position] for position in positions]
        first = 1
        try:
            for batch in self._file.iter_batches(batch_size=BATCH_ROWS, columns=names):
                numbers = pa.array(range(first, first + batch.num_rows), pa.int64())
                first += batch.num_rows
                yield numbers, [_as_text(batch.column(name)) for name in names]
        except (pa.ArrowInvalid, OSError) as error:
            raise CensusError(f"{self.path} is damaged after row {first - 1}: {error}") from error

    def notes(self) -> list[str]:
        return []


def _as_arrays(
    numbers: list[int], rows: list[list[str]], positions: Sequence[int]
) -> tuple[pa.Array, list[pa.Array]]:
    columns = list(zip(*rows, strict=True))
    return pa.array(numbers, pa.int64()), [pa.array(columns[p], pa.string()) for p in positions]


def _as_text(column: pa.Array) -> pa.Array:
    """Midnight timestamps, as pandas writes dates, become dates; other times stay visible."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_timestamp(column.type):
        text = pc.strftime(column, format="%Y-%m-%d %H:%M:%S")
        return pc.replace_substring_regex(text, pattern=r" 00:00:00(\.0+)?$", replacement="")
    return column.cast(pa.string())


def _is_parquet(path: Path) -> bool:
    with path.open("rb") as file:
        return path.suffix.lower() in (".parquet", ".pq") or file.read(4) == b"PAR1"


def _require_file(path: Path) -> None:
    try:
        if path.is_dir():
            raise CensusError(f"{path} is a directory; give the path of one CSV or Parquet file.")
        if path.exists() and not path.is_file():
            # What a pipe has given once is gone; one that nobody writes to gives nothing for ever.
            raise CensusError(f"{path} is a pipe or a device; write the census to a file first.")
        with path.open("rb") as file:
            empty = not file.read(1)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENAMETOOLONG):
            raise CensusError(f"There is no census at {path}. Check the path.") from error
        raise CensusError(f"{path} cannot be read: {error.strerror}.") from error
    if empty:
        raise CensusError(_empty(path))


def _empty(path: Path) -> str:
    return f"{path} is empty. A census needs a header and one row per employee."


def _refuse_other_separators(path: Path, header: str) -> None:
    for separator, name in ((";", "semicolons"), ("\t", "tabs"), ("|", "vertical bars")):
        if separator in header:
            raise CensusError(
                f"{path} is separated by {name}; a census is separated by commas."
                " Save it as CSV (comma delimited)."
            )


def _first_undecodable_line(path: Path) -> int:
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                line.decode()
            except UnicodeDecodeError:
                return number
    raise AssertionError("the file decoded this time; it changed while it was read")


def _match_columns(path: Path, header: Sequence[str]) -> tuple[dict[str, int], list[str]]:
    """Contract columns by position in the file, and notes about the columns that are ignored.

    A name very close to a contract column that is absent is an error, not an unknown column:
    ignoring `employee_deferal_rate` would simulate everyone without their elections.
    """
    shown = [_safe_name(name) for name in header]
    repeated = [name for name in COLUMN_NAMES if header.count(name) > 1]
    if repeated:
        raise CensusError(f"{path}: column {', '.join(repeated)} appears more than once.")
    columns = {name: header.index(name) for name in COLUMN_NAMES if name in header}
    absent = [name for name in COLUMN_NAMES if name not in columns]
    unknown = [name for name in shown if name not in columns]
    missing = [name for name in REQUIRED_COLUMNS if name not in columns]
    if missing:
        raise CensusError(_missing_columns(path, missing, shown, unknown))
    misspelt = [(n, near) for n in unknown if (near := _nearest(n, absent, MISSPELT_RATIO))]
    if misspelt:
        pairs = "; ".join(f"{name} (did you mean {near}?)" for name, near in misspelt)
        raise CensusError(f"{path}: misspelt column {pairs}. Rename it, or remove it.")
    notes = []
    if unknown:
        named = [
            f"{name or '(no name)'}"
            + (
                f" (did you mean {near}?)"
                if (near := _nearest(name, absent, SUGGESTION_RATIO))
                else ""
            )
            for name in unknown
        ]
        notes.append(f"unknown columns ignored: {', '.join(named)}")
    return columns, notes


def _missing_columns(
    path: Path, missing: Sequence[str], shown: Sequence[str], unknown: Sequence[str]
) -> str:
    parts = []
    for name in missing:
        near = _nearest(name, unknown, SUGGESTION_RATIO)
        parts.append(f"{name} (found {near}: rename it to {name})" if near else name)
    plural = "s" if len(missing) > 1 else ""
    message = f"{path}: required column{plural} missing: {', '.join(parts)}."
    if len(missing) == len(REQUIRED_COLUMNS) and not any(
        _nearest(name, unknown, SUGGESTION_RATIO) for name in missing
    ):
        message += " The first line must hold the column names."
    return f"{message} Columns found: {', '.join(name or '(no name)' for name in shown)}."


def _nearest(name: str, candidates: Sequence[str], ratio: float) -> str | None:
    """The candidate most like `name`, ignoring case, blanks, hyphens and the prefix employee_."""
    plain = {_plain_name(candidate): candidate for candidate in candidates}
    close = difflib.get_close_matches(_plain_name(name), list(plain), n=1, cutoff=ratio)
    return plain[close[0]] if close else None


def _plain_name(name: str) -> str:
    return re.sub(r"[\s\-]+", "_", name.lower()).removeprefix("employee_")


def _safe_name(name: str) -> str:
    """A file without header shows people's data as column names: nothing like a number in them."""
    return NINE_DIGITS.sub(SSN_MASK, name) if len(name) <= 60 else "(over 60 characters)"

"""CSV imports: rows without errors are entered, the others are listed with line, field and reason."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError

from xueshi_kit.problems import FieldError, Problem, invalid
from xueshi_registry.api.models import ImportOut, RowError
from xueshi_rulebook import IdentifierError

Row = TypeVar("Row", bound=BaseModel)

MAX_ROWS = 10_000


def csv_body(columns: Sequence[str], example: str, optional: Sequence[str] = ()) -> dict[str, Any]:
    """Return what the document says of a CSV body and of its refusals; `example` is one row of all columns."""
    beside = f", and optionally {', '.join(optional)}" if optional else ""
    described = {
        "type": "string",
        "description": f"UTF-8 with a head; columns {', '.join(columns)}{beside}; at most {MAX_ROWS} rows.",
        "contentMediaType": "text/csv",
    }
    content = {"text/csv": {"schema": described, "example": f"{','.join((*columns, *optional))}\n{example}\n"}}
    return {
        "requestBody": {"required": True, "content": content},
        "responses": {
            "400": {"description": "The body is not CSV in UTF-8."},
            "413": {"description": f"The body is over 1 MiB, or has more than {MAX_ROWS} rows."},
            "415": {"description": "The body is not text/csv."},
            "422": {"description": "A column is missing."},
        },
    }


async def read_rows(
    request: Request,
    columns: Sequence[str],
    identifier: str,
    parse: Callable[[dict[str, str]], Row],
    optional: Sequence[str] = (),
) -> tuple[list[tuple[int, Row]], list[RowError]]:
    """Return the well-formed rows with their lines, and the errors of the others.

    An `optional` column that the file lacks is empty in every row. `identifier` is the column whose check digit `parse`
    checks. Raises a problem for what is no such file.
    """
    if request.headers.get("content-type", "").split(";")[0].strip() != "text/csv":
        raise Problem(415, "NOT_CSV", "请以 text/csv 发送。", "Send the file as text/csv.")
    try:
        text = (await request.body()).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Problem(400, "NOT_UTF8", "文件应为 UTF-8 编码。", "The file is not UTF-8.") from error
    rows: list[tuple[int, Row]] = []
    errors: list[RowError] = []
    for line, given in _lines(text, columns, optional):
        try:
            rows.append((line, parse(given)))
        except ValidationError as error:
            errors.extend(_row_error(line, each["loc"], each["type"], each["msg"]) for each in error.errors())
        except IdentifierError as error:
            words = {"zh": error.message_zh, "en": error.message_en}
            errors.append(RowError(row=line, field=identifier, code=error.code, message=words))
    return rows, errors


def outcome(entered: int, errors: Sequence[RowError]) -> ImportOut:
    """Return what became of an import; a row with several errors is refused once."""
    return ImportOut(entered=entered, refused=len({each.row for each in errors}), errors=list(errors))


def _lines(text: str, columns: Sequence[str], optional: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Return each row's line and its columns. Raises a problem for what is no such file."""
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        missing = [name for name in columns if name not in (reader.fieldnames or [])]
        if missing:
            raise invalid(
                [
                    FieldError(f"/{name}", "COLUMN_MISSING", f"缺少列 {name}。", f"Column {name} is missing.")
                    for name in missing
                ]
            )
        for given in reader:
            if reader.line_num > MAX_ROWS + 1:
                raise Problem(
                    413, "TOO_MANY_ROWS", f"每次最多导入 {MAX_ROWS} 行。", f"At most {MAX_ROWS} rows at once."
                )
            yield reader.line_num, {name: (given.get(name) or "").strip() for name in (*columns, *optional)}
    except csv.Error as error:
        raise Problem(400, "NOT_CSV", "文件不是合法的 CSV。", "The file is not CSV.") from error


def _row_error(line: int, place: Sequence[int | str], kind: str, message: str) -> RowError:
    return RowError(
        row=line,
        field=str(place[-1]) if place else "row",
        code=kind.upper(),
        message={"zh": "取值不符合要求。", "en": message},
    )

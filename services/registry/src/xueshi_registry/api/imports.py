"""CSV imports: rows without errors are entered, the others are listed with line, field and reason."""

import csv
import io
from collections.abc import Callable, Sequence
from typing import TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError

from xueshi_kit.problems import FieldError, Problem, invalid
from xueshi_registry.api.models import RowError
from xueshi_rulebook import IdentifierError

Row = TypeVar("Row", bound=BaseModel)

MAX_ROWS = 10_000


async def read_rows(
    request: Request, columns: Sequence[str], parse: Callable[[dict[str, str]], Row]
) -> tuple[list[Row], list[RowError]]:
    """Return the well-formed rows and the errors of the others. Raises a problem for what is no such file."""
    if request.headers.get("content-type", "").split(";")[0].strip() != "text/csv":
        raise Problem(415, "NOT_CSV", "请以 text/csv 发送。", "Send the file as text/csv.")
    try:
        text = (await request.body()).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Problem(400, "NOT_UTF8", "文件应为 UTF-8 编码。", "The file is not UTF-8.") from error
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    missing = [name for name in columns if name not in (reader.fieldnames or [])]
    if missing:
        raise invalid(
            [
                FieldError(f"/{name}", "COLUMN_MISSING", f"缺少列 {name}。", f"Column {name} is missing.")
                for name in missing
            ]
        )
    rows: list[Row] = []
    errors: list[RowError] = []
    try:
        for given in reader:
            if reader.line_num > MAX_ROWS + 1:
                raise Problem(
                    413, "TOO_MANY_ROWS", f"每次最多导入 {MAX_ROWS} 行。", f"At most {MAX_ROWS} rows at once."
                )
            try:
                rows.append(parse({name: (given.get(name) or "").strip() for name in columns}))
            except ValidationError as error:
                errors.extend(
                    _row_error(reader.line_num, each["loc"], each["type"], each["msg"]) for each in error.errors()
                )
            except IdentifierError as error:
                errors.append(
                    RowError(
                        row=reader.line_num,
                        field="id_number",
                        code=error.code,
                        message={"zh": error.message_zh, "en": error.message_en},
                    )
                )
    except csv.Error as error:
        raise Problem(400, "NOT_CSV", "文件不是合法的 CSV。", "The file is not CSV.") from error
    return rows, errors


def _row_error(line: int, place: Sequence[int | str], kind: str, message: str) -> RowError:
    return RowError(
        row=line,
        field="/".join(map(str, place)) or "row",
        code=kind.upper(),
        message={"zh": "取值不符合要求。", "en": message},
    )

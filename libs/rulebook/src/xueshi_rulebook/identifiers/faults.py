"""What can be wrong with an identifier: a stable code and the words for it. The number itself is never repeated."""

from typing import Final, NamedTuple


class Fault(NamedTuple):
    """The arguments of an IdentifierError."""

    code: str
    message_en: str
    message_zh: str


_NUMBER: Final = "ID_NUMBER_INVALID"
_EMPLOYER: Final = "EMPLOYER_CODE_INVALID"

TYPE_UNKNOWN: Final = Fault("ID_TYPE_UNKNOWN", "unknown identity document type", "证件类型未知")
FORM: Final = Fault(_NUMBER, "17 digits and a digit or X are expected", "应为17位数字加1位数字或X")
CHECK: Final = Fault(_NUMBER, "the check character does not match", "校验码不符")
BIRTH: Final = Fault(_NUMBER, "the birth date does not exist", "出生日期不存在")
HMT_AREA: Final = Fault(
    _NUMBER,
    "a residence permit number starts with 810000, 820000 or 830000",
    "居住证号码应以810000、820000或830000开头",
)
PERMANENT: Final = Fault(
    _NUMBER,
    "18 characters starting with 9, or 3 letters and 12 digits, are expected",
    "应为以9开头的18位号码或3位字母加12位数字",
)
PASSPORT: Final = Fault(_NUMBER, "5 to 20 letters and digits are expected", "应为5至20位字母和数字")
TRAVEL_PERMIT: Final = Fault(_NUMBER, "not the form of a travel permit number", "不符合通行证号码格式")
USCC_FORM: Final = Fault(
    _EMPLOYER,
    "18 digits and capital letters without I, O, S, V and Z are expected",
    "统一社会信用代码应为18位数字和大写字母且不含I、O、S、V、Z",
)
USCC_CHECK: Final = Fault(_EMPLOYER, "the check character does not match", "统一社会信用代码校验码不符")

"""The public page: Chinese, without outside resources, fit for a phone, a screen reader and paper."""

import base64
import hashlib
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from xueshi_certificates.rendering.pdf import qr_svg
from xueshi_certificates.wire.view import ProofView, moment_zh

_TEMPLATES = Path(__file__).parent / "templates"
_STYLE = (_TEMPLATES / "page.css").read_text(encoding="utf-8")
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode("ascii")

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none';"
        " frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}
"""What every public answer carries: the tag in its address is not handed on, kept or listed by anybody on the way."""

_environment = Environment(
    loader=FileSystemLoader(_TEMPLATES),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
# The service's own file, hashed above: escaping would change it.
_environment.globals["style"] = Markup(_STYLE)  # noqa: S704
_PROOF = _environment.get_template("proof.html.j2")
_NOTICE = _environment.get_template("notice.html.j2")

MISSING = _NOTICE.render(
    heading="未找到",
    text="这个核验地址没有对应的证明。",
    steps=(
        "重新扫描证明上的二维码，或对照证明页脚逐字输入核验地址；地址中的每一个字符都须一致。",
        "仍然打不开的，请向出示证明的人索取原件，不要采信该证明。",
        "本系统不提供按编号、姓名或证件号码的公开查询。",
    ),
)
"""The page for an address that opens no proof: the same for every such address."""

TOO_MANY = _NOTICE.render(
    heading="访问过于频繁",
    text="来自同一网络的访问过多，暂时不能显示。",
    steps=("请一分钟后重新打开本页。", "需要批量核验的单位，请使用职称评审等系统的接口。"),
)

UNAVAILABLE = _NOTICE.render(
    heading="暂时不可用",
    text="文件暂时不能生成，证明的状态不受影响。",
    steps=("请稍后重新打开本页。", "证明是否有效，可先以核验页面为准。"),
)


def proof_page(view: ProofView, shown_at: datetime) -> str:
    """Return the page of a proof, as of `shown_at`."""
    qr = qr_svg(view.url).replace("<svg ", '<svg role="img" aria-label="本页地址的二维码" ', 1)
    return _PROOF.render(proof=view, qr=Markup(qr), shown_at=moment_zh(shown_at))  # noqa: S704 - an image made here

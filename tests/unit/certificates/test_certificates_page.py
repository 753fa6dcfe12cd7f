import base64
import hashlib
import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest

from tests.unit.certificates.proof_samples import (
    IDENTITY,
    NEWER_TAG,
    TAG,
    compliant,
    content_of,
    entry,
    revoked,
    state,
    superseded,
)
from xueshi_certificates.domain.content import KindTotal, ProofState
from xueshi_certificates.domain.forms import ProofForms
from xueshi_certificates.domain.holder import Holder, Identity
from xueshi_certificates.rendering.page import HEADERS, MISSING, TOO_MANY, proof_page
from xueshi_certificates.wire.view import view_of
from xueshi_rulebook import load_rulebook

FORMS = ProofForms(load_rulebook())
SHOWN_AT = datetime(2025, 9, 1, 16, 5, tzinfo=UTC)


def page(shown: ProofState, identity: Identity = IDENTITY) -> str:
    return proof_page(view_of(shown, Holder.masked(identity), FORMS, "https://check.example"), SHOWN_AT)


class Shape(HTMLParser):
    """Collects what a browser would load or run, and checks that elements close in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loads: list[str] = []
        self.links: list[str] = []
        self.handlers: list[str] = []
        self.tags: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element that is opened."""
        self.tags.append(tag)
        if tag not in {"meta", "link", "img"}:
            self.open.append(tag)
        self._note(tag, attrs)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element without content."""
        self.tags.append(tag)
        self._note(tag, attrs)

    def _note(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in {"src", "srcset", "data"} or (tag == "link" and name == "href"):
                self.loads.append(value or "")
            if tag == "a" and name == "href":
                self.links.append(value or "")
            if name.startswith("on") or name == "style":
                self.handlers.append(name)

    def handle_endtag(self, tag: str) -> None:
        """Check that the last one opened is closed."""
        assert self.open.pop() == tag


def test_a_valid_proof_says_so_with_the_hours_and_china_time() -> None:
    html = page(state(compliant()))
    assert "<strong>有效</strong>" in html
    assert "FJ-2025-0000001234-9" in html
    assert "2025-06-04 00:20:00（UTC+08:00）" in html
    assert "公需科目" in html
    assert "已达到2025年度继续教育学时要求。" in html
    assert "闽人社办〔2023〕70号" in html


def test_a_revoked_proof_says_when_and_why_and_links_to_nothing_newer() -> None:
    html = page(state(compliant(), revoked()))
    assert "<strong>已撤销</strong>" in html
    assert "2025年9月2日撤销：所载学时记录被作废、撤销或核减" in html
    assert "有效</strong>" not in html
    assert Shape(html).links == [f"https://check.example/p/{TAG}.pdf"]


def test_a_superseded_proof_links_to_the_one_in_its_place() -> None:
    html = page(state(compliant(), superseded(), NEWER_TAG))
    assert "<strong>已被取代</strong>" in html
    assert f"https://check.example/p/{NEWER_TAG}" in Shape(html).links


def test_a_short_proof_says_what_is_lacking() -> None:
    html = page(state(content_of(entry("R-1", 3000), entry("R-2", 5550, "professional"))))
    assert "未达到2025年度继续教育学时要求（专业科目尚缺4.5学时）。" in html
    assert "截至出具之日" in html


def test_hours_are_called_by_the_act_of_their_jurisdiction() -> None:
    content = content_of(entry("R-1", 3000))
    assert "已验印学时" in page(state(content))
    shaoguan = page(state(replace(content, jurisdiction="shaoguan")))
    assert "已认定学时" in shaoguan
    assert "验印" not in shaoguan


def test_a_record_without_an_authority_is_in_the_name_of_the_issuer() -> None:
    content = replace(content_of(entry("R-1", 3000, authority="", authority_name="")), jurisdiction="shaoguan")
    [line] = view_of(state(content), Holder.masked(IDENTITY), FORMS, "https://check.example").entries
    assert line.authority == "广东省专业技术人员继续教育管理系统"


def test_a_period_that_is_not_evaluated_is_called_neither_met_nor_short() -> None:
    totals = (KindTotal("public", 0, 1200, 0),)
    html = page(state(replace(content_of(entry("R-1", 1200)), period="2022", verdict="not_evaluated", totals=totals)))
    assert "2022年度不作达标评价。" in html
    assert "达到要求" not in html
    assert "未达到" not in html


@pytest.mark.parametrize("shown", [state(compliant()), state(compliant(), revoked())])
def test_the_page_shows_neither_name_nor_number_nor_courses(shown: ProofState) -> None:
    html = page(shown)
    for hidden in ("晓岚", "陈晓", "359900", "19900307", "900307", "混凝土", "R-1"):
        assert hidden not in html
    assert "陈**" in html
    assert "后四位 0011" in html


def test_markup_in_a_name_is_text() -> None:
    html = page(state(compliant()), Identity('<script>"', "359900199003070011", "<img src=x onerror=alert(1)>"))
    shape = Shape(html)
    assert "&lt;**" in html
    assert "&lt;script&gt;" not in html  # an unknown type of document shows its own word, never what was sent
    assert {"script", "img"}.isdisjoint(shape.tags)


@pytest.mark.parametrize("html", [page(state(compliant())), MISSING, TOO_MANY])
def test_the_page_loads_and_runs_nothing_and_its_style_is_the_allowed_one(html: str) -> None:
    shape = Shape(html)
    assert shape.open == []
    assert shape.loads == []
    assert shape.handlers == []
    assert "script" not in shape.tags
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in HEADERS["Content-Security-Policy"]
    assert "default-src 'none'" in HEADERS["Content-Security-Policy"]
    assert "url(" not in style[1]
    assert "@import" not in style[1]


@pytest.mark.parametrize("html", [page(state(compliant(), revoked())), MISSING])
def test_the_page_is_readable_by_machines_that_read_aloud(html: str) -> None:
    assert html.startswith("<!doctype html>")
    assert '<html lang="zh-CN">' in html
    assert html.count("<h1>") == 1
    assert "<main>" in html
    assert 'role="status"' in html
    assert 'name="viewport"' in html
    # An image either is a decoration or has words of its own.
    images = re.findall(r"<svg[^>]*>", html)
    assert images
    assert all('aria-hidden="true"' in each or "aria-label=" in each for each in images)


def test_a_total_that_is_required_is_shown_as_such() -> None:
    total = KindTotal("total", 9000, 9450, 0)
    content = replace(compliant(), totals=(*compliant().totals, total))
    lines = view_of(state(content), Holder.masked(IDENTITY), FORMS, "").totals
    assert [(each.name, each.required, each.stamped) for each in lines][-1] == ("合计", "90", "94.5")
    assert len(lines) == 3


def test_the_missing_page_tells_nothing_of_numbers() -> None:
    assert "FJ-" not in MISSING
    assert "未找到" in MISSING

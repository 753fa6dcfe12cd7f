"""The page for officials: complete, marked, in order, without anything from outside."""

from collections import Counter
from html.parser import HTMLParser

import pytest

from xueshi_rulebook import load_rulebook
from xueshi_rulebook.cases import packaged_cases
from xueshi_rulebook.pages import render_page

RULEBOOK = load_rulebook()
PAGE = render_page(RULEBOOK, packaged_cases())
VOID = {"meta", "input", "br"}
OPTIONAL_END = {"li", "tr", "td", "th"}


class Page(HTMLParser):
    """Collects ids, links, check boxes and languages, and sees that what is opened is closed."""

    def __init__(self) -> None:
        """Read the page."""
        super().__init__()
        self.ids: Counter[str] = Counter()
        self.links: set[str] = set()
        self.boxes = 0
        self.outside: set[str] = set()
        self.open: list[str] = []
        self.feed(PAGE)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        named = dict(attrs)
        if (identity := named.get("id")) is not None:
            self.ids[identity] += 1
        if (target := named.get("href")) is not None:
            self.links.add(target)
        self.outside |= {name for name in named if name in {"src", "action"}}
        self.boxes += tag == "input" and "aria-label" in named
        if tag not in VOID | OPTIONAL_END:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close an element."""
        if tag not in OPTIONAL_END:
            assert self.open.pop() == tag


@pytest.fixture(scope="module")
def page() -> Page:
    return Page()


def test_every_rule_is_told_in_full_once(page: Page) -> None:
    assert {rule_id: page.ids[rule_id] for rule_id in RULEBOOK.rule_ids()} == dict.fromkeys(RULEBOOK.rule_ids(), 1)
    assert max(page.ids.values()) == 1
    assert not page.open


def test_every_clause_has_a_box_to_tick(page: Page) -> None:
    sources = {source.id: source for each in RULEBOOK.jurisdictions.values() for source in each.sources.values()}
    assert page.boxes == sum(len(source.clauses) for source in sources.values())


def test_links_lead_somewhere_on_the_page_and_nowhere_else(page: Page) -> None:
    assert {link for link in page.links if not link.startswith("#")} == set()
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)
    assert page.outside == set()
    assert "url(" not in PAGE
    assert "@import" not in PAGE


def test_quotes_readings_and_values_are_there_and_marked() -> None:
    rule = RULEBOOK.rule("FJ-01")
    for words in (rule.quote, rule.reading_zh, rule.effect_zh, "本平台的理解", "<b>60</b>学时", RULEBOOK.hash[:12]):
        assert words in PAGE
    assert '<html lang="zh-CN">' in PAGE
    assert 'lang="en"' in PAGE
    assert "@media print" in PAGE


def test_cases_are_folded_under_their_rule() -> None:
    of_rule = PAGE.split('id="FJ-01"')[1].split("</article>")[0]
    assert "<details>" in of_rule
    assert "fj-year-met" in of_rule


def test_the_hours_of_each_form_stand_under_its_own_clause() -> None:
    clause = PAGE.split("附件1（八）　")[1].split("附件1（九）　")[0]
    assert "<b>60</b>学时" in clause
    assert "<b>30</b>学时" in clause


def test_every_key_and_code_is_in_words() -> None:
    unnamed = {each.split("</code>")[0] for each in PAGE.split('<code class="raw">')[1:]}
    assert unnamed == set(), "labels.yaml has no words for these"


def test_items_of_one_code_bear_their_own_names() -> None:
    two = ("远程网络教育", "远程继续医学教育", "确认接入的网络培训平台学习", "经审批", "经核准")
    assert [words for words in two if words not in PAGE] == []
    assessment = PAGE.split("第二十条　")[1].split("第二十一条　")[0]
    assert "收费标准公开情况" in assessment
    assert "公开收费项目及标准" not in assessment


def test_what_a_list_holds_is_named_also_where_its_key_is_a_unit() -> None:
    eighth = PAGE.split("附件1（八）　")[1].split("附件1（九）　")[0]
    assert "专业技术成果" in eighth
    assert "[&#39;" not in PAGE


def test_what_becomes_of_an_entry_that_is_not_asked_for() -> None:
    third = PAGE.split("附件3 表　")[1].split("附件3 说明1　")[0]
    fourth = PAGE.split("附件4 表　")[1].split("附件4 承诺1　")[0]
    assert "不采用" in third
    assert "退回更正" in fourth
    assert "不予受理" not in fourth


def test_a_clause_is_shown_in_the_notice_s_words() -> None:
    fifth = PAGE.split("附件1（五）　")[1].split("附件1（六）　")[0]
    assert "到教学、科研、医疗、生产单位实践或进修的" in fifth


def test_values_stand_under_the_clause_that_they_cite() -> None:
    forms = PAGE.split(">一、（四）　")[1].split(">一、（五）1　")[0]
    assert "国内外学术会议和学术讲座" in forms

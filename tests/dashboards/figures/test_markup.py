"""Whatever is not markup is escaped, wherever it stands."""

from dashboards.figures.markup import Markup, escaped, joined, tag

HOSTILE = "<img src=x onerror=alert(1)> \" ' & </td>"


def test_text_and_attributes_are_escaped() -> None:
    made = tag("td", HOSTILE, title=HOSTILE, data_choose="a&b")
    assert "<img" not in made
    assert made.count("</td>") == 1
    assert made.startswith('<td title="&lt;img')
    assert 'data-choose="a&amp;b"' in made


def test_markup_is_not_escaped_twice() -> None:
    inner = tag("b", "1 < 2")
    assert tag("p", inner) == "<p><b>1 &lt; 2</b></p>"
    assert escaped(inner) is inner


def test_nothing_leaves_nothing() -> None:
    assert tag("p", None, class_=None, hidden=False, disabled=True) == "<p disabled></p>"
    assert joined("a", None, 3) == Markup("a3")
    assert tag("line", x1=0) == '<line x1="0"/>'

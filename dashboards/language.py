"""Which language the reader has chosen, and what Streamlit's own controls are called in it."""

from __future__ import annotations

from dashboards import filters
from queries.vocabulary import Language, Text

CHINESE, ENGLISH = filters.LANGUAGES
TAGS = {CHINESE: "zh-CN", ENGLISH: "en"}

# Labels that Streamlit writes in English only, and what they are in Chinese.
OWN_LABELS = {
    "Skip to main content": "跳到正文",
    "App pages": "看板菜单",
    "Logo": "标识",
    "Fullscreen": "全屏",
    "Exit fullscreen": "退出全屏",
    "Close fullscreen": "退出全屏",
    "Clear selection": "清除选择",
    "Zoom in": "放大",
    "Zoom out": "缩小",
    "Close": "关闭",
    "Open": "打开",
    "Clear value": "清除",
    "Next month": "下个月",
    "Previous month": "上个月",
    "Scroll left": "向左滚动",
    "Scroll right": "向右滚动",
    "No results": "没有结果",
    "open": "打开",
    "close": "关闭",
    "Show more": "展开",
    "Loading...": "加载中",
}


def current() -> Language:
    """The reader's language: "zh" unless the address says `lang=en`."""
    return filters.language()


def said(text: Text) -> str:
    """`text` in the reader's language."""
    return text.in_(current())

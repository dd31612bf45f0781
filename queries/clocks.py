"""The clocks that metrics run on and the populations they count, in the reader's words."""

from __future__ import annotations

from queries.vocabulary import Text

REGISTERED = Text("登记日期", "date registered")
DISPATCHED = Text("转送日期", "date dispatched to the unit")
ACCEPT_DUE = Text("受理期限届满日", "date acceptance was due")
NOTIFY_DUE = Text("告知期限届满日", "date notice was due")
REPLY_DUE = Text("答复期限届满日", "date the reply was due")
CLOSED = Text("办结日期", "date closed")
CLOSED_COHORT = Text("办结日期(队列)", "date closed (cohort)")
EVALUATED = Text("评价日期", "date evaluated")
REVIEWED = Text("评审日期", "date reviewed")
PLANNED = Text("计划化解日期", "date planned for resolution")
ASSIGNED = Text("交办日期", "date assigned")
STRUCK_OFF = Text("销号日期", "date struck off")
RETURNED = Text("返回日期", "date it came back")
REPORTED = Text("周报日期(周一)", "Monday of the weekly report")
AS_OF = Text("截至日", "as of")

EVERY_ITEM = Text("全部诉求件(全口径)", "every item")
NOT_LITIGATION = Text("全部诉求件,涉诉件除外", "every item except those in litigation")
PETITIONS = Text("信访渠道诉求件", "items of the petition channels")
VISITS = Text("来访件", "visits")
FIRST_ASSESSED = Text("初次件、纳入统计件(考核口径)", "first-time items that are counted for assessment")
ASSESSED = Text("纳入统计件(考核口径)", "items that are counted for assessment")
FIRST_CLOSED = Text("办结的初次件", "first-time items that are closed")
CLOSED_ITEMS = Text("办结件", "closed items")
RATED = Text("已评价件", "items that the citizen rated")
CALLBACKS = Text("有效回访件", "items with a valid call-back")
LISTED = Text("交办清单内积案", "items on the assigned list")
MAJOR_ISSUES = Text("重大信访问题清单", "the major-issue list")
ISSUE_REPORTS = Text("重大信访问题清单的周报", "weekly reports on the major-issue list")

ITEMS = Text("件", "items")
GROUPS = Text("批次", "groups")
HEADS = Text("人次", "heads")
PERSONS = Text("人", "persons")
PER_CENT = Text("%", "%")
DAYS = Text("天", "days")
POINTS = Text("分", "points")

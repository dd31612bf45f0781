"""How small numbers are hidden is said in the words of the policies in force."""

from __future__ import annotations

import re
from dataclasses import replace

from dashboards import access
from dashboards.cards.definitions import privacy_rules
from queries.insights.suppression import PrivacyPolicy
from queries.policies import read_privacy


def test_the_rules_name_their_numbers_dimensions_and_roles() -> None:
    policy = PrivacyPolicy(7, frozenset({"district", "stage"}), 250)
    roles = access.roles()
    few = replace(roles.role("presenter"), smallest=9)
    page = privacy_rules(policy, replace(roles, by_key={"leader": roles.role("leader"), "p": few}), "zh")
    assert re.findall(r"\d+", re.sub(r"<[^>]*>", " ", page)) == ["9", "0", "7", "250", "9"]
    assert "只按区县、办理环节划分的数" in page
    assert "市领导看到全部准确数" in page
    assert "汇报演示按下列规则" in page


def test_the_rules_in_force_fit_both_languages() -> None:
    zh, en = (privacy_rules(read_privacy(), access.roles(), now) for now in ("zh", "en"))
    assert "少于 5 件（含 0 件）不显示" in zh
    assert "District office: every number of the own district" in en
    assert not re.search(r"[{}]", zh + en)

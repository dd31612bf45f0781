-- The list of major issues and its weekly progress through the six stages.
CREATE OR REPLACE TEMP TABLE issue AS
WITH drawn AS (
    SELECT number AS major_issue_id, mixed(seeded('issue'), number) AS key
    FROM range(1, getvariable('major_issues') + 1) AS t(number)
), placed AS (
    SELECT drawn.*, place.district_id, place.street_id, issue_theme.*
    FROM drawn
    JOIN place_slots ON place_slot = slot(key, 'place', getvariable('place_slots'))
    JOIN place ON place.place_id = place_slots.place_id
    JOIN issue_theme ON issue_theme.number = slot(key, 'theme', getvariable('issue_themes'))
        AND is_rural = (mix = 2)
), dated AS (
    SELECT *, getvariable('until') - 14 - slot(key, 'opened', 640) AS opened_on,
        CASE WHEN chance(key, 'severity') < 0.2 THEN 3 WHEN chance(key, 'severity') < 0.6 THEN 2 ELSE 1 END AS severity,
        26 + slot(key, 'weeks planned', 26) AS weeks_planned
    FROM placed
), paced AS (
    SELECT dated.*, opened_on - CAST(isodow(opened_on) - 1 AS INTEGER) AS first_week_on, opened_on + weeks_planned * 7 AS planned_on,
        -- How many weeks it truly takes, against the plan: late districts and grave issues take longer.
        CAST(ceil(weeks_planned * (0.55 + 7.0 * late + 0.12 * severity) * exp(0.3 * bell(key, 'weeks'))) AS INTEGER)
            AS weeks_needed
    FROM dated JOIN district ON district.district_id = dated.district_id
), struck AS (
    -- Signed off in the one to four weeks before, while the issue stands at acceptance.
    SELECT *, past(first_week_on + weeks_needed * 7 + 3) AS struck_off_on,
        past(first_week_on + weeks_needed * 7 + 2 - slot(key, 'signed off', 7 * least(4, 1 + weeks_needed // 16)))
            AS signed_off_on,
        CASE WHEN chance(key, 'level') < 0.1 THEN 1 WHEN chance(key, 'level') < 0.35 THEN 2 ELSE 3 END AS list_level
    FROM paced
)
SELECT *, CASE WHEN chance(key, 'comes back') < 0.10
    THEN past(struck_off_on + 14 + CAST(floor(60.0 * waiting(key, 'return')) AS INTEGER)) END AS returned_on
FROM struck;

INSERT INTO major_issue BY NAME
SELECT major_issue_id, place_zh || name_zh AS name_zh, name_en || ', ' || place_en AS name_en,
    list_level, issue.district_id, street_id, category1_id, severity,
    CAST(floor(5.0 + 40.0 * severity * waiting(key, 'people')) AS INTEGER) AS people_involved, leader,
    opened_on, planned_on, signed_off_on, struck_off_on, returned_on
FROM issue
JOIN post ON post.district_id = issue.district_id AND post.number = slot(key, 'leader', getvariable('posts'))
JOIN (SELECT region_id, name_zh AS place_zh, name_en AS place_en FROM region) AS site ON site.region_id = issue.street_id
ORDER BY major_issue_id;

INSERT INTO major_issue_week BY NAME
WITH weekly AS (
    SELECT issue.*, CAST(week_on AS DATE) AS week_on,
        CAST(date_diff('day', first_week_on, CAST(week_on AS DATE)) / 7 AS INTEGER) AS week
    FROM issue, range(CAST(first_week_on AS TIMESTAMP), CAST(getvariable('until') AS TIMESTAMP) + INTERVAL 1 DAY,
        INTERVAL 7 DAY) AS t(week_on)
), staged AS (
    SELECT *, CASE
            -- Returned after strike-off: back to handling, then on again week by week.
            WHEN returned_on IS NOT NULL AND week_on >= returned_on
                THEN least(5, 3 + CAST(date_diff('day', returned_on, week_on) / 56 AS INTEGER))
            WHEN week >= weeks_needed THEN 6
            ELSE 1 + CAST(floor(5.0 * (week / CAST(weeks_needed AS DOUBLE)) ** (0.7 + 0.6 * chance(key, 'shape'))) AS INTEGER)
        END AS stage,
        least(6, 1 + CAST(floor(5.0 * week / weeks_planned) AS INTEGER)) AS planned_stage
    FROM weekly
), cleared AS (
    -- The clears come one after the other, now and then one of them a stage late; nobody signs before the last.
    SELECT *, CASE WHEN stage = 6 OR week_on BETWEEN signed_off_on - 6 AND coalesce(struck_off_on, week_on) THEN 6 ELSE stage - 1 + slot(key, 'clears', 2) END AS clears FROM staged
)
SELECT major_issue_id, week_on, list_level, district_id, stage, planned_stage,
    clears - CAST(chance(key, 'people late') < 0.2 AS INTEGER) >= 1 AS is_people_clear,
    clears - CAST(chance(key, 'demand late') < 0.2 AS INTEGER) >= 2 AS is_demand_clear,
    clears - CAST(chance(key, 'duty late') < 0.2 AS INTEGER) >= 3 AS is_duty_clear,
    clears - CAST(chance(key, 'plan late') < 0.2 AS INTEGER) >= 4 AS is_plan_clear,
    clears - CAST(chance(key, 'work late') < 0.2 AS INTEGER) >= 5 AS is_work_clear,
    chance(mixed(key, week), 'consulted') < 0.86 AS is_consulted
FROM cleared
-- A struck-off issue is written once more at stage six, and again only after it has come back.
WHERE week <= weeks_needed OR week_on >= returned_on
ORDER BY major_issue_id, week_on;

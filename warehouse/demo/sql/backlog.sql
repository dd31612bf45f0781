-- The list of long-standing items (积案) put on it by the nation, the province or the city, and what became of each.
INSERT INTO backlog_item BY NAME
WITH candidate AS (
    -- Old petitions come first, those that returned before those that did not; the rest of the list has no case here.
    SELECT case_id, district_id, street_id, category1_id, unit_id, registered_on,
        row_number() OVER (ORDER BY repeat_no > 0 OR returned_on IS NOT NULL DESC, mixed(seeded('list'), case_id))
            AS position
    FROM cases
    WHERE is_petition AND is_counted AND district_id > 0 AND case_id = first_case_id
        AND registered_on < getvariable('until') - 330
), listed AS (
    SELECT number AS backlog_item_id, mixed(seeded('backlog'), number) AS key,
        candidate.*
    FROM range(1, getvariable('backlog_items') + 1) AS t(number)
    JOIN candidate ON position = number
), dated AS (
    SELECT *, CASE WHEN chance(key, 'level') < 0.07 THEN 1 WHEN chance(key, 'level') < 0.31 THEN 2 ELSE 3 END AS list_level,
        registered_on - CASE WHEN chance(key, 'history') < 0.5
            THEN CAST(floor(least(3600.0, 900.0 * waiting(key, 'age'))) AS INTEGER) ELSE 0 END AS first_registered_on,
        -- Three lists a year: January, May, September; the first one at least four months after the petition.
        make_date(year(registered_on + 120), 1, 15) AS year_opens
    FROM listed
), assigned AS (
    SELECT *, least(CASE
            WHEN registered_on + 120 <= year_opens THEN year_opens
            WHEN registered_on + 120 <= year_opens + 116 THEN year_opens + 116
            WHEN registered_on + 120 <= year_opens + 239 THEN year_opens + 239
            ELSE make_date(year(registered_on + 120) + 1, 1, 15) END
            + slot(key, 'list day', 6), getvariable('until') - 20) AS assigned_on
    FROM dated
), planned AS (
    SELECT *, assigned_on + 150 + slot(key, 'plan', 400) AS planned_on,
        assigned_on + 40 + CAST(floor(470.0 * waiting(key, 'resolution') ** 0.8
            * CASE list_level WHEN 1 THEN 1.3 WHEN 2 THEN 1.1 ELSE 0.95 END * slowness) AS INTEGER) AS resolution_on
    FROM assigned
    JOIN (SELECT district_id, 0.75 + 10.0 * late * returns AS slowness FROM district) AS pace
        ON pace.district_id = assigned.district_id
), verified AS (
    SELECT *, past(resolution_on) AS resolved_on, past(resolution_on + 7 + slot(key, 'verify', 25)) AS verified_on
    FROM planned
), struck AS (
    SELECT *, past(verified_on + 5 + slot(key, 'strike', 35)) AS struck_off_on FROM verified
), progress AS (
    SELECT *, CASE WHEN resolved_on IS NOT NULL THEN 1.0
            ELSE 0.35 + 0.5 * least(1.0, date_diff('day', assigned_on, getvariable('until')) / 400.0) END AS ticked,
        CASE WHEN chance(key, 'comes back') < 0.05
            THEN past(struck_off_on + 10 + CAST(floor(90.0 * waiting(key, 'return')) AS INTEGER)) END AS returned_on
    FROM struck
)
SELECT backlog_item_id, case_id, list_level, progress.district_id, street_id, category1_id, unit_id, post.leader,
    1 + CAST(floor(6.0 * waiting(key, 'people')) AS INTEGER) AS people_involved,
    first_registered_on, assigned_on, planned_on, resolved_on, verified_on, struck_off_on, returned_on,
    chance(key, 'people clear') <= ticked + 0.10 AS is_people_clear,
    chance(key, 'demand clear') <= ticked + 0.05 AS is_demand_clear,
    chance(key, 'duty clear') <= ticked AS is_duty_clear,
    chance(key, 'work clear') <= ticked - CASE WHEN resolved_on IS NULL THEN 0.10 ELSE 0.0 END AS is_work_clear,
    chance(key, 'plan clear') <= ticked - CASE WHEN resolved_on IS NULL THEN 0.05 ELSE 0.0 END AS is_plan_clear
FROM progress
JOIN post ON post.district_id = progress.district_id AND post.number = slot(key, 'leader', getvariable('posts'))
ORDER BY backlog_item_id;

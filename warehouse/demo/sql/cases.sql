-- The items numbered after `after_case` up to `last_case`, as rows of `cases`.
INSERT INTO cases BY NAME
WITH known AS (
    SELECT numbered.*, link.* EXCLUDE (case_id), place.district_id AS true_district, place.street_id AS true_street,
        place.village_id AS true_village, leaf.category1_id, leaf.category2_id, leaf.is_court_matter,
        unit_trait.level AS unit_level, unit_trait.displeasing, district.published,
        channel.stream = 'petition' AS is_petition, channel.kind IN ('online', 'app') AS is_online,
        chance(root_key, 'no district') < 0.003 AS hides_district,
        chance(root_key, 'no street') < 0.018 AS hides_street,
        chance(root_key, 'no village') < 0.06 AS hides_village,
        chance(root_key, 'point known') < 0.88 AS shows_point,
        coalesce(greatest(0.0, least(1.0, date_diff('day', getvariable('first'), CAST(registered_at AS DATE))
            / CAST(date_diff('day', getvariable('first'), getvariable('until')) AS DOUBLE))), 0.0) AS elapsed
    FROM scratch.numbered AS numbered
    JOIN scratch.link AS link ON link.case_id = numbered.case_id
    JOIN place ON place.place_id = numbered.place_id
    JOIN leaf ON leaf.category_id = numbered.category_id
    JOIN unit_trait ON unit_trait.unit_id = numbered.unit_id
    JOIN district ON district.district_id = place.district_id
    JOIN channel ON channel.channel_id = numbered.channel_id
    WHERE numbered.case_id > getvariable('after_case') AND numbered.case_id <= getvariable('last_case')
        AND link.case_id > getvariable('after_case') AND link.case_id <= getvariable('last_case')
), headed AS (
    SELECT *, CASE
            WHEN channel_id = 5 AND chance(key, 'heads') < 0.11 THEN 5 + CAST(floor(6.0 * waiting(key, 'crowd')) AS INTEGER)
            WHEN is_petition AND chance(key, 'heads') < 0.20 THEN 2 + slot(key, 'joint', 3)
            ELSE 1 END AS people,
        -- Fewer visitors pass over the competent level from year to year.
        channel_id = 5 AND unit_level >= 4 AND chance(key, 'skip level') < 0.68 - 0.30 * elapsed AS is_skip_level,
        chance(key, 'litigation') < CASE
            WHEN is_court_matter THEN 0.4 WHEN is_petition THEN 0.008 ELSE 0.002 END AS is_litigation,
        closed_at IS NOT NULL AND stream < 2
            AND chance(key, 'asked') < CASE WHEN is_petition THEN 0.75 ELSE 0.55 END AS is_asked,
        is_online AND replied_at IS NOT NULL AND stream < 2 AND chance(key, 'publishable') < 0.35 AS is_publishable
    FROM known
), judged AS (
    SELECT *,
        CASE WHEN is_litigation THEN 'litigation'
            WHEN chance(key, 'exclusion') < 0.006 THEN 'duplicate_submission'
            WHEN chance(key, 'exclusion') < 0.013 THEN 'out_of_jurisdiction'
            WHEN chance(key, 'exclusion') < 0.017 THEN 'incomplete'
            WHEN chance(key, 'exclusion') < 0.021 THEN 'withdrawn' END AS exclusion,
        CASE WHEN NOT is_asked THEN NULL
            WHEN chance(key, 'answer') < 0.098 THEN 5
            WHEN chance(key, 'answer') < 0.108 THEN 4
            WHEN chance(key, 'pleased') < least(0.9, displeasing * (0.042 + CASE WHEN is_late THEN 0.16 ELSE 0.0 END
                + CASE WHEN is_solved THEN 0.0 ELSE 0.45 END + CASE WHEN repeat_no > 0 THEN 0.06 ELSE 0.0 END)) THEN 3
            WHEN chance(key, 'mostly') < 0.26 THEN 2
            ELSE 1 END AS answer
    FROM headed
), evaluated AS (
    SELECT *, by_the_end(later(closed_at, CASE
        WHEN answer = 5 THEN 360.0
        WHEN is_petition THEN 12.0 + least(340.0, 70.0 * waiting(key, 'evaluation'))
        ELSE 4.0 + least(300.0, 30.0 * waiting(key, 'evaluation')) END)) AS evaluation_at
    FROM judged
), answered AS (
    SELECT *, CASE WHEN answer IS NOT NULL THEN evaluation_at END AS evaluated_at,
        CASE WHEN evaluation_at IS NOT NULL THEN answer END AS satisfaction
    FROM evaluated
)
SELECT case_id,
    CASE WHEN is_petition THEN 'XF' ELSE 'RX' END || strftime(registered_at, '%Y%m%d')
        || lpad(CAST(case_id AS VARCHAR), 9, '0') AS source_case_no,
    source_slots.source_id, answered.channel_id, answered.purpose_id, answered.category_id, category1_id, category2_id,
    CASE WHEN hides_district THEN 0 ELSE true_district END AS district_id,
    CASE WHEN hides_district OR hides_street THEN 0 ELSE true_street END AS street_id,
    CASE WHEN hides_district OR hides_street OR hides_village THEN 0 ELSE true_village END AS village_id,
    unit_id, urgency, is_petition, is_online,
    registered_at, transferred_at, accepted_at, notified_at, replied_at, closed_at, evaluated_at,
    accept_due_at, notify_due_at, reply_due_at,
    CAST(registered_at AS DATE) AS registered_on, CAST(transferred_at AS DATE) AS transferred_on,
    CAST(closed_at AS DATE) AS closed_on, CAST(evaluated_at AS DATE) AS evaluated_on,
    CAST(accept_due_at AS DATE) AS accept_due_on, CAST(notify_due_at AS DATE) AS notify_due_on,
    CAST(reply_due_at AS DATE) AS reply_due_on, is_extended,
    person_key, CASE WHEN person_key IS NOT NULL THEN matter_key END AS matter_key,
    first_case_id, repeat_no, days_since_previous, returned_on,
    people,
    CASE WHEN is_petition THEN people + CAST(floor(people * 1.5 * waiting(key, 'involved')) AS INTEGER) ELSE people END
        AS people_involved,
    unit_level AS competent_level,
    CASE WHEN answered.channel_id <> 5 THEN 0
        WHEN is_skip_level THEN CASE
            WHEN chance(key, 'visited') < 0.08 THEN 1
            WHEN chance(key, 'visited') < 0.30 OR unit_level = 4 THEN 2
            ELSE 3 END
        WHEN chance(key, 'visited') < 0.4 THEN greatest(3, unit_level - 1)
        ELSE unit_level END AS visited_level,
    is_skip_level, answered.channel_id = 5 AND people >= 5 AS is_collective, is_litigation,
    exclusion IS NULL AS is_counted, exclusion,
    CASE WHEN replied_at IS NULL THEN NULL
        WHEN chance(key, 'outcome') < CASE WHEN is_solved THEN 0.66 ELSE 0.25 END THEN 1
        WHEN chance(key, 'outcome') < CASE WHEN is_solved THEN 0.96 ELSE 0.70 END THEN 2 ELSE 3 END AS outcome,
    CASE WHEN closed_at IS NOT NULL AND is_solved THEN least(3, repeat_no + 1) END AS resolution_round,
    CASE WHEN closed_at IS NOT NULL THEN is_solved END AS is_resolved,
    CASE WHEN replied_at IS NOT NULL
        THEN chance(key, 'contacted') < CASE WHEN is_late THEN 0.93 ELSE 0.985 END END AS is_contacted,
    satisfaction,
    satisfaction IS NOT NULL AND satisfaction <= 3 AND NOT is_petition AND chance(key, 'valid') < 0.92
        OR satisfaction IS NOT NULL AND satisfaction <= 3 AND is_petition AND chance(key, 'valid') < 0.60
        AS is_valid_callback,
    is_publishable, is_publishable AND chance(key, 'published') < published AS is_published,
    returned_count,
    CASE WHEN chance(key, 'redispatched') < 0.9 THEN returned_count ELSE 0 END AS redispatched_count,
    CASE WHEN shows_point AND NOT hides_district THEN point.lon END AS lon,
    CASE WHEN shows_point AND NOT hides_district THEN point.lat END AS lat,
    CASE WHEN shows_point AND NOT hides_district THEN point.h3 END AS h3,
    wording.title, CASE WHEN is_petition THEN wording.detail END AS detail,
    1 AS batch_id
FROM answered
JOIN point ON point.point_id = answered.point_id
JOIN source_slots ON source_slots.channel_id = answered.channel_id AND source_slots.district_id = true_district
    AND source_slot = slot(key, 'source', getvariable('source_slots'))
JOIN wording ON wording.category_id = answered.category_id AND wording.purpose_id = answered.purpose_id
    AND variant = slot(key, 'wording', getvariable('variants'))
ORDER BY case_id;

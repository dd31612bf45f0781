-- The first item of every matter: who, where, what, by which channel, when. The matters are numbered; the numbers
-- from `root_from` to before `root_to` are drawn.
CREATE OR REPLACE TABLE scratch.fresh AS
WITH drawn AS (
    SELECT seeded(number) AS key FROM range(getvariable('root_from'), getvariable('root_to')) AS t(number)
), streamed AS (
    SELECT key, CASE
        WHEN chance(key, 'stream') < getvariable('petition_share') THEN 1
        WHEN chance(key, 'stream') > 1.0 - getvariable('opinion_share') THEN 2
        ELSE 0 END AS stream
    FROM drawn
), placed AS (
    SELECT key, stream, channel_of(key, stream) AS channel_id, rhythm_of(channel_of(key, stream)) AS rhythm,
        place.*, district.* EXCLUDE (district_id)
    FROM streamed
    JOIN place_slots ON place_slot = slot(key, 'place', getvariable('place_slots'))
    JOIN place ON place.place_id = place_slots.place_id
    JOIN district ON district.district_id = place.district_id
), themed AS (
    SELECT placed.*, leaf.category_id, leaf.category2_id, leaf.season
    FROM placed
    JOIN leaf_slots ON leaf_slot = mix * getvariable('leaf_slots') + slot(key, 'leaf', getvariable('leaf_slots'))
    JOIN leaf ON leaf.category_id = leaf_slots.category_id
), timed AS (
    SELECT themed.*,
        make_timestamp(epoch_us(CAST(day_on AS TIMESTAMP))
            + (hour * 3600 + slot(key, 'second', 3600)) * CAST(1000000 AS BIGINT)) AS registered_at,
        chance(key, 'frequent') < 0.06 AS is_frequent
    FROM themed
    JOIN day_slots ON day_slot = ((rhythm * getvariable('seasons') + season) * getvariable('trends') + trend)
        * getvariable('day_slots') + slot(key, 'day', getvariable('day_slots'))
    JOIN hour_slots ON hour_slot = rhythm * getvariable('hour_slots') + slot(key, 'hour', getvariable('hour_slots'))
), known AS (
    SELECT timed.*, CASE
        WHEN chance(key, 'anonymous') < CASE stream WHEN 0 THEN 0.07 WHEN 1 THEN 0.005 ELSE 0.6 END THEN NULL
        WHEN is_frequent
            THEN person_of(district_id, true, frequent_people * chance(key, 'person') ** 2)
        ELSE person_of(district_id, false, people * chance(key, 'person')) END AS person_key
    FROM timed
)
SELECT key, key AS root_key, 0 AS generation, false AS is_planted, place_id,
    place_id * getvariable('points_a_place') + slot(key, 'point', getvariable('points_a_place')) AS point_id,
    category_id, stream, channel_id, is_frequent, person_key,
    matter_of(person_key, category2_id, street_id) AS matter_key, registered_at
FROM known;

-- The cases of the planted surges and hot spots: first items of new matters, each by another person.
-- `plant` has a row each: truth_id, before (cases planted by the rows above), planted, starts_on, days, leaves
-- (category_id list, most frequent first), points (how many); `plant_point` its points, numbered from 0.
CREATE OR REPLACE TABLE scratch.fresh AS
WITH drawn AS (
    SELECT plant.*, mixed(seeded('planted'), before + number) AS key
    FROM plant, range(planted) AS t(number)
), streamed AS (
    SELECT drawn.*, point_id, CAST(chance(key, 'stream') < getvariable('petition_share') AS INTEGER) AS stream,
        CAST(starts_on AS DATE) + slot(key, 'day', days) AS day_on
    FROM drawn
    JOIN plant_point ON plant_point.truth_id = drawn.truth_id AND number = slot(key, 'point', points)
), placed AS (
    SELECT streamed.*, channel_of(key, stream) AS channel_id, place.place_id, place.street_id, leaf.category_id,
        leaf.category2_id, person_of(district.district_id, false, people * chance(key, 'person')) AS person_key
    FROM streamed
    JOIN point ON point.point_id = streamed.point_id
    JOIN place ON place.place_id = point.place_id
    JOIN district ON district.district_id = place.district_id
    JOIN leaf ON leaf.category_id = leaves[1 + CAST(floor(chance(key, 'leaf') ** 2 * len(leaves)) AS INTEGER)]
)
SELECT key, key AS root_key, 0 AS generation, true AS is_planted, place_id, point_id, category_id, stream, channel_id,
    false AS is_frequent, person_key, matter_of(person_key, category2_id, street_id) AS matter_key,
    make_timestamp(epoch_us(CAST(day_on AS TIMESTAMP))
        + (hour * 3600 + slot(key, 'second', 3600)) * CAST(1000000 AS BIGINT)) AS registered_at
FROM placed
JOIN hour_slots ON hour_slot = rhythm_of(channel_id) * getvariable('hour_slots')
    + slot(key, 'hour', getvariable('hour_slots'));

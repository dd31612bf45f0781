-- Who comes back: each item of the last generation may be followed by one more of the same person and matter,
-- while it is still open (impatience) or after it was closed (it was not resolved, or did not last).
CREATE OR REPLACE TABLE scratch.fresh AS
WITH asked AS (
    SELECT *, propensity * CASE WHEN is_frequent THEN 2.0 ELSE 1.0 END AS pull,
        CAST(registered_at AS DATE) + 1 + CAST(floor(3.0 * waiting(key, 'impatience')) AS INTEGER) AS impatient_on,
        CAST(closed_at AS DATE) + 1
            + CAST(floor(least(700.0, exp(3.1 + 1.2 * bell(key, 'return')))) AS INTEGER) AS return_on
    FROM scratch.item
    WHERE generation = getvariable('generation') AND person_key IS NOT NULL
), chosen AS (
    SELECT *, CASE
        WHEN chance(key, 'impatient') < least(0.4, 0.06 * pull)
            AND impatient_on < coalesce(CAST(closed_at AS DATE), DATE '9999-12-31') THEN impatient_on
        WHEN closed_at IS NOT NULL AND chance(key, 'again') < least(0.75, pull
            * CASE WHEN is_solved THEN 0.027 ELSE 0.5 END
            * CASE WHEN generation > 0 THEN 10.0 ELSE 1.0 END) THEN return_on
        END AS wished_on
    FROM asked
), shifted AS (
    SELECT *, mixed(key, 'next') AS next_key,
        -- Offices are closed on holidays and at the weekend: many wait for the next week.
        wished_on + CAST(CASE
            WHEN holiday IS NOT NULL AND chance(key, 'wait') < CASE WHEN stream = 1 THEN 0.6 ELSE 0.4 END THEN 7
            WHEN isodow(wished_on) >= 6 AND chance(key, 'wait') < CASE WHEN stream = 1 THEN 0.5 ELSE 0.2 END
                THEN 8 - isodow(wished_on)
            ELSE 0 END AS INTEGER) AS again_on
    FROM chosen
    JOIN calendar ON day_on = wished_on
), driven AS (
    SELECT *, channel_of(next_key, stream) AS next_channel_id
    FROM shifted
    WHERE again_on <= getvariable('until')
        -- The drive against repeat petitions: from its first day ever fewer come back.
        AND chance(next_key, 'drive') > 0.55 * greatest(0.0, date_diff('day', getvariable('drive'), again_on)
            / CAST(date_diff('day', getvariable('drive'), getvariable('until')) AS DOUBLE)) ** 0.7
)
SELECT next_key AS key, root_key, CAST(generation + 1 AS INTEGER) AS generation, is_planted, place_id, point_id,
    category_id, stream, next_channel_id AS channel_id, is_frequent, person_key, matter_key,
    make_timestamp(epoch_us(CAST(again_on AS TIMESTAMP))
        + (hour * 3600 + slot(next_key, 'second', 3600)) * CAST(1000000 AS BIGINT)) AS registered_at
FROM driven
JOIN hour_slots ON hour_slot = rhythm_of(next_channel_id) * getvariable('hour_slots')
    + slot(next_key, 'hour', getvariable('hour_slots'));

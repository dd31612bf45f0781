-- How each fresh item was handled: the unit, the deadlines, and when it reached each stage; appended to `item`.
-- Hours count from registration; what lies after the end of the data has not happened yet and stays null.
INSERT INTO scratch.item
WITH sited AS (
    SELECT fresh.*, place.district_id, place.street_id, leaf.returns AS theme_returns,
        district.late AS district_late, district.returns AS district_returns,
        CASE WHEN chance(root_key, 'stray') < 0.03 THEN slot(root_key, 'stray bureau', getvariable('bureaus'))
            ELSE leaf.bureau_id END AS bureau_id,
        stream = 1 AS is_petition,
        registered_at >= getvariable('pilot_at') AS is_pilot
    FROM scratch.fresh AS fresh
    JOIN place ON place.place_id = fresh.place_id
    JOIN leaf ON leaf.category_id = fresh.category_id
    JOIN district ON district.district_id = place.district_id
), assigned AS (
    SELECT sited.*, CASE
        WHEN station_unit > 0 AND chance(root_key, 'desk') < 0.5 THEN station_unit
        WHEN chance(root_key, 'desk') < 0.30 THEN street_unit
        WHEN chance(root_key, 'desk') < 0.90 THEN district_unit
        ELSE city_units[1 + slot(root_key, 'city desk', len(city_units))] END AS unit_id
    FROM sited
    JOIN desk ON desk.bureau_id = sited.bureau_id AND desk.street_id = sited.street_id
), opened AS (
    SELECT assigned.*, purpose_id,
        CASE WHEN is_petition OR chance(key, 'urgency') > 0.08 THEN 1
            WHEN chance(key, 'urgency') > 0.01 THEN 2 ELSE 3 END AS urgency,
        CASE WHEN chance(key, 'refused') < 0.007 * refusals THEN 2
            WHEN chance(key, 'refused') < 0.045 * refusals THEN 1 ELSE 0 END AS returned_count,
        chance(key, 'accept late') < 0.021 * accept_late
            * CASE WHEN is_petition AND NOT is_pilot THEN 1.25 ELSE 0.9 END AS is_accepted_late,
        chance(key, 'direct') < CASE WHEN stream = 1 THEN 0.0 WHEN purpose_id = 3 THEN 0.75 ELSE 0.08 END AS is_direct,
        chance(key, 'extended') < CASE WHEN is_petition THEN 0.05 ELSE 0.015 END AS is_extended,
        pace, reply_late, unresolved
    FROM assigned
    JOIN unit_trait ON unit_trait.unit_id = assigned.unit_id
    JOIN purpose_slots ON purpose_slot = CAST(is_petition AS INTEGER) * getvariable('purpose_slots')
        + slot(root_key, 'purpose', getvariable('purpose_slots'))
), limited AS (
    SELECT *,
        CASE WHEN NOT is_petition THEN CASE urgency WHEN 1 THEN 24.0 WHEN 2 THEN 8.0 ELSE 2.0 END
            WHEN is_pilot THEN 96.0 ELSE 360.0 END AS accept_due,
        CASE WHEN NOT is_petition THEN 0.02 + 0.5 * waiting(key, 'transfer')
            WHEN chance(key, 'same day') < CASE WHEN is_pilot THEN 0.72 ELSE 0.45 END
                THEN 0.1 + 1.2 * waiting(key, 'transfer')
            ELSE 3.0 + CASE WHEN is_pilot THEN 12.0 ELSE 40.0 END * waiting(key, 'transfer') END AS transfer_wish
    FROM opened
), accepted AS (
    SELECT *, least(transfer_wish, 0.7 * accept_due) AS transfer_hours,
        CASE
            WHEN is_accepted_late THEN accept_due * (1.02 + 0.4 * waiting(key, 'accept'))
            ELSE least(transfer_wish, 0.7 * accept_due)
                + (0.98 * accept_due - least(transfer_wish, 0.7 * accept_due))
                * chance(key, 'accept') ** CASE WHEN is_petition AND NOT is_pilot THEN 2.0 ELSE 4.0 END
        END AS accept_hours
    FROM limited
), due AS (
    SELECT *, CASE WHEN is_extended THEN 1.5 ELSE 1.0 END * CASE
            WHEN NOT is_petition THEN CASE urgency WHEN 1 THEN 168.0 WHEN 2 THEN 72.0 ELSE 24.0 END
            WHEN is_pilot THEN 480.0 ELSE 1440.0 + accept_hours END AS reply_due,
        chance(key, 'late') < least(0.6, district_late * reply_late * theme_returns ** 0.3
            * CASE WHEN is_pilot THEN 0.82 ELSE 1.15 END * CASE WHEN returned_count > 0 THEN 1.8 ELSE 1.0 END) AS is_late
    FROM accepted
), replied AS (
    SELECT *, greatest(accept_hours + 0.2, CASE
            WHEN is_direct THEN accept_hours + 0.3 * waiting(key, 'reply')
            WHEN is_late THEN reply_due * (1.02 + 0.4 * waiting(key, 'reply'))
                * CASE WHEN chance(key, 'forgotten') < 0.04 THEN 3.0 ELSE 1.0 END
            ELSE reply_due * least(0.97, pace * exp(0.55 * bell(key, 'reply')) * CASE
                WHEN NOT is_petition THEN 0.36 WHEN is_pilot THEN 0.38 ELSE 0.16 END)
        END) AS reply_hours
    FROM due
), closed AS (
    SELECT *,
        reply_hours + CASE WHEN is_direct THEN 0.05 WHEN is_petition THEN 30.0 ELSE 8.0 END * waiting(key, 'close')
            AS close_hours,
        chance(key, 'resolved') >= least(0.6, 0.026 * unresolved * theme_returns ** 0.6 * district_returns
            * CASE WHEN is_late THEN 2.2 ELSE 1.0 END * CASE WHEN generation > 0 THEN 2.0 ELSE 1.0 END) AS is_solved
    FROM replied
)
SELECT key, root_key, generation, is_planted, place_id, point_id, category_id, stream, channel_id, is_frequent,
    person_key, matter_key, registered_at, unit_id, purpose_id, urgency, returned_count, is_extended, is_late,
    by_the_end(later(registered_at, transfer_hours)) AS transferred_at,
    by_the_end(later(registered_at, accept_hours)) AS accepted_at,
    CASE WHEN is_petition THEN by_the_end(later(registered_at,
        least(accept_hours + 0.1 + 5.0 * waiting(key, 'notify'), reply_hours))) END AS notified_at,
    by_the_end(later(registered_at, reply_hours)) AS replied_at,
    by_the_end(later(registered_at, close_hours)) AS closed_at,
    later(registered_at, accept_due) AS accept_due_at,
    CASE WHEN is_petition THEN later(registered_at, accept_due) END AS notify_due_at,
    later(registered_at, reply_due) AS reply_due_at,
    is_solved, theme_returns * district_returns * unresolved ** 0.5 AS propensity
FROM closed;

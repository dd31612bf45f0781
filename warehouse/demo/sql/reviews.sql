-- Reviews of closed items: by the public, by experts, by a third party, by the unit itself, by its superiors.
INSERT INTO review BY NAME
WITH picked AS (
    SELECT kind, share, mean, case_id, district_id, unit_id, closed_on, satisfaction, is_resolved,
        mixed(mixed(seeded('review'), kind), case_id) AS key
    FROM cases, (VALUES (1, 0.020, 88.0), (2, 0.006, 84.0), (3, 0.008, 82.0), (4, 0.015, 92.0), (5, 0.005, 86.0))
        AS kinds(kind, share, mean)
    WHERE closed_on IS NOT NULL AND is_counted AND district_id > 0
), chosen AS (
    SELECT *, closed_on + 5 + slot(key, 'day', 25) AS reviewed_on FROM picked WHERE chance(key, 'picked') < share
)
SELECT row_number() OVER (ORDER BY case_id, kind) AS review_id, kind, case_id, district_id, unit_id, reviewed_on,
    CAST(greatest(20.0, least(100.0, round(mean + 6.0 * bell(key, 'score')
        - CASE WHEN satisfaction = 3 THEN 22.0 ELSE 0.0 END - CASE WHEN is_resolved THEN 0.0 ELSE 10.0 END)))
        AS INTEGER) AS score
FROM chosen
WHERE reviewed_on <= getvariable('until');

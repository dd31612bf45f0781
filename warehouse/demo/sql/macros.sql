-- Random numbers that depend on a key and a word alone: the same for any number of threads and any order of rows.
-- The seed is inside the keys. The word is hashed into the key before the last hash, because hash(key, word) of two
-- words gives numbers that go together.
CREATE OR REPLACE TEMP MACRO mixed(key, other) AS hash(xor(key, hash(other)));
CREATE OR REPLACE TEMP MACRO seeded(number) AS mixed(hash(getvariable('seed')), number);
CREATE OR REPLACE TEMP MACRO chance(key, word) AS CAST(mixed(key, word) >> 11 AS DOUBLE) / 9007199254740992.0;

-- Exponential with mean 1, and standard normal.
CREATE OR REPLACE TEMP MACRO waiting(key, word) AS -ln(1.0 - chance(key, word));
CREATE OR REPLACE TEMP MACRO bell(key, word) AS
    sqrt(2.0 * waiting(key, word)) * cos(6.283185307179586 * chance(key, word || ' angle'));

CREATE OR REPLACE TEMP MACRO slot(key, word, slots) AS CAST(floor(chance(key, word) * slots) AS INTEGER);
CREATE OR REPLACE TEMP MACRO later(moment, hours) AS
    make_timestamp(epoch_us(moment) + CAST(floor((hours) * 3600.0) AS BIGINT) * 1000000);
CREATE OR REPLACE TEMP MACRO by_the_end(moment) AS CASE WHEN moment <= getvariable('ends_at') THEN moment END;
CREATE OR REPLACE TEMP MACRO past(day) AS CASE WHEN day <= getvariable('until') THEN day END;

-- Channel of an item (channel_id of warehouse/reference/channels.csv) by stream: 0 hotline, 1 petition, 2 opinion.
CREATE OR REPLACE TEMP MACRO channel_of(key, stream) AS CASE
    WHEN stream = 2 THEN CASE WHEN chance(key, 'channel') < 0.85 THEN 11 ELSE 12 END
    WHEN stream = 1 THEN CASE
        WHEN chance(key, 'channel') < getvariable('visit_share') THEN 5
        WHEN chance(key, 'channel') < getvariable('visit_share') + getvariable('letter_share') THEN 6
        WHEN chance(key, 'channel') < getvariable('offline_share') THEN 8
        WHEN chance(key, 'channel') < 0.72 THEN 7
        ELSE 9 END
    WHEN chance(key, 'channel') < 0.60 THEN 1
    WHEN chance(key, 'channel') < 0.82 THEN 2
    WHEN chance(key, 'channel') < 0.87 THEN 3
    WHEN chance(key, 'channel') < 0.96 THEN 4
    ELSE 10 END;
-- Rhythm of the week and of the day: 0 hotline, 1 petition, 2 visit.
CREATE OR REPLACE TEMP MACRO rhythm_of(channel_id) AS CASE
    WHEN channel_id = 5 THEN 2 WHEN channel_id BETWEEN 6 AND 9 THEN 1 ELSE 0 END;

-- One person of a district: the few who come again and again, or anybody.
CREATE OR REPLACE TEMP MACRO person_of(district_id, is_frequent, number) AS CAST(
    mixed(mixed(seeded('person'), district_id * 2 + CAST(is_frequent AS INTEGER)), CAST(floor(number) AS BIGINT)) >> 1
    AS BIGINT);
CREATE OR REPLACE TEMP MACRO matter_of(person_key, category2_id, street_id) AS CAST(
    mixed(mixed(hash(person_key), category2_id), street_id) >> 1 AS BIGINT);

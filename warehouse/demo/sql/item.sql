-- Every item as the generator knows it, before it is numbered and dressed as a case.
CREATE OR REPLACE TABLE scratch.item (
    key UBIGINT,              -- of this item; all its random numbers follow from it
    root_key UBIGINT,         -- of the matter's first item
    generation INTEGER,       -- 0 the first item, 1 its return, …
    is_planted BOOLEAN,       -- part of a surge or hot spot
    place_id INTEGER,
    point_id INTEGER,
    category_id INTEGER,
    stream INTEGER,           -- 0 hotline, 1 petition, 2 opinion
    channel_id SMALLINT,
    is_frequent BOOLEAN,      -- by one of the few who come again and again
    person_key BIGINT,
    matter_key BIGINT,
    registered_at TIMESTAMP,
    unit_id INTEGER,
    purpose_id SMALLINT,
    urgency SMALLINT,
    returned_count SMALLINT,
    is_extended BOOLEAN,
    is_late BOOLEAN,
    transferred_at TIMESTAMP,
    accepted_at TIMESTAMP,
    notified_at TIMESTAMP,
    replied_at TIMESTAMP,
    closed_at TIMESTAMP,
    accept_due_at TIMESTAMP,
    notify_due_at TIMESTAMP,
    reply_due_at TIMESTAMP,
    is_solved BOOLEAN,
    propensity DOUBLE         -- to come back: theme × district × unit, 1 on average
);

CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- uid and accession are emptied when the study is purged, key, a hash of the uid, stays.
CREATE TABLE study (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    uid TEXT NOT NULL,
    accession TEXT NOT NULL,
    received REAL NOT NULL
);

-- name is a hash of the SOP Instance UID. A row stays when its file is purged, so that what is sent again is known.
CREATE TABLE instance (
    id INTEGER PRIMARY KEY,
    study INTEGER NOT NULL REFERENCES study,
    name TEXT NOT NULL UNIQUE,
    digest TEXT NOT NULL,
    multi_frame INTEGER NOT NULL,
    kept INTEGER NOT NULL
);
CREATE INDEX instance_of_study ON instance (study);

-- aside is why it was set aside, or a worker failed at it, reason that of its verdict.
CREATE TABLE job (
    id INTEGER PRIMARY KEY,
    study INTEGER NOT NULL REFERENCES study,
    state TEXT NOT NULL,
    failures INTEGER NOT NULL DEFAULT 0,
    aside TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    input TEXT NOT NULL DEFAULT '',
    action TEXT NOT NULL DEFAULT '',
    p_any REAL,
    arrived REAL NOT NULL,
    changed REAL NOT NULL
);
CREATE INDEX job_of_study ON job (study);
CREATE INDEX job_by_state ON job (state);

CREATE TABLE object (
    id INTEGER PRIMARY KEY,
    job INTEGER NOT NULL REFERENCES job,
    kind TEXT NOT NULL,
    uid TEXT NOT NULL,
    series TEXT NOT NULL,
    file TEXT NOT NULL UNIQUE,
    digest TEXT NOT NULL,
    kept INTEGER NOT NULL DEFAULT 1
);
CREATE INDEX object_of_job ON object (job);
CREATE INDEX object_by_uid ON object (uid);

CREATE TABLE delivery (
    object INTEGER NOT NULL REFERENCES object,
    destination TEXT NOT NULL,
    state TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    due REAL NOT NULL DEFAULT 0,
    said TEXT NOT NULL DEFAULT '',
    since REAL NOT NULL,
    PRIMARY KEY (object, destination)
) WITHOUT ROWID;
CREATE INDEX delivery_by_state ON delivery (destination, state, due);

CREATE TABLE polled (
    source TEXT NOT NULL,
    study TEXT NOT NULL,
    instances INTEGER NOT NULL,
    PRIMARY KEY (source, study)
) WITHOUT ROWID;

-- Objects that a source lists and that have not come from it: study and name are hashes, see study and instance.
CREATE TABLE lacking (
    source TEXT NOT NULL,
    study TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (study, source, name)
) WITHOUT ROWID;

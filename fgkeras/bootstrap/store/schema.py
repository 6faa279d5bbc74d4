"""The tables of a project, as numbered steps from an empty file on."""

VERDICTS = ("tp", "fp", "unsure", "skip", "bad", "dup")
UNDO = "undo"
MODES = ("card", "grid_marked", "grid_rest", "adjudicate", "import")
KINDS = ("offer", "audit", "gold", "unseen")

_FIRST = """
CREATE TABLE setting (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE class (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    description TEXT NOT NULL DEFAULT ''
);

CREATE TABLE image (
    id INTEGER PRIMARY KEY,
    origin TEXT NOT NULL
        CHECK (origin IN ('seed', 'test', 'pool', 'negative')),
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    hash INTEGER,
    mirror_hash INTEGER,
    width INTEGER NOT NULL DEFAULT 0,
    height INTEGER NOT NULL DEFAULT 0,
    class INTEGER REFERENCES class,
    state TEXT NOT NULL DEFAULT 'in'
        CHECK (state IN ('in', 'duplicate', 'leak', 'refused', 'filtered')),
    reason TEXT NOT NULL DEFAULT '',
    same_as INTEGER REFERENCES image,
    part INTEGER,
    relevance REAL,
    source TEXT NOT NULL DEFAULT '',
    licence TEXT NOT NULL DEFAULT '',
    author TEXT NOT NULL DEFAULT '',
    url TEXT NOT NULL DEFAULT '',
    columns TEXT NOT NULL DEFAULT '{}',
    UNIQUE (origin, name)
);
CREATE INDEX image_sha256 ON image (sha256);
CREATE INDEX image_class ON image (class, origin) WHERE class IS NOT NULL;
CREATE INDEX image_part ON image (part, id) WHERE part IS NOT NULL;
CREATE INDEX image_state ON image (origin, state);

CREATE TABLE labeller (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    created TEXT NOT NULL,
    paused TEXT NOT NULL DEFAULT '',
    served INTEGER NOT NULL DEFAULT 0,
    class INTEGER REFERENCES class
);
CREATE TABLE link (
    token TEXT PRIMARY KEY,
    labeller INTEGER NOT NULL REFERENCES labeller,
    created TEXT NOT NULL,
    used TEXT
) WITHOUT ROWID;
CREATE TABLE session (
    cookie TEXT PRIMARY KEY,
    labeller INTEGER NOT NULL REFERENCES labeller,
    created TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE round (
    number INTEGER PRIMARY KEY,
    manifest TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    skip TEXT NOT NULL CHECK (skip IN ('others', 'me', 'drop')),
    gold REAL NOT NULL,
    opened TEXT NOT NULL
);
CREATE TABLE expectation (
    round INTEGER NOT NULL REFERENCES round,
    class INTEGER NOT NULL REFERENCES class,
    rate REAL NOT NULL,
    PRIMARY KEY (round, class)
) WITHOUT ROWID;

CREATE TABLE candidate (
    id INTEGER PRIMARY KEY,
    round INTEGER NOT NULL REFERENCES round,
    image INTEGER NOT NULL REFERENCES image,
    class INTEGER NOT NULL REFERENCES class,
    rival INTEGER REFERENCES class,
    score REAL,
    rival_score REAL,
    rank INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN
        ('offer', 'audit', 'gold', 'unseen')),
    weight REAL NOT NULL DEFAULT 1,
    truth TEXT CHECK (truth IN ('tp', 'fp')),
    wanted INTEGER NOT NULL DEFAULT 1,
    votes INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT 'open'
        CHECK (state IN ('open', 'settled', 'conflict')),
    outcome TEXT NOT NULL DEFAULT '',
    instead INTEGER REFERENCES class,
    risk REAL,
    CHECK ((kind = 'gold') = (truth IS NOT NULL)),
    UNIQUE (round, image, class, kind)
);
CREATE INDEX candidate_queue ON candidate (round, class, state, rank, id)
    WHERE kind <> 'gold';
CREATE INDEX candidate_gold ON candidate (round, class, rank)
    WHERE kind = 'gold';
CREATE INDEX candidate_conflict ON candidate (round, risk)
    WHERE state = 'conflict';
CREATE INDEX candidate_image ON candidate (image);
CREATE INDEX candidate_shared ON candidate (id)
    WHERE votes > 1 AND kind <> 'gold';

CREATE TABLE tally (
    round INTEGER NOT NULL,
    class INTEGER NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    outcome TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (round, class, kind, state, outcome)
) WITHOUT ROWID;
CREATE TRIGGER candidate_counted AFTER INSERT ON candidate BEGIN
    INSERT INTO tally
    VALUES (new.round, new.class, new.kind, new.state, new.outcome, 1)
    ON CONFLICT DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER candidate_moved AFTER UPDATE OF state, outcome ON candidate
WHEN old.state <> new.state OR old.outcome <> new.outcome BEGIN
    UPDATE tally SET count = count - 1
    WHERE round = old.round AND class = old.class AND kind = old.kind
        AND state = old.state AND outcome = old.outcome;
    INSERT INTO tally
    VALUES (new.round, new.class, new.kind, new.state, new.outcome, 1)
    ON CONFLICT DO UPDATE SET count = count + 1;
END;

CREATE TABLE request (
    serial INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    labeller INTEGER NOT NULL REFERENCES labeller,
    kind TEXT NOT NULL
        CHECK (kind IN ('card', 'page', 'adjudicate', 'undo', 'import')),
    digest TEXT NOT NULL,
    undoes INTEGER UNIQUE REFERENCES request,
    time TEXT NOT NULL
);
CREATE INDEX request_labeller ON request (labeller, serial);

CREATE TABLE decision (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    candidate INTEGER NOT NULL REFERENCES candidate,
    labeller INTEGER NOT NULL REFERENCES labeller,
    verdict TEXT NOT NULL
        CHECK (verdict IN ('tp', 'fp', 'unsure', 'skip', 'bad', 'dup', 'undo')),
    instead INTEGER REFERENCES class,
    time TEXT NOT NULL,
    dwell_ms INTEGER,
    mode TEXT NOT NULL CHECK (mode IN
        ('card', 'grid_marked', 'grid_rest', 'adjudicate', 'import')),
    request INTEGER NOT NULL REFERENCES request,
    place INTEGER NOT NULL,
    supersedes INTEGER REFERENCES decision,
    CHECK ((verdict = 'undo') <= (supersedes IS NOT NULL)),
    CHECK (instead IS NULL OR verdict = 'fp'),
    UNIQUE (request, place)
);
CREATE INDEX decision_candidate ON decision (candidate, labeller, id);
CREATE INDEX decision_labeller ON decision (labeller, id);
CREATE INDEX decision_undone ON decision (supersedes)
    WHERE verdict = 'undo';
CREATE TRIGGER decision_kept BEFORE DELETE ON decision BEGIN
    SELECT raise(ABORT, 'decisions are never deleted');
END;
CREATE TRIGGER decision_fixed BEFORE UPDATE ON decision BEGIN
    SELECT raise(ABORT, 'decisions are never changed');
END;

CREATE VIEW effective_vote AS
SELECT candidate, labeller, max(id) AS decision FROM decision AS d
WHERE verdict <> 'undo' AND NOT EXISTS (
    SELECT 1 FROM decision AS u
    WHERE u.verdict = 'undo' AND u.supersedes = d.id
)
GROUP BY candidate, labeller;

CREATE TABLE vote (
    candidate INTEGER NOT NULL REFERENCES candidate,
    labeller INTEGER NOT NULL REFERENCES labeller,
    decision INTEGER NOT NULL REFERENCES decision,
    verdict TEXT NOT NULL,
    instead INTEGER,
    mode TEXT NOT NULL,
    PRIMARY KEY (candidate, labeller)
) WITHOUT ROWID;
CREATE INDEX vote_labeller ON vote (labeller, mode, verdict);

CREATE TABLE page (
    id TEXT PRIMARY KEY,
    labeller INTEGER NOT NULL REFERENCES labeller,
    class INTEGER NOT NULL REFERENCES class,
    mark TEXT NOT NULL CHECK (mark IN ('right', 'wrong')),
    candidates TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE lease (
    candidate INTEGER NOT NULL REFERENCES candidate,
    labeller INTEGER NOT NULL REFERENCES labeller,
    expires REAL NOT NULL,
    place INTEGER NOT NULL,
    page TEXT REFERENCES page,
    PRIMARY KEY (candidate, labeller)
) WITHOUT ROWID;
CREATE INDEX lease_labeller ON lease (labeller, page, place);
CREATE INDEX lease_expires ON lease (expires);
CREATE TABLE cursor (
    labeller INTEGER NOT NULL REFERENCES labeller,
    round INTEGER NOT NULL,
    class INTEGER NOT NULL,
    rank INTEGER NOT NULL,
    rests REAL NOT NULL,
    PRIMARY KEY (labeller, round, class)
) WITHOUT ROWID;

CREATE TABLE applied (
    number INTEGER PRIMARY KEY,
    through INTEGER NOT NULL,
    facts TEXT NOT NULL,
    time TEXT NOT NULL
);
"""

# A store of version n has seen the first n of them. What is here stays as it
# is: a change is another step.
MIGRATIONS = (_FIRST,)

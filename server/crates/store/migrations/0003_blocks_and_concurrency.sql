CREATE TABLE block_type (
    workspace_id UUID NOT NULL REFERENCES workspace (id) ON DELETE RESTRICT,
    id UUID NOT NULL,
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    logo_url TEXT,
    documentation_url TEXT,
    description TEXT,
    code_example TEXT,
    is_protected BOOLEAN NOT NULL,
    created BIGINT NOT NULL,
    updated BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id),
    UNIQUE (workspace_id, slug)
);

CREATE TABLE block_schema (
    workspace_id UUID NOT NULL,
    id UUID NOT NULL,
    block_type_id UUID NOT NULL,
    checksum TEXT NOT NULL,
    version TEXT NOT NULL,
    fields TEXT NOT NULL,
    capabilities TEXT NOT NULL,
    created BIGINT NOT NULL,
    updated BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id),
    UNIQUE (workspace_id, checksum, version),
    FOREIGN KEY (workspace_id, block_type_id) REFERENCES block_type (workspace_id, id) ON DELETE CASCADE
);

CREATE TABLE block_document (
    workspace_id UUID NOT NULL,
    id UUID NOT NULL,
    name TEXT NOT NULL,
    data TEXT NOT NULL,
    is_anonymous BOOLEAN NOT NULL,
    block_schema_id UUID NOT NULL,
    block_type_id UUID NOT NULL,
    created BIGINT NOT NULL,
    updated BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id),
    UNIQUE (workspace_id, block_type_id, name),
    FOREIGN KEY (workspace_id, block_schema_id) REFERENCES block_schema (workspace_id, id) ON DELETE CASCADE,
    FOREIGN KEY (workspace_id, block_type_id) REFERENCES block_type (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX block_document_of_schema ON block_document (workspace_id, block_schema_id);
CREATE INDEX block_schema_of_type ON block_schema (workspace_id, block_type_id);

CREATE TABLE concurrency_limit (
    workspace_id UUID NOT NULL REFERENCES workspace (id) ON DELETE RESTRICT,
    id UUID NOT NULL,
    name TEXT NOT NULL,
    active BOOLEAN NOT NULL,
    slot_limit BIGINT NOT NULL CHECK (slot_limit >= 0),
    -- Both counts drain; `…_since` is when they were last counted down.
    active_slots BIGINT NOT NULL CHECK (active_slots >= 0),
    active_since BIGINT NOT NULL,
    denied_slots BIGINT NOT NULL CHECK (denied_slots >= 0),
    denied_since BIGINT NOT NULL,
    slot_decay_per_second DOUBLE PRECISION NOT NULL,
    avg_slot_occupancy_seconds DOUBLE PRECISION NOT NULL,
    created BIGINT NOT NULL,
    updated BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id),
    UNIQUE (workspace_id, name)
);

CREATE TABLE lease (
    workspace_id UUID NOT NULL REFERENCES workspace (id) ON DELETE RESTRICT,
    id UUID NOT NULL,
    slots BIGINT NOT NULL,
    holder_type TEXT,
    holder_id UUID,
    created BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id)
);
CREATE INDEX lease_by_expiry ON lease (expires);

CREATE TABLE lease_limit (
    workspace_id UUID NOT NULL,
    lease_id UUID NOT NULL,
    limit_id UUID NOT NULL,
    PRIMARY KEY (workspace_id, lease_id, limit_id),
    FOREIGN KEY (workspace_id, lease_id) REFERENCES lease (workspace_id, id) ON DELETE CASCADE,
    FOREIGN KEY (workspace_id, limit_id) REFERENCES concurrency_limit (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX lease_limit_of_limit ON lease_limit (workspace_id, limit_id);

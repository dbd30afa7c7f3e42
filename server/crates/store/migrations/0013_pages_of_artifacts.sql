-- How pages show the newest artifact of a key: `ArtifactKind`, or NULL.
ALTER TABLE artifact_collection ADD COLUMN kind TEXT;
UPDATE artifact_collection SET kind = artifact_type WHERE artifact_type IN ('table', 'markdown', 'link', 'progress', 'image');

CREATE INDEX artifact_collection_by_kind ON artifact_collection (workspace_id, kind, updated, id);

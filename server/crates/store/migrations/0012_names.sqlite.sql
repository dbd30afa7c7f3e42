-- The trigrams of names, by which a part of a name is found. A background service adds the names of new rows (name.rs), because
-- each write would otherwise take up to a quarter longer.

-- The number of a workspace and table, with which the numbers of their names begin, so that a search reads no names of others.
CREATE TABLE name_space (
    workspace_id UUID NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
    noun TEXT NOT NULL,
    number BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, noun),
    UNIQUE (number)
);

-- Each name of a workspace's rows of a table, once.
CREATE TABLE indexed_name (
    number INTEGER PRIMARY KEY NOT NULL,
    space BIGINT NOT NULL,
    name TEXT NOT NULL,
    lower_name TEXT NOT NULL,
    UNIQUE (space, name)
);

-- The trigrams of the names in lower case. Stored, so that a later version of Unicode can't make index and table differ.
CREATE VIRTUAL TABLE name_part USING fts5 (lower_name, content = 'indexed_name', content_rowid = 'number', columnsize = 0, tokenize = 'trigram case_sensitive 1');
CREATE TRIGGER indexed_name_inserted AFTER INSERT ON indexed_name BEGIN INSERT INTO name_part (rowid, lower_name) VALUES (NEW.number, NEW.lower_name); END;
CREATE TRIGGER indexed_name_deleted AFTER DELETE ON indexed_name BEGIN INSERT INTO name_part (name_part, rowid, lower_name) VALUES ('delete', OLD.number, OLD.lower_name); END;

-- The row of each table up to which all names are indexed. Not its rowid, which VACUUM changes.
CREATE TABLE name_mark (
    noun TEXT PRIMARY KEY NOT NULL,
    marked_workspace UUID NOT NULL,
    marked_id UUID NOT NULL
);

-- A row before the mark that gets another name: the name is indexed at once. A deleted row at the mark: the one before it is marked, because
-- SQLite may give its rowid to the next new row.
CREATE TRIGGER flow_run_renamed AFTER UPDATE OF name ON flow_run WHEN NEW.name IS NOT OLD.name AND NEW.name IS NOT NULL BEGIN INSERT INTO indexed_name (number, space, name, lower_name) SELECT coalesce((SELECT max(n.number) FROM indexed_name n WHERE n.number BETWEEN s.number << 32 AND (s.number << 32) + 4294967295), s.number << 32) + 1, s.number, NEW.name, lower(NEW.name) FROM name_space s WHERE s.workspace_id = NEW.workspace_id AND s.noun = 'flow_run' AND NOT EXISTS (SELECT 1 FROM indexed_name n WHERE n.space = s.number AND n.name = NEW.name); END;
CREATE TRIGGER flow_run_unmarked AFTER DELETE ON flow_run WHEN EXISTS (SELECT 1 FROM name_mark m WHERE m.noun = 'flow_run' AND m.marked_id = OLD.id AND m.marked_workspace = OLD.workspace_id) BEGIN DELETE FROM name_mark WHERE noun = 'flow_run'; INSERT INTO name_mark (noun, marked_workspace, marked_id) SELECT 'flow_run', r.workspace_id, r.id FROM flow_run r WHERE r.rowid < OLD.rowid ORDER BY r.rowid DESC LIMIT 1; END;
CREATE TRIGGER task_run_renamed AFTER UPDATE OF name ON task_run WHEN NEW.name IS NOT OLD.name AND NEW.name IS NOT NULL BEGIN INSERT INTO indexed_name (number, space, name, lower_name) SELECT coalesce((SELECT max(n.number) FROM indexed_name n WHERE n.number BETWEEN s.number << 32 AND (s.number << 32) + 4294967295), s.number << 32) + 1, s.number, NEW.name, lower(NEW.name) FROM name_space s WHERE s.workspace_id = NEW.workspace_id AND s.noun = 'task_run' AND NOT EXISTS (SELECT 1 FROM indexed_name n WHERE n.space = s.number AND n.name = NEW.name); END;
CREATE TRIGGER task_run_unmarked AFTER DELETE ON task_run WHEN EXISTS (SELECT 1 FROM name_mark m WHERE m.noun = 'task_run' AND m.marked_id = OLD.id AND m.marked_workspace = OLD.workspace_id) BEGIN DELETE FROM name_mark WHERE noun = 'task_run'; INSERT INTO name_mark (noun, marked_workspace, marked_id) SELECT 'task_run', r.workspace_id, r.id FROM task_run r WHERE r.rowid < OLD.rowid ORDER BY r.rowid DESC LIMIT 1; END;
CREATE TRIGGER artifact_renamed AFTER UPDATE OF key ON artifact WHEN NEW.key IS NOT OLD.key AND NEW.key IS NOT NULL BEGIN INSERT INTO indexed_name (number, space, name, lower_name) SELECT coalesce((SELECT max(n.number) FROM indexed_name n WHERE n.number BETWEEN s.number << 32 AND (s.number << 32) + 4294967295), s.number << 32) + 1, s.number, NEW.key, lower(NEW.key) FROM name_space s WHERE s.workspace_id = NEW.workspace_id AND s.noun = 'artifact' AND NOT EXISTS (SELECT 1 FROM indexed_name n WHERE n.space = s.number AND n.name = NEW.key); END;
CREATE TRIGGER artifact_unmarked AFTER DELETE ON artifact WHEN EXISTS (SELECT 1 FROM name_mark m WHERE m.noun = 'artifact' AND m.marked_id = OLD.id AND m.marked_workspace = OLD.workspace_id) BEGIN DELETE FROM name_mark WHERE noun = 'artifact'; INSERT INTO name_mark (noun, marked_workspace, marked_id) SELECT 'artifact', r.workspace_id, r.id FROM artifact r WHERE r.rowid < OLD.rowid ORDER BY r.rowid DESC LIMIT 1; END;

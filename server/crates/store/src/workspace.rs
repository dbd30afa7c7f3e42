//! Workspaces, their members, and the figures of a workspace that need no count of its runs.

use model::{
    handle::Handle,
    id::{AccountId, UserId, WorkspaceId},
    permission::Role,
    state::StateType,
    time::Timestamp,
    workspace::{Account, Workspace},
};

use crate::{counter::RunKind, record, statements};

record! {
    for Workspace {
        id: WorkspaceId,
        account_id: AccountId,
        handle: Handle,
        name: String,
        description: String,
        created: Timestamp,
        updated: Timestamp,
    }
}

record! {
    /// A workspace that a person is a member of, with its account.
    pub struct MembershipRow {
        pub id: WorkspaceId,
        pub account_id: AccountId,
        pub handle: Handle,
        pub name: String,
        pub description: String,
        pub created: Timestamp,
        pub updated: Timestamp,
        pub account_handle: Handle,
        pub account_name: String,
        pub role: Role,
        pub favourite: bool,
    }
}

impl MembershipRow {
    /// The account and the workspace in it.
    #[must_use]
    pub fn split(self) -> (Account, Workspace) {
        let account = Account { id: self.account_id, name: self.account_name, handle: self.account_handle };
        let workspace = Workspace {
            id: self.id,
            created: self.created,
            updated: self.updated,
            account_id: self.account_id,
            name: self.name,
            handle: self.handle,
            description: self.description,
        };
        (account, workspace)
    }
}

statements! {
    /// Adds a workspace, unless its handle is taken in its account.
    unscoped INSERT_WORKSPACE: Workspace => () =
        "INSERT INTO workspace (id, account_id, handle, name, description, created, updated)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
    /// Makes a person a member of a workspace.
    unscoped INSERT_WORKSPACE_MEMBER: (WorkspaceId, UserId, Role, Timestamp) => () =
        "INSERT INTO workspace_member (workspace_id, person_id, role, created) VALUES ($1, $2, $3, $4)";
    /// The workspace with this handle in an account.
    unscoped WORKSPACE_BY_HANDLE: (AccountId, Handle) => (WorkspaceId,) =
        "SELECT id FROM workspace WHERE account_id = $1 AND handle = $2 AND deleted IS NULL";
    /// How many workspaces an account has.
    unscoped COUNT_WORKSPACES: (AccountId,) => (i64,) =
        "SELECT COUNT(*) FROM workspace WHERE account_id = $1 AND deleted IS NULL";
    /// The workspaces that a person is a member of: favourites first, then by account and handle.
    unscoped MEMBERSHIPS: (UserId, i64) => MembershipRow =
        "SELECT w.id, w.account_id, w.handle, w.name, w.description, w.created, w.updated,
                a.handle AS account_handle, a.name AS account_name, m.role, f.person_id IS NOT NULL AS favourite
         FROM workspace_member m JOIN workspace w ON w.id = m.workspace_id JOIN account a ON a.id = w.account_id
         LEFT JOIN favourite f ON f.workspace_id = w.id AND f.person_id = m.person_id
         WHERE m.person_id = $1 AND w.deleted IS NULL
         ORDER BY CASE WHEN f.person_id IS NULL THEN 1 ELSE 0 END, a.handle, w.handle LIMIT $2";
    /// This workspace, while it is not deleted.
    scoped WORKSPACE: () => Workspace = select
        "FROM workspace
         WHERE id = $1 AND deleted IS NULL";
    /// Updates name and description; the handle does not change.
    scoped EDIT_WORKSPACE: (String, String, Timestamp) => () =
        "UPDATE workspace SET name = $2, description = $3, updated = $4 WHERE id = $1 AND deleted IS NULL";
    /// Marks this workspace as deleted, which hides it from all its members.
    scoped MARK_WORKSPACE_DELETED: (Timestamp,) => () =
        "UPDATE workspace SET deleted = $2, updated = $2 WHERE id = $1 AND deleted IS NULL";
    /// How many flows there are.
    scoped COUNT_FLOWS: () => (i64,) = "SELECT COUNT(*) FROM flow WHERE workspace_id = $1";
    /// The number of runs of a kind in each workspace that a person is a member of, by day and state, from one day on: workspace, number of the
    /// day, state, count.
    unscoped RUN_DAYS_OF_MEMBER: (UserId, RunKind, i64) => (WorkspaceId, i64, StateType, i64) =
        "SELECT w.id, r.bucket, r.state_type, CAST(SUM(r.runs) AS BIGINT)
         FROM workspace_member m JOIN workspace w ON w.id = m.workspace_id JOIN run_hour r ON r.workspace_id = w.id
         WHERE m.person_id = $1 AND w.deleted IS NULL AND r.kind = $2 AND r.grain = 86400 AND r.bucket >= $3
         GROUP BY w.id, r.bucket, r.state_type ORDER BY w.id, r.bucket, r.state_type";
    /// When a client last called with a member's key, or without a key in local mode, since this workspace was created.
    scoped LAST_CALL: () => (Option<Timestamp>,) =
        "SELECT MAX(CASE WHEN p.last_call >= w.created AND (k.last_used IS NULL OR k.last_used < p.last_call)
             THEN p.last_call ELSE k.last_used END)
         FROM workspace w JOIN workspace_member m ON m.workspace_id = w.id JOIN person p ON p.id = m.person_id
         LEFT JOIN api_key k ON k.person_id = m.person_id AND k.last_used >= w.created
         WHERE w.id = $1";
    /// Workspaces that were deleted at or before a time.
    system DELETED_WORKSPACES: (Timestamp, i64) => (WorkspaceId,) =
        "SELECT id FROM workspace WHERE deleted <= $1 ORDER BY deleted, id LIMIT $2";
}

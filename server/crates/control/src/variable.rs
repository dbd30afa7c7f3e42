//! Variables.

use model::{
    id::IdOrName,
    permission::{ReadVariables, WriteVariables},
    time::Timestamp,
    variable::{Variable, VariableCreate, VariableId, VariableQuery, VariableUpdate},
};
use store::{
    ScopedTx, Tenant, Tx, Write,
    variable::{
        DELETE_VARIABLE, DELETE_VARIABLE_TAGS, EDIT_VARIABLE, INSERT_VARIABLE, INSERT_VARIABLE_TAGS, LOCK_VARIABLE,
        LOCK_VARIABLE_BY_NAME, VARIABLE, VARIABLE_BY_NAME, VariableTagRow,
    },
};

use crate::{Cx, Error, Noun, Result, access::Workspace, changes::Change, list::list_query};

/// How errors name a variable.
pub const NOUN: Noun = Noun::with_full_stop("Variable");

list_query!(VariableQuery by ReadVariables => Variable);

/// Creates a variable.
///
/// # Errors
/// [`Error::Conflict`] if the name is taken.
pub async fn create(cx: &Cx, ws: Workspace<WriteVariables>, create: VariableCreate) -> Result<Variable> {
    let now = cx.clock.now();
    let VariableCreate { name, value, tags } = create;
    let variable = Variable { id: cx.ids.make(now), created: now, updated: now, name: name.into(), value, tags };
    cx.db.write(CreateVariable { tenant: *ws.tenant(), variable }).await
}

/// The variable.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn read(cx: &Cx, ws: Workspace<ReadVariables>, variable: IdOrName<VariableId>) -> Result<Variable> {
    let row = cx.db.of(ws.tenant()).find((&VARIABLE, &VARIABLE_BY_NAME), &variable).await?;
    row.ok_or_else(|| Error::no_such(NOUN, &variable))
}

/// Updates the fields that the request contains.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] if the new name is taken.
pub async fn update(
    cx: &Cx,
    ws: Workspace<WriteVariables>,
    variable: IdOrName<VariableId>,
    update: VariableUpdate,
) -> Result<()> {
    cx.db.write(UpdateVariable { tenant: *ws.tenant(), variable, update, now: cx.clock.now() }).await
}

/// Deletes the variable.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn delete(cx: &Cx, ws: Workspace<WriteVariables>, variable: IdOrName<VariableId>) -> Result<()> {
    cx.db.write(DeleteVariable { tenant: *ws.tenant(), variable }).await
}

struct CreateVariable {
    tenant: Tenant,
    variable: Variable,
}

impl Write for CreateVariable {
    type Out = Variable;
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<Variable> {
        let mut tx = tx.of(&self.tenant);
        let Variable { id, name, tags, .. } = &self.variable;
        if tx.insert(&INSERT_VARIABLE, std::slice::from_ref(&self.variable)).await? == 0 {
            return Err(Error::Conflict(format!("A variable with the name '{name}' already exists.")));
        }
        tx.insert(&INSERT_VARIABLE_TAGS, &VariableTagRow::of(*id, tags)).await?;
        tx.publish(Change::Variables { workspace: tx.workspace() });
        Ok(self.variable.clone())
    }
}

struct UpdateVariable {
    tenant: Tenant,
    variable: IdOrName<VariableId>,
    update: VariableUpdate,
    now: Timestamp,
}

impl Write for UpdateVariable {
    type Out = ();
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        let mut tx = tx.of(&self.tenant);
        let stored = lock(&mut tx, &self.variable).await?;
        let VariableUpdate { name, value, tags } = self.update.clone();
        if let Some(tags) = &tags {
            tx.run(&DELETE_VARIABLE_TAGS, (stored.id,)).await?;
            tx.insert(&INSERT_VARIABLE_TAGS, &VariableTagRow::of(stored.id, tags)).await?;
        }
        let variable = Variable {
            name: name.map_or(stored.name, String::from),
            value: value.unwrap_or(stored.value),
            tags: tags.unwrap_or(stored.tags),
            updated: self.now,
            ..stored
        };
        tx.exactly_one(&EDIT_VARIABLE, &variable).await?;
        tx.publish(Change::Variables { workspace: tx.workspace() });
        Ok(())
    }
}

struct DeleteVariable {
    tenant: Tenant,
    variable: IdOrName<VariableId>,
}

impl Write for DeleteVariable {
    type Out = ();
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        let mut tx = tx.of(&self.tenant);
        let stored = lock(&mut tx, &self.variable).await?;
        tx.exactly_one(&DELETE_VARIABLE, (stored.id,)).await?;
        tx.publish(Change::Variables { workspace: tx.workspace() });
        Ok(())
    }
}

/// Locks the variable.
async fn lock(tx: &mut ScopedTx<'_>, variable: &IdOrName<VariableId>) -> Result<Variable> {
    let row = tx.find((&LOCK_VARIABLE, &LOCK_VARIABLE_BY_NAME), variable).await?;
    row.ok_or_else(|| Error::no_such(NOUN, variable))
}

//! Variables.

use model::{
    id::{IdOrName, VariableId},
    permission::{ReadVariables, WriteVariables},
    time::Timestamp,
    variable::{Variable, VariableCreate, VariableQuery, VariableUpdate},
};
use store::{
    ScopedTx, Tenant, Tx, Write,
    variable::{
        DELETE_VARIABLE, DELETE_VARIABLE_BY_NAME, DELETE_VARIABLE_TAGS, EDIT_VARIABLE, INSERT_VARIABLE,
        INSERT_VARIABLE_TAGS, LOCK_VARIABLE, LOCK_VARIABLE_BY_NAME, VARIABLE, VARIABLE_BY_NAME, VariableTagRow,
    },
};

use crate::{Cx, Error, Noun, Result, access::Workspace, changes::Change, list::list_query};

/// How errors name a variable.
pub const NOUN: Noun = Noun::with_full_stop("Variable");

list_query!(VariableQuery by ReadVariables => Variable);

/// The error if there is no such variable.
fn not_found(variable: &IdOrName<VariableId>) -> Error {
    let id = match variable {
        IdOrName::Id(id) => Some(id.0),
        IdOrName::Name(_) => None,
    };
    Error::NotFound { noun: NOUN, id }
}

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
    let db = cx.db.of(ws.tenant());
    let row = match &variable {
        IdOrName::Id(id) => db.optional(&VARIABLE, (id,)).await?,
        IdOrName::Name(name) => db.optional(&VARIABLE_BY_NAME, (name,)).await?,
    };
    row.ok_or_else(|| not_found(&variable))
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
        if tx.insert(&INSERT_VARIABLE, std::slice::from_ref(&self.variable)).await? == 0 {
            return Err(Error::Conflict(format!("A variable with the name '{}' already exists.", self.variable.name)));
        }
        insert_tags(&mut tx, &self.variable).await?;
        publish(&mut tx);
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
        let stored = match &self.variable {
            IdOrName::Id(id) => tx.optional(&LOCK_VARIABLE, (id,)).await?,
            IdOrName::Name(name) => tx.optional(&LOCK_VARIABLE_BY_NAME, (name,)).await?,
        };
        let stored = stored.ok_or_else(|| not_found(&self.variable))?;
        let VariableUpdate { name, value, tags } = self.update.clone();
        let tagged = tags.is_some();
        let variable = Variable {
            name: name.map_or(stored.name, String::from),
            value: value.unwrap_or(stored.value),
            tags: tags.unwrap_or(stored.tags),
            updated: self.now,
            ..stored
        };
        tx.exactly_one(&EDIT_VARIABLE, &variable).await?;
        if tagged {
            tx.run(&DELETE_VARIABLE_TAGS, (variable.id,)).await?;
            insert_tags(&mut tx, &variable).await?;
        }
        publish(&mut tx);
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
        let rows = match &self.variable {
            IdOrName::Id(id) => tx.run(&DELETE_VARIABLE, (id,)).await?,
            IdOrName::Name(name) => tx.run(&DELETE_VARIABLE_BY_NAME, (name,)).await?,
        };
        if rows == 0 {
            return Err(not_found(&self.variable));
        }
        publish(&mut tx);
        Ok(())
    }
}

fn publish(tx: &mut ScopedTx<'_>) {
    tx.publish(Change::Variables { workspace: tx.workspace() });
}

async fn insert_tags(tx: &mut ScopedTx<'_>, variable: &Variable) -> Result<()> {
    tx.insert(&INSERT_VARIABLE_TAGS, &VariableTagRow::of(variable.id, &variable.tags)).await?;
    Ok(())
}

//! A new workspace.

use leptos::prelude::*;
use leptos_meta::Title;
use model::workspace::{Account, LONGEST_DESCRIPTION, LONGEST_NAME};
use ui::prelude::*;

use super::server::{CreateWorkspace, list_accounts};
use crate::{
    form::{LastTry, WholeComplaint, fits},
    loaded::{Loaded, resource},
    pages::handle::{HandleField, NameAndHandle},
};

/// The page.
#[component]
pub fn NewWorkspacePage() -> impl IntoView {
    let action = ServerAction::<CreateWorkspace>::new();
    let last = LastTry::of(action);
    let accounts = resource(|| (), |()| list_accounts());
    view! {
        <Title text="New workspace" />
        <TopBar crumbs=vec![Crumb::link("Workspaces", "/"), Crumb::here("New workspace")] help="/help" />
        <Page width=PageWidth::NarrowCentre>
            <PageHead title="New workspace" sub="Flows, runs and keys in a workspace are seen only by the people you add to it." />
            <Loaded data=accounts what="your accounts" let(accounts)>
                <NewWorkspaceForm accounts action last />
            </Loaded>
        </Page>
    }
    .into_any()
}

#[component]
fn NewWorkspaceForm(accounts: Vec<Account>, action: ServerAction<CreateWorkspace>, last: LastTry) -> impl IntoView {
    let both = NameAndHandle::of(last);
    let foot = move || {
        view! {
            <span class="grow"></span>
            <LinkButton href="/" kind=ButtonKind::Ghost>
                "Cancel"
            </LinkButton>
            <Button kind=ButtonKind::Primary submit=true busy=last.pending()>
                "Create workspace"
            </Button>
        }
    };
    view! {
        <ActionForm action>
            <Card look=CardLook::Roomy foot>
                <div class="stack loose">
                    <WholeComplaint of=last />
                    <div class="w-s">
                        <AccountField accounts last />
                    </div>
                    <div class="w-m">
                        <TextField
                            label="Name"
                            name="name"
                            bind=both.name
                            error=last.field("name")
                            autocomplete="off"
                            max=fits(LONGEST_NAME)
                            autofocus=true
                        />
                    </div>
                    <div class="w-m">
                        <HandleField both last hint="Made from the name. Clients use it, so it’s hard to change later." />
                    </div>
                    <TextArea
                        label="Description"
                        name="description"
                        value=last.typed("description").unwrap_or_default()
                        optional=true
                        max=fits(LONGEST_DESCRIPTION)
                        error=last.field("description")
                    />
                </div>
            </Card>
        </ActionForm>
    }
}

/// Whose workspace it will be: said where there is no choice.
#[component]
fn AccountField(accounts: Vec<Account>, last: LastTry) -> impl IntoView {
    match accounts.as_slice() {
        [only] => {
            let Account { id, name, .. } = only.clone();
            view! {
                <input type="hidden" name="account" value=id.to_string() />
                <FixedField label="Account">
                    <Tile name=name.clone() />
                    <span>{name}</span>
                </FixedField>
            }
            .into_any()
        }
        several => {
            let choices = several.iter().map(|account| Choice::new(account.id.to_string(), &account.name)).collect();
            view! { <SelectField label="Account" name="account" choices error=last.field("account") /> }.into_any()
        }
    }
}

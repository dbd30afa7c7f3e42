//! The form for a new workspace.

use leptos::prelude::*;
use leptos_meta::Title;
use model::workspace::{Account, MAX_DESCRIPTION_CHARACTERS, MAX_NAME_CHARACTERS};
use ui::prelude::*;

use super::server::{CreateWorkspace, list_accounts};
use crate::{
    form::{FormErrorBanner, FormState, max_length},
    links,
    loaded::{Loaded, resource},
    pages::handle::{HandleField, NameAndHandle},
};

/// The page.
#[component]
pub fn NewWorkspacePage() -> impl IntoView {
    let action = ServerAction::<CreateWorkspace>::new();
    let form = FormState::of(action);
    let accounts = resource(|| (), |()| list_accounts());
    let toasts = expect_context::<Toasts>();
    Effect::new(move |_| {
        if action.value().with(|value| matches!(value, Some(Ok(Ok(()))))) {
            toasts.show("Workspace created");
        }
    });
    view! {
        <Title text="New workspace" />
        <TopBar crumbs=vec![Crumb::link("Workspaces", links::workspaces_path()), Crumb::current("New workspace")] help=links::help_path() />
        <Page width=PageWidth::NarrowCentre>
            <PageHead title="New workspace" sub="Only members of a workspace can see its flows and runs." />
            <Loaded data=accounts subject="your accounts" let(accounts)>
                <NewWorkspaceForm accounts action form />
            </Loaded>
        </Page>
    }
    .into_any()
}

#[component]
fn NewWorkspaceForm(accounts: Vec<Account>, action: ServerAction<CreateWorkspace>, form: FormState) -> impl IntoView {
    let fields = NameAndHandle::of(form);
    let foot = move || {
        view! {
            <span class="grow"></span>
            <LinkButton href=links::workspaces_path() kind=ButtonKind::Ghost>
                "Cancel"
            </LinkButton>
            <Button kind=ButtonKind::Primary submit=true busy=form.is_pending()>
                "Create workspace"
            </Button>
        }
    };
    view! {
        <ActionForm action>
            <Card look=CardLook::Roomy foot>
                <div class="stack loose">
                    <FormErrorBanner form />
                    <div class="w-s">
                        <AccountField accounts form />
                    </div>
                    <div class="w-m">
                        <TextField
                            label="Name"
                            name="name"
                            bind=fields.name
                            error=form.field_error("name")
                            autocomplete="off"
                            max=max_length(MAX_NAME_CHARACTERS)
                            autofocus=true
                        />
                    </div>
                    <div class="w-m">
                        <HandleField fields form hint="The handle is based on the name. Clients use it, so choose one you can keep." />
                    </div>
                    <TextArea
                        label="Description"
                        name="description"
                        value=form.typed("description").unwrap_or_default()
                        optional=true
                        max=max_length(MAX_DESCRIPTION_CHARACTERS)
                        error=form.field_error("description")
                    />
                </div>
            </Card>
        </ActionForm>
    }
}

/// The account that will own the workspace: a fixed value if there is only one.
#[component]
fn AccountField(accounts: Vec<Account>, form: FormState) -> impl IntoView {
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
            view! { <SelectField label="Account" name="account" choices error=form.field_error("account") /> }
                .into_any()
        }
    }
}

//! The page of one artifact: its data, details, and the history of its key.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use model::{
    id::ArtifactId,
    live::{Topic, TopicKind},
    name::Slug,
    screen::{ArtifactContent, ArtifactHead, ArtifactImage, ArtifactRef, ArtifactScreen},
};
use ui::prelude::*;

use super::{
    content::full,
    details::{details, metadata},
    history::history,
    kind,
    list_query::parse_skip,
    server::{read_artifact, read_artifact_key},
};
use crate::{
    error::Error,
    image_policy::allow_images_from,
    layout::CurrentWorkspace,
    links::{self, WorkspacePaths as _, WorkspaceRef, add_to_query, use_id},
    live,
    loaded::{LoadError, PageData, resource},
};

/// The page of the newest artifact of a key.
#[component]
pub fn NewestArtifactPage() -> impl IntoView {
    let key = use_id::<Slug>("key");
    artifact_page(Signal::derive(move || key.get().map(ArtifactRef::Newest)))
}

/// The page of an artifact that the URL names by its id.
#[component]
pub fn ArtifactPage() -> impl IntoView {
    let id = use_id::<ArtifactId>("artifact");
    artifact_page(Signal::derive(move || id.get().map(ArtifactRef::Id)))
}

/// The title and the status of the response depend on the key alone, so that the page begins before the artifact is read.
fn artifact_page(artifact: Signal<Result<ArtifactRef, Error>>) -> AnyView {
    let current = CurrentWorkspace::expect();
    let workspace = current.workspace_ref();
    let query = use_query_map();
    let skip = Memo::new(move |_| query.with(parse_skip));
    let key =
        resource(move || artifact.get(), move |artifact| async move { read_artifact_key(workspace, artifact?).await });
    let screen = resource(
        move || (artifact.get(), skip.get()),
        move |(artifact, skip)| async move { read_artifact(workspace, artifact?, skip).await },
    );
    let mut crumbs = current.crumbs();
    crumbs.push(Crumb::link("Artifacts", workspace.artifacts_path()));
    let crumbs = StoredValue::new(crumbs);
    let images = ImagePermission::new(query.with_untracked(|query| query.get("image").is_some()));
    view! {
        <Transition fallback=move || {
            without_artifact(crumbs.get_value(), view! { <SkeletonText lines=6 /> }.into_any())
        }>
            {move || Suspend::new(async move {
                let crumbs = crumbs.get_value();
                match (key.await, artifact.get_untracked()) {
                    (Ok(key), Ok(artifact)) => {
                        if images.is_chosen() && let Ok(screen) = screen.await {
                            images.load(&screen.content);
                        }
                        view! { <KeyedArtifact artifact_key=key artifact skip crumbs workspace images screen /> }.into_any()
                    }
                    // Rendered instead of the page.
                    (Err(error @ Error::NotFound), _) | (_, Err(error)) => {
                        view! { <LoadError error subject="this artifact" full_page=true /> }.into_any()
                    }
                    (Err(error), _) => {
                        without_artifact(crumbs, view! { <LoadError error subject="this artifact" /> }.into_any())
                    }
                }
            })}
        </Transition>
    }
    .into_any()
}

/// The page while there is no artifact to show; `content` is a skeleton or the error.
fn without_artifact(mut crumbs: Vec<Crumb>, content: AnyView) -> AnyView {
    crumbs.push(Crumb::current("Artifact"));
    view! {
        <Title text="Artifact" />
        <TopBar crumbs help=links::help_path() />
        <Page>
            <PageHead title="Artifact" />
            {content}
        </Page>
    }
    .into_any()
}

/// From which other server the document may load an image: the one whose image the person chose to see.
#[derive(Clone, Copy)]
struct ImagePermission {
    /// The URL says that the person chose it, and the artifact is not loaded yet.
    chosen: StoredValue<bool>,
    origin: StoredValue<Option<String>>,
}

impl ImagePermission {
    fn new(chosen: bool) -> Self {
        Self { chosen: StoredValue::new(chosen), origin: StoredValue::new(None) }
    }

    /// The page begins only when the artifact is read, because a header of the response permits the origin.
    fn is_chosen(self) -> bool {
        self.chosen.get_value()
    }

    /// Permits the origin of the image with which the document is loaded. A later update may have another, which stays hidden.
    fn load(self, content: &ArtifactContent) {
        self.chosen.set_value(false);
        if let ArtifactContent::Image(ArtifactImage::Remote { origin, .. }) = content {
            allow_images_from(origin);
            self.origin.set_value(Some(origin.clone()));
        }
    }

    fn has(self, origin: &str) -> bool {
        self.origin.with_value(|permitted| permitted.as_deref() == Some(origin))
    }
}

/// The page once the artifact's key is known, and the artifact in it once it is read.
#[component]
fn KeyedArtifact(
    artifact_key: Option<String>,
    artifact: ArtifactRef,
    skip: Memo<u32>,
    /// The breadcrumb up to the artifact.
    crumbs: Vec<Crumb>,
    workspace: WorkspaceRef,
    images: ImagePermission,
    screen: PageData<ArtifactScreen>,
) -> impl IntoView {
    let is_version = matches!(artifact, ArtifactRef::Id(_));
    let crumbs = [crumbs, last_crumbs(artifact_key.clone(), is_version, workspace)].concat();
    let title = artifact_key.unwrap_or_else(|| "Artifact without a key".to_owned());
    let liveness = RwSignal::new(Liveness::default());
    let (head, artifact) = (StoredValue::new(title.clone()), StoredValue::new(artifact));
    let reload = Callback::new(move |()| screen.refetch());
    let unread = move |content: AnyView| {
        view! {
            <PageHead title=head.get_value() />
            {content}
        }
    };
    view! {
        <Title text=title />
        <TopBar crumbs live=liveness help=links::help_path() />
        <Page>
            <Transition fallback=move || unread(view! { <SkeletonText lines=6 /> }.into_any())>
                {move || Suspend::new(async move {
                    match screen.await {
                        Ok(screen) => {
                            let (artifact, skip) = (artifact.get_value(), skip.get_untracked());
                            view! { <LoadedArtifact screen artifact skip workspace images liveness reload /> }.into_any()
                        }
                        Err(error) => unread(view! { <LoadError error subject="this artifact" /> }.into_any()).into_any(),
                    }
                })}
            </Transition>
        </Page>
    }
    .into_any()
}

/// The artifact, updated while the page is open.
#[component]
fn LoadedArtifact(
    screen: ArtifactScreen,
    artifact: ArtifactRef,
    skip: u32,
    workspace: WorkspaceRef,
    images: ImagePermission,
    liveness: RwSignal<Liveness>,
    /// Reloads the artifact.
    reload: Callback<()>,
) -> impl IntoView {
    let clock = expect_context::<Signal<Clock>>();
    let path = match &artifact {
        ArtifactRef::Newest(key) => workspace.newest_artifact_path(key.as_str()),
        ArtifactRef::Id(id) => workspace.artifact_path(*id),
    };
    let is_version = matches!(artifact, ArtifactRef::Id(_));
    let (key, position) = (screen.head.key.clone(), screen.position);
    let title = key.clone().unwrap_or_else(|| "Artifact without a key".to_owned());
    let screen = RwSignal::new(screen);
    live::subscribe(
        Topic { workspace, kind: TopicKind::Artifact { artifact, key, skip } },
        position,
        liveness,
        move |update| screen.set(update),
        move || reload.run(()),
    );
    let badge = move || screen.with(|screen| view! { <Chip text=kind::word(&screen.head) /> });
    let body = move || {
        let ArtifactScreen { head, content, metadata: texts, newest, history: versions, .. } = screen.get();
        let show = {
            let path = path.clone();
            move |origin: &str| (!images.has(origin)).then(|| show_image_path(&path))
        };
        let name = head.key.clone().unwrap_or_else(|| "without a key".to_owned());
        view! {
            {(is_version && !newest).then(|| earlier(&head, workspace))}
            {details(&head, workspace, clock)}
            {head.description.clone().map(|text| view! { <p class="t2 lines">{text}</p> })}
            <section class="card artfull" aria-label="Data">
                {full(content, &name, show)}
            </section>
            {metadata(texts)}
            {history(versions, head.id, &path, skip, workspace, clock)}
        }
        .into_any()
    };
    view! {
        <PageHead title badge />
        <ZoneNotice />
        {body}
    }
    .into_any()
}

/// The steps of the breadcrumb behind the list: the key, and below it a version.
fn last_crumbs(key: Option<String>, is_version: bool, workspace: WorkspaceRef) -> Vec<Crumb> {
    match key {
        None => vec![Crumb::current("Artifact")],
        Some(key) if is_version => {
            vec![Crumb::link(key.clone(), workspace.newest_artifact_path(&key)), Crumb::current("Version")]
        }
        Some(key) => vec![Crumb::current(key)],
    }
}

/// Says that a version is not the newest of its key.
fn earlier(head: &ArtifactHead, workspace: WorkspaceRef) -> Option<AnyView> {
    let newest = workspace.newest_artifact_path(head.key.as_deref()?);
    Some(
        view! {
            <Banner>
                "This is an earlier version. "
                <a class="link" href=newest>
                    "See the newest"
                </a>
            </Banner>
        }
        .into_any(),
    )
}

/// The path of the page that also loads the image of another server.
fn show_image_path(page: &str) -> String {
    let mut query = String::new();
    add_to_query(&mut query, "image", "shown");
    format!("{page}{query}")
}

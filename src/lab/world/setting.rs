//! What each profile's world consists of before its cutover begins.

/// A manifest's path and text.
pub(super) type Manifest = (&'static str, &'static str);

/// The namespace of a profile as an operator finds it: blue serves, the application writes.
#[derive(Debug)]
pub(super) struct Setting {
    pub(super) profile: &'static str,
    pub(super) namespace: &'static str,
    /// The data set that blue is filled with.
    pub(super) data: &'static str,
    pub(super) database: &'static str,
    pub(super) user: &'static str,
    /// The Secret that clients read user and password from; its password is drawn.
    pub(super) secret: &'static str,
    /// The Secret that the private registry wants to see.
    pub(super) registry_secret: &'static str,
    pub(super) registry: &'static str,
    /// What runs before the application does.
    pub(super) blue: &'static [Manifest],
    pub(super) blue_deployment: &'static str,
    pub(super) app: &'static [Manifest],
    pub(super) app_deployment: &'static str,
    /// The Service that clients of the database use.
    pub(super) serving: (&'static str, u16),
    /// The Service that users call, and what they ask.
    pub(super) api: (&'static str, u16, &'static str),
    /// The major version in the tag of blue's image.
    pub(super) blue_major: u32,
    /// Images that this program plays.
    pub(super) parts: &'static [Part],
}

/// An image that this program plays.
#[derive(Debug)]
pub(super) struct Part {
    /// The last part of the repository's name.
    pub(super) image: &'static str,
    pub(super) role: &'static str,
    /// Whether it is the declared writer, at the scenario's rate.
    pub(super) is_service: bool,
}

macro_rules! manifests {
    ($folder:literal: $($name:literal),+ $(,)?) => {
        &[$((
            concat!("assets/manifests/", $folder, "/", $name),
            include_str!(concat!("../../../assets/manifests/", $folder, "/", $name)),
        )),+]
    };
}

static CHRONICLE: Setting = Setting {
    profile: "chronicle",
    namespace: "dsm",
    data: "chronicle",
    database: "chronicle_db",
    user: "chronicle_user",
    secret: "chronicle-db-secret",
    registry_secret: "agile-corp-reg-secret",
    registry: "myreg.agile-corp.org:5000",
    blue: manifests!["chronicle/blue":
        "namespace.yml",
        "chronicle-db-config.yml",
        "chronicle-db-secret.yml",
        "postgres-chronicle-pvc-v17.yml",
        "chronicle-db-service.yml",
        "chronicle-db-v17.yml",
    ],
    blue_deployment: "chronicle-db-v17",
    app: manifests!["chronicle/app": "chronicle-service-service.yml", "chronicle-service.yml"],
    app_deployment: "chronicle-service",
    serving: ("chronicle-db", 5432),
    api: ("chronicle-service", 8080, "/api/projects"),
    blue_major: 17,
    parts: &[
        Part { image: "chronicle-service", role: "chronicle-service", is_service: true },
        Part { image: "chronicle-reports", role: "straggler", is_service: false },
    ],
};

/// The setting of a profile.
pub(super) fn of(profile: &str) -> Option<&'static Setting> {
    [&CHRONICLE].into_iter().find(|setting| setting.profile == profile)
}

/// The profiles that can be rehearsed.
pub(super) fn profiles() -> impl Iterator<Item = &'static str> {
    [&CHRONICLE].into_iter().map(|setting| setting.profile)
}

//! Light, dark or as the system says; and the design tokens as a chart's colours.

use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Element, Storage};

use crate::charts::Theme;

/// What the user chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ThemeChoice {
    /// As the system says.
    #[default]
    Auto,
    /// Dark ink on light ground.
    Light,
    /// Light ink on dark ground.
    Dark,
}

impl ThemeChoice {
    /// Every choice, in the order the switch goes through.
    pub const ALL: [Self; 3] = [Self::Auto, Self::Light, Self::Dark];

    /// Word on the page.
    pub fn label(self) -> &'static str {
        match self {
            Self::Auto => "System",
            Self::Light => "Light",
            Self::Dark => "Dark",
        }
    }

    /// Value of `data-theme` and in storage.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The choice of a slug.
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.slug() == slug)
    }

    /// The next one of the switch.
    pub fn next(self) -> Self {
        match self {
            Self::Auto => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::Auto,
        }
    }
}

const KEY: &str = "assay.theme";

fn storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}

fn root() -> Option<Element> {
    web_sys::window()?.document()?.document_element()
}

/// What was chosen on an earlier visit.
pub fn stored() -> ThemeChoice {
    storage()
        .and_then(|s| s.get_item(KEY).ok().flatten())
        .and_then(|slug| ThemeChoice::from_slug(&slug))
        .unwrap_or_default()
}

/// Shows and remembers a choice.
pub fn apply(choice: ThemeChoice) {
    if let Some(root) = root() {
        let _ = root.set_attribute("data-theme", choice.slug());
    }
    if let Some(storage) = storage() {
        let _ = storage.set_item(KEY, choice.slug());
    }
}

/// Calls back when the system changes between light and dark.
pub fn watch_system(on_change: impl FnMut() + 'static) {
    let Some(Ok(Some(query))) = web_sys::window().map(|w| w.match_media("(prefers-color-scheme: dark)"))
    else {
        return;
    };
    let callback = Closure::<dyn FnMut()>::new(on_change);
    let _ = query.add_event_listener_with_callback("change", callback.as_ref().unchecked_ref());
    callback.forget();
}

/// The tokens in force as a chart's colours.
pub fn read() -> Theme {
    let style = root().and_then(|root| web_sys::window()?.get_computed_style(&root).ok().flatten());
    let token = |name: &str| {
        style
            .as_ref()
            .and_then(|s| s.get_property_value(name).ok())
            .map(|v| v.trim().to_owned())
            .unwrap_or_default()
    };
    Theme {
        ink: token("--ink"),
        ink_muted: token("--ink-muted"),
        line: token("--line"),
        surface: token("--surface"),
        accent: token("--accent"),
        series: (1..=6).map(|i| token(&format!("--series-{i}"))).collect(),
        sequential: (token("--sequential-low"), token("--sequential-high")),
        diverging: (token("--diverging-low"), token("--diverging-middle"), token("--diverging-high")),
    }
}

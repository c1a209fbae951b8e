//! The page in the address: `#/explore?column=Income`. Any static host and sub-path can serve it.

use leptos::prelude::*;
use wasm_bindgen::{JsCast, closure::Closure};

macro_rules! pages {
    ($($name:ident, $slug:literal, $title:literal;)*) => {
        /// A page, in the order of the path.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Page { $(#[doc = $title] $name,)* }

        impl Page {
            /// Every page in order.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];
            /// Its name.
            pub fn title(self) -> &'static str { match self { $(Self::$name => $title,)* } }
            /// Its part of the address.
            pub fn slug(self) -> &'static str { match self { $(Self::$name => $slug,)* } }
        }
    };
}

pages! {
    Data, "data", "Data";
    Clean, "clean", "Clean";
    Features, "features", "Features";
    Explore, "explore", "Explore";
    Model, "model", "Model";
    Segment, "segment", "Segment";
    Decide, "decide", "Decide";
    Runs, "runs", "Runs";
    Report, "report", "Report";
}

impl Page {
    /// The page of a slug.
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|p| p.slug() == slug)
    }

    /// `#/explore`
    pub fn href(self) -> String {
        format!("#/{}", self.slug())
    }
}

/// A place: a page and what is open on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Which page.
    pub page: Page,
    /// In the order of the address.
    pub query: Vec<(String, String)>,
}

impl Place {
    /// A page with nothing open.
    pub fn new(page: Page) -> Self {
        Self { page, query: Vec::new() }
    }

    /// With something open.
    pub fn with(mut self, key: &str, value: &str) -> Self {
        self.query.retain(|(k, _)| k != key);
        self.query.push((key.to_owned(), value.to_owned()));
        self
    }

    /// What is open under a key.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.query.iter().find(|(k, _)| k == key).map(|(_, v)| v.as_str())
    }

    /// As the fragment of an address.
    pub fn href(&self) -> String {
        let escape = |text: &str| String::from(js_sys::encode_uri_component(text));
        let query: Vec<String> =
            self.query.iter().map(|(k, v)| format!("{}={}", escape(k), escape(v))).collect();
        let mark = if query.is_empty() { "" } else { "?" };
        format!("#/{}{mark}{}", self.page.slug(), query.join("&"))
    }

    /// Writes it into the address, in place of what stands there.
    fn replace(&self) {
        if let Ok(history) = window().history() {
            let _ = history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(&self.href()));
        }
    }

    fn parse(hash: &str) -> Self {
        let path = hash.trim_start_matches('#').trim_start_matches('/');
        let (slug, query) = path.split_once('?').unwrap_or((path, ""));
        let plain = |text: &str| {
            js_sys::decode_uri_component(text).map_or_else(|_| text.to_owned(), |t| String::from(&t))
        };
        let query = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(k, v)| (plain(k), plain(v)))
            .collect();
        Self { page: Page::from_slug(slug).unwrap_or(Page::Data), query }
    }
}

/// Where the user is. One for the app.
#[derive(Clone, Copy)]
pub struct Route(RwSignal<Place>);

impl Route {
    /// Follows the address and provides itself.
    pub fn provide() -> Self {
        let here = || {
            let hash = window().location().hash().unwrap_or_default();
            let place = Place::parse(&hash);
            // An address of no page becomes that of the one shown.
            let path = hash.split('?').next().unwrap_or_default();
            if !path.is_empty() && path != place.page.href() {
                place.replace();
            }
            place
        };
        let place = RwSignal::new(here());
        let on_change = Closure::<dyn FnMut()>::new(move || place.set(here()));
        let _ = window().add_event_listener_with_callback("hashchange", on_change.as_ref().unchecked_ref());
        on_change.forget();
        let route = Self(place);
        provide_context(route);
        route
    }

    /// The one of the app.
    pub fn expect() -> Self {
        expect_context()
    }

    /// The page.
    pub fn page(self) -> Page {
        self.0.with(|p| p.page)
    }

    /// The page and what is open on it.
    pub fn place(self) -> Place {
        self.0.get()
    }

    /// What is open under a key of the address.
    pub fn get(self, key: &str) -> Option<String> {
        self.0.with(|p| p.get(key).map(str::to_owned))
    }

    /// Goes there, as a new entry of the browser's history.
    pub fn go(self, page: Page) {
        self.open(Place::new(page));
    }

    /// Goes to a place.
    pub fn open(self, place: Place) {
        let _ = window().location().set_hash(&place.href());
    }

    /// Opens or closes something on the present page without a new entry in the history.
    pub fn put(self, key: &str, value: Option<&str>) {
        let mut place = self.0.get_untracked();
        place.query.retain(|(k, _)| k != key);
        if let Some(value) = value {
            place = place.with(key, value);
        }
        place.replace();
        self.0.set(place);
    }
}

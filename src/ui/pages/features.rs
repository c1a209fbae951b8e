//! The Features page: ready-made measures for the roles found, bins, encodings and scaling, and what was made.

use leptos::prelude::*;

use crate::{
    engine::{step::Suggestion, words},
    ui::{
        components::NeedsData,
        route::Page,
        widgets::{Section, StepFamily, StepsPage},
    },
};

/// The Features page.
#[component]
pub fn FeaturesPage() -> impl IntoView {
    view! {
        <NeedsData what="Here you make new columns out of those you have: rates, costs, groups. Open a file first.">
            <Work />
        </NeedsData>
    }
}

fn sentence(applied: u64, suggested: u64) -> String {
    let rule = "What has no value in a row is missing there; each feature says when.";
    match (applied, suggested) {
        (0, 0) => {
            "New columns out of those you have. Nothing is suggested for the roles found; add what you need."
                .to_owned()
        }
        (0, n) => format!(
            "{} for the roles found in your columns. {rule}",
            words::counted(n, "feature is suggested", "features are suggested")
        ),
        (n, _) => format!("{} made so far. {rule}", words::counted(n, "feature", "features")),
    }
}

fn is_encoding(s: &Suggestion) -> bool {
    matches!(s.call.slug.as_str(), "ordinal" | "gender_code")
}

#[component]
fn Work() -> impl IntoView {
    let sections = vec![
        Section { title: "Suggested", hint: "", has: |s| s.recommended },
        Section {
            title: "Also made for this kind of table",
            hint: "",
            has: |s| !s.recommended && !is_encoding(s),
        },
        Section { title: "Categories as numbers", hint: "", has: |s| !s.recommended && is_encoding(s) },
    ];
    view! {
        <StepsPage
            family=StepFamily::Feature title="Features" sentence sections
            words=["Add a feature…", "Make all suggested", "Made"]
            empty=(
                "Nothing ready-made fits",
                "Ready-made features need columns with roles such as impressions, clicks and spend, or income and purchases. Set roles on the Data page, or add bins, encodings and scaling here.",
            )
            own=("formula", "Write a formula…")
            next=Page::Explore
            next_text="What is in the table, and which differences hold."
        />
    }
}

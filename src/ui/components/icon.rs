//! Small line icons, drawn in the current colour. Always beside a word or with a label of their own.

use leptos::prelude::*;

macro_rules! icons {
    ($($name:ident $paths:literal;)*) => {
        /// Which icon.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum IconName { $(#[doc = stringify!($name)] $name,)* }
        impl IconName {
            fn path(self) -> &'static str { match self { $(Self::$name => $paths,)* } }
        }
    };
}

icons! {
    Check "M3.5 8.5 6.5 11.5 12.5 4.5";
    Close "M4 4 12 12M12 4 4 12";
    ChevronRight "M6 3.5 10.5 8 6 12.5";
    ChevronDown "M3.5 6 8 10.5 12.5 6";
    ArrowRight "M3 8H13M9 4 13 8 9 12";
    ArrowUp "M8 13V3M4 7 8 3 12 7";
    ArrowDown "M8 3V13M4 9 8 13 12 9";
    Undo "M3 6H10A3.5 3.5 0 0 1 10 13H6M6 3 3 6 6 9";
    Redo "M13 6H6A3.5 3.5 0 0 0 6 13H10M10 3 13 6 10 9";
    Upload "M8 11V3M4.5 6 8 2.5 11.5 6M2.5 11V13.5H13.5V11";
    Download "M8 2.5V10.5M4.5 7.5 8 11 11.5 7.5M2.5 11V13.5H13.5V11";
    Sun "M8 5A3 3 0 1 1 8 11 3 3 0 0 1 8 5M8 1V2.5M8 13.5V15M1 8H2.5M13.5 8H15M3 3 4.1 4.1M11.9 11.9 13 13M3 13 4.1 11.9M11.9 4.1 13 3";
    Moon "M13.5 9.5A6 6 0 1 1 6.5 2.5 4.8 4.8 0 0 0 13.5 9.5Z";
    Screen "M2 3H14V11H2ZM6 14H10M8 11V14";
    Plus "M8 3V13M3 8H13";
    Pencil "M3 13 3.5 10.5 10.5 3.5 12.5 5.5 5.5 12.5Z";
    Trash "M3 4.5H13M6.5 4.5V3H9.5V4.5M4.5 4.5 5 13H11L11.5 4.5";
    Menu "M2.5 4.5H13.5M2.5 8H13.5M2.5 11.5H13.5";
    Lock "M4 7.5H12V13.5H4ZM5.5 7.5V5A2.5 2.5 0 0 1 10.5 5V7.5";
    File "M4 2H9L12 5V14H4ZM9 2V5H12";
    Stop "M4.5 4.5H11.5V11.5H4.5Z";
    Spark "M8 2V5M8 11V14M2 8H5M11 8H14M4 4 5.8 5.8M10.2 10.2 12 12M4 12 5.8 10.2M10.2 5.8 12 4";
    Warning "M8 2.5 14 13H2ZM8 6.5V9.5M8 11.2V11.4";
    Info "M8 2A6 6 0 1 1 8 14 6 6 0 0 1 8 2M8 7.2V11M8 5V5.2";
}

/// An icon of 16 px, hidden from screen readers.
#[component]
pub fn Icon(name: IconName) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 16 16" width="16" height="16" fill="none" aria-hidden="true">
            <path
                d=name.path()
                stroke="currentColor"
                stroke-width="1.5"
                stroke-linecap="round"
                stroke-linejoin="round"
            ></path>
        </svg>
    }
}

//! Values of JSON written in place: what `serde_json::json!` does, at a third of the code. Charts and results consist of little
//! else, and code is what a first visit downloads.

use serde::Serialize;
use serde_json::Value;

/// `json!({ "name": "a", "data": [1, 2, value] })`, as the macro of `serde_json`; anything that can be serialised is a value.
macro_rules! json {
    (null) => { ::serde_json::Value::Null };
    ([ $($items:tt)* ]) => { $crate::engine::json::json!(@list [] $($items)*) };
    ({ $($pairs:tt)* }) => { $crate::engine::json::json!(@object [] $($pairs)*) };
    (@list [$($done:expr,)*]) => { $crate::engine::json::list([$($done),*]) };
    (@list [$($done:expr,)*] null $(, $($rest:tt)*)?) => {
        $crate::engine::json::json!(@list [$($done,)* ::serde_json::Value::Null,] $($($rest)*)?)
    };
    (@list [$($done:expr,)*] { $($inner:tt)* } $(, $($rest:tt)*)?) => {
        $crate::engine::json::json!(@list [$($done,)* $crate::engine::json::json!({ $($inner)* }),] $($($rest)*)?)
    };
    (@list [$($done:expr,)*] [ $($inner:tt)* ] $(, $($rest:tt)*)?) => {
        $crate::engine::json::json!(@list [$($done,)* $crate::engine::json::json!([ $($inner)* ]),] $($($rest)*)?)
    };
    (@list [$($done:expr,)*] $next:expr $(, $($rest:tt)*)?) => {
        $crate::engine::json::json!(@list [$($done,)* $crate::engine::json::value(&$next),] $($($rest)*)?)
    };
    (@object [$(($key:expr, $value:expr))*]) => { $crate::engine::json::object([$(($key, $value)),*]) };
    (@object [$($done:tt)*] $key:literal : null $(, $($rest:tt)*)?) => {
        $crate::engine::json::json!(@object [$($done)* ($key, ::serde_json::Value::Null)] $($($rest)*)?)
    };
    (@object [$($done:tt)*] $key:literal : { $($inner:tt)* } $(, $($rest:tt)*)?) => {
        $crate::engine::json::json!(@object [$($done)* ($key, $crate::engine::json::json!({ $($inner)* }))] $($($rest)*)?)
    };
    (@object [$($done:tt)*] $key:literal : [ $($inner:tt)* ] $(, $($rest:tt)*)?) => {
        $crate::engine::json::json!(@object [$($done)* ($key, $crate::engine::json::json!([ $($inner)* ]))] $($($rest)*)?)
    };
    (@object [$($done:tt)*] $key:literal : $value:expr $(, $($rest:tt)*)?) => {
        $crate::engine::json::json!(@object [$($done)* ($key, $crate::engine::json::value(&$value))] $($($rest)*)?)
    };
    ($value:expr) => { $crate::engine::json::value(&$value) };
}
pub(crate) use json;

/// What cannot be serialised is null.
#[inline(never)]
pub fn value<T: Serialize + ?Sized>(value: &T) -> Value {
    serde_json::to_value(value).unwrap_or(Value::Null)
}

/// An object of these pairs.
#[inline(never)]
pub fn object<const N: usize>(pairs: [(&'static str, Value); N]) -> Value {
    put_together(&mut pairs.into_iter())
}

#[inline(never)]
fn put_together(pairs: &mut dyn Iterator<Item = (&'static str, Value)>) -> Value {
    Value::Object(pairs.map(|(key, value)| (key.to_owned(), value)).collect())
}

/// A list of these values.
#[inline(never)]
pub fn list<const N: usize>(values: [Value; N]) -> Value {
    Value::Array(Vec::from(values))
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_means_what_the_macro_of_serde_json_means() {
        let (name, size, none) = ("a", 1.5_f64, Option::<u8>::None);
        let ours = json!({
            "name": name, "sizes": [size, f64::NAN, -2, null, [], {}], "none": none, "null": null, "yes": true,
            "made": if size > 1.0 { vec![1, 2] } else { vec![] }, "pairs": [[0, 0], [1, { "x": size + 1.0 }]],
        });
        let theirs = serde_json::json!({
            "name": name, "sizes": [size, f64::NAN, -2, null, [], {}], "none": none, "null": null, "yes": true,
            "made": if size > 1.0 { vec![1, 2] } else { vec![] }, "pairs": [[0, 0], [1, { "x": size + 1.0 }]],
        });
        assert_eq!(ours, theirs);
        assert_eq!(
            (json!("text"), json!(null), json!([])),
            ("text".into(), serde_json::Value::Null, serde_json::json!([]))
        );
    }
}

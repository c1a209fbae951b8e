//! ECharts: loaded when the first chart is shown, one handle a chart, and pictures off the page for the report.
//!
//! Charts on the page are drawn on a canvas: the SVG renderer writes style attributes, which a strict
//! Content-Security-Policy refuses. SVG is made as text, where no policy applies.

use std::cell::{Cell, RefCell};

use js_sys::{Array, Function, JSON, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue, closure::Closure, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Element, HtmlScriptElement, ResizeObserver};

/// Beside the page, so that the first load stays small.
const SCRIPT: &str = "./vendor/echarts.js";

#[wasm_bindgen]
extern "C" {
    type Instance;

    #[wasm_bindgen(js_namespace = assayCharts, catch)]
    fn init(element: &JsValue, theme: &JsValue, options: &JsValue) -> Result<Instance, JsValue>;

    #[wasm_bindgen(method, js_name = setOption, catch)]
    fn set_option(this: &Instance, option: &JsValue, how: &JsValue) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch)]
    fn resize(this: &Instance) -> Result<(), JsValue>;

    #[wasm_bindgen(method)]
    fn dispose(this: &Instance);

    #[wasm_bindgen(method, js_name = renderToSVGString, catch)]
    fn render_to_svg_string(this: &Instance) -> Result<String, JsValue>;

    #[wasm_bindgen(method, js_name = getDataURL, catch)]
    fn data_url(this: &Instance, options: &JsValue) -> Result<String, JsValue>;

    #[wasm_bindgen(method, js_name = dispatchAction, catch)]
    fn dispatch_action(this: &Instance, action: &JsValue) -> Result<(), JsValue>;
}

thread_local! {
    static LOADING: RefCell<Option<Promise>> = const { RefCell::new(None) };
}

/// ECharts could not be loaded or refused an option.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChartError {
    /// The script did not arrive.
    NotLoaded,
    /// What ECharts said.
    Refused {
        /// In its words.
        message: String,
    },
}

impl std::fmt::Display for ChartError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotLoaded => write!(f, "the drawing library at {SCRIPT} did not load"),
            Self::Refused { message } => write!(f, "the chart could not be drawn: {message}"),
        }
    }
}

impl std::error::Error for ChartError {}

impl From<JsValue> for ChartError {
    fn from(error: JsValue) -> Self {
        let message = error
            .dyn_ref::<js_sys::Error>()
            .map_or_else(|| format!("{error:?}"), |e| String::from(e.message()));
        Self::Refused { message }
    }
}

/// Loads ECharts once; later calls wait for the same load. A load that failed is tried again.
pub async fn load() -> Result<(), ChartError> {
    let promise = LOADING.with(|loading| loading.borrow_mut().get_or_insert_with(add_script).clone());
    JsFuture::from(promise).await.map(|_| ()).map_err(|_| {
        LOADING.with(|loading| loading.borrow_mut().take());
        ChartError::NotLoaded
    })
}

/// Loads ECharts once the browser has nothing better to do, so that the first chart appears at once.
/// A load that fails is tried again, and reported, where the first chart stands.
pub async fn prefetch() {
    let idle = Promise::new(&mut |resolve, _| {
        let Some(window) = web_sys::window() else { return };
        let wait = Reflect::get(&window, &"requestIdleCallback".into());
        let asked = wait
            .ok()
            .and_then(|f| f.dyn_into::<Function>().ok())
            .is_some_and(|f| f.call1(&window, &resolve).is_ok());
        if !asked {
            let _ = window.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, 1_500);
        }
    });
    let _ = JsFuture::from(idle).await;
    let _ = load().await;
}

fn add_script() -> Promise {
    Promise::new(&mut |resolve, reject| {
        let document = web_sys::window().and_then(|w| w.document());
        let made = document.as_ref().and_then(|d| {
            let script = d.create_element("script").ok()?.dyn_into::<HtmlScriptElement>().ok()?;
            Some((d.body()?, script))
        });
        let Some((body, script)) = made else {
            let _ = reject.call0(&JsValue::NULL);
            return;
        };
        script.set_src(SCRIPT);
        let _ = script.add_event_listener_with_callback("load", &resolve);
        let _ = script.add_event_listener_with_callback("error", &reject);
        let _ = body.append_child(&script);
    })
}

fn object(fields: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (key, value) in fields {
        let _ = Reflect::set(&object, &(*key).into(), value);
    }
    object.into()
}

fn field(value: &JsValue, key: &str) -> JsValue {
    Reflect::get(value, &key.into()).unwrap_or(JsValue::UNDEFINED)
}

/// A chart on the page. Dropping it frees what ECharts holds.
pub struct LiveChart {
    instance: std::rc::Rc<Instance>,
    observer: Option<ResizeObserver>,
    _on_resize: Closure<dyn FnMut()>,
    /// What the keyboard walks over: series, and its data items.
    items: RefCell<(u32, Array)>,
    focused: Cell<Option<u32>>,
}

impl LiveChart {
    /// A chart in an element of a height; it follows the element's width. [`load`] first.
    pub fn new(element: &Element) -> Result<Self, ChartError> {
        let options = object(&[("renderer", "canvas".into())]);
        let instance = std::rc::Rc::new(init(element, &JsValue::NULL, &options)?);
        let resized = instance.clone();
        let on_resize = Closure::<dyn FnMut()>::new(move || {
            let _ = resized.resize();
        });
        let observer = ResizeObserver::new(on_resize.as_ref().unchecked_ref()).ok();
        if let Some(observer) = &observer {
            observer.observe(element);
        }
        Ok(Self {
            instance,
            observer,
            _on_resize: on_resize,
            items: RefCell::new((0, Array::new())),
            focused: Cell::new(None),
        })
    }

    /// Draws an option (JSON) in the place of what was there.
    pub fn show(&self, option: &str) -> Result<(), ChartError> {
        let option = JSON::parse(option)?;
        if prefers_reduced_motion() {
            let _ = Reflect::set(&option, &"animation".into(), &JsValue::FALSE);
        }
        self.instance.set_option(&option, &object(&[("notMerge", JsValue::TRUE)]))?;
        let _ = self.instance.resize();
        self.focused.set(None);
        *self.items.borrow_mut() = walkable(&option);
        Ok(())
    }

    /// Moves the keyboard's focus by some data items and shows their tooltip. The words of the tooltip, to be read out.
    pub fn step(&self, by: i32) -> Option<String> {
        let items = self.items.borrow();
        let (series, data) = &*items;
        let n = data.length();
        if n == 0 {
            return None;
        }
        let to = match self.focused.get() {
            None if by < 0 => n - 1,
            None => 0,
            Some(at) => (i64::from(at) + i64::from(by)).rem_euclid(i64::from(n)) as u32,
        };
        self.focused.set(Some(to));
        let action = object(&[
            ("type", "showTip".into()),
            ("seriesIndex", JsValue::from(*series)),
            ("dataIndex", JsValue::from(to)),
        ]);
        let _ = self.instance.dispatch_action(&action);
        let item = data.get(to);
        field(&field(&item, "tooltip"), "formatter").as_string().or_else(|| {
            let value = field(&item, "value");
            let shown = if value.is_undefined() { item } else { value };
            Some(String::from(Array::from(&shown).join(", ")))
        })
    }

    /// Hides the tooltip.
    pub fn rest(&self) {
        self.focused.set(None);
        let _ = self.instance.dispatch_action(&object(&[("type", "hideTip".into())]));
    }

    /// The picture as PNG bytes at twice the size, on a background colour.
    pub fn png(&self, background: &str) -> Result<Vec<u8>, ChartError> {
        let options = object(&[
            ("type", "png".into()),
            ("pixelRatio", JsValue::from(2)),
            ("backgroundColor", background.into()),
        ]);
        let url = self.instance.data_url(&options)?;
        let encoded = url.split_once(',').map_or("", |(_, data)| data);
        let window = web_sys::window().ok_or(ChartError::NotLoaded)?;
        let binary = window.atob(encoded)?;
        // `atob` gives one character a byte.
        Ok(binary.chars().map(|c| c as u32 as u8).collect())
    }
}

impl Drop for LiveChart {
    fn drop(&mut self) {
        if let Some(observer) = &self.observer {
            observer.disconnect();
        }
        self.instance.dispose();
    }
}

/// The first series that answers to the pointer, with its data.
fn walkable(option: &JsValue) -> (u32, Array) {
    let series = Array::from(&field(option, "series"));
    for (i, one) in series.iter().enumerate() {
        let data = field(&one, "data");
        if field(&one, "silent").is_truthy() || !Array::is_array(&data) {
            continue;
        }
        let data = Array::from(&data);
        if data.length() > 0 {
            return (i as u32, data);
        }
    }
    (0, Array::new())
}

fn prefers_reduced_motion() -> bool {
    web_sys::window()
        .and_then(|w| w.match_media("(prefers-reduced-motion: reduce)").ok().flatten())
        .is_some_and(|query| query.matches())
}

/// An option (JSON) as SVG text of a size in pixels, drawn off the page without animation.
pub async fn picture_svg(option: &str, width: u32, height: u32) -> Result<String, ChartError> {
    load().await?;
    let option = JSON::parse(option)?;
    let _ = Reflect::set(&option, &"animation".into(), &JsValue::FALSE);
    let options = object(&[
        ("renderer", "svg".into()),
        ("ssr", JsValue::TRUE),
        ("width", JsValue::from(width)),
        ("height", JsValue::from(height)),
    ]);
    let instance = init(&JsValue::NULL, &JsValue::NULL, &options)?;
    let drawn = instance
        .set_option(&option, &object(&[("notMerge", JsValue::TRUE)]))
        .and_then(|()| instance.render_to_svg_string());
    instance.dispose();
    Ok(drawn?)
}

//! Charts without a browser: an ECharts option of `src/charts` as a static SVG, for reports from the command line. Native only.
//!
//! The page draws the same options with ECharts itself. This is no second ECharts: it knows the kinds of series, axes and
//! marks that the chart makers use, and nothing moves. What it does not know it does not draw; the report then has the
//! figure's sentence and table alone. The same option gives the same bytes.

mod axis;
mod beside;
mod chart;
mod measure;
mod paper;
mod read;
mod scale;
mod series;

#[cfg(test)]
mod tests;

use serde_json::Value;

use self::{
    axis::Axis,
    beside::{ColourScale, Legend},
    chart::{Chart, Series},
    paper::{Label, Paper, Rect},
    series::Drawing,
};
use super::{Host, walk};
use crate::{
    charts::{self, ChartRequest, Theme},
    engine::order::InOrder,
    protocol::{Notice, Reply, Request},
};

/// Lines that mark a value lie above what has less than this.
const MARKS: f64 = 5.0;

/// Every chart of the report of what the host holds, drawn in the light theme. A chart that cannot be drawn is left out.
pub fn report_pictures(host: &mut Host) -> Result<Vec<(ChartRequest, String)>, Notice> {
    let mut ask = |request| walk::ask(host, request, &mut |_, _| Ok(Vec::new())).map(|(reply, _)| reply);
    let Reply::ReportCharts { charts } = ask(Request::ReportCharts)? else { return Ok(Vec::new()) };
    let mut pictures = Vec::new();
    for chart in charts {
        let drawn = ask(Request::Draw { chart: chart.clone(), theme: Theme::light() });
        if let Ok(Reply::Drawn { picture: Some(picture) }) = drawn
            && let Ok(option) = serde_json::from_str(&picture.option)
            && let Some(svg) = svg(&option, f64::from(charts::REPORT_WIDTH), f64::from(picture.height))
        {
            pictures.push((chart, svg));
        }
    }
    Ok(pictures)
}

/// The chart as SVG of a size in pixels; `None` when the option asks for what is not drawn here.
pub fn svg(option: &Value, width: f64, height: f64) -> Option<String> {
    let chart = Chart::read(option)?;
    let legend = Legend::of(&chart, width);
    let above = legend.as_ref().map_or(0.0, Legend::bottom) + beside::room_for_marks(&chart);
    let plots = chart.plots(width, height, above)?;
    let mut paper = Paper::new(width, height);
    let mut labels: Vec<Label<'_>> = Vec::new();

    for (axis, plot) in placed(&chart, &plots) {
        axis.draw_grid(&mut paper, plot);
    }
    for (axis, plot) in placed(&chart, &plots) {
        let others = if axis.is_across { &chart.ys } else { &chart.xs };
        axis.draw(&mut paper, plot, others.iter().find(|o| o.grid == axis.grid));
    }
    let mut order: Vec<usize> = (0..chart.series.len()).collect();
    order.order_by(|a, b| chart.series[*a].z.total_cmp(&chart.series[*b].z));
    let (below, above): (Vec<usize>, Vec<usize>) =
        order.into_iter().partition(|&i| chart.series[i].z < MARKS);
    draw_series(&chart, &plots, &below, &mut paper, &mut labels);
    for series in &chart.series {
        if let Some((axes, plot)) = stand(&chart, series, &plots) {
            beside::draw_marks(series, axes, plot, &mut paper, &mut labels);
        }
    }
    draw_series(&chart, &plots, &above, &mut paper, &mut labels);

    beside::draw_titles(&chart, &mut paper);
    ColourScale::draw_all(&chart, &mut paper);
    if let Some(legend) = legend {
        legend.draw(&mut paper);
    }
    for label in &labels {
        paper.text(label);
    }
    Some(paper.finish())
}

/// Every axis with its plot.
fn placed<'a, 'o>(chart: &'a Chart<'o>, plots: &'a [Rect]) -> impl Iterator<Item = (&'a Axis<'o>, &'a Rect)> {
    chart.xs.iter().chain(&chart.ys).filter_map(|axis| Some((axis, plots.get(axis.grid)?)))
}

/// The axes of a series and its plot.
fn stand<'a, 'o>(
    chart: &'a Chart<'o>,
    series: &Series<'o>,
    plots: &'a [Rect],
) -> Option<((&'a Axis<'o>, &'a Axis<'o>), &'a Rect)> {
    let axes = chart.axes_of(series)?;
    Some((axes, plots.get(axes.0.grid)?))
}

fn draw_series<'o>(
    chart: &Chart<'o>,
    plots: &[Rect],
    order: &[usize],
    paper: &mut Paper,
    labels: &mut Vec<Label<'o>>,
) {
    for &index in order {
        let Some(series) = chart.series.get(index) else { continue };
        let Some(((x, y), plot)) = stand(chart, series, plots) else { continue };
        let colours = ColourScale::for_series(chart, index);
        Drawing { chart, series, x, y, plot: *plot, colours, labels }.draw(paper);
    }
}

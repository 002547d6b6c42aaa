//! The requests as bars: one picture that can be read on a light page and on a dark one.

use super::figures::Figures;
use super::table::thousands;

const WIDTH: f64 = 760.0;
const LEFT: f64 = 250.0;
const LONGEST: f64 = 340.0;
const ROW: f64 = 34.0;
const TOP: f64 = 56.0;

pub(super) fn svg(figures: &Figures) -> String {
    let most = figures.requests.iter().map(|it| it.per_second).fold(1.0, f64::max);
    let height = TOP + ROW * figures.requests.len() as f64 + 10.0;
    let bars: String = figures
        .requests
        .iter()
        .enumerate()
        .map(|(at, it)| {
            let (y, length) = (TOP + ROW * at as f64, (it.per_second / most * LONGEST).max(1.0));
            let class = if it.name.starts_with("hf-oauth") { "ours" } else { "theirs" };
            format!(
                "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>\n<rect class=\"{class}\" x=\"{LEFT}\" y=\"{y}\" \
                 width=\"{length:.1}\" height=\"22\" rx=\"3\"/>\n<text x=\"{:.1}\" y=\"{}\">{} ({:.2})</text>\n",
                LEFT - 10.0,
                y + 16.0,
                it.name,
                LEFT + length + 8.0,
                y + 16.0,
                thousands(it.per_second),
                it.of_bare,
            )
        })
        .collect();
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-labelledby=\"title\">\n\
         <title id=\"title\">Requests a second of a route that needs a signed-in user</title>\n\
         <style>\n\
         text {{ font: 14px system-ui, sans-serif; fill: #1f2328; }}\n\
         .head {{ font-weight: 600; font-size: 15px; }}\n\
         .ours {{ fill: #b86e00; }} .theirs {{ fill: #8c959f; }}\n\
         @media (prefers-color-scheme: dark) {{\n\
         text {{ fill: #e6edf3; }} .ours {{ fill: #ffb000; }} .theirs {{ fill: #6e7681; }}\n\
         }}\n\
         </style>\n\
         <text class=\"head\" x=\"16\" y=\"28\">Requests a second for somebody signed in, one thread (beside the bare route)</text>\n\
         {bars}</svg>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::super::goals::tests::figures;

    #[test]
    fn every_server_has_a_bar_and_the_picture_has_a_dark_side() {
        let svg = super::svg(&figures());
        assert_eq!(svg.matches("<rect").count(), figures().requests.len());
        assert!(svg.contains("95,000 (0.95)") && svg.contains("prefers-color-scheme: dark"));
        assert!(svg.ends_with("</svg>\n"));
    }
}

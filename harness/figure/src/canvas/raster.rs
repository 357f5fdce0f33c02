//! An SVG becomes a PNG by resvg, with the fonts compiled in.

use crate::error::FigureError;
use resvg::tiny_skia::{Color, Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};
use std::sync::{Arc, OnceLock};

/// Pixels per CSS pixel (1/96 inch).
const SCALE: f32 = 2.0;

/// Draws an SVG as PNG at twice its nominal size, 192 pixels an inch.
///
/// # Errors
/// If it has no size.
pub(crate) fn png(tree: &Tree) -> Result<Vec<u8>, FigureError> {
    let size = tree.size().to_int_size().scale_by(SCALE);
    let mut pixmap = size.and_then(|size| Pixmap::new(size.width(), size.height())).ok_or_else(no_size)?;
    let scale = |pixels: u32, length: f32| pixels as f32 / length;
    let (across, down) =
        (scale(pixmap.width(), tree.size().width()), scale(pixmap.height(), tree.size().height()));
    // Paper is white, and nothing shines through it: three channels say it all.
    pixmap.fill(Color::WHITE);
    resvg::render(tree, Transform::from_scale(across, down), &mut pixmap.as_mut());
    encode(&pixmap).map_err(|error| FigureError::Drawing(format!("PNG: {error}")))
}

/// Most of a figure is areas of one colour, which deflate takes best as they are: half to a seventh of the bytes that
/// filters for photographs leave.
fn encode(pixmap: &Pixmap) -> Result<Vec<u8>, png::EncodingError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, pixmap.width(), pixmap.height());
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_filter(png::FilterType::NoFilter);
    encoder.set_compression(png::Compression::Best);
    let pixels: Vec<u8> = pixmap.pixels().iter().flat_map(|p| [p.red(), p.green(), p.blue()]).collect();
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels)?;
    writer.finish()?;
    Ok(bytes)
}

/// Parses an SVG with the embedded fonts.
///
/// # Errors
/// If it is none.
pub(crate) fn tree(svg: &str) -> Result<Tree, FigureError> {
    let options = Options { fontdb: fonts(), font_family: "DejaVu Sans".to_owned(), ..Options::default() };
    Tree::from_str(svg, &options).map_err(|error| FigureError::Drawing(format!("SVG: {error}")))
}

fn no_size() -> FigureError {
    FigureError::Drawing("the SVG has no size".to_owned())
}

fn fonts() -> Arc<fontdb::Database> {
    static FONTS: OnceLock<Arc<fontdb::Database>> = OnceLock::new();
    let load = || {
        let mut fonts = fontdb::Database::new();
        fonts.load_font_data(dejavu::sans::regular().to_vec());
        fonts.load_font_data(dejavu::sans::bold().to_vec());
        fonts.set_sans_serif_family("DejaVu Sans");
        Arc::new(fonts)
    };
    Arc::clone(FONTS.get_or_init(load))
}

//! Turn a drawing into a PNG or a PDF for print, with one font, and no other of the machine's unless it is asked for.

use super::ReportError;
use krilla::Document;
use krilla::geom::Size;
use krilla::page::PageSettings;
use krilla_svg::{SurfaceExt, SvgSettings};
use resvg::tiny_skia::{Color, Pixmap, Transform};
use resvg::usvg;
use resvg::usvg::fontdb::{Family, Query};

/// Dots per inch.
const RESOLUTION: f64 = 300.0;
/// Points in an inch.
const POINTS: f64 = 72.0;
/// Pixels per inch that SVG lengths are read with.
const READ_AT: f64 = 96.0;

/// Draws with one font.
pub struct Raster {
    options: usvg::Options<'static>,
}

impl Raster {
    /// Loads the font.
    pub fn new() -> Self {
        let mut options = usvg::Options::default();
        options.fontdb_mut().load_font_data(dejavu::sans::regular().to_vec());
        options.fontdb_mut().set_sans_serif_family("DejaVu Sans");
        Self { options }
    }

    /// Loads the fonts of the machine beside it.
    pub fn with_system_fonts() -> Self {
        let mut raster = Self::new();
        raster.options.fontdb_mut().load_system_fonts();
        raster
    }

    /// The first of some families of fonts, divided by commas, that is there.
    pub fn font<'a>(&self, families: &'a str) -> Option<&'a str> {
        let is_there = |family: &&str| {
            let families = [Family::Name(family)];
            let query = Query {
                families: &families,
                ..Query::default()
            };
            self.options.fontdb.query(&query).is_some()
        };
        families.split(',').map(str::trim).find(is_there)
    }

    /// The drawing as usvg understands it: text laid out.
    pub fn parse(&self, svg: &str) -> Result<usvg::Tree, ReportError> {
        usvg::Tree::from_str(svg, &self.options).map_err(|e| ReportError::Drawing(e.to_string()))
    }
}

/// Width and height of a drawing on paper, in points.
pub fn size(tree: &usvg::Tree) -> (f64, f64) {
    let points = |length: f32| f64::from(length) / READ_AT * POINTS;
    (points(tree.size().width()), points(tree.size().height()))
}

/// A PDF of one page, whose text is text and whose fonts are embedded, as far as they are used.
pub fn pdf(tree: &usvg::Tree) -> Result<Vec<u8>, ReportError> {
    let failed = |what: &str| ReportError::Drawing(format!("a page of a PDF {what}"));
    let (width, height) = size(tree);
    let (width, height) = (width as f32, height as f32);
    let page_size = Size::from_wh(width, height).ok_or_else(|| failed("has no size"))?;
    let settings = PageSettings::from_wh(width, height).ok_or_else(|| failed("has no size"))?;
    let mut document = Document::new();
    let mut page = document.start_page_with(settings);
    let mut surface = page.surface();
    let drawn = surface.draw_svg(tree, page_size, SvgSettings::default());
    surface.finish();
    page.finish();
    drawn.ok_or_else(|| failed("could not be drawn"))?;
    document
        .finish()
        .map_err(|error| failed(&format!("could not be written: {error:?}")))
}

/// A PNG on white at 300 dots per inch that knows its size.
pub fn png(tree: &usvg::Tree) -> Result<Vec<u8>, ReportError> {
    let pixels = |length: f32| (f64::from(length) / READ_AT * RESOLUTION).round().max(1.0) as u32;
    let (width, height) = (pixels(tree.size().width()), pixels(tree.size().height()));
    let too_large = || ReportError::Drawing(format!("a picture of {width} by {height} pixels is too large"));
    let mut pixmap = Pixmap::new(width, height).ok_or_else(too_large)?;
    pixmap.fill(Color::WHITE);
    let scale = Transform::from_scale(width as f32 / tree.size().width(), height as f32 / tree.size().height());
    resvg::render(tree, scale, &mut pixmap.as_mut());
    let png = pixmap.encode_png().map_err(|e| ReportError::Drawing(e.to_string()))?;
    Ok(with_resolution(&png))
}

/// Adds the chunk `pHYs`, so that programs place the picture at its size on paper (PNG specification, section 11.3.5.3).
fn with_resolution(png: &[u8]) -> Vec<u8> {
    /// Signature, and the chunk `IHDR` that must be the first.
    const HEAD: usize = 8 + 25;
    let per_metre = ((RESOLUTION / 0.0254).round() as u32).to_be_bytes();
    let mut chunk = b"pHYs".to_vec();
    chunk.extend(per_metre);
    chunk.extend(per_metre);
    chunk.push(1);
    let mut sum = flate2::Crc::new();
    sum.update(&chunk);
    let length = (chunk.len() - 4) as u32;
    [
        &png[..HEAD],
        &length.to_be_bytes(),
        &chunk,
        &sum.sum().to_be_bytes(),
        &png[HEAD..],
    ]
    .concat()
}

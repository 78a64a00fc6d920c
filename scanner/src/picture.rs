//! One undecoded frame, and its bounded way to grey: JPEGs that lose the race to the decoder cost nothing.

use std::fs::File;
use std::io::{self, BufReader, Cursor};
use std::path::{Path, PathBuf};

use image::{DynamicImage, ImageError, ImageFormat, ImageReader, Limits};
use thiserror::Error;

use crate::contain::{contain, words};
use crate::luma::{Luma, LumaError, PixelLayout, SIDE_PX_MAX, grey};

/// Largest image file that is opened, in bytes.
const FILE_BYTES_MAX: u64 = 64 << 20;
/// Most memory one image may take while it is decoded, in bytes: 4096x4096 pixels of 16-bit RGBA.
const DECODE_BYTES_MAX: u64 = 160 << 20;

/// A frame as its source delivers it.
pub(crate) enum Picture {
    /// Grey already.
    Luma(Luma),
    /// One whole JPEG.
    Jpeg(Vec<u8>),
    /// One whole picture of a kind that is known.
    Encoded { format: ImageFormat, bytes: Vec<u8> },
    /// Raw pixels of a camera; only camera backends make them.
    #[cfg_attr(not(feature = "camera"), allow(dead_code))]
    Raw { layout: PixelLayout, width: u32, height: u32, bytes: Vec<u8> },
}

/// Why an image cannot be turned to grey.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PictureError {
    /// The file cannot be opened or read.
    #[error("{}: cannot be read", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A folder, pipe or device where an image file was expected.
    #[error("{}: is no file", .0.display())]
    NoFile(PathBuf),
    /// The file is larger than any image that is opened.
    #[error("{}: {bytes} bytes are more than {FILE_BYTES_MAX}", path.display())]
    Large {
        /// The file.
        path: PathBuf,
        /// Its size.
        bytes: u64,
    },
    /// The file's content is no image that can be decoded within the limits.
    #[error("{}: {source}", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// What is wrong with its content.
        source: Box<PictureError>,
    },
    /// The bytes are no image of the kind they claim, or above the limits.
    #[error("is no readable image of at most {SIDE_PX_MAX}x{SIDE_PX_MAX} pixels: {0}")]
    Image(#[source] ImageError),
    /// A raw frame of the wrong size.
    #[error(transparent)]
    Luma(#[from] LumaError),
    /// The image decoder panicked.
    #[error("the image decoder panicked: {0}")]
    Panicked(String),
}

impl Picture {
    /// The grey of the frame.
    pub(crate) fn into_luma(self) -> Result<Luma, PictureError> {
        match self {
            Self::Luma(luma) => Ok(luma),
            Self::Jpeg(bytes) => {
                let reader = ImageReader::with_format(Cursor::new(bytes), ImageFormat::Jpeg);
                decode_image(reader)
            }
            Self::Encoded { format, bytes } => {
                decode_image(ImageReader::with_format(Cursor::new(bytes), format))
            }
            Self::Raw { layout, width, height, bytes } => {
                Ok(Luma::from_raw(layout, width, height, &bytes)?)
            }
        }
    }
}

/// The grey of an image file: PNG, JPEG, PNM, WebP or BMP by its content, whatever its name.
///
/// # Errors
/// The file cannot be read, is no regular file, or holds no image within the limits; each names the file.
pub fn open_picture(path: &Path) -> Result<Luma, PictureError> {
    let cannot_read = |source| PictureError::Read { path: path.to_owned(), source };
    // Asked before it is opened: opening a pipe that nobody writes to waits for ever.
    let facts = path.metadata().map_err(cannot_read)?;
    if !facts.is_file() {
        return Err(PictureError::NoFile(path.to_owned()));
    }
    if facts.len() > FILE_BYTES_MAX {
        return Err(PictureError::Large { path: path.to_owned(), bytes: facts.len() });
    }
    let file = BufReader::new(File::open(path).map_err(cannot_read)?);
    let reader = ImageReader::new(file).with_guessed_format().map_err(cannot_read)?;
    decode_image(reader)
        .map_err(|source| PictureError::Broken { path: path.to_owned(), source: Box::new(source) })
}

fn decode_image<R: io::BufRead + io::Seek>(
    mut reader: ImageReader<R>,
) -> Result<Luma, PictureError> {
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE_PX_MAX);
    limits.max_image_height = Some(SIDE_PX_MAX);
    limits.max_alloc = Some(DECODE_BYTES_MAX);
    reader.limits(limits);
    let image = contain(|| reader.decode())
        .map_err(|wreck| PictureError::Panicked(words(&wreck)))?
        .map_err(PictureError::Image)?;
    Ok(to_grey(image)?)
}

/// Transparency becomes white: symbols are often black on nothing.
fn to_grey(image: DynamicImage) -> Result<Luma, LumaError> {
    let (width, height) = (image.width(), image.height());
    let pixels = if image.color().has_alpha() {
        let over_white = |grey: u8, alpha: u8| {
            let (grey, alpha) = (u32::from(grey), u32::from(alpha));
            ((grey * alpha + 255 * (255 - alpha)) / 255) as u8
        };
        let rgba = image.into_rgba8();
        rgba.pixels().map(|p| over_white(grey(p[0], p[1], p[2]), p[3])).collect()
    } else {
        image.into_luma8().into_raw()
    };
    Luma::new(width, height, pixels)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn saved(name: &str, image: &DynamicImage) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(name);
        image.save(&path).unwrap();
        (dir, path)
    }

    #[test]
    fn transparent_black_is_white() {
        let mut image = image::RgbaImage::new(2, 1);
        image.put_pixel(1, 0, image::Rgba([0, 0, 0, 255]));
        let (_dir, path) = saved("a.png", &DynamicImage::ImageRgba8(image));
        assert_eq!(open_picture(&path).unwrap().pixels(), [255, 0]);
    }

    #[test]
    fn content_decides_not_the_name() {
        let grey = DynamicImage::new_luma8(3, 2);
        let (_dir, path) = saved("a.png", &grey);
        let renamed = path.with_extension("jpg");
        std::fs::rename(&path, &renamed).unwrap();
        assert_eq!(open_picture(&renamed).unwrap().width(), 3);
    }

    #[test]
    fn a_header_that_promises_too_much_is_refused_by_its_name() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("bomb.pgm");
        std::fs::write(&path, b"P5\n60000 60000\n255\n").unwrap();
        let refused = open_picture(&path).unwrap_err();
        assert!(matches!(refused, PictureError::Broken { .. }), "{refused}");
        assert!(refused.to_string().contains("bomb.pgm"), "{refused}");
        assert!(matches!(open_picture(dir.path()), Err(PictureError::NoFile(_))));
        assert!(matches!(open_picture(&dir.path().join("no")), Err(PictureError::Read { .. })));
    }
}

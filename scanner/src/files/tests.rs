//! Files and streams as the command line scans them.

use image::{DynamicImage, GrayImage};

use super::*;
use crate::{View, stage, test_uptime};

fn jpeg(text: &str) -> Vec<u8> {
    let luma = stage(text, &View::walk_up(3), 3).unwrap();
    let image = GrayImage::from_raw(luma.width(), luma.height(), luma.pixels().to_vec()).unwrap();
    let mut bytes = io::Cursor::new(Vec::new());
    DynamicImage::ImageLuma8(image).write_to(&mut bytes, image::ImageFormat::Jpeg).unwrap();
    bytes.into_inner()
}

fn one_text(scanned: &Scanned) -> Option<&str> {
    scanned.codes.first()?.payload.text()
}

#[test]
fn a_file_is_read_within_its_budget_or_said_to_be_over_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("card.jpg");
    fs::write(&path, jpeg("CARD")).unwrap();
    let uptime = test_uptime();
    let read = scan_file(&path, Some(Duration::from_secs(20)), &uptime).unwrap();
    assert_eq!(one_text(&read), Some("CARD"));
    assert!(read.millis > 0.0);
    let late = scan_file(&path, Some(Duration::ZERO), &uptime).unwrap_err();
    let over = matches!(&late, ScanFileError::Decode { source: DecodeError::OverBudget, .. });
    assert!(over && late.to_string().contains("card.jpg"), "{late}");
}

#[test]
fn a_stream_gives_one_answer_a_frame() {
    let stream = [jpeg("ONE"), jpeg("TWO")[..900].to_vec(), jpeg("THREE")].concat();
    let answers: Vec<_> = scan_stream(Moving::Mjpeg, &stream[..], None, test_uptime()).collect();
    assert_eq!(answers.len(), 3);
    assert_eq!(one_text(answers[0].as_ref().unwrap()), Some("ONE"));
    assert!(matches!(answers[1], Err(ScanStreamError::Mjpeg(MjpegError::Truncated(_)))));
    assert_eq!(one_text(answers[2].as_ref().unwrap()), Some("THREE"));
}

#[test]
fn y4m_gives_one_answer_a_frame_and_its_damage() {
    let frame = |text| {
        let luma = crate::stage(text, &crate::View::head_on(), 1).unwrap();
        [b"FRAME\n", luma.pixels(), &vec![128; 640 * 360 * 2]].concat()
    };
    let head = b"YUV4MPEG2 W1280 H720 F15:1 Ip C420jpeg\n".to_vec();
    let stream = [head, frame("ONE"), frame("TWO"), b"FRAME\nshort".to_vec()].concat();
    let answers: Vec<_> = scan_stream(Moving::Y4m, &stream[..], None, test_uptime()).collect();
    assert_eq!(one_text(answers[0].as_ref().unwrap()), Some("ONE"));
    assert_eq!(one_text(answers[1].as_ref().unwrap()), Some("TWO"));
    assert!(matches!(answers[2..], [Err(ScanStreamError::Y4m(Y4mError::Truncated))]));
}

#[test]
fn a_path_means_itself_or_the_images_below_it_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let below = dir.path().join("sub/deep");
    fs::create_dir_all(&below).unwrap();
    for name in ["b.PNG", "a.txt", "sub/a.mjpeg", "sub/b.Y4M", "sub/deep/z.webp", "c"] {
        fs::write(dir.path().join(name), b"").unwrap();
    }
    // A link to a folder above must not make it endless.
    std::os::unix::fs::symlink(dir.path(), below.join("loop")).unwrap();
    let names: Vec<_> = expand(dir.path()).unwrap();
    let names: Vec<_> =
        names.iter().map(|p| p.strip_prefix(dir.path()).unwrap().to_str().unwrap()).collect();
    assert_eq!(names, ["b.PNG", "sub/a.mjpeg", "sub/b.Y4M", "sub/deep/z.webp"]);
    let plain = dir.path().join("c");
    assert_eq!(expand(&plain).unwrap(), [plain]);
    assert!(matches!(expand(&dir.path().join("no")), Err(ExpandError::Read { .. })));
}

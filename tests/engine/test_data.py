"""Reading, normalising, sorting into kinds, cutting crops, varying their look."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
import torch
import zarr

from tests.engine.conftest import RunWriter, discs, write_labels
from training.contract.files import write_json
from training.contract.manifest import Split
from training.engine.data import opening
from training.engine.data.augmentation import vary_look
from training.engine.data.batches import BatchMaker
from training.engine.data.crops import Crop, cut, mirrored_index
from training.engine.data.frames import TrainingFrames, choose_frames, diameters_px, ignore_by_weight
from training.engine.data.images import LabelledImage
from training.engine.data.kinds import sampling_weights, sort_into_kinds
from training.engine.data.normalising import look_at, normalise
from training.engine.errors import ChannelMismatch, NothingToLearn, UnreadableImage
from training.engine.seeds import Chance
from training.engine.targets import distance, flows


def one_disc() -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.uint32]]:
    """A disc of 20 px in the middle of 80 × 80 px."""
    ys, xs = np.indices((80, 80))
    labels = (np.hypot(ys - 40, xs - 40) < 20).astype(np.uint32)
    return (labels * 900 + 100).astype(np.uint16), labels


def frames_of(run: RunWriter, *, cache_bytes: int = 10**9, channels: int = 1) -> TrainingFrames:
    images = [LabelledImage(run.folder, line) for line in run.lines]
    return TrainingFrames(
        images,
        channels=channels,
        build_target=lambda labels, _: distance.build(labels),
        ignore=ignore_by_weight,
        cache_bytes=cache_bytes,
    )


def test_an_image_is_read_frame_by_frame(run: RunWriter) -> None:
    pixels = np.arange(2 * 3 * 2 * 4 * 5, dtype=np.uint16).reshape(2, 3, 2, 4, 5)
    labels = np.zeros((2, 2, 2, 4, 5), np.uint32)
    labels[1, 1, 0, 2, 3] = 7
    image = LabelledImage(run.folder, run.add(Split.TRAIN, pixels, labels))
    assert (image.channels, image.size, len(image.frames)) == (3, (4, 5), 4)
    assert (image.read(1, 0) == pixels[1, :, 0]).all()
    assert (image.read(1, 0, slice(1, 3), slice(2, 4)) == pixels[1, :, 0, 1:3, 2:4]).all()
    assert image.read_labels(1, 0)[1, 2, 3] == 7


def test_classes_are_read_beside_the_labels(run: RunWriter) -> None:
    line = run.add(Split.TRAIN, *discs(0))
    write_json(run.folder.labels / "image-0.json", {"cells": [{"cell": 1, "class_index": 2}, {"cell": 2}]})
    assert LabelledImage(run.folder, line).classes == {1: 2}


def test_labels_of_another_size_are_refused(run: RunWriter) -> None:
    line = run.add(Split.TRAIN, discs(0)[0], np.zeros((5, 5), np.uint32))
    with pytest.raises(UnreadableImage, match="one size"):
        LabelledImage(run.folder, line)


def test_missing_and_misshapen_arrays_are_refused(run: RunWriter) -> None:
    line = run.add(Split.TRAIN, *discs(0))
    zarr.create_array(line.image + "/0", shape=(4, 4), dtype="uint8", overwrite=True)
    with pytest.raises(UnreadableImage, match="t, c, z, y, x"):
        LabelledImage(run.folder, line)
    other = run.add(Split.TRAIN, *discs(0))
    (run.folder.labels / "image-1.zarr" / "zarr.json").unlink()
    with pytest.raises(UnreadableImage, match="labels of image-1 cannot be opened"):
        LabelledImage(run.folder, other)


@pytest.mark.parametrize("scale", [1, 300])
def test_normalising_forgets_the_camera(scale: int) -> None:
    pixels, labels = discs(0)
    frame = (pixels.astype(np.float64) * scale + 5 * scale)[None]
    shown = normalise(frame, look_at(frame), 1)
    assert abs(float(np.median(shown[0][labels == 0])) - 0.1) < 0.1
    assert float(np.median(shown[0][labels > 0])) > 0.7


def test_cells_are_bright_whatever_the_polarity() -> None:
    pixels, labels = discs(0)
    dark_cells = (2000 - pixels.astype(np.int32))[None]
    look = look_at(dark_cells)
    shown = normalise(dark_cells, look, 1)[0]
    assert look.inverted
    assert shown[labels > 0].mean() > shown[labels == 0].mean() + 0.5


def test_a_window_is_normalised_like_its_frame() -> None:
    frame = discs(0)[0][None]
    look = look_at(frame)
    assert (normalise(frame, look, 1)[:, 3:30, 5:9] == normalise(frame[:, 3:30, 5:9], look, 1)).all()


def test_flat_and_broken_pixels_stay_finite() -> None:
    flat = np.full((1, 8, 8), 7, np.uint8)
    assert np.isfinite(normalise(flat, look_at(flat), 3)).all()
    broken = np.full((1, 8, 8), np.nan)
    assert np.isfinite(normalise(broken, look_at(broken), 1)).all()


def test_grey_is_shown_to_all_channels_and_colour_to_one_as_the_mean() -> None:
    grey, colour = np.ones((1, 4, 4)), np.random.default_rng(0).uniform(size=(3, 4, 4))
    assert normalise(grey, look_at(grey), 3).shape == (3, 4, 4)
    assert normalise(colour, look_at(colour), 1).shape == (1, 4, 4)
    with pytest.raises(ChannelMismatch, match="2 channels"):
        normalise(colour[:2], look_at(colour[:2]), 3)


def test_channels_of_a_run(run: RunWriter) -> None:
    images = [
        LabelledImage(
            run.folder, run.add(Split.TRAIN, np.ones((1, c, 1, 8, 8), np.uint8), np.ones((8, 8), np.uint32))
        )
        for c in (1, 3, 2)
    ]
    assert opening.common_channels(images[:2]) == 3
    assert opening.common_channels(images[:1]) == 1
    with pytest.raises(ChannelMismatch, match=r"2 .*3"):
        opening.common_channels(images)


def test_a_run_without_training_images_is_refused(run: RunWriter) -> None:
    run.add_discs(train=0)
    with pytest.raises(NothingToLearn, match="no training images"):
        opening.open_training(run.folder, run.lines)


def test_kinds_are_told_apart_and_rare_ones_seen_more() -> None:
    features = np.concatenate([np.zeros((20, 3)), np.full((4, 3), 5.0)])
    features += np.random.default_rng(0).normal(0, 0.05, features.shape)
    kinds = sort_into_kinds(features, np.random.default_rng(0))
    assert len(set(kinds[:20])) == len(set(kinds[20:])) == 1
    weights = sampling_weights(kinds, np.ones(24))
    assert abs(weights.sum() - 1) < 1e-9
    assert 4 / 24 < weights[20:].sum() < 0.5


def test_one_frame_is_one_kind() -> None:
    assert sort_into_kinds(np.zeros((1, 3)), np.random.default_rng(0)).tolist() == [0]


def test_windows_read_from_disk_equal_those_from_memory(run: RunWriter) -> None:
    run.add(Split.TRAIN, *discs(0, size=300, cells=60))
    kept, read = frames_of(run), frames_of(run, cache_bytes=0)
    assert kept.cached
    assert not read.cached
    rows, columns = mirrored_index(np.arange(-20, 60), 300), np.arange(100, 180)
    a, b = kept.window(0, rows, columns), read.window(0, rows, columns)
    assert (a.pixels == b.pixels).all()
    assert (a.target == b.target).all()


def test_of_many_frames_some_are_chosen_evenly(run: RunWriter) -> None:
    line = run.add(Split.PREDICT, np.zeros((20, 1, 1, 4, 4), np.uint8))
    chosen = choose_frames([LabelledImage(run.folder, line)], most=5)
    assert [frame.t for frame in chosen] == [0, 5, 10, 14, 19]


def test_mirrored_index() -> None:
    assert mirrored_index(np.arange(-3, 6), 3).tolist() == [1, 2, 1, 0, 1, 2, 1, 0, 1]
    assert mirrored_index(np.arange(-2, 2), 1).tolist() == [0, 0, 0, 0]


def test_an_unturned_crop_is_the_picture_itself(run: RunWriter) -> None:
    run.add(Split.TRAIN, *discs(0))
    frames = frames_of(run)
    pixels, target = cut(frames, Crop(0, 40, 50, 1.0, 0.0, False), crop_px=32, vectors=None)
    whole = frames.cached[0]
    assert np.allclose(pixels, whole.pixels[:, 25:57, 35:67], atol=1e-3)
    assert np.allclose(target, whole.target[:, 25:57, 35:67] / 255, atol=1e-3)


def test_a_crop_larger_than_the_picture_is_mirrored(run: RunWriter) -> None:
    run.add(Split.TRAIN, *discs(0, size=20, cells=1))
    pixels, target = cut(frames_of(run), Crop(0, 3, 3, 0.7, 1.0, True), crop_px=64, vectors=None)
    assert pixels.shape == (1, 64, 64)
    assert target.shape == (4, 64, 64)
    assert torch.isfinite(pixels).all()


def test_L9_a_bent_crop_bends_picture_and_target_alike_and_again_the_same(run: RunWriter) -> None:
    run.add(Split.TRAIN, *one_disc())
    frames = frames_of(run)
    straight, bent = Crop(0, 40, 40, 1.0, 0.3, False), Crop(0, 40, 40, 1.0, 0.3, False, 12.0)
    flat = cut(frames, straight, crop_px=64, vectors=None)
    pixels, target = cut(frames, bent, crop_px=64, vectors=None)
    assert float((pixels - flat[0]).abs().max()) > 0.5, "the edge of the disc moved"
    inside = (pixels[0] > 0.9) & (target[0] > 0.9)
    both = (pixels[0] > 0.9) | (target[0] > 0.9)
    moved = ((pixels[0] > 0.9) & (flat[1][0] > 0.9)).sum() / both.sum()
    assert float(inside.sum() / both.sum()) > max(0.9, float(moved)), "the target moved with it"
    assert torch.equal(cut(frames, bent, crop_px=64, vectors=None)[0], pixels)


@pytest.mark.parametrize("mirrored", [False, True])
def test_vectors_turn_with_the_crop(run: RunWriter, mirrored: bool) -> None:
    run.add(Split.TRAIN, *one_disc())
    images = [LabelledImage(run.folder, run.lines[0])]
    frames = TrainingFrames(
        images, channels=1, build_target=lambda labels, _: flows.build(labels), ignore=ignore_by_weight
    )
    labels = images[0].read_labels(0, 0)[0]
    middle = np.argwhere(labels).mean(0)
    _, target = cut(
        frames, Crop(0, float(middle[0]), float(middle[1]), 1.0, 0.7, mirrored), crop_px=48, vectors=(1, 2)
    )
    steps = torch.arange(48.0) - 23
    away_y, away_x = torch.meshgrid(steps, steps, indexing="ij")
    far = (target[0] > 0.99) & (away_y.hypot(away_x) > 5)
    inwards = -(target[1] * away_y + target[2] * away_x) / away_y.hypot(away_x)
    assert float(inwards[far].mean()) > 0.9


def test_the_same_chance_gives_the_same_batch(run: RunWriter) -> None:
    run.add_discs()
    frames = frames_of(run)
    count = len(frames.frames)
    maker = BatchMaker(
        frames=frames,
        weights=np.ones(count) / count,
        batch=3,
        crop_px=32,
        scale_jitter=1.5,
        colour_jitter=1.0,
    )
    first, again = (maker.draw(Chance(4), parts=2) for _ in range(2))
    assert not any(crop.bent_px for share in first for crop in share.crops), "shapes stay unless asked"
    bending = replace(maker, elastic_px=6.0)
    assert {crop.bent_px for share in bending.draw(Chance(4), parts=2) for crop in share.crops} <= {0.0, 6.0}
    assert [len(share.crops) for share in first] == [2, 1]
    assert torch.equal(maker.make(first[0])[0], maker.make(again[0])[0])
    assert not torch.equal(maker.make(first[0])[0], maker.make(maker.draw(Chance(5), parts=2)[0])[0])


def test_varying_keeps_shape_and_values_in_bounds() -> None:
    pixels = torch.rand(16, 3, 24, 24)
    varied = vary_look(pixels, torch.Generator().manual_seed(0), strength=1.0)
    assert varied.shape == pixels.shape
    assert torch.isfinite(varied).all()
    assert not torch.equal(varied, pixels)
    assert torch.equal(vary_look(pixels, torch.Generator(), strength=0.0), pixels)


def test_diameters_and_digest(run: RunWriter) -> None:
    labels = np.zeros((1, 8, 8), np.uint32)
    labels[0, :2, :2] = 5
    assert np.allclose(diameters_px(labels), [2.2568], atol=1e-3)
    run.add_discs()
    before = opening.data_digest(frames_of(run))
    assert before == opening.data_digest(frames_of(run))
    write_labels(run.folder.labels / "other.zarr", np.zeros((1, 1, 1, 96, 96), np.uint32))
    run.lines[0] = type(run.lines[0])(**{**run.lines[0].to_json(), "labels": "labels/other.zarr"})
    assert opening.data_digest(frames_of(run)) != before


def test_all_empty_labels_are_refused(run: RunWriter) -> None:
    run.add(Split.TRAIN, discs(0)[0], np.zeros((96, 96), np.uint32))
    with pytest.raises(NothingToLearn, match="all labels are empty"):
        opening.refuse_without_cells(frames_of(run))

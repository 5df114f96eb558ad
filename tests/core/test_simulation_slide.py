"""The simulated slide: its pyramid, its labels, and that bytes are repeated, not written again."""

from itertools import islice

import numpy as np
import pytest
import zarr

from annotation.core import simulation_slide, tiles
from annotation.core.formats import ome_zarr
from annotation.core.simulation_slide import Slide

BLOCK_PX = 1024
SIZE_PX = 2250


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """They take most of the time."""
    monkeypatch.setattr(simulation_slide, "BLOCK_PX", BLOCK_PX)


@pytest.fixture(scope="module")
def slide() -> Slide:
    """Two blocks and a bit each way."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(simulation_slide, "BLOCK_PX", BLOCK_PX)
        return simulation_slide.make_slide(size_px=SIZE_PX, cells=225, seed=3)


def picture(slide: Slide) -> ome_zarr.OmeZarr:
    store = zarr.storage.MemoryStore()
    group, _ = ome_zarr.begin(store, slide.facts.shape_tczyx, slide.facts.dtype)
    data: dict[str, bytes] = {}
    for chunk in simulation_slide.chunks(slide):
        data[chunk.key] = chunk.data or data[chunk.same_as]
        buffer = zarr.core.buffer.default_buffer_prototype().buffer.from_bytes(data[chunk.key])
        zarr.core.sync.sync(store.set(chunk.key, buffer))
    return ome_zarr.finish(group, slide.facts, [slide.sample(c) for c in range(2)])


def test_D5_slide_is_an_ome_zarr_that_shows_its_blocks_on_every_level(slide: Slide) -> None:
    stored = picture(slide)
    assert stored.shape_tczyx == (1, 2, 1, SIZE_PX, SIZE_PX)
    assert [level.shape[3] for level in stored.levels] == [SIZE_PX, 1125, 563, 282]
    kind = slide.kinds[1, 2]
    corner = stored.read_part(
        0, 0, 1, 0, slice(BLOCK_PX, BLOCK_PX + 9), slice(2 * BLOCK_PX, 2 * BLOCK_PX + 9)
    )
    assert np.array_equal(corner, slide.blocks[kind].levels[0][1][:9, :9])
    small = stored.read_part(2, 0, 0, 0, slice(256, 265), slice(512, 521))
    assert np.array_equal(small, slide.blocks[kind].levels[2][0][:9, :9])


def test_D5_slide_repeats_bytes_instead_of_writing_them_again() -> None:
    few = simulation_slide.make_slide(size_px=BLOCK_PX * 12, cells=600)
    chunks = list(simulation_slide.chunks(few))
    assert sum(chunk.data is not None for chunk in chunks) < 0.2 * len(chunks)
    assert {chunk.same_as for chunk in chunks if chunk.data is None} <= {c.key for c in chunks if c.data}


def test_V4_slide_labels_have_an_id_of_their_own_for_every_cell(slide: Slide) -> None:
    areas = simulation_slide.areas(slide)
    counted = np.zeros(areas.size, np.int64)
    for tile in simulation_slide.label_tiles(slide):
        content = tiles.unpack(tile.content)
        assert np.array_equal(content.ids, tile.cells)
        assert tile.stats == tiles.measure(content, ty=tile.ty, tx=tile.tx).to_bytes()
        np.add.at(counted, np.repeat(content.ids, content.counts), content.lengths.astype(np.int64))
    assert np.array_equal(counted, areas)
    assert (areas > 0).sum() >= 225


def test_V4_slide_labels_end_at_its_edge(slide: Slide) -> None:
    right = [t for t in simulation_slide.label_tiles(slide) if t.tx == SIZE_PX // 256]
    assert right
    for tile in islice(right, 5):
        planes = tiles.planes_of_tile(tiles.unpack(tile.content))
        assert not planes[:, :, SIZE_PX % 256 :].any()


def test_a_slide_of_no_pixels_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one pixel"):
        simulation_slide.make_slide(size_px=0, cells=1)

"""Windows of an embedding: where they lie, at which scale, and taking them out. numpy only.

A window is 48 × 48 cells; at scale k a cell is the mean of k × k cells of the embedding, which is
2 k × 2 k px of the picture. So a window is 96 k px wide, whatever the size of the picture.
"""

from dataclasses import dataclass

WINDOW_CELLS = 48
STRIDE_PX = 2
SCALES = (1, 2, 4, 8)
"""The last is not learnt: it is there for cells of more than 280 px, better than nothing."""
LEARNT_SCALES = SCALES[:3]
ROOM = 1.35
"""How much wider than a cell its window should be."""


@dataclass(frozen=True)
class Window:
    """Rows from `top`, columns from `left`, in coarse cells of 2 k px; may reach beyond the picture."""

    top: int
    left: int
    scale: int

    @property
    def cell_px(self) -> int:
        """Side of a coarse cell in px."""
        return STRIDE_PX * self.scale

    @property
    def side_px(self) -> int:
        """Side of the window in px."""
        return WINDOW_CELLS * self.cell_px


def window_around(y_px: float, x_px: float, scale: int) -> Window:
    """The window whose middle is nearest to a place in the picture."""
    cell = STRIDE_PX * scale
    return Window(round(y_px / cell) - WINDOW_CELLS // 2, round(x_px / cell) - WINDOW_CELLS // 2, scale)


def scale_for(extent_px: float) -> int:
    """The finest scale whose window has room around an object of that extent; the coarsest for larger
    ones.
    """
    for scale in SCALES:
        if extent_px * ROOM <= WINDOW_CELLS * STRIDE_PX * scale:
            return scale
    return SCALES[-1]
